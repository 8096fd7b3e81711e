// SPDX-License-Identifier: BSD-3-Clause
// What is shown: one state, what it asks of the library, and how the replies are drawn.
import { byId, el, replace, segmented } from '../../../src/nullcline/report/assets/js/dom.js';
import { LAYERS } from './address.js';
import { property } from './axes.js';
import { showBox, showPoints, showSliders, showToggles, showWeights } from './controls.js';
import { drawDiagram } from './diagram.js';
import { Engine } from './engine.js';
import { isUsed, toText, withTime, withValues } from './model.js';
import { firstDiagram, misfit } from './opening.js';
import { CanvasPen, SvgPen } from './pen.js';
import { cyclesOf, drawPortrait, pointsOf, typeOf, verdictOf } from './portrait.js';
import { drawSeries } from './series.js';

/** What the address holds. `model` is null until the library has read a text. */
export const state = { preset: null, title: '', text: '', model: null, values: {}, time: null, input: [], box: null, starts: [], diagram: null, hidden: [], coordinate: 0, both: false, turn: { yaw: -0.6, pitch: 0.45 } };
/** What the library said of it: `about` of the model, `sketch` at once, `details` and `diagram` a moment later. */
export const seen = { about: null, sketch: null, details: null, detailsOf: '', diagram: null, other: null, paths: [] };
/** Between states and pixels, of the pictures as they stand; which trajectory is chosen; the cross of the keyboard. */
export const hand = { portrait: null, diagram: null, chosen: 0, cross: null };

let onChange = () => {}, setSliders = () => {}, addressProblem = null, generation = 0;
const asked = { details: '', diagram: '' };
const frames = [];

/** `callback` is called when the state has changed. */
export const whenChanged = (callback) => (onChange = callback);

/** Shows a problem; what was wrong with the address stays until something is changed. */
export function complain(text) {
  const shown = text ?? addressProblem;
  byId('problem').hidden = !shown;
  byId('problem').textContent = shown ?? '';
}

export function complainOfAddress(text) {
  addressProblem = text && `The address is not used. ${text}`;
  complain(null);
}

// What each engine last complained of: the success of one does not hide the failure of another.
const problems = { fast: null, slow: null, wide: null };
function report(engine, text) {
  problems[engine] = text ?? null;
  complain(problems.fast ?? problems.slow ?? problems.wide);
}
const fast = new Engine(), slow = new Engine(), wide = new Engine();

export const dimension = () => seen.about?.states.length ?? 0;
export const isMap = () => seen.sketch?.time === 'discrete';
export const boxNow = () => state.box ?? seen.about.box ?? seen.about.states.map(() => [-3, 3]);
const timeNow = () => (seen.about.is_cell ? (state.time ?? seen.about.time) : null);

/** The text of the model: a preset's own as long as nothing but values was changed. */
export function textNow() {
  const isPlain = state.preset && (!state.time || state.time === seen.about.time || !seen.about.is_cell);
  return isPlain ? state.text : toText(withTime(state.model, timeNow()));
}
/** The model file with the values of the sliders. */
export const savedText = () => toText(withTime(withValues(state.model, state.values), timeNow()));

const usedValues = () => Object.fromEntries(Object.entries(state.values).filter(([name]) => isUsed(state.model, name)));

function request(what, more = {}) {
  const question = { do: what, text: textNow(), values: usedValues(), ...more };
  if (state.input.length) question.input = state.input;
  return question;
}

const describe = (question) => new Promise((resolve) => fast.ask([{ do: 'describe', ...question }], ([about]) => resolve(about), 'describe'));

/**
 * Opens a model; what is shown stays until the library has read it. Returns what was wrong, or null; undefined where
 * another model was opened meanwhile.
 */
export async function open({ preset = null, title = '', text, values = {}, time = null, input = [], box = null, starts = [], diagram = null, hidden = state.hidden, coordinate = 0, both = false, turn = state.turn }) {
  const mine = ++generation;
  let about = await describe({ text, values, input });
  if (!about.error && time && about.is_cell && time !== about.time) {
    const other = await describe({ text: toText(withTime(about.toml, time)), values, input });
    about = other.error ? other : { ...about, box: other.box };
  }
  if (mine !== generation) return undefined;
  const problem = about.error ?? misfit(about, { values, input, box, starts, diagram, coordinate });
  if (problem) return problem;
  Object.assign(seen, { about, sketch: null, details: null, detailsOf: '', diagram: null, other: null, paths: [] });
  Object.assign(asked, { details: '', diagram: '' });
  clearTimeout(detailsTimer);
  detailsTimer = null;
  Object.assign(hand, { portrait: null, diagram: null, chosen: 0, cross: null });
  Object.assign(problems, { fast: null, slow: null, wide: null });
  Object.assign(state, { preset, title, text, model: about.toml, values: { ...values }, time: about.is_cell ? time : null, input: input.length ? [...input] : about.inputs.map(() => 0), box, starts: starts.map((start) => [...start]), diagram: diagram ?? firstDiagram(about, preset), hidden, coordinate, both: both && about.is_cell, turn });
  document.title = title ? `${title} - Nullcline explorer` : 'Nullcline explorer';
  byId('preset').value = preset?.name ?? '';
  byId('text').value = text;
  byId('diagram').getContext('2d').clearRect(0, 0, byId('diagram').width, byId('diagram').height);
  complain(null);
  showControls();
  refresh();
  return null;
}

export const valueOf = (name) => {
  const place = /^input\[(\d+)\]$/.exec(name);
  if (place) return state.input[Number(place[1])] ?? 0;
  return state.values[name] ?? seen.about.parameters.find(([entry]) => entry === name)?.[1] ?? (name === 'gain' ? 1 : 0);
};

/** Sets a parameter or "input[i]"; others, such as the gain of a cell, cannot be set. */
export function setValue(name, value) {
  const place = /^input\[(\d+)\]$/.exec(name);
  if (place) state.input[Number(place[1])] = value;
  else if (seen.about.parameters.some(([entry]) => entry === name)) state.values[name] = value;
  else return;
  setSliders();
  changed();
}

function showControls() {
  const { about } = seen;
  const reach = (name) => (state.diagram?.parameter === name ? [state.diagram.from, state.diagram.to] : null);
  const bySliders = showSliders(byId('parameters'), 'Parameters', 'parameter', about.parameters.map(([name]) => [name, valueOf(name), reach(name)]), setValue);
  const byInputs = showSliders(byId('inputs'), 'Held input', 'input', about.inputs.map((name, i) => [name, state.input[i], reach(`input[${i}]`)]), (name, value) => setValue(`input[${about.inputs.indexOf(name)}]`, value));
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
      changed();
    });
  showTimes();
  showBox(byId('box'), about.states, boxNow, setBox);
  showToggles(byId('shown'), LAYERS, state.hidden, (name, isOn) => {
    state.hidden = isOn ? state.hidden.filter((entry) => entry !== name) : [...state.hidden, name];
    changed();
  });
  byId('panels').classList.toggle('both', state.both);
  byId('other-figure').hidden = !state.both;
  byId('diagram-figure').hidden = !state.diagram;
  replace(byId('diagram-parameter'), ...about.variables.map((name) => el('option', { value: name }, name)));
  replace(byId('coordinate'), ...about.states.map((name, i) => el('option', { value: i }, name)));
  byId('coordinate').value = state.coordinate;
  byId('coordinate-label').hidden = about.states.length < 2;
  showDiagramFields();
}

function showTimes() {
  const times = ['continuous', 'discrete'], { both } = state;
  const hadFocus = byId('time').contains(document.activeElement);
  segmented(byId('time'), 'time', seen.about.is_cell ? [...times, 'side by side'] : [], both ? 2 : times.indexOf(timeNow() ?? ''), (i) =>
    open({ ...state, both: i === 2, time: i === 2 ? 'continuous' : times[i], text: state.preset ? state.text : toText(state.model) }).then((problem) => {
      if (problem) complain(problem);
      else onChange();
    }));
  if (hadFocus) byId('time').querySelector('input:checked')?.focus();
}

export function setBox(box) {
  state.box = box;
  showBox(byId('box'), seen.about.states, boxNow, setBox);
  changed();
}

export function showDiagramFields() {
  if (!state.diagram) return;
  byId('diagram-parameter').value = state.diagram.parameter;
  byId('diagram-from').value = state.diagram.from;
  byId('diagram-to').value = state.diagram.to;
}

/** Something in the state is new: address and pictures follow. */
export function changed() {
  addressProblem = null;
  onChange();
  refresh();
}

const detailsKey = () => JSON.stringify(request('portrait', { box: boxNow() }));
// The map beside the flow.
const otherRequest = (what, more) => request(what, { ...more, text: toText(withTime(state.model, 'discrete')) });

const hasDetails = () => seen.details && seen.detailsOf === detailsKey();

function refresh() {
  if (!seen.about) return;
  document.documentElement.dataset.ready = 'false';
  const mine = generation, box = boxNow(), started = performance.now();
  const starts = state.starts.map((start) => [...start]);
  const questions = [request('sketch', { box, grid: dimension() === 2 ? 49 : 3 }), ...starts.map((start) => request('path', { start, box }))];
  fast.ask(questions, ([sketch, ...paths]) => {
    if (mine !== generation) return;
    report('fast', sketch.error ?? paths.find((reply) => reply.error)?.error);
    if (!sketch.error) {
      seen.sketch = sketch;
      seen.paths = paths.map((reply, i) => ({ start: starts[i], reply: reply.error ? null : reply }));
      draw();
      frames.push(performance.now() - started);
      if (frames.length > 60) frames.shift();
      showSpeed();
    }
    settle();
  });
  const key = detailsKey();
  if (asked.details !== key) scheduleDetails(key, box);
  refreshDiagram();
}

// While something moves, few trajectories look for cycles; at rest, as many as the command sends out.
const QUICK = { cycle_starts: 16, max_time: 300 }, THOROUGH = {};

// Between two of them the cores belong to the frames.
const PAUSE = 120;
let detailsTimer = null, detailsDone = 0;

function scheduleDetails(key, box) {
  clearTimeout(detailsTimer);
  asked.details = key;
  detailsTimer = setTimeout(() => {
    detailsTimer = null;
    askDetails(key, box, QUICK);
  }, Math.max(0, detailsDone + PAUSE - performance.now()));
}

function askDetails(key, box, effort) {
  const mine = generation;
  asked.details = key;
  slow.ask([request('portrait', { box, grid: 3, automatic: dimension() === 1 ? 0 : 10, ...effort })], ([details]) => {
    if (mine !== generation) return;
    detailsDone = performance.now();
    report('slow', details.error);
    seen.details = details.error ? null : details;
    seen.detailsOf = key;
    draw();
    if (effort === QUICK && !details.error && slow.isIdle && key === detailsKey()) askDetails(key, box, THOROUGH);
    else if (state.both && slow.isIdle && key === detailsKey()) askOther(key, box);
    settle();
  });
}

function askOther(key, box) {
  const mine = generation;
  slow.ask([otherRequest('portrait', { box, grid: 61, automatic: 10, cycle_starts: 16 })], ([other]) => {
    if (mine !== generation) return;
    report('slow', other.error);
    seen.other = other.error ? null : { reply: other, of: key };
    draw();
    settle();
  });
}

function refreshDiagram() {
  if (!state.diagram) return;
  const { parameter, from, to } = state.diagram;
  const values = usedValues();
  delete values[parameter];
  const question = request('diagram', { parameter, from, to, values });
  if (/^input\[/.test(parameter)) question.input = state.input.map((value, i) => (parameter === `input[${i}]` ? 0 : value));
  const key = JSON.stringify(question);
  if (key !== asked.diagram) askDiagram(question, key, false);
}

// The branches of points first, those of the cycles a moment later.
function askDiagram(question, key, cycles) {
  const mine = generation;
  asked.diagram = key;
  wide.ask([{ ...question, cycles }], ([diagram]) => {
    if (mine !== generation) return;
    report('wide', diagram.error && `diagram: ${diagram.error}`);
    seen.diagram = diagram.error ? null : diagram;
    draw();
    if (!cycles && !diagram.error && wide.isIdle && diagram.arrays.event_type?.includes('hopf')) askDiagram(question, key, true);
    settle();
  });
}

function settle() {
  if (!fast.isIdle || !slow.isIdle || !wide.isIdle || detailsTimer !== null) return;
  if (seen.sketch) byId('spoken').textContent = byId('verdict').textContent;
  document.documentElement.dataset.ready = 'true';
}

function showSpeed() {
  const sorted = [...frames].sort((a, b) => a - b);
  byId('speed').textContent = `A frame takes ${sorted[sorted.length >> 1].toFixed(0)} ms (median of ${frames.length}), of which the library ${seen.sketch.milliseconds.toFixed(0)} ms in the last one.`;
}

// Slow points are looked for at leisure: they are in the details alone.
const pointsNow = () => pointsOf(hasDetails() ? seen.details : seen.sketch);

const view = () => ({ sketch: seen.sketch, points: pointsNow(), details: seen.details, isStale: !hasDetails(), paths: seen.paths.map((path, i) => ({ ...path, isChosen: i === hand.chosen })), hidden: state.hidden, box: boxNow(), isMap: isMap(), turn: state.turn });

const verdictNow = () => verdictOf(seen.sketch, pointsNow(), hasDetails() ? seen.details : null);

export function draw() {
  if (!seen.sketch || !seen.about) return;
  const pen = new CanvasPen(byId('portrait'));
  hand.portrait = drawPortrait(pen, view());
  drawCross(pen);
  if (state.both) drawOther();
  drawDiagramNow();
  drawSeries(new CanvasPen(byId('series')), { path: seen.paths[hand.chosen] ?? seen.paths.at(-1), states: seen.about.states, isMap: isMap() });
  byId('verdict').textContent = verdictNow();
  showPoints(byId('points'), seen.about.states, pointsNow(), typeOf, isMap());
  const notes = [seen.sketch.completeness_note, ...(seen.details?.notes ?? []), ...(seen.diagram?.warnings ?? [])];
  byId('notes').textContent = notes.filter(Boolean).map((note) => note.replace(/[.\s]*$/, '.')).join(' ');
}

function drawOther() {
  const pen = new CanvasPen(byId('other'));
  if (!seen.other) return;
  const { reply, of } = seen.other;
  const isStale = of !== detailsKey();
  drawPortrait(pen, { sketch: reply, details: reply, points: pointsOf(reply), isStale, paths: [], hidden: state.hidden, box: boxNow(), isMap: true, turn: state.turn });
  byId('other-verdict').textContent = isStale ? 'As a map.' : `As a map: ${verdictOf(reply, pointsOf(reply), reply)}`;
}

function drawDiagramNow() {
  const canvas = byId('diagram');
  const pen = new CanvasPen(canvas);
  hand.diagram = null;
  if (!seen.diagram || !state.diagram) return;
  const value = valueOf(state.diagram.parameter);
  hand.diagram = drawDiagram(pen, { reply: seen.diagram, cycles: hasDetails() ? cyclesOf(seen.details) : [], value, coordinate: Math.min(state.coordinate, dimension() - 1), states: seen.about.states, box: boxNow() });
  for (const [name, number] of [['now', value], ['min', state.diagram.from], ['max', state.diagram.to]]) canvas.setAttribute(`aria-value${name}`, number);
}

function drawCross(pen) {
  if (!hand.cross || !hand.portrait || document.activeElement !== byId('portrait')) return;
  const [x, y] = hand.portrait.toPixel(hand.cross, 0);
  pen.lines([[x - 9, y, x + 9, y], [x, y - 9, x, y + 9]], { color: property('accent'), width: 2 });
}

/** The portrait as SVG. */
export function asSvg() {
  const canvas = byId('portrait');
  const pen = new SvgPen(canvas.clientWidth, canvas.clientHeight, verdictNow());
  drawPortrait(pen, view());
  return pen.toString();
}
