// SPDX-License-Identifier: BSD-3-Clause
// A population of networks: for each task the embeddings by geometry and by topology, losses, numbers
// of fixed points and eigenvalues, colored by one factor of the study at a time.

import { axis, axisTitle, baseLayout, color, hoverText } from './theme.js';

const SYMBOLS = ['circle', 'diamond', 'square', 'cross', 'triangle-up', 'x', 'star', 'hexagon'];
const COLORS = ['unstable-0', 'unstable-1', 'unstable-2', 'unstable-3', 'unstable-4', 'unstable-5', 'slow', 'orbit'];
const NAMES = {
  geometry: 'Geometry: activity in the same trials', untrained: 'Geometry before training',
  topology: 'Topology: graphs of fixed points', machine: 'State machines: where pulses send the stable states',
};
const short = (x) => (x === null ? 'not known' : Number(x.toPrecision(4)).toString());

/** Positions of networks by the value of a factor, values sorted as numbers where they are. */
function groupsOf(networks, factor, positions) {
  const groups = new Map();
  for (const i of positions) {
    const value = networks[i].factors[factor];
    groups.set(value, [...(groups.get(value) ?? []), i]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}

const marker = (k) => ({ size: 9, color: color(COLORS[k % COLORS.length]), symbol: SYMBOLS[k % SYMBOLS.length], line: { width: 1, color: color(COLORS[k % COLORS.length]) } });
const hoverOf = ({ key, factors }) => hoverText(...Object.entries(factors).map(([name, value]) => `${name} ${value}`), key);
const legend = () => ({ showlegend: true, legend: { orientation: 'h', y: -0.16 } });

function layoutOf(x, y, more = {}) {
  return { ...baseLayout(), ...legend(), margin: { l: 64, r: 14, t: 14, b: 46 }, xaxis: { ...axis(axisTitle(x)), zeroline: false }, yaxis: { ...axis(axisTitle(y)), zeroline: false }, ...more };
}

function separationWords(task, space, factor) {
  const found = task.separations.find((row) => row.space === space && row.factor === factor && row.among === 'all');
  return found ? `Separation by ${factor}: R = ${short(found.R)}, p = ${short(found.p)} (${found.n} networks). ` : '';
}

function embeddingFigure(task, space) {
  return {
    label: `${task.task}: ${NAMES[space.space]}`, choices: task.factors,
    draw(choice) {
      const factor = task.factors[choice];
      const place = new Map(space.networks.map((network, i) => [network, i]));
      const traces = groupsOf(task.networks, factor, space.networks).map(([value, members], k) => ({
        type: 'scatter', mode: 'markers', name: value, marker: marker(k), hoverinfo: 'text',
        x: members.map((i) => space.points[place.get(i)][0]), y: members.map((i) => space.points[place.get(i)][1]),
        hovertext: members.map((i) => hoverOf(task.networks[i])),
      }));
      const layout = layoutOf('axis 1', 'axis 2');
      layout.yaxis.scaleanchor = 'x';
      const noise = space.noise > 0 ? `Sampling alone would give distances of ${short(space.noise)}. ` : '';
      return { traces, layout, words: `${space.measure}, stress ${short(space.stress)}. ${separationWords(task, space.space, factor)}${noise}${space.warning}` };
    },
  };
}

/** One mark per network in a column per value of the factor. */
function stripFigure(task, field, label, isLogarithmic, words) {
  return {
    label: `${task.task}: ${label}`, choices: task.factors,
    draw(choice) {
      const known = task.networks.map((_, i) => i).filter((i) => task.networks[i][field] !== null);
      const groups = groupsOf(task.networks, task.factors[choice], known);
      const traces = groups.map(([value, members], k) => ({
        type: 'scatter', mode: 'markers', name: value, marker: marker(k), hoverinfo: 'text+y',
        x: members.map((_, j) => k + 0.5 * ((j + 0.5) / members.length - 0.5)), y: members.map((i) => task.networks[i][field]),
        hovertext: members.map((i) => hoverOf(task.networks[i])),
      }));
      const layout = layoutOf(task.factors[choice], label, { showlegend: false });
      layout.xaxis.tickvals = groups.map((_, k) => k);
      layout.xaxis.ticktext = groups.map(([value]) => value);
      if (isLogarithmic) layout.yaxis.type = 'log';
      return { traces, layout, words };
    },
  };
}

/** Outline of a histogram over equal bins, as points of a line. */
function outline(values, edges) {
  const counts = edges.slice(1).map((right, i) => values.filter((v) => v >= edges[i] && (v < right || (i === edges.length - 2 && v <= right))).length);
  return { x: edges.flatMap((edge) => [edge, edge]), y: [0, ...counts.flatMap((n) => [n, n]), 0] };
}

/** Losses after training by the value of the factor, and of all networks before it. */
function lossFigure(task) {
  const isKnown = (i, field) => Number.isFinite(task.networks[i][field]) && task.networks[i][field] > 0;
  return {
    label: `${task.task}: histogram of losses`, choices: task.factors,
    draw(choice) {
      const all = task.networks.map((_, i) => i);
      const log = (members, field) => members.filter((i) => isKnown(i, field)).map((i) => Math.log10(task.networks[i][field]));
      const [after, before] = [log(all, 'loss'), log(all, 'untrained_loss')];
      const [least, most] = [Math.min(...after, ...before), Math.max(...after, ...before)];
      const nBins = Math.max(6, Math.min(40, Math.ceil(2 * Math.sqrt(after.length))));
      const width = (most - least || 1) / nBins;
      const edges = Array.from({ length: nBins + 1 }, (_, i) => least + i * width);
      const line = (values) => {
        const { x, y } = outline(values, edges);
        return { type: 'scatter', mode: 'lines', x: x.map((v) => 10 ** v), y, hoverinfo: 'name+x+y' };
      };
      const traces = after.length === 0 ? [] : groupsOf(task.networks, task.factors[choice], all).map(([value, members], k) => ({
        ...line(log(members, 'loss')), name: value, fill: 'tozeroy', fillcolor: `${color(COLORS[k % COLORS.length])}22`,
        line: { color: color(COLORS[k % COLORS.length]), width: 1.5 },
      }));
      if (before.length > 0) traces.push({ ...line(before), name: 'all, untrained', line: { color: color('muted'), width: 1.5, dash: 'dash' } });
      const layout = layoutOf('validation loss', 'networks');
      layout.xaxis.type = 'log';
      return { traces, layout, words: 'Loss on held-out trials, without the penalty; dashed: the same networks before training.' };
    },
  };
}

/** Fixed points at a projection of their readouts, joined to those that trajectories go to. */
function graphFigure(task) {
  return {
    label: `${task.task}: graph of the fixed points`, choices: task.graphs.map(({ title }) => title), choiceLabel: 'Network',
    draw(choice) {
      const { x, y, n_unstable: unstable, readouts, edges, network } = task.graphs[choice];
      const strengths = [[0, 0.1], [0.1, 0.3], [0.3, 0.6], [0.6, 1.01]];
      const traces = strengths.map(([low, high], k) => {
        const some = edges.filter(([, , share]) => share >= low && share < high);
        return {
          type: 'scatter', mode: 'lines', name: '', showlegend: false, hoverinfo: 'skip', line: { color: color('muted'), width: 0.75 + 0.75 * k }, opacity: 0.25 + 0.2 * k,
          x: some.flatMap(([i, j]) => [x[i], x[j], null]), y: some.flatMap(([i, j]) => [y[i], y[j], null]),
        };
      });
      const leads = (i) => edges.filter(([from]) => from === i).sort((a, b) => b[2] - a[2]).slice(0, 8).map(([, j, share]) => `${short(share)} to ${j}`);
      for (const n of [...new Set(unstable)].sort((a, b) => a - b)) {
        const members = unstable.map((_, i) => i).filter((i) => unstable[i] === n);
        traces.push({
          type: 'scatter', mode: 'markers', name: n === 0 ? 'stable' : `${n} unstable`, hoverinfo: 'text', x: members.map((i) => x[i]), y: members.map((i) => y[i]),
          marker: { ...marker(Math.min(n, 5)), size: 11 },
          hovertext: members.map((i) => hoverText(`point ${i}`, `readout ${readouts[i].map(short).join(', ')}`, ...leads(i))),
        });
      }
      const layout = layoutOf('readout, projected', '');
      layout.yaxis.scaleanchor = 'x';
      const count = task.networks[network].n_points;
      return { traces, layout, words: `${count} fixed points; lines lead from points with more unstable directions to those with fewer, the thicker the more trajectories go that way. One network of each kind is shown.` };
    },
  };
}

function eigenvalueFigure(task) {
  return {
    label: `${task.task}: eigenvalues of the fixed points`, choices: task.factors,
    draw(choice) {
      const known = task.networks.map((_, i) => i).filter((i) => task.networks[i].magnitudes.length > 0);
      const traces = groupsOf(task.networks, task.factors[choice], known).map(([value, members], k) => {
        const n = Math.min(...members.map((i) => task.networks[i].magnitudes.length));
        const at = (j) => members.map((i) => task.networks[i].magnitudes[j]);
        const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
        const y = Array.from({ length: n }, (_, j) => mean(at(j)));
        const error = y.map((m, j) => (members.length > 1 ? Math.sqrt(mean(at(j).map((x) => (x - m) ** 2)) / (members.length - 1)) : 0));
        return {
          type: 'scatter', mode: 'lines+markers', name: value, x: y.map((_, j) => j + 1), y, marker: { ...marker(k), size: 5 },
          line: { color: color(COLORS[k % COLORS.length]), width: 1.5 }, error_y: { array: error, thickness: 1, width: 2 }, hoverinfo: 'name+x+y',
        };
      });
      return { traces, layout: layoutOf('mode', 'magnitude of the eigenvalue'), words: 'Sorted magnitudes, the mean over the fixed points of a network, then mean and standard error over networks.' };
    },
  };
}

function curvesFigure(task, panel) {
  return {
    label: `${task.task}: ${panel.title}`, choices: task.factors,
    draw(choice) {
      const known = panel.curves.map((_, i) => i);
      const byNetwork = panel.curves.map(({ network }) => task.networks[network]);
      const traces = groupsOf(byNetwork, task.factors[choice], known).flatMap(([value, members], k) => members.map((i, j) => ({
        type: 'scatter', mode: panel.mode, name: value, legendgroup: value, showlegend: j === 0, x: panel.curves[i].x, y: panel.curves[i].y,
        marker: { ...marker(k), size: 6 }, line: { color: color(COLORS[k % COLORS.length]), width: 1 }, hoverinfo: 'text+x+y', hovertext: hoverOf(byNetwork[i]),
      })));
      if (panel.reference) traces.unshift({ type: 'scatter', mode: 'lines', name: panel.reference.name, x: panel.reference.x, y: panel.reference.y, line: { color: color('muted'), width: 1.5, dash: 'dash' }, hoverinfo: 'skip' });
      return { traces, layout: layoutOf(panel.x, panel.y), words: panel.words };
    },
  };
}

export function studyFigures(document) {
  return document.tasks.flatMap((task) => [
    ...task.spaces.filter(({ points }) => points.length > 2).map((space) => embeddingFigure(task, space)),
    stripFigure(task, 'loss', 'validation loss', true, 'Each mark is a network: loss on held-out trials, without the penalty.'),
    lossFigure(task),
    stripFigure(task, 'n_points', 'fixed points', false, task.modal.sentence),
    ...(task.graphs.length > 0 ? [graphFigure(task)] : []),
    eigenvalueFigure(task),
    ...task.panels.map((panel) => curvesFigure(task, panel)),
  ]);
}

export function studyTables(document) {
  const medians = (task) => task.panels.map((panel) => ({
    caption: `${task.task}: ${panel.title}`,
    head: ['factor', 'value', 'curves', panel.statistic],
    rows: panel.medians.map((row) => [row.factor, row.value, row.n, row.median === null ? 'not known' : Number(row.median.toPrecision(4))]),
  }));
  return document.tasks.flatMap((task) => [{
    caption: `${task.task}: what separates the networks`,
    head: ['space', 'factor', 'among', 'networks', 'R', 'p'],
    rows: task.separations.map((row) => [row.space, row.factor, row.among, row.n, Number(row.R.toPrecision(4)), Number(row.p.toPrecision(4))]),
  }, ...medians(task)]);
}
