// SPDX-License-Identifier: BSD-3-Clause
// The explorer: one state, what it asks of the library, and what is drawn of the replies.
import { byId, el, replace, save, segmented } from '../../../src/nullcline/report/assets/js/dom.js';
import { LAYERS, decode, encode } from './address.js';
import { showBox, showPoints, showSliders, showToggles, showWeights } from './controls.js';
import { pixelOf } from './axes.js';
import { drawDiagram } from './diagram.js';
import { Engine, inflate } from './engine.js';
import { readPresets } from './presets.js';
import { toText, withValues } from './model.js';
import { firstDiagram, misfit } from './opening.js';
import { CanvasPen, SvgPen } from './pen.js';
import { cyclesOf, drawPortrait, pointsOf, typeOf, verdictOf } from './portrait.js';
import { showLegend } from './legend.js';
import { drawSeries } from './series.js';

let presets = [];

// What the address holds. `model` is null until the library has read the text.
const state = { preset: null, title: '', text: '', model: null, values: {}, time: null, input: [], box: null, starts: [], diagram: null, hidden: [], coordinate: 0, turn: { yaw: -0.6, pitch: 0.45 } };
// What the library said of it: `about` of the model, `sketch` at once, `details` a moment later.
const seen = { about: null, sketch: null, details: null, detailsOf: '', drawnDetailsOf: '', diagram: null, diagramOf: '', paths: [] };
let axes = null, diagramAxes = null, cross = null, chosen = 0, setSliders = () => {};
const frames = [];

// What was wrong with the address stays until something is changed.
let addressProblem = null;

function complain(text) {
  const shown = text ?? addressProblem;
  byId('problem').hidden = !shown;
  byId('problem').textContent = shown ?? '';
}

const fast = new Engine(complain), slow = new Engine(complain), wide = new Engine(complain);

const textNow = () => (state.preset ? state.text : toText(state.model));
const dimension = () => seen.about?.states.length ?? 0;
const isMap = () => seen.sketch?.time === 'discrete';
const boxNow = () => state.box ?? seen.about.box;

function request(what, more = {}) {
  const asked = { do: what, text: textNow(), values: state.values, ...more };
  if (state.time && seen.about?.is_cell) asked.time = state.time;
  if (state.input.length) asked.input = state.input;
  return asked;
}

/** The model has changed as a whole: ask what it is, then show its controls. */
function open({ preset, title, text, values = {}, time = null, input = [], box = null, starts = [], diagram = null, hidden = [] }) {
  Object.assign(state, { preset: null, title, text, model: null, values: {}, time: null, input: [], box: null, starts: [], diagram: null, coordinate: 0, hidden });
  Object.assign(seen, { about: null, sketch: null, details: null, detailsOf: '', drawnDetailsOf: '', diagram: null, diagramOf: '', paths: [] });
  document.title = title ? `${title} - Nullcline explorer` : 'Nullcline explorer';
  byId('text').value = text;
  byId('preset').value = preset ?? '';
  return new Promise((resolve) => {
    fast.ask([{ do: 'describe', text, values, input, ...(time ? { time } : {}) }], ([about]) => {
      if (about.error) {
        complain(about.error);
        resolve(false);
        return;
      }
      const problem = misfit(about, { values, input, box, starts, diagram });
      if (problem) {
        complain(problem);
        resolve(false);
        return;
      }
      complain(null);
      seen.about = about;
      Object.assign(state, { preset: preset ?? null, model: about.toml, values, time, input: input.length ? input : about.inputs.map(() => 0), box, starts, diagram: diagram ?? firstDiagram(about, presets.find((entry) => entry.name === preset)) });
      showControls();
      refresh();
      resolve(true);
    });
  });
}

const valueOf = (name) => {
  const place = /^input\[(\d+)\]$/.exec(name);
  if (place) return state.input[Number(place[1])] ?? 0;
  return state.values[name] ?? seen.about.parameters.find(([entry]) => entry === name)?.[1] ?? 0;
};

function setValue(name, value) {
  const place = /^input\[(\d+)\]$/.exec(name);
  if (place) state.input[Number(place[1])] = value;
  else state.values[name] = value;
  changed();
}

function showControls() {
  const { about } = seen;
  const bySliders = showSliders(byId('parameters'), 'Parameters', 'parameter', about.parameters.map(([name]) => [name, valueOf(name)]), setValue);
  const byInputs = showSliders(byId('inputs'), 'Held input', 'input', about.inputs.map((name, i) => [name, state.input[i]]), (name, value) => setValue(`input[${about.inputs.indexOf(name)}]`, value));
  setSliders = () => {
    bySliders(state.values);
    byInputs(Object.fromEntries(about.inputs.map((name, i) => [name, state.input[i]])));
  };
  byId('weights-box').hidden = !about.is_cell;
  if (about.is_cell)
    showWeights(byId('weights'), state.model, (edit) => {
      state.model = edit(state.model);
      state.preset = null;
      byId('preset').value = '';
      byId('text').value = toText(state.model);
      changed();
    });
  const times = ['continuous', 'discrete'];
  segmented(byId('time'), 'time', about.is_cell ? times : [], times.indexOf(state.time ?? about.time), (i) => {
    state.time = times[i];
    open({ ...state, text: textNow(), preset: state.preset, box: null });
  });
  showBox(byId('box'), about.states, boxNow(), (box) => {
    state.box = box;
    changed();
  });
  showToggles(byId('shown'), LAYERS, state.hidden, (name, isOn) => {
    state.hidden = isOn ? state.hidden.filter((entry) => entry !== name) : [...state.hidden, name];
    changed();
  });
  const variable = about.parameters.map(([name]) => name).concat(about.inputs.map((_, i) => `input[${i}]`));
  byId('diagram-figure').hidden = !state.diagram;
  replace(byId('diagram-parameter'), ...variable.map((name) => el('option', { value: name }, name)));
  replace(byId('coordinate'), ...about.states.map((name, i) => el('option', { value: i }, name)));
  byId('coordinate-label').hidden = about.states.length < 2;
  showDiagramFields();
}

function showDiagramFields() {
  if (!state.diagram) return;
  byId('diagram-parameter').value = state.diagram.parameter;
  byId('diagram-from').value = state.diagram.from;
  byId('diagram-to').value = state.diagram.to;
}

/** Something in the state is new: address and pictures follow. */
function changed() {
  addressProblem = null;
  remember();
  refresh();
}

let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(async () => {
    const time = seen.about?.is_cell && state.time ? state.time : null;
    history.replaceState(null, '', await encode({ ...state, text: textNow(), time }));
  }, 250);
}

function refresh() {
  if (!seen.about) return;
  document.documentElement.dataset.ready = 'false';
  const box = boxNow();
  const started = performance.now();
  const key = detailsKey();
  const starts = state.starts.map((start) => [...start]);
  const asked = [request('sketch', { box, grid: dimension() === 2 ? 61 : 3 }), ...starts.map((start) => request('path', { start, box }))];
  fast.ask(asked, ([sketch, ...paths]) => {
    if (sketch.error) {
      complain(sketch.error);
      return;
    }
    complain(null);
    seen.sketch = sketch;
    seen.paths = paths.map((reply, i) => ({ start: starts[i], reply: reply.error ? null : reply, isChosen: i === chosen }));
    const problem = paths.find((reply) => reply.error);
    if (problem) complain(problem.error);
    draw();
    frames.push(performance.now() - started);
    if (frames.length > 60) frames.shift();
    showSpeed();
    settle();
  });
  if (seen.detailsOf !== key) askDetails(key, box, QUICK);
  refreshDiagram();
}

// While something moves, few trajectories look for cycles; at rest, as many as the command sends out.
const QUICK = { cycle_starts: 16, max_time: 300 }, THOROUGH = {};

function askDetails(key, box, effort) {
  slow.ask([request('portrait', { box, grid: 3, automatic: dimension() === 1 ? 0 : 10, ...effort })], ([details]) => {
    if (details.error) complain(details.error);
    seen.details = details.error ? null : details;
    seen.detailsOf = details.error || effort === QUICK ? '' : key;
    seen.drawnDetailsOf = details.error ? '' : key;
    draw();
    if (effort === QUICK && !details.error && slow.isIdle && key === detailsKey()) askDetails(key, box, THOROUGH);
    settle();
  });
}

const detailsKey = () => JSON.stringify(request('portrait', { box: boxNow() }));

function refreshDiagram() {
  if (!state.diagram) return;
  const { parameter, from, to } = state.diagram;
  const values = { ...state.values };
  delete values[parameter];
  const asked = request('diagram', { parameter, from, to, values });
  if (/^input\[/.test(parameter)) asked.input = state.input.map((value, i) => (parameter === `input[${i}]` ? 0 : value));
  const key = JSON.stringify(asked);
  if (key === seen.diagramOf) return;
  askDiagram(asked, key, false);
}

// The branches of points first, those of the cycles a moment later.
function askDiagram(asked, key, cycles) {
  wide.ask([{ ...asked, cycles }], ([diagram]) => {
    if (diagram.error) complain(diagram.error);
    seen.diagram = diagram.error ? null : diagram;
    seen.diagramOf = diagram.error ? '' : key;
    draw();
    if (!cycles && !diagram.error && wide.isIdle && diagram.arrays.event_type?.includes('hopf')) askDiagram(asked, key, true);
    settle();
  });
}

function settle() {
  if (fast.isIdle && slow.isIdle && wide.isIdle && seen.sketch) document.documentElement.dataset.ready = 'true';
}

function showSpeed() {
  const sorted = [...frames].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  byId('speed').textContent = `A frame takes ${median.toFixed(0)} ms (median of ${frames.length}), of which the library ${seen.sketch.milliseconds.toFixed(0)} ms in the last one.`;
}

const view = () => ({ sketch: seen.sketch, details: seen.details, paths: seen.paths, hidden: state.hidden, box: boxNow(), isMap: isMap(), turn: state.turn });

function draw() {
  if (!seen.sketch || !seen.about) return;
  axes = drawPortrait(new CanvasPen(byId('portrait')), view());
  drawCross();
  if (seen.diagram && state.diagram)
    diagramAxes = drawDiagram(new CanvasPen(byId('diagram')), diagramView());
  drawSeries(new CanvasPen(byId('series')), { path: seen.paths[chosen] ?? seen.paths.at(-1), states: seen.about.states, isMap: isMap() });
  const isCurrent = seen.drawnDetailsOf === detailsKey();
  const verdict = verdictOf(seen.sketch, isCurrent ? seen.details : null);
  if (byId('verdict').textContent !== verdict) byId('verdict').textContent = verdict;
  showPoints(byId('points'), seen.about.states, pointsOf(seen.sketch), typeOf, isMap());
  byId('notes').textContent = [seen.sketch.completeness_note, ...(seen.details?.notes ?? []), ...(seen.diagram?.warnings ?? [])].join(' ');
}

const diagramView = () => ({ reply: seen.diagram, cycles: seen.details ? cyclesOf(seen.details) : [], value: valueOf(state.diagram.parameter), coordinate: Math.min(state.coordinate, dimension() - 1), states: seen.about.states, box: boxNow() });

function drawCross() {
  if (!cross || !axes || document.activeElement !== byId('portrait')) return;
  const { pen } = axes;
  const [x, y] = [axes.x(cross[0]), dimension() === 2 ? axes.y(cross[1]) : axes.y(0)];
  const color = getComputedStyle(document.documentElement).getPropertyValue('--accent');
  pen.lines([[x - 9, y, x + 9, y], [x, y - 9, x, y + 9]], { color, width: 2 });
}

// --- the portrait under the pointer and the keys

function stateAt([px, py]) {
  const box = boxNow();
  const inside = (value, i) => Math.min(box[i][1], Math.max(box[i][0], value));
  const found = [inside(axes.xOf(px), 0)];
  if (dimension() === 2) found.push(inside(axes.yOf(py), 1));
  return found.map((value) => Number(value.toPrecision(5)));
}

function startNear([px, py]) {
  return state.starts.findIndex((start) => Math.hypot(axes.x(start[0]) - px, (dimension() === 2 ? axes.y(start[1]) : axes.y(0)) - py) < 14);
}

function listenToPortrait() {
  const canvas = byId('portrait');
  let dragged = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (!seen.sketch) return;
    canvas.setPointerCapture(event.pointerId);
    const pixel = pixelOf(event, canvas);
    if (!axes) {
      dragged = { turn: { ...state.turn }, pixel };
      return;
    }
    let which = startNear(pixel);
    if (which < 0 && state.starts.length < 20) which = state.starts.push(stateAt(pixel)) - 1;
    if (which < 0) return;
    dragged = { which };
    chosen = which;
    changed();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!dragged) return;
    const pixel = pixelOf(event, canvas);
    if (dragged.turn) {
      state.turn.yaw = dragged.turn.yaw + (pixel[0] - dragged.pixel[0]) / 120;
      state.turn.pitch = Math.max(-1.5, Math.min(1.5, dragged.turn.pitch + (pixel[1] - dragged.pixel[1]) / 120));
      draw();
      return;
    }
    state.starts[dragged.which] = stateAt(pixel);
    changed();
  });
  for (const name of ['pointerup', 'pointercancel'])
    canvas.addEventListener(name, () => {
      dragged = null;
    });
  canvas.addEventListener('wheel', (event) => {
    if (!axes || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, stateAt(pixelOf(event, canvas)));
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    if (!seen.sketch) return;
    const box = boxNow();
    const step = box.map(([low, high]) => (high - low) / 40);
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (moves[event.key]) {
      if (!axes) {
        state.turn.yaw += 0.1 * moves[event.key][0];
        state.turn.pitch += 0.1 * moves[event.key][1];
      } else {
        cross ??= box.map(([low, high]) => (low + high) / 2);
        cross = cross.slice(0, dimension()).map((value, i) => Math.min(box[i][1], Math.max(box[i][0], value + moves[event.key][i] * step[i])));
      }
      draw();
    } else if (event.key === 'Enter' && state.starts.length < 20) {
      const start = axes && cross ? cross : box.map(([low, high]) => (low + high) / 2 + (high - low) / 8);
      chosen = state.starts.push(start.slice(0, dimension()).map((value) => Number(value.toPrecision(5)))) - 1;
      changed();
    } else if ((event.key === 'Delete' || event.key === 'Backspace') && state.starts.length) {
      state.starts.splice(Math.min(chosen, state.starts.length - 1), 1);
      chosen = Math.max(0, state.starts.length - 1);
      changed();
    } else if (event.key === '+' || event.key === '=') zoom(1 / 1.3);
    else if (event.key === '-') zoom(1.3);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener('blur', draw);
}

function zoom(factor, around) {
  const box = boxNow();
  state.box = box.map(([low, high], i) => {
    const center = around?.[i] ?? (low + high) / 2;
    return [center + (low - center) * factor, center + (high - center) * factor].map((value) => Number(value.toPrecision(6)));
  });
  showBox(byId('box'), seen.about.states, state.box, (next) => {
    state.box = next;
    changed();
  });
  changed();
}

function listenToDiagram() {
  const canvas = byId('diagram');
  let isDragged = false;
  const set = (value) => {
    const { parameter, from, to } = state.diagram;
    const next = Number(Math.min(to, Math.max(from, value)).toPrecision(6));
    setValue(parameter, next);
    setSliders();
    canvas.setAttribute('aria-valuenow', next);
    canvas.setAttribute('aria-valuemin', from);
    canvas.setAttribute('aria-valuemax', to);
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (!diagramAxes || !state.diagram) return;
    canvas.setPointerCapture(event.pointerId);
    isDragged = true;
    set(diagramAxes.xOf(pixelOf(event, canvas)[0]));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (isDragged) set(diagramAxes.xOf(pixelOf(event, canvas)[0]));
  });
  for (const name of ['pointerup', 'pointercancel'])
    canvas.addEventListener(name, () => {
      isDragged = false;
    });
  canvas.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!move || !state.diagram) return;
    event.preventDefault();
    set(valueOf(state.diagram.parameter) + (move * (state.diagram.to - state.diagram.from)) / 200);
  });
  const edit = () => {
    const next = { parameter: byId('diagram-parameter').value, from: byId('diagram-from').valueAsNumber, to: byId('diagram-to').valueAsNumber };
    if (!(next.from < next.to)) return;
    state.diagram = next;
    changed();
  };
  byId('diagram-parameter').addEventListener('change', () => {
    const parameter = byId('diagram-parameter').value;
    const value = valueOf(parameter), width = Math.max(1, Math.abs(value));
    state.diagram = { parameter, from: value - width, to: value + width };
    showDiagramFields();
    changed();
  });
  byId('diagram-from').addEventListener('change', edit);
  byId('diagram-to').addEventListener('change', edit);
  byId('coordinate').addEventListener('change', () => {
    state.coordinate = Number(byId('coordinate').value);
    draw();
  });
}

// --- what leaves the page

const savedText = () => toText(withValues(state.model, state.values));
const fileName = (ending) => `${(state.preset ?? 'model').replace(/^.*\//, '')}.${ending}`;
const saveBlob = (blob, name) => {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};

function asSvg() {
  const canvas = byId('portrait');
  const pen = new SvgPen(canvas.clientWidth, canvas.clientHeight, verdictOf(seen.sketch, seen.details));
  drawPortrait(pen, view());
  return pen.toString();
}

function listenToButtons() {
  byId('copy').addEventListener('click', async () => {
    const hash = await encode({ ...state, text: textNow(), time: seen.about.is_cell ? state.time : null });
    history.replaceState(null, '', hash);
    try {
      await navigator.clipboard.writeText(location.href);
      byId('copy').textContent = 'Copied';
    } catch {
      byId('copy').textContent = 'It is in the address bar';
    }
    setTimeout(() => (byId('copy').textContent = 'Copy link'), 2000);
  });
  byId('save-model').addEventListener('click', () => saveBlob(new Blob([savedText()], { type: 'text/plain' }), fileName('toml')));
  byId('save-svg').addEventListener('click', () => saveBlob(new Blob([asSvg()], { type: 'image/svg+xml' }), fileName('svg')));
  byId('save-png').addEventListener('click', () => byId('portrait').toBlob((blob) => saveBlob(blob, fileName('png'))));
  byId('apply').addEventListener('click', () => open({ title: '', text: byId('text').value, hidden: state.hidden }).then(remember));
}

function showPresets() {
  const groupNames = [...new Set(presets.map((entry) => entry.group))];
  replace(
    byId('preset'),
    el('option', { value: '' }, 'own model'),
    ...groupNames.map((group) => el('optgroup', { label: group }, ...presets.filter((entry) => entry.group === group).map((entry) => el('option', { value: entry.name }, entry.title)))),
  );
  byId('preset').addEventListener('change', () => {
    const entry = presets.find(({ name }) => name === byId('preset').value);
    if (entry) openPreset(entry).then(remember);
  });
}

const openPreset = (entry, more = {}) => open({ preset: entry.name, title: entry.title, text: entry.text, values: { ...(entry.values ?? {}) }, starts: entry.start ?? [], hidden: state.hidden, ...more });

/** What to show first: the address, the model that came with the page, or the first preset. */
async function begin() {
  addressProblem = null;
  const given = JSON.parse(byId('model').textContent);
  let asked = {};
  let problem = null;
  try {
    asked = await decode(location.hash);
  } catch (error) {
    problem = error.message;
  }
  const more = { values: asked.set, time: asked.time, input: asked.input, box: asked.box, starts: asked.start, diagram: asked.diagram, hidden: asked.hide ?? [] };
  for (const name of Object.keys(more)) if (more[name] === undefined) delete more[name];
  let isOpen = false;
  if (!problem && asked.preset !== undefined) {
    const entry = presets.find(({ name }) => name === asked.preset);
    if (entry) isOpen = await openPreset(entry, more);
    else problem = `preset: found '${asked.preset.slice(0, 60)}', expected one of ${presets.map(({ name }) => name).join(', ')}`;
  } else if (!problem && asked.model !== undefined) isOpen = await open({ title: '', text: asked.model, ...more });
  if (!isOpen && !problem && (asked.preset !== undefined || asked.model !== undefined)) problem = byId('problem').textContent;
  if (!isOpen) {
    const start = given ? { ...given, ...(problem ? {} : more) } : null;
    if (start) isOpen = await open({ starts: [], ...start });
    else isOpen = await openPreset(presets[0], problem ? {} : more);
  }
  addressProblem = problem && `The address is not used. ${problem}`;
  complain(null);
}

listenToPortrait();
listenToDiagram();
listenToButtons();
new ResizeObserver(draw).observe(byId('panels'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
// For tests: what is shown, as numbers.
window.nullcline = { state, seen, asSvg, savedText };
inflate(byId('presets').textContent.trim()).then((bytes) => {
  presets = readPresets(JSON.parse(new TextDecoder().decode(bytes)));
  showPresets();
  showLegend(byId('legend'));
  addEventListener('hashchange', begin);
  begin();
});
