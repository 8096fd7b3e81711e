// SPDX-License-Identifier: BSD-3-Clause
// The fixed points of each snapshot of a training, as an animation.

import { CATEGORIES, categoryOf, glyph, kindOf, unstableDirections } from './categories.js';
import { columns, floats, loadPlotly } from './data.js';
import { byId, el, hasWebGl, replace, save } from './dom.js';
import { integer, number, plural, vector } from './format.js';
import { axis, baseLayout, color, hoverText, onThemeChange, PLOT_CONFIG } from './theme.js';

const PERIOD = 500;  // milliseconds for each snapshot while it plays
const AXES = ['x', 'y', 'z'];
const SIZES_3D = { circle: 8, diamond: 5.5, square: 6, cross: 10, 'diamond-open': 9, 'square-open': 9 };

const state = { snapshot: 0, hidden: new Set(), timer: null };

function readData() {
  const data = JSON.parse(byId('data').textContent);
  const n = data.labels.length;
  for (const snapshot of data.snapshots) {
    snapshot.points.forEach((point) => { point.category = categoryOf(point); });
    snapshot.places = columns(floats(snapshot.places), n);
  }
  data.trajectories = data.trajectories.map((rows) => columns(floats(rows), n));
  return data;
}

const withAxes = (list) => Object.fromEntries(list.map((values, c) => [AXES[c], values]));
const padded = (list) => (list.length > 1 ? list : [list[0] ?? [], (list[0] ?? []).map(() => 0)]);

const pointText = (point) => hoverText(
  `Track ${point.track}: ${kindOf(point)}, ${unstableDirections(point.n_unstable)}`,
  point.readout.length > 0 ? `readout ${vector(point.readout)}` : '');

function traces(data, is3d) {
  const { points, places } = data.snapshots[state.snapshot];
  const type = is3d ? 'scatter3d' : 'scatter';
  const shown = (list) => padded(list).slice(0, is3d ? 3 : 2);
  const path = data.trajectories[state.snapshot];
  const line = {
    type, mode: 'lines', hoverinfo: 'skip', opacity: 0.7,
    line: { color: color('trajectory'), width: is3d ? 2 : 1 },
    ...withAxes(path ? shown(path).map((values) => Array.from(values, (v) => (Number.isNaN(v) ? null : v))) : shown([])),
  };
  return [line, ...CATEGORIES.filter(({ symbol }) => symbol !== 'loop').map(({ key, symbol }) => {
    const members = points.map((point, i) => [point, i]).filter(([point]) => point.category === key);
    return {
      type, mode: 'markers', visible: !state.hidden.has(key),
      marker: { symbol, color: color(key), size: is3d ? SIZES_3D[symbol] ?? 8 : 10, line: { color: color('background'), width: 1 } },
      text: members.map(([point]) => pointText(point)),
      hovertemplate: '%{text}<extra></extra>',
      ...withAxes(shown(places).map((values) => members.map(([, i]) => values[i]))),
    };
  })];
}

// The same for all snapshots, so that what moves are the points.
function ranges(data) {
  return data.labels.map((_, c) => {
    let low = Infinity, high = -Infinity;
    for (const list of [...data.snapshots.map(({ places }) => places), ...data.trajectories.slice(-1)])
      for (const value of list[c]) {
        if (!Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    const margin = 0.05 * (high - low) || 1;
    return Number.isFinite(low) ? [low - margin, high + margin] : [-1, 1];
  });
}

function layout(data, is3d, limits) {
  const base = { ...baseLayout(), uirevision: 'kept', margin: { l: 0, r: 0, t: 0, b: 0 } };
  if (!is3d)
    return { ...base, margin: { l: 56, r: 10, t: 10, b: 48 },
      xaxis: axis(data.labels[0], { range: limits[0] }), yaxis: axis(data.labels[1] ?? '', { range: limits[1] ?? [-1, 1] }) };
  const axis3d = (c) => ({ ...axis(data.labels[c], { nticks: 5 }), range: limits[c], showbackground: false, showspikes: false });
  return { ...base, scene: { aspectmode: 'cube', camera: { eye: { x: 1.7, y: 1.4, z: 0.9 }, center: { x: 0, y: 0, z: -0.1 } },
    xaxis: axis3d(0), yaxis: axis3d(1), zaxis: axis3d(2) } };
}

function caption(data) {
  const { step, points, unseen, completeness } = data.snapshots[state.snapshot];
  const stable = points.filter(({ n_unstable: n }) => n === 0).length;
  const why = unseen >= 1 ? `about ${integer(Math.round(unseen))} more are estimated unseen` : 'the indices do not sum up';
  const bound = completeness === 'statistical' ? '' : ` A lower bound: ${why}.`;
  return `Step ${integer(step)}: ${plural(points.length, 'fixed point')}, ${integer(stable)} stable.${bound}`;
}

function legend(data, redraw) {
  const count = (key) => Math.max(...data.snapshots.map(({ points }) => points.filter((p) => p.category === key).length));
  replace(byId('legend'), ...CATEGORIES.filter(({ key }) => count(key) > 0).map(({ key, label }) => {
    const button = el('button', { type: 'button', 'aria-pressed': String(!state.hidden.has(key)) }, glyph(key), label);
    button.addEventListener('click', () => {
      if (!state.hidden.delete(key)) state.hidden.add(key);
      button.setAttribute('aria-pressed', String(!state.hidden.has(key)));
      redraw();
    });
    return button;
  }));
}

function countTraces(data) {
  const steps = data.snapshots.map(({ step }) => step);
  const kinds = CATEGORIES.filter(({ key }) => data.snapshots.some(({ points }) => points.some((p) => p.category === key)));
  const lines = kinds.map(({ key, label }) => ({
    type: 'scatter', mode: 'lines+markers', name: label, x: steps,
    y: data.snapshots.map(({ points }) => points.filter((p) => p.category === key).length),
    line: { color: color(key), width: 2 }, marker: { size: 5 },
  }));
  const open = data.snapshots.filter(({ completeness }) => completeness !== 'statistical');
  return [...lines, {
    type: 'scatter', mode: 'markers', name: 'lower bound', x: open.map(({ step }) => step),
    y: open.map(({ points }) => points.length), marker: { symbol: 'circle-open', size: 9, color: color('muted') },
  }];
}

const EVENT_NAMES = { birth: 'birth', death: 'death', stability: 'change of stability' };

function eventTable(data) {
  const rows = data.events.map((event) => el('tr', {},
    el('td', {}, number(event.step ?? data.snapshots[event.snapshot].step, 6)),
    el('td', {}, EVENT_NAMES[event.type]),
    el('td', {}, String(event.track)),
    el('td', {}, event.partner === null ? '' : String(event.partner)),
    el('td', {}, event.before === null ? '\u2013' : String(event.before)),
    el('td', {}, event.after === null ? '\u2013' : String(event.after))));
  const head = ['Step', 'Event', 'Track', 'With track', 'Unstable before', 'Unstable after'];
  replace(byId('events-table'), rows.length === 0 ? el('p', {}, 'None between the snapshots.') :
    el('table', {}, el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text)))), el('tbody', {}, ...rows)));
}

async function main() {
  const data = readData();
  const slider = byId('slider');
  slider.max = String(data.snapshots.length - 1);
  const Plotly = await loadPlotly();
  const is3d = data.labels.length === 3 && hasWebGl();
  const limits = ranges(data);
  const draw = () => {
    slider.value = String(state.snapshot);
    byId('step').textContent = `${state.snapshot + 1} of ${data.snapshots.length}, step ${integer(data.snapshots[state.snapshot].step)}`;
    byId('scene-caption').textContent = caption(data);
    return Plotly.react(byId('scene'), traces(data, is3d), layout(data, is3d, limits), PLOT_CONFIG);
  };
  const drawCounts = () => Plotly.react(byId('counts-plot'), countTraces(data), {
    ...baseLayout(), showlegend: true, legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', font: { color: color('ink') } },
    margin: { l: 56, r: 12, t: 30, b: 44 }, xaxis: axis('Step of the training'), yaxis: axis('Fixed points', { rangemode: 'tozero' }),
  }, PLOT_CONFIG);
  const pause = () => {
    clearInterval(state.timer);
    state.timer = null;
    byId('play').setAttribute('aria-pressed', 'false');
  };
  const play = () => {
    if (state.timer !== null) return;
    if (state.snapshot === data.snapshots.length - 1) state.snapshot = 0;
    byId('play').setAttribute('aria-pressed', 'true');
    draw();
    state.timer = setInterval(() => {
      if (state.snapshot === data.snapshots.length - 1) return pause();
      state.snapshot += 1;
      return draw();
    }, PERIOD);
  };
  byId('play').onclick = play;
  byId('pause').onclick = pause;
  slider.oninput = () => {
    pause();
    state.snapshot = Number(slider.value);
    draw();
  };
  byId('scene-save').onclick = async () => {
    const { width, height } = byId('scene').getBoundingClientRect();
    save(await Plotly.toImage(byId('scene'), { format: 'png', width, height, scale: 2 }), 'evolution.png');
  };
  byId('counts-save').onclick = async () => {
    const { width, height } = byId('counts-plot').getBoundingClientRect();
    save(await Plotly.toImage(byId('counts-plot'), { format: 'svg', width, height }), 'counts.svg');
  };
  legend(data, draw);
  eventTable(data);
  state.snapshot = data.snapshots.length - 1;
  await draw();
  await drawCounts();
  onThemeChange(() => { draw(); drawCounts(); });
  document.documentElement.dataset.ready = 'true';
}

main().catch((error) => {
  const problem = byId('problem');
  problem.textContent = `The figures cannot be drawn: ${error.message}`;
  problem.hidden = false;
});
