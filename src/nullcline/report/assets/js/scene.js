// SPDX-License-Identifier: BSD-3-Clause
// Trajectories and points in two or three axes.

import { byId, hasWebGl, save } from './dom.js';
import { kindOf, orbitName, unstableDirections } from './categories.js';
import { integer, number, percent, plural, vector } from './format.js';
import { axis, axisTitle, baseLayout, color, hoverText, PLOT_CONFIG } from './theme.js';

const NO_VIEW = {
  name: '', labels: ['', ''], points: [[], []], modes: [], orbits: [], trajectories: { lines: [[], []], shown: 0, n_steps: 0 },
};
const AXES = ['x', 'y', 'z'];
const EYE = { x: 1.5, y: 1.2, z: 0.8 };
const CENTER = { x: 0, y: 0, z: -0.14 };  // leaves room for the labels below
// Plotly's symbols differ in size in three dimensions.
const SIZES_3D = {
  circle: 9, 'circle-open': 14, diamond: 6, 'diamond-open': 10, square: 6.5, 'square-open': 11, cross: 12, x: 9,
};
const TURN = Math.PI / 24;
const ZOOM = 1.15;
const SLIP = 4;  // pixels: a longer way of the pointer turns the picture
const TAP_TIME = 500;  // milliseconds

export const pointText = (point) => hoverText(
  `Point ${point.number}: ${kindOf(point)}, ${unstableDirections(point.n_unstable)}`,
  point.readout.length > 0 ? `readout ${vector(point.readout)}` : '',
  `q ${number(point.speed)}`);

const orbitText = (orbit) => hoverText(
  `Orbit ${orbit.number}: ${orbitName(orbit)}`,
  orbit.n_ends > 0 ? `${plural(orbit.n_ends, 'trajectory').replace('trajectorys', 'trajectories')} of those followed` : '');

const withAxes = (columns) => Object.fromEntries(columns.map((column, c) => [AXES[c], column]));

function gapped(segments, n) {
  return Array.from({ length: n }, (_, c) => segments.flatMap(({ from, to }) => [from[c], to[c], null]));
}

// Many lines add up: each is fainter.
const lineOpacity = (n) => Math.max(0.2, Math.min(0.8, 20 / Math.sqrt(n)));

// The states of an orbit in rings: one for each circle that the map permutes; a chaotic orbit is a cloud.
function rings(orbit, columns) {
  const states = columns[0].length;
  const n = orbit.kind === 'invariant_circle' ? orbit.period : 1;
  const length = states / n;
  return Array.from({ length: n }, (_, r) => columns.map((column) => Array.from(column.slice(r * length, (r + 1) * length))));
}

// Orbits as closed lines, with a marker at each state of those that close after some steps.
function orbitTraces({ set, view, hidden }, n, type) {
  const { orbits } = set.views[view] ?? NO_VIEW;
  if (orbits.length === 0) return [];
  const isFlat = type !== 'scatter3d';
  const lines = Array.from({ length: n }, () => []), markers = Array.from({ length: n }, () => []), text = [];
  set.orbits.forEach((orbit, o) => {
    const closes = orbit.kind === 'periodic' || orbit.kind === 'invariant_circle';
    for (const ring of rings(orbit, orbits[o])) {
      for (let c = 0; c < n; c++) {
        if (closes) lines[c].push(...ring[c], ring[c][0], null);
        markers[c].push(...ring[c]);
      }
      text.push(...ring[0].map(() => orbitText(orbit)));
    }
  });
  const visible = !hidden.has('orbit');
  const stroke = color('orbit');
  return [
    { type, mode: 'lines', hoverinfo: 'skip', visible, line: { color: stroke, width: isFlat ? 2 : 5 }, ...withAxes(lines) },
    { type, mode: 'markers', visible, name: 'orbits', marker: { symbol: 'circle', color: stroke, size: isFlat ? 6 : 5 },
      text, hovertemplate: '%{text}<extra></extra>', ...withAxes(markers) },
  ];
}

function traces(store, n, type) {
  const { set, view, hidden } = store.state;
  const { trajectories, modes, points } = set.views[view] ?? NO_VIEW;
  const isVisible = (point) => !hidden.has(set.points[point].category);
  const line = (columns, stroke, width, opacity) => ({
    type, mode: 'lines', hoverinfo: 'skip', opacity, line: { color: stroke, width }, ...withAxes(columns.slice(0, n)),
  });
  const categories = set.categories.map(({ key, symbol }) => {
    const members = set.points.filter((point) => point.category === key);
    return {
      type,
      mode: 'markers',
      visible: !hidden.has(key),
      marker: {
        symbol,
        color: color(key),
        size: type === 'scatter3d' ? SIZES_3D[symbol] : 10,
        line: { color: color(symbol.endsWith('open') ? key : 'background'), width: 1 },
      },
      text: members.map(pointText),
      customdata: members.map((point) => point.position),
      hovertemplate: '%{text}<extra></extra>',
      ...withAxes(points.slice(0, n).map((column) => members.map((point) => column[point.position]))),
    };
  });
  return [
    line(trajectories.lines, color('trajectory'), type === 'scatter3d' ? 1.5 : 1, lineOpacity(trajectories.shown)),
    line(gapped(modes.filter(({ point }) => isVisible(point)), n), color('muted'), type === 'scatter3d' ? 3 : 2, 1),
    ...orbitTraces(store.state, n, type),
    ...categories,
    ring(store, n, type),
  ];
}

function ringAt(store, n) {
  const { set, view, hidden } = store.state;
  const active = store.active();
  const shown = active !== null && !hidden.has(set.points[active].category);
  return (set.views[view] ?? NO_VIEW).points.slice(0, n).map((column) => (shown ? [column[active]] : [null]));
}

function ring(store, n, type) {
  return {
    type,
    mode: 'markers',
    hoverinfo: 'skip',
    marker: {
      symbol: 'circle-open',
      size: type === 'scatter3d' ? 26 : 18,
      color: color('ink'),
      line: { color: color('ink'), width: 2 },
    },
    ...withAxes(ringAt(store, n)),
  };
}

// True proportions, unless one axis would vanish.
function aspect(columns) {
  const extents = columns.map((column) => {
    const finite = column.filter((value) => Number.isFinite(value));
    return finite.reduce((high, value) => Math.max(high, value), -Infinity) -
      finite.reduce((low, value) => Math.min(low, value), Infinity);
  });
  return Math.max(...extents) < 6 * Math.min(...extents) ? 'data' : 'cube';
}

// Farther away where the picture is narrow, so that the axes stay inside.
function startingEye(plot) {
  const distance = Math.max(1, 1.3 * plot.clientHeight / plot.clientWidth);
  return { x: distance * EYE.x, y: distance * EYE.y, z: distance * EYE.z };
}

function layout(view, n, is3d, eye) {
  const labels = view.labels.map(axisTitle);
  const base = { ...baseLayout(), uirevision: view.name, margin: { l: 0, r: 0, t: 0, b: 0 } };
  if (!is3d)
    return {
      ...base,
      margin: { l: 56, r: 10, t: 10, b: 48 },
      xaxis: axis(labels[0]),
      yaxis: axis(labels[1], { scaleanchor: 'x' }),
    };
  const axis3d = (title) => ({
    ...axis(title, { nticks: 5 }),
    showbackground: false,
    showspikes: false,
    zerolinecolor: color('grid'),
  });
  return {
    ...base,
    scene: {
      aspectmode: aspect(view.trajectories.shown > 0 ? view.trajectories.lines : view.points),
      camera: { eye: { ...eye }, center: { ...CENTER } },
      xaxis: axis3d(labels[0]),
      yaxis: axis3d(labels[1]),
      zaxis: axis3d(labels[2]),
      hovermode: 'closest',
    },
  };
}

function caption({ trajectories, modes, orbits, labels }, n) {
  const { n_trajectories: count, n_steps: steps, shown, tolerance } = trajectories;
  const parts = [shown > 0 ? 'Trajectories (thin lines) and points in these axes' : 'Points in these axes'];
  if (modes.length > 0) parts.push('unstable directions as segments');
  if (orbits.length > 0) parts.push('orbits as closed lines through their states');
  let text = parts.join('; ') + '.';
  if (shown < steps)
    text += ` ${integer(shown)} of ${integer(steps)} steps of ${plural(count, 'trajectory').replace('trajectorys', 'trajectories')} are drawn` +
      (tolerance > 0 ? `; none left out is farther than ${percent(tolerance)} of the picture from its neighbor.` : '.');
  if (n < labels.length) text += ' This browser has no WebGL: the third axis is not shown.';
  return text;
}

// In WebGL, lines would be picked in front of the points that they cross, even where they are told
// to be skipped. Plotly has no option for it: its line objects are told to stay out of the picking.
function pickPointsOnly(plot) {
  const scene = plot._fullLayout.scene._scene;
  for (const trace of Object.values(scene.traces)) {
    if (trace.data.hoverinfo !== 'skip') continue;
    for (const part of [trace.linePlot, trace.scatterPlot]) if (part) part.drawPick = () => {};
  }
  scene.glplot.update();  // what was drawn for picking before is out of date
}

const length = ({ x, y, z }) => Math.hypot(x, y, z);

function turned(eye, across, up, zoom) {
  const radius = length(eye) * zoom;
  const azimuth = Math.atan2(eye.y, eye.x) + across;
  const limit = Math.PI / 2 - 0.05;
  const height = Math.max(-limit, Math.min(limit, Math.asin(eye.z / length(eye)) + up));
  return {
    x: radius * Math.cos(height) * Math.cos(azimuth),
    y: radius * Math.cos(height) * Math.sin(azimuth),
    z: radius * Math.sin(height),
  };
}

const KEYS = {
  ArrowLeft: [-TURN, 0, 1],
  ArrowRight: [TURN, 0, 1],
  ArrowUp: [0, TURN, 1],
  ArrowDown: [0, -TURN, 1],
  '+': [0, 0, 1 / ZOOM],
  '=': [0, 0, 1 / ZOOM],
  '-': [0, 0, ZOOM],
};

export function createScene(Plotly, store) {
  const plot = byId('scene');
  let is3d, n, hoveredHere = false;

  const camera = (eye) => Plotly.relayout(plot, { 'scene.camera.eye': eye });
  const move = (step) => {
    if (is3d) camera(turned(plot._fullLayout.scene.camera.eye, ...step));
  };
  const reset = () => {
    if (is3d) camera(startingEye(plot));
    else Plotly.relayout(plot, { 'xaxis.autorange': true, 'yaxis.autorange': true });
  };

  async function draw() {
    const { set, view } = store.state;
    const shown = set.views[view] ?? NO_VIEW;
    plot.closest('figure').hidden = shown === NO_VIEW;
    is3d = shown.labels.length === 3 && hasWebGl();
    n = is3d ? 3 : 2;
    byId('scene-caption').textContent = caption(shown, n);
    byId('scene-in').hidden = byId('scene-out').hidden = !is3d;
    const type = is3d ? 'scatter3d' : 'scatter';
    await Plotly.react(plot, traces(store, n, type), layout(shown, n, is3d, startingEye(plot)), PLOT_CONFIG);
    if (is3d) pickPointsOnly(plot);
  }

  function markActive() {
    if (hoveredHere) return;  // Plotly shows the label; drawing anew would end the hover
    const last = plot.data.length - 1;
    Plotly.restyle(plot, withAxes(ringAt(store, n).map((value) => [value])), [last]);
  }

  // Plotly tells of a click only if it draws while the button is down. What is hovered when the button
  // comes up, or soon after a tap, is meant.
  let pressedAt = null, tappedUntil = 0;
  function selectOnClick() {
    plot.addEventListener('pointerdown', ({ clientX, clientY }) => { pressedAt = [clientX, clientY]; }, true);
    plot.addEventListener('click', ({ clientX, clientY }) => {
      if (pressedAt === null || Math.hypot(clientX - pressedAt[0], clientY - pressedAt[1]) > SLIP) return;
      if (store.state.hovered !== null) store.select(store.state.hovered);
      else tappedUntil = performance.now() + TAP_TIME;
    }, true);
  }

  function listen() {
    plot.on('plotly_hover', ({ points }) => {
      const point = points[0].customdata ?? null;
      hoveredHere = true;
      store.update({ hovered: point });
      hoveredHere = false;
      if (point !== null && performance.now() < tappedUntil) store.select(point);
    });
    plot.on('plotly_unhover', () => {
      hoveredHere = true;
      store.update({ hovered: null });
      hoveredHere = false;
    });
    plot.addEventListener('pointerleave', () => store.update({ hovered: null }));
    selectOnClick();
    plot.addEventListener('keydown', (event) => {
      if (event.key === '0') reset();
      else if (event.key in KEYS) move(KEYS[event.key]);
      else return;
      event.preventDefault();
    });
    byId('scene-in').onclick = () => move(KEYS['+']);
    byId('scene-out').onclick = () => move(KEYS['-']);
    byId('scene-reset').onclick = reset;
    byId('scene-save').onclick = async () => {
      const { width, height } = plot.getBoundingClientRect();
      save(await Plotly.toImage(plot, { format: 'png', width, height, scale: 2 }), 'state-space.png');
    };
  }

  return draw().then(() => {
    listen();
    store.on(['set', 'view', 'hidden', 'theme'], draw);
    store.on(['selected', 'hovered'], markActive);
  });
}
