// SPDX-License-Identifier: BSD-3-Clause
// Workers that hold the library. Each keeps one question under way and the newest of those that came
// meanwhile: an answer that nobody waits for any more is not computed.

/** The bytes of base64 text that holds gzip. */
export async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

const elementText = (id) => document.getElementById(id).textContent;

// Both are made once, for all workers: the library, and the address of a worker's script.
let compiled = null, script = null;
const compile = () => (compiled ??= inflate(elementText('wasm').trim()).then((bytes) => WebAssembly.compile(bytes)));
const makeScript = () =>
  (script ??= inflate(elementText('glue').trim()).then((bytes) =>
    URL.createObjectURL(new Blob([bytes, '\n', elementText('worker')], { type: 'text/javascript' }))));

const PATIENCE = 30000;

export class Engine {
  constructor() {
    this.waiting = new Map();
    this.running = null;
    this.failure = null;  // why no worker can be had
    this.isReady = false;
    this.nextId = 0;
    this.start();
  }

  async start() {
    try {
      this.worker = new Worker(await makeScript());
      this.worker.onmessage = ({ data }) => this.receive(data);
      this.worker.onerror = (event) => this.giveUp(event.message);
      this.worker.postMessage({ module: await compile() });
    } catch (error) {
      this.failure = String(error);
      this.giveUp(this.failure);
    }
  }

  /** Asks for `requests`; a question of the same kind that still waits is dropped. */
  ask(requests, onReplies, kind = '') {
    this.waiting.set(kind, { requests, onReplies });
    if (this.failure) this.giveUp(this.failure);
    else this.next();
  }

  get isIdle() {
    return !this.running && this.waiting.size === 0;
  }

  next() {
    if (!this.isReady || this.running || this.waiting.size === 0) return;
    const [kind, question] = this.waiting.entries().next().value;
    this.waiting.delete(kind);
    this.running = question;
    this.running.id = this.nextId++;
    this.running.timer = setTimeout(() => this.giveUp(`no answer within ${PATIENCE / 1000} s: this system is too hard for a page; the command has no such limit`), PATIENCE);
    this.worker.postMessage({ id: this.running.id, requests: this.running.requests });
  }

  /** What runs is answered by an error, and another worker takes the place of the one that is lost. */
  giveUp(reason) {
    const lost = this.running ? [this.running] : [];
    if (this.failure) {
      lost.push(...this.waiting.values());
      this.waiting.clear();
    }
    this.running = null;
    this.isReady = false;
    this.worker?.terminate();
    if (!this.failure) this.start();
    for (const { timer, requests, onReplies } of lost) {
      clearTimeout(timer);
      onReplies(requests.map(() => ({ error: reason })));
    }
  }

  receive(data) {
    if (data.ready) {
      this.isReady = true;
      this.next();
      return;
    }
    if (!this.running || data.id !== this.running.id) return;
    if (data.broken) {
      this.giveUp(data.broken);
      return;
    }
    clearTimeout(this.running.timer);
    const { onReplies } = this.running;
    this.running = null;
    try {
      onReplies(data.replies);
    } finally {
      this.next();
    }
  }
}
