// Trajectories and points in two or three axes.

import { byId, save } from './dom.js';
import { categoryByKey, kindOf, unstableDirections } from './categories.js';
import { integer, number, percent, plural, vector } from './format.js';
import { axis, baseLayout, color, hoverText, plain, PLOT_CONFIG } from './theme.js';

const AXES = ['x', 'y', 'z'];
const EYE = { x: 1.45, y: 1.15, z: 0.75 };
const TURN = Math.PI / 24;
const ZOOM = 1.15;

export const pointText = (point) => hoverText(
  `Point ${point.number}: ${kindOf(point)}, ${unstableDirections(point.n_unstable)}`,
  point.readout.length > 0 ? `readout ${vector(point.readout)}` : '',
  `q ${number(point.speed)}`);

// WebGL may be missing; the first two axes are then drawn flat.
function hasWebGl() {
  try {
    return document.createElement('canvas').getContext('webgl') !== null;
  } catch {
    return false;
  }
}

const withAxes = (columns) => Object.fromEntries(columns.map((column, c) => [AXES[c], column]));

function gapped(segments, n) {
  return Array.from({ length: n }, (_, c) => segments.flatMap(({ from, to }) => [from[c], to[c], null]));
}

function traces(store, n, type) {
  const { set, view, hidden } = store.state;
  const { trajectories, modes, points } = set.views[view];
  const isVisible = (point) => !hidden.has(set.points[point].category);
  const line = (columns, stroke, width) => ({
    type, mode: 'lines', hoverinfo: 'skip', line: { color: stroke, width }, ...withAxes(columns.slice(0, n)),
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
        size: type === 'scatter3d' ? 6 : 10,
        line: { color: color(symbol.endsWith('open') ? key : 'background'), width: 1 },
      },
      text: members.map(pointText),
      customdata: members.map((point) => point.position),
      hovertemplate: '%{text}<extra></extra>',
      ...withAxes(points.slice(0, n).map((column) => members.map((point) => column[point.position]))),
    };
  });
  return [
    line(trajectories.lines, color('trajectory'), type === 'scatter3d' ? 1.5 : 0.8),
    line(gapped(modes.filter(({ point }) => isVisible(point)), n), color('ink'), type === 'scatter3d' ? 4 : 2),
    ...categories,
    ring(store, n, type),
  ];
}

function ringAt(store, n) {
  const { set, view, hidden } = store.state;
  const active = store.active();
  const shown = active !== null && !hidden.has(set.points[active].category);
  return set.views[view].points.slice(0, n).map((column) => (shown ? [column[active]] : [null]));
}

function ring(store, n, type) {
  return {
    type,
    mode: 'markers',
    hoverinfo: 'skip',
    marker: {
      symbol: 'circle-open',
      size: type === 'scatter3d' ? 14 : 18,
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

function layout(view, n, is3d) {
  const labels = view.labels.map(plain);
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
      camera: { eye: { ...EYE } },
      xaxis: axis3d(labels[0]),
      yaxis: axis3d(labels[1]),
      zaxis: axis3d(labels[2]),
      hovermode: 'closest',
    },
  };
}

function caption({ trajectories, modes, labels }, n) {
  const { n_trajectories: count, n_steps: steps, shown, tolerance } = trajectories;
  const parts = ['Trajectories (thin lines) and points in these axes'];
  if (modes.length > 0) parts.push('unstable directions as segments');
  let text = parts.join('; ') + '.';
  if (shown < steps)
    text += ` ${integer(shown)} of ${integer(steps)} steps of ${plural(count, 'trajectory').replace('trajectorys', 'trajectories')} are drawn` +
      (tolerance > 0 ? `; none left out is farther than ${percent(tolerance)} of the picture from its neighbor.` : '.');
  if (n < labels.length) text += ' This browser has no WebGL: the third axis is not shown.';
  return text;
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
  const webGl = hasWebGl();
  let is3d, n, hoveredHere = false;

  const camera = (eye) => Plotly.relayout(plot, { 'scene.camera.eye': eye });
  const move = (step) => {
    if (is3d) camera(turned(plot._fullLayout.scene.camera.eye, ...step));
  };
  const reset = () => {
    if (is3d) camera({ ...EYE });
    else Plotly.relayout(plot, { 'xaxis.autorange': true, 'yaxis.autorange': true });
  };

  function draw() {
    const { set, view } = store.state;
    const shown = set.views[view];
    is3d = shown.labels.length === 3 && webGl;
    n = is3d ? 3 : 2;
    byId('scene-caption').textContent = caption(shown, n);
    const type = is3d ? 'scatter3d' : 'scatter';
    return Plotly.react(plot, traces(store, n, type), layout(shown, n, is3d), PLOT_CONFIG);
  }

  function markActive() {
    if (hoveredHere) return;  // Plotly shows the label; drawing anew would end the hover
    const last = plot.data.length - 1;
    Plotly.restyle(plot, withAxes(ringAt(store, n).map((value) => [value])), [last]);
  }

  function listen() {
    plot.on('plotly_hover', ({ points }) => {
      hoveredHere = true;
      store.update({ hovered: points[0].customdata });
      hoveredHere = false;
    });
    plot.on('plotly_unhover', () => {
      hoveredHere = true;
      store.update({ hovered: null });
      hoveredHere = false;
    });
    plot.on('plotly_click', ({ points }) => store.toggle(points[0].customdata));
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
