// SPDX-License-Identifier: BSD-3-Clause
// The bifurcation diagram of one parameter, with the current value on it.
import { Axes, groups, property, run } from './axes.js';

const SIGNS = { fold: 'fold', hopf: 'Hopf', branch_point: 'branch point', flip: 'flip', neimark_sacker: 'Neimark-Sacker' };

// What a branch reaches far outside the portrait's interval is not shown.
function rangeOf(values, [least, most]) {
  let low = Infinity, high = -Infinity;
  const reach = most - least;
  for (const value of values) {
    if (value < least - reach || value > most + reach) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) return [-1, 1];
  const margin = 0.08 * (high - low) || 0.5;
  return [low - margin, high + margin];
}

// Runs of points of the same stability; neighbors share an end.
function pieces(unstable, first, last) {
  const found = [];
  for (let i = first; i < last; ++i) {
    const isStable = unstable[i] === 0;
    if (found.length && found.at(-1).isStable === isStable) found.at(-1).last = i + 1;
    else found.push({ isStable, first: found.length ? i - 1 : i, last: i + 1 });
  }
  return found;
}

// Largest and smallest value on the cycles that are born at Hopf points, by branch.
function bornCycles(arrays, n, coordinate) {
  if (!arrays['cycles/minimum']) return [];
  return groups(arrays['cycles/branch_of_cycle'].values).map(({ first, last }) => {
    const column = (name) => Array.from({ length: last - first }, (_, i) => arrays[name].values[(first + i) * n + coordinate]);
    const list = (name) => Array.from(arrays[name].values.subarray(first, last));
    return { values: list('cycles/parameter'), lows: column('cycles/minimum'), highs: column('cycles/maximum'), stable: list('cycles/stable') };
  });
}

export function drawDiagram(pen, { reply, cycles, value, coordinate, states, box }) {
  const { arrays } = reply;
  const n = arrays.states?.shape[1] ?? states.length;
  const heights = arrays.states ? Array.from({ length: arrays.states.shape[0] }, (_, i) => arrays.states.values[i * n + coordinate]) : [];
  for (const cycle of cycles) for (let i = 0; i < cycle.count; ++i) heights.push(cycle.values[i * n + coordinate]);
  const branches = bornCycles(arrays, n, coordinate);
  for (const branch of branches) heights.push(...branch.lows, ...branch.highs);
  const axes = new Axes(pen, [reply.from, reply.to], rangeOf(heights, box[coordinate]), { bottom: 36 });
  axes.clip();
  if (arrays.states) {
    const parameters = arrays.parameters.values;
    const toPixel = (values, at) => [axes.x(parameters[at / n]), axes.y(values[at + coordinate])];
    for (const { first, last } of groups(arrays.branch_of_point.values))
      for (const piece of pieces(arrays.n_unstable.values, first, last))
        pen.lines([run(arrays.states.values, n, piece.first, piece.last, toPixel)], { color: property(piece.isStable ? 'stable' : 'unstable'), width: piece.isStable ? 3 : 1.5, dash: piece.isStable ? [] : [5, 4] });
    (arrays.event_type ?? []).forEach((type, i) => {
      const x = axes.x(arrays.event_parameter.values[i]), y = axes.y(arrays.event_state.values[i * n + coordinate]);
      pen.polygon([[x, y - 6], [x + 6, y + 5], [x - 6, y + 5]], { fill: property('background'), stroke: property('ink') });
      pen.text(SIGNS[type] ?? type, x + 9, Math.max(axes.top + 9, y - 9), { color: property('ink'), size: 11, align: x > axes.left + 0.8 * axes.width ? 'right' : 'left' });
    });
  }
  for (const { values, lows, highs, stable } of branches)
    for (const heightsOf of [lows, highs])
      for (const piece of pieces(stable.map((isStable) => (isStable ? 0 : 1)), 0, values.length)) {
        const line = [];
        for (let i = piece.first; i < piece.last; ++i) line.push(axes.x(values[i]), axes.y(heightsOf[i]));
        pen.lines([line], { color: property('cycle'), width: piece.isStable ? 3 : 1.5, dash: piece.isStable ? [] : [5, 4] });
      }
  for (const cycle of cycles) {
    let low = Infinity, high = -Infinity;
    for (let i = 0; i < cycle.count; ++i) {
      low = Math.min(low, cycle.values[i * n + coordinate]);
      high = Math.max(high, cycle.values[i * n + coordinate]);
    }
    pen.lines([[axes.x(value), axes.y(low), axes.x(value), axes.y(high)]], { color: property('cycle'), width: 4, dash: cycle.isStable ? [] : [4, 4] });
  }
  pen.lines([[axes.x(value), axes.top, axes.x(value), axes.top + axes.height]], { color: property('accent'), width: 1.5 });
  pen.circle(axes.x(value), axes.top + axes.height - 6, 6, { fill: property('accent') });
  pen.unclip();
  axes.frame(reply.parameter, states[coordinate]);
  return axes;
}
