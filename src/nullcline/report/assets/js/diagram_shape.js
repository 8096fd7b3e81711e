// SPDX-License-Identifier: BSD-3-Clause
// A cloud of fixed points: what a tolerance on the speed leaves of visited states, how many channels are
// decided, and how far apart stable states are.

import { axis, axisTitle, baseLayout, color } from './theme.js';

const COLORS = ['unstable-0', 'unstable-1', 'unstable-2', 'unstable-3', 'unstable-4', 'unstable-5'];
const SYMBOLS = ['circle', 'diamond', 'square', 'cross'];
const layoutOf = (x, y, more = {}) => ({
  ...baseLayout(), showlegend: true, legend: { orientation: 'h', y: -0.2 }, margin: { l: 64, r: 14, t: 14, b: 46 },
  xaxis: axis(axisTitle(x)), yaxis: { ...axis(axisTitle(y)), rangemode: 'tozero' }, ...more,
});
const inputWords = (input) => (input.length > 0 ? `input (${input.map((x) => Number(x.toPrecision(3))).join(', ')})` : 'no input');
const isSame = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

/** The stages of one set, from loose to tight. */
const stagesOf = (result, set) => result.stages.filter(({ input }) => isSame(input, set.input));

const COUNTS = [
  ['n_states', 'states that reached it'], ['n_distinct', 'of them apart by more than 0.001'], ['n_at_fixed_points', 'at a fixed point'],
];

function toleranceFigure(result, sets) {
  return {
    label: 'What a tolerance leaves', choiceLabel: 'Input', choices: sets.map(({ input }) => inputWords(input)),
    draw(choice) {
      const set = sets[choice], stages = stagesOf(result, set);
      const x = stages.map(({ tolerance }) => tolerance);
      const traces = COUNTS.map(([field, name], k) => ({
        type: 'scatter', mode: 'lines+markers', name, x, y: stages.map((stage) => stage[field]),
        line: { color: color(COLORS[k]), width: 1.8 }, marker: { size: 8, symbol: SYMBOLS[k], color: color(COLORS[k]) },
      }));
      traces.push({
        type: 'scatter', mode: 'lines', name: 'fixed points found by the search', x: [x[0], x[x.length - 1]], y: [set.n_fixed, set.n_fixed],
        line: { color: color('muted'), width: 1.4, dash: 'dash' },
      });
      const exponents = { type: 'log', autorange: 'reversed', dtick: x.length > 1 ? undefined : 1, exponentformat: 'power' };
      return {
        traces, layout: layoutOf('tolerance: mean speed q below', 'states', { xaxis: { ...axis(axisTitle('tolerance: mean speed q below')), ...exponents } }),
        words: 'Visited states descend the speed q = |F(h) - h|²/2 until its mean is below the tolerance; tighter to the right.',
      };
    },
  };
}

function decidedFigure(result, sets) {
  return {
    label: 'Decided channels', choiceLabel: 'Input', choices: sets.map(({ input }) => inputWords(input)),
    draw(choice) {
      const set = sets[choice];
      const clouds = [...stagesOf(result, set).map((stage) => [stage.tolerance.toExponential(), stage]), ['fixed points', set]];
      const traces = set.decided.map((_, k) => ({
        type: 'bar', name: `${k} decided`, x: clouds.map(([name]) => name), y: clouds.map(([, { decided, n_states: n }]) => (n > 0 ? decided[k] / n : 0)),
        customdata: clouds.map(([, { decided }]) => decided[k]), hovertemplate: `%{x}: %{customdata} states with ${k} decided channels<extra></extra>`,
        marker: { color: color(COLORS[k % COLORS.length]) },
      }));
      return {
        traces, layout: layoutOf('tolerance', 'share of the states', { barmode: 'stack', xaxis: { ...axis(axisTitle('tolerance')), type: 'category' } }),
        words: 'A channel is decided where its readout is beyond half of its level: all of them at the corners of a cube, one in the middles of its faces, none in its center.',
      };
    },
  };
}

function distanceFigure(sets) {
  return {
    label: 'Distances between stable states', choiceLabel: 'Input', choices: sets.map(({ input }) => inputWords(input)),
    draw(choice) {
      const { distances } = sets[choice].stable;
      const x = distances.map(({ n_differing: n }) => n), mean = distances.map((group) => group.mean);
      const edge = mean[0] / Math.sqrt(x[0]);
      return {
        traces: [
          { type: 'scatter', mode: 'markers', name: 'mean, least and largest', x, y: mean, marker: { size: 9, color: color(COLORS[0]) },
            error_y: { type: 'data', symmetric: false, array: distances.map((group) => group.largest - group.mean), arrayminus: distances.map((group) => group.mean - group.least), color: color(COLORS[0]) } },
          { type: 'scatter', mode: 'lines', name: 'corners of a cube', x, y: x.map((n) => edge * Math.sqrt(n)), line: { color: color('muted'), width: 1.4, dash: 'dash' } },
        ],
        layout: layoutOf('channels that differ in sign', 'distance', { xaxis: { ...axis(axisTitle('channels that differ in sign')), dtick: 1 } }),
        words: 'Corners of a cube that differ in k channels are √k edges apart.',
      };
    },
  };
}

export function shapeFigures(result) {
  const descended = result.sets.filter((set) => stagesOf(result, set).length > 0);
  const decided = result.sets.filter(({ decided: counts }) => counts.length > 1);
  const apart = result.sets.filter(({ stable }) => stable.distances.length > 0);
  return [
    descended.length > 0 ? toleranceFigure(result, descended) : null,
    decided.length > 0 ? decidedFigure(result, decided) : null,
    apart.length > 0 ? distanceFigure(apart) : null,
  ].filter((figure) => figure !== null);
}

export function shapeTables(result) {
  const clouds = [
    ...result.sets.map((set) => [inputWords(set.input), 'fixed points', '', set]),
    ...result.stages.map((stage) => [inputWords(stage.input), stage.tolerance, stage.reached ? stage.by : 'not reached', stage]),
  ];
  return [{
    caption: 'Clouds of states',
    head: ['input', 'tolerance', 'by', 'states', 'distinct', 'at fixed points', 'decided channels 0, 1, ...', 'corners', 'explained by three components'],
    rows: clouds.map(([input, tolerance, by, cloud]) => [
      input, tolerance, by, cloud.n_states, cloud.n_distinct, cloud.n_at_fixed_points, cloud.decided.join(', '), cloud.n_corners, cloud.explained_sum,
    ]),
  }];
}
