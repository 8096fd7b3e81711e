// SPDX-License-Identifier: BSD-3-Clause
// The points of all inputs in one picture, with the trajectories, colored by input or by readout.

import { byId, el, hasWebGl, save, segmented } from './dom.js';
import { inputName, number, vector } from './format.js';
import { axis, axisTitle, baseLayout, color, hoverText, PLOT_CONFIG } from './theme.js';

const AXES = ['x', 'y', 'z'];
const SYMBOLS = ['circle', 'diamond', 'square', 'cross', 'x'];
// Of Okabe and Ito, which the color-blind can tell apart, in light and dark.
const INPUT_COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

// A view can show all inputs where it has the same axes for all of them: through the same trajectories.
function sharedViews(sets) {
  return sets[0].views.filter(({ name, labels, trajectories }) => (sets.length === 1 || trajectories.shown > 0) &&
    sets.every(({ views }) => views.some((view) => view.name === name && view.trajectories === trajectories &&
      view.labels.join() === labels.join())));
}

const viewOf = (set, name) => set.views.find((view) => view.name === name);

function pointText(set, point) {
  return hoverText(`Input ${inputName(set.input)}, point ${point.number}: ${point.kind === 'fixed' ? point.stability : point.kind}`,
    point.readout.length > 0 ? `readout ${vector(point.readout)}` : '', `q ${number(point.speed)}`);
}

// One trace for each input; the color is the input's, or that of output k.
function traces(sets, name, output, n, is3d) {
  const type = is3d ? 'scatter3d' : 'scatter';
  const withAxes = (columns) => Object.fromEntries(columns.slice(0, n).map((column, c) => [AXES[c], column]));
  const outputs = sets.flatMap(({ points }) => points.map(({ readout }) => Math.abs(readout[output] ?? 0)));
  const reach = Math.max(...outputs, 1e-9);
  const { trajectories } = viewOf(sets[0], name);
  return [
    { type, mode: 'lines', hoverinfo: 'skip', showlegend: false, opacity: 0.4,
      line: { color: color('trajectory'), width: is3d ? 1.5 : 1 }, ...withAxes(trajectories.lines) },
    ...sets.map((set, s) => ({
      type,
      mode: 'markers',
      name: `input ${inputName(set.input)}`,
      marker: {
        symbol: SYMBOLS[s % SYMBOLS.length],
        size: is3d ? 6 : 9,
        line: { width: 1, color: color('ink') },
        ...(output === null
          ? { color: INPUT_COLORS[s % INPUT_COLORS.length] }
          : { color: set.points.map(({ readout }) => readout[output] ?? 0), colorscale: 'Viridis', cmin: -reach, cmax: reach,
              showscale: s === 0, colorbar: { title: { text: `output ${output + 1}` }, thickness: 12, len: 0.7, y: 0.4 } }),
      },
      text: set.points.map((point) => pointText(set, point)),
      hovertemplate: '%{text}<extra></extra>',
      ...withAxes(viewOf(set, name).points),
    })),
  ];
}

function layout(labels, n, is3d) {
  const titles = labels.map(axisTitle);
  const base = { ...baseLayout(), showlegend: true, legend: { orientation: 'h', y: 1.02 }, uirevision: labels.join() };
  if (!is3d)
    return { ...base, margin: { l: 56, r: 10, t: 10, b: 48 }, xaxis: axis(titles[0]), yaxis: axis(titles[1]) };
  const axis3d = (title) => ({ ...axis(title, { nticks: 5 }), showbackground: false, showspikes: false });
  return {
    ...base,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: { xaxis: axis3d(titles[0]), yaxis: axis3d(titles[1]), zaxis: axis3d(titles[2]), aspectmode: 'cube',
      camera: { eye: { x: 1.6, y: 1.3, z: 0.9 }, center: { x: 0, y: 0, z: -0.1 } } },
  };
}

/** Draws the section, or returns false where there is nothing that the scene does not show. */
export async function createOverview(Plotly, store, sets) {
  const views = sharedViews(sets);
  const outputs = Math.max(0, ...sets.flatMap(({ points }) => points.map(({ readout }) => readout.length)));
  if (views.length === 0 || (sets.length < 2 && outputs === 0)) return false;
  const plot = byId('overview-plot');
  let view = views[0], output = sets.length > 1 ? null : 0;
  const draw = () => {
    const is3d = view.labels.length === 3 && hasWebGl(), n = is3d ? 3 : 2;
    byId('overview-caption').textContent =
      `Points of ${sets.length === 1 ? 'the input' : `all ${sets.length} inputs`}, colored by ` +
      `${output === null ? 'input' : `output ${output + 1}`}; thin lines are trajectories.`;
    return Plotly.react(plot, traces(sets, view.name, output, n, is3d), layout(view.labels, n, is3d), PLOT_CONFIG);
  };
  const choice = byId('color-choice');
  if (sets.length > 1) choice.append(el('option', { value: 'input' }, 'input'));
  for (let k = 0; k < outputs; k++) choice.append(el('option', { value: k }, `output ${k + 1}`));
  choice.onchange = () => {
    output = choice.value === 'input' ? null : Number(choice.value);
    draw();
  };
  segmented(byId('overview-view'), 'overview-view', views.map(({ name }) => name), 0, (i) => {
    view = views[i];
    draw();
  });
  byId('overview-save').onclick = async () => {
    const { width, height } = plot.getBoundingClientRect();
    save(await Plotly.toImage(plot, { format: 'png', width, height, scale: 2 }), 'inputs.png');
  };
  await draw();
  store.on(['theme'], draw);
  return true;
}
