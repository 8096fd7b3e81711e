// SPDX-License-Identifier: BSD-3-Clause
// Answers requests by the compiled library. The page sends the compiled module first.
/* global createNullcline */

let library = null;

function text(at) {
  let end = at;
  while (library.HEAPU8[end]) ++end;
  return new TextDecoder().decode(library.HEAPU8.slice(at, end));
}

function ask(request) {
  const bytes = new TextEncoder().encode(JSON.stringify(request));
  const at = library._malloc(bytes.length + 1);
  library.HEAPU8.set(bytes, at);
  library.HEAPU8[at + bytes.length] = 0;
  const started = performance.now();
  const reply = JSON.parse(text(library._nullcline_ask(at)));
  library._free(at);
  const first = library._nullcline_numbers() / 8;
  const numbers = library.HEAPF64.slice(first, first + library._nullcline_n_numbers());
  for (const [name, array] of Object.entries(reply.arrays ?? {}))
    if (!Array.isArray(array)) {
      const size = array.shape.reduce((product, n) => product * n, 1);
      array.values = numbers.subarray(array.at, array.at + size);
    }
  reply.milliseconds = performance.now() - started;
  return reply;
}

self.onmessage = async ({ data }) => {
  if (data.module) {
    library = await createNullcline({
      instantiateWasm(imports, done) {
        done(new WebAssembly.Instance(data.module, imports), data.module);
        return {};
      },
      print: () => {},
      printErr: () => {},
    });
    self.postMessage({ ready: true });
    return;
  }
  let replies;
  try {
    replies = data.requests.map(ask);
  } catch (error) {
    // Out of memory or a defect: the page starts another worker.
    self.postMessage({ id: data.id, broken: String(error) });
    return;
  }
  self.postMessage({ id: data.id, replies });
};
