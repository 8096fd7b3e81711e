// SPDX-License-Identifier: BSD-3-Clause
// The state of the page in its address, after '#': readable names and numbers, and the text of a model
// that is no preset, compressed. What comes from an address is checked before it is believed.

const LONGEST = 60000;
const LONGEST_TEXT = 100000;
/** What may be hidden. */
export const LAYERS = ['speed', 'arrows', 'nullclines', 'trajectories', 'manifolds', 'cycles'];
const KEYS = ['preset', 'model', 'set', 'time', 'input', 'box', 'start', 'diagram', 'coordinate', 'turn', 'hide'];

async function transform(bytes, stream, limit) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const pieces = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) throw new Error(`model: found more than ${limit} bytes, expected at most that`);
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function pack(text) {
  const bytes = await transform(new TextEncoder().encode(text), new CompressionStream('deflate-raw'), LONGEST_TEXT);
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

async function unpack(packed) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(packed.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  } catch {
    throw new Error('model: found characters that are not base64url, expected a compressed model file');
  }
  let plain;
  try {
    plain = await transform(bytes, new DecompressionStream('deflate-raw'), LONGEST_TEXT);
  } catch (error) {
    if (String(error.message).startsWith('model:')) throw error;
    throw new Error('model: found damaged data, expected a compressed model file');
  }
  return new TextDecoder().decode(plain);
}

function finite(text, what) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`${what}: found '${text.slice(0, 40)}', expected a number`);
  return value;
}
const numbers = (text, what) => text.split(',').map((entry) => finite(entry, what));

function rows(text, what, width) {
  const found = text.split(';').map((row) => numbers(row, what));
  for (const row of found)
    if (width && row.length !== width) throw new Error(`${what}: found ${row.length} values, expected ${width}`);
  if (found.length > 20) throw new Error(`${what}: found ${found.length} entries, expected at most 20`);
  return found;
}

/** What an address asks for. @throws Error whose message names the key. */
export async function decode(hash) {
  const asked = {};
  if (hash.length > LONGEST) throw new Error(`address: found ${hash.length} characters, expected at most ${LONGEST}`);
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (!KEYS.includes(name)) throw new Error(`address: found key '${name.slice(0, 40)}', expected ${KEYS.join(' | ')}`);
    if (name in asked) throw new Error(`address: found key '${name}' twice, expected it once`);
    asked[name] = text;
  }
  if (asked.model !== undefined) asked.model = await unpack(asked.model);
  if (asked.set !== undefined)
    asked.set = Object.fromEntries(asked.set.split(';').map((entry) => {
      const [name, value, ...rest] = entry.split('=');
      if (value === undefined || rest.length > 0) throw new Error(`set: found '${entry.slice(0, 40)}', expected name=value`);
      return [name, finite(value, `set ${name.slice(0, 40)}`)];
    }));
  if (asked.time !== undefined && !['continuous', 'discrete', 'both'].includes(asked.time))
    throw new Error(`time: found '${asked.time.slice(0, 40)}', expected continuous | discrete | both`);
  if (asked.time === 'both') Object.assign(asked, { time: 'continuous', both: true });
  if (asked.input !== undefined) asked.input = numbers(asked.input, 'input');
  if (asked.box !== undefined) {
    asked.box = rows(asked.box, 'box', 2);
    for (const [low, high] of asked.box)
      if (!(low < high)) throw new Error(`box: found ${low},${high}, expected lower,upper with lower < upper`);
  }
  if (asked.start !== undefined) asked.start = asked.start === '' ? [] : rows(asked.start, 'start');
  if (asked.diagram !== undefined) {
    const [parameter, from, to, ...rest] = asked.diagram.split(',');
    if (to === undefined || rest.length > 0) throw new Error(`diagram: found '${asked.diagram.slice(0, 40)}', expected parameter,from,to`);
    asked.diagram = { parameter, from: finite(from, 'diagram'), to: finite(to, 'diagram') };
    if (!(asked.diagram.from < asked.diagram.to)) throw new Error('diagram: found an empty interval, expected from < to');
  }
  if (asked.coordinate !== undefined) asked.coordinate = finite(asked.coordinate, 'coordinate');
  if (asked.turn !== undefined) {
    const [yaw, pitch, ...rest] = numbers(asked.turn, 'turn');
    if (pitch === undefined || rest.length > 0) throw new Error(`turn: found '${asked.turn.slice(0, 40)}', expected two angles`);
    asked.turn = { yaw, pitch };
  }
  if (asked.hide !== undefined) {
    asked.hide = asked.hide.split(',');
    const unknown = asked.hide.find((name) => !LAYERS.includes(name));
    if (unknown !== undefined) throw new Error(`hide: found '${unknown.slice(0, 40)}', expected some of ${LAYERS.join(', ')}`);
  }
  return asked;
}

/** The address of a state; `preset` names one whose text is unchanged. */
export async function encode({ preset, presetStarts, text, values, time, input, box, starts, diagram, coordinate, both, turn, hidden }) {
  const parts = [];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3B/g, ';').replace(/%2F/g, '/').replace(/%3D/g, '=')}`);
  if (preset) add('preset', preset);
  else add('model', await pack(text));
  const set = Object.entries(values);
  if (set.length) add('set', set.map(([name, value]) => `${name}=${value}`).join(';'));
  if (time) add('time', both ? 'both' : time);
  if (input?.some((value) => value !== 0)) add('input', input.join(','));
  if (box) add('box', box.map((row) => row.join(',')).join(';'));
  if (starts.length || presetStarts.length) add('start', starts.map((row) => row.join(',')).join(';'));
  if (diagram) add('diagram', [diagram.parameter, diagram.from, diagram.to].join(','));
  if (coordinate) add('coordinate', coordinate);
  if (turn.yaw !== -0.6 || turn.pitch !== 0.45) add('turn', `${turn.yaw.toFixed(3)},${turn.pitch.toFixed(3)}`);
  if (hidden.length) add('hide', hidden.join(','));
  return `#${parts.join('&')}`;
}
