// SPDX-License-Identifier: BSD-3-Clause
// A portrait as Plotly's traces: a line, a plane or a scene.

import { svg } from './dom.js';
import { joined } from './portrait_data.js';
import { axis, axisTitle, baseLayout, color, hoverText } from './theme.js';

const ARROWS = 23;  // per axis
// Pale and apart for color-blind eyes; also told apart by the number in the hover text.
const BASINS = ['#cfe3f5', '#fde3c0', '#d5ecd9', '#f5d5e6', '#e6dcf5', '#f7f0b8', '#d9d9d9', '#c7ecec', '#f3cfc4', '#dfe8c0', '#c9cef0', '#eadccb'];

const SYMBOLS = { stable: 'circle', unstable: 'circle-open', saddle: 'diamond', degenerate: 'square-open' };
const SYMBOLS_3D = { stable: 'circle', unstable: 'circle-open', saddle: 'diamond', degenerate: 'square-open' };
const TYPES = { stable: 'stable', unstable: 'unstable', saddle: 'of saddle type', degenerate: 'degenerate' };

const lineGlyph = (name, dash) => () => svg('svg', { class: 'glyph', viewBox: '0 0 14 10', 'aria-hidden': 'true' },
  svg('line', { x1: 0, y1: 5, x2: 14, y2: 5, stroke: color(name), 'stroke-width': 2.5, 'stroke-dasharray': dash ? '4 3' : null }));

export const LAYERS = [
  { key: 'nullcline-0', label: 'first nullcline', has: (p) => p.nullclines.some((c) => c.component === 0), glyph: lineGlyph('nullcline-0') },
  { key: 'nullcline-1', label: 'second nullcline', has: (p) => p.nullclines.some((c) => c.component === 1), glyph: lineGlyph('nullcline-1') },
  { key: 'stable', label: 'stable manifolds', has: (p) => p.manifolds.some((m) => m.isStable), glyph: lineGlyph('stable-manifold') },
  { key: 'unstable', label: 'unstable manifolds', has: (p) => p.manifolds.some((m) => !m.isStable), glyph: lineGlyph('unstable-manifold', true) },
  { key: 'cycles', label: 'cycles and orbits', has: (p) => p.cycles.length + p.orbits.length > 0, glyph: lineGlyph('cycle') },
  { key: 'trajectories', label: 'trajectories', has: (p) => p.n > 1 && p.trajectories.length > 0, glyph: lineGlyph('path') },
  { key: 'ensemble', label: 'under noise', has: (p) => p.ensemble.length > 0, glyph: lineGlyph('noise') },
  { key: 'arrows', label: 'arrows', has: (p) => p.rateX.length > 0, glyph: lineGlyph('arrow') },
  { key: 'stopped', label: 'stopped by a gate', has: (p) => p.stopped.some((row) => row.some(Boolean)), glyph: lineGlyph('stopped') },
];

export function backgrounds(portraits) {
  const all = [
    { key: 'speed', label: 'Speed', has: (p) => p.logSpeed.length > 0 },
    { key: 'basins', label: 'Basins', has: (p) => p.basins.length > 0 },
    { key: 'none', label: 'None', has: () => true },
  ];
  return all.filter(({ has }) => portraits.some(has));
}

const number = (x) => Number(x.toPrecision(6)).toString();

function pointHover(point, names) {
  const eigenvalues = point.eigenvalues.map(({ re, im }) =>
    im === 0 ? number(re) : `${number(re)} ${im < 0 ? '-' : '+'} ${number(Math.abs(im))}i`);
  return hoverText(`${point.number}: ${TYPES[point.stability] ?? point.kind}${point.isProven ? ', proven' : ''}`,
    names.map((name, j) => `${name} = ${number(point.place[j])}`).join(', '), `eigenvalues ${eigenvalues.join(', ')}`);
}

function arrowTrace({ x, y, rateX, rateY, box }) {
  const wide = box[1][0] - box[0][0], high = box[1][1] - box[0][1];
  const step = Math.max(1, Math.round(x.length / ARROWS)), length = (0.62 * step) / x.length;
  const begin = Math.floor(((x.length - 1) % step) / 2);
  const xs = [], ys = [];
  for (let column = begin; column < x.length; column += step)
    for (let row = begin; row < y.length; row += step) {
      const u = rateX[row][column] / wide, v = rateY[row][column] / high, size = Math.hypot(u, v);
      if (!(size > 0)) continue;
      const [du, dv] = [(u / size) * length, (v / size) * length];
      const at = (p, q) => { xs.push(x[column] + wide * (p * du - q * dv)); ys.push(y[row] + high * (p * dv + q * du)); };
      at(-0.5, 0); at(0.5, 0); at(0.12, 0.26); xs.push(null); ys.push(null);
      at(0.5, 0); at(0.12, -0.26); xs.push(null); ys.push(null);
    }
  return { type: 'scatter', mode: 'lines', x: xs, y: ys, line: { color: color('arrow'), width: 1 }, hoverinfo: 'skip' };
}

function backgroundTraces(portrait, { background, hidden }) {
  const traces = [];
  const { x, y } = portrait;
  if (background === 'speed' && portrait.logSpeed.length > 0)
    traces.push({
      type: 'heatmap', x, y, z: portrait.logSpeed, zsmooth: 'best', hoverinfo: 'skip',
      colorscale: [[0, color('slow-flow')], [1, color('fast-flow')]], ...speedRange(portrait.logSpeed),
      colorbar: { title: { text: 'log<sub>10</sub> speed', side: 'right' }, thickness: 10, len: 0.5, outlinewidth: 0, tickfont: { size: 10 } },
    });
  if (background === 'basins' && portrait.basins.length > 0) {
    const count = Math.max(1, portrait.attractors.length);
    const shades = ['#8d939b', color('background'), ...Array.from({ length: count }, (_, i) => BASINS[i % BASINS.length])];
    const total = count + 2;
    traces.push({
      type: 'heatmap', x, y, z: portrait.basins, zmin: -2.5, zmax: count - 0.5, showscale: false,
      colorscale: shades.flatMap((shade, i) => [[i / total, shade], [(i + 1) / total, shade]]),
      text: portrait.basins.map((row) => row.map((k) => basinWords(portrait, k))), hoverinfo: 'text',
    });
  }
  if (!hidden.has('stopped') && portrait.stopped.some((row) => row.some(Boolean)))
    traces.push({
      type: 'heatmap', x, y, z: portrait.stopped.map((row) => row.map((k) => (k ? k : null))), zmin: 0, zmax: 3,
      colorscale: [[0, color('stopped')], [1, color('stopped')]], opacity: 0.35, showscale: false, hoverinfo: 'skip',
    });
  return traces;
}

// Fixed points on the grid would swallow the whole scale.
function speedRange(logSpeed) {
  const sorted = logSpeed.flat().sort((a, b) => a - b);
  const zmax = sorted[sorted.length - 1], decades = 8;  // below, all is at rest for the eye
  return { zmin: Math.max(sorted[Math.floor(sorted.length * 0.01)], zmax - decades), zmax };
}

function basinWords({ attractors }, k) {
  if (k === -2) return 'leaves the box';
  if (k < 0) return 'undecided';
  const { kind, number: which } = attractors[k];
  return `goes to ${{ point: 'fixed point', cycle: 'cycle', orbit: 'orbit' }[kind]} ${which}`;
}

/** All curves of a portrait as {curves, style, name}, from back to front. */
function curveLayers(portrait, { hidden }) {
  const layers = [];
  const add = (key, curves, line, more = {}) => {
    if (!hidden.has(key) && curves.length > 0) layers.push({ curves, line, ...more });
  };
  add('ensemble', portrait.ensemble, { color: color('noise'), width: 0.8 }, { opacity: 0.5 });
  for (const trajectory of portrait.trajectories)
    add('trajectories', [trajectory.states], {
      color: color(trajectory.isChosen ? 'chosen' : 'path'),
      width: trajectory.isChosen ? 2 : 1.1,
      dash: trajectory.sense < 0 ? 'dot' : 'solid',
    }, { meta: { trajectory: trajectory.number }, start: trajectory.isChosen ? trajectory.states[0] : null });
  for (const component of [0, 1])
    add(`nullcline-${component}`, portrait.nullclines.filter((c) => c.component === component).map((c) => c.states),
      { color: color(`nullcline-${component}`), width: 2 },
      { words: `${portrait.names[component]}-nullcline` });
  add('unstable', portrait.manifolds.filter((m) => !m.isStable).map((m) => m.states),
    { color: color('unstable-manifold'), width: 1.8, dash: 'dash' }, { words: 'unstable manifold' });
  add('stable', portrait.manifolds.filter((m) => m.isStable).map((m) => m.states),
    { color: color('stable-manifold'), width: 1.8 }, { words: 'stable manifold' });
  for (const cycle of portrait.cycles)
    add('cycles', [cycle.states], { color: color('cycle'), width: 3, dash: cycle.isStable ? 'solid' : 'dash' },
      { words: `${cycle.isStable ? 'stable' : 'unstable'} cycle, period ${number(cycle.period)}` });
  for (const orbit of portrait.orbits)
    add('cycles', [orbit.states], { color: color('cycle'), width: 2 },
      { words: `${orbit.kind.replace('_', ' ')}${orbit.kind === 'periodic' ? ` of period ${orbit.period}` : ''}`, dots: true });
  return layers;
}

// Plotly does not take undefined for absent.
const style = (line, dots, size) =>
  (dots ? { mode: 'markers', marker: { size, color: line.color } } : { mode: 'lines', line });
const hoverOf = (words) => (words ? { hoverinfo: 'text', hovertext: words } : { hoverinfo: 'skip' });

function planeTraces(portrait, state) {
  const traces = [];
  for (const { curves, line, words, meta, opacity, start, dots } of curveLayers(portrait, state)) {
    const [x, y] = joined(curves, 2);
    traces.push({
      type: 'scatter', x, y, ...style(line, dots, 4), ...(opacity ? { opacity } : {}), ...(meta ? { meta } : {}),
      ...hoverOf(words ?? (meta ? `trajectory ${meta.trajectory}` : null)),
    });
    if (start)
      traces.push({ type: 'scatter', mode: 'markers', x: [start[0]], y: [start[1]], hoverinfo: 'skip', marker: { symbol: 'triangle-up', size: 8, color: line.color } });
  }
  return traces;
}

function pointTraces(portrait, type, coordinates) {
  return ['unstable', 'saddle', 'degenerate', 'stable'].flatMap((stability) => {
    const points = portrait.points.filter((point) => point.stability === stability && point.kind !== 'slow');
    if (points.length === 0) return [];
    const symbols = type === 'scatter3d' ? SYMBOLS_3D : SYMBOLS;
    const isOpen = stability === 'unstable' || stability === 'degenerate';
    return [{
      type, mode: 'markers', ...coordinates(points), customdata: points.map((point) => point.number),
      marker: {
        symbol: isOpen && type === 'scatter' ? symbols[stability].replace('-open', '') : symbols[stability],
        size: type === 'scatter3d' ? 5 : 11,
        color: isOpen && type === 'scatter' ? color('background') : stability === 'saddle' ? color('muted') : color('ink'),
        line: { color: color('ink'), width: type === 'scatter3d' ? 1 : 2 },
      },
      hoverinfo: 'text', hovertext: points.map((point) => pointHover(point, portrait.names)),
    }];
  });
}

function planeFigure(portrait, state) {
  const traces = backgroundTraces(portrait, state);
  if (!state.hidden.has('arrows') && portrait.rateX.length > 0) traces.push(arrowTrace(portrait));
  traces.push(...planeTraces(portrait, state));
  if (portrait.branchPoints.length > 0)
    traces.push({
      type: 'scatter', mode: 'markers', x: portrait.branchPoints.map(([x]) => x), y: portrait.branchPoints.map(([, y]) => y),
      marker: { symbol: 'x-thin', size: 9, line: { width: 2, color: color('ink') } }, hoverinfo: 'text', hovertext: 'branches of a nullcline cross',
    });
  traces.push(...pointTraces(portrait, 'scatter', (points) => ({ x: points.map((p) => p.place[0]), y: points.map((p) => p.place[1]) })));
  return traces;
}

function lineFigure(portrait) {
  const { h, rate } = portrait.line;
  const arrows = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]
    .map((share) => Math.round(share * (h.length - 1))).filter((i) => rate[i] !== 0);
  const traces = [
    { type: 'scatter', mode: 'lines', x: h, y: rate, line: { color: color('nullcline-0'), width: 2 }, hoverinfo: 'skip' },
    { type: 'scatter', mode: 'lines', x: [h[0], h[h.length - 1]], y: [0, 0], line: { color: color('ink'), width: 1.5 }, hoverinfo: 'skip' },
    {
      type: 'scatter', mode: 'markers', x: arrows.map((i) => h[i]), y: arrows.map(() => 0), hoverinfo: 'skip',
      marker: { symbol: arrows.map((i) => (rate[i] > 0 ? 'triangle-right' : 'triangle-left')), size: 12, color: color('path') },
    },
  ];
  traces.push(...pointTraces(portrait, 'scatter', (points) => ({ x: points.map((p) => p.place[0]), y: points.map(() => 0) })));
  return traces;
}

function sceneFigure(portrait, state) {
  const traces = curveLayers(portrait, state).map(({ curves, line, words, meta, opacity, dots }) => {
    const [x, y, z] = joined(curves, 3);
    return {
      type: 'scatter3d', x, y, z, ...style({ color: line.color, width: line.width * 2 }, dots, 2),
      ...(opacity ? { opacity } : {}), ...(meta ? { meta } : {}), ...hoverOf(words),
    };
  });
  traces.push(...pointTraces(portrait, 'scatter3d', (points) =>
    ({ x: points.map((p) => p.place[0]), y: points.map((p) => p.place[1]), z: points.map((p) => p.place[2]) })));
  return traces;
}

const counted = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

function captionOf(portrait) {
  const types = Object.keys(TYPES).map((key) => [key, portrait.points.filter((p) => p.stability === key && p.kind === 'fixed').length]);
  const parts = types.filter(([, n]) => n > 0).map(([key, n]) => `${n} ${TYPES[key]}`);
  const cycles = portrait.cycles.length > 0 ? `; ${counted(portrait.cycles.length, 'limit cycle')}` : '';
  const orbits = portrait.orbits.length > 0 ? `; ${counted(portrait.orbits.length, 'orbit')}` : '';
  return `${portrait.isFlow ? 'Flow' : 'Map'}. Fixed points: ${parts.join(', ') || 'none'}${cycles}${orbits}. ` +
    'Filled circle: stable, open circle: unstable, diamond: saddle.';
}

export function portraitFigure(portrait, state, width) {
  const words = captionOf(portrait), { box, names } = portrait;
  const layout = { ...baseLayout(), margin: { l: 56, r: 12, t: 10, b: 48 } };
  if (portrait.n === 3) {
    const scene = {};
    ['xaxis', 'yaxis', 'zaxis'].forEach((key, j) => {
      scene[key] = { ...axis(axisTitle(names[j])), range: [box[0][j], box[1][j]], backgroundcolor: color('surface') };
    });
    return { traces: sceneFigure(portrait, state), layout: { ...layout, height: Math.max(320, width * 0.85), margin: { l: 0, r: 0, t: 0, b: 0 }, scene: { ...scene, aspectmode: 'cube', camera: { eye: { x: 1.5, y: 1.35, z: 0.95 } } } }, words };
  }
  const frame = { mirror: true, showline: true, zeroline: false, showgrid: false, ticks: 'outside' };
  layout.xaxis = { ...axis(names[0]), ...frame, range: [box[0][0], box[1][0]], constrain: 'domain' };
  if (portrait.n === 1) {
    const title = portrait.isFlow ? `d${names[0]}/dt` : `F(${names[0]}) - ${names[0]}`;
    return { traces: lineFigure(portrait), layout: { ...layout, height: 380, yaxis: { ...axis(title), ...frame } }, words };
  }
  layout.yaxis = { ...axis(names[1]), ...frame, range: [box[0][1], box[1][1]] };
  layout.height = Math.max(300, Math.min(width, 760) * (state.background === 'speed' ? 0.93 : 1));
  return { traces: planeFigure(portrait, state), layout, words };
}
