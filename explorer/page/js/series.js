// SPDX-License-Identifier: BSD-3-Clause
// The states of a chosen trajectory against time, backwards to the left of zero.
import { Axes, property } from './axes.js';

const DASHES = [[], [8, 4], [2, 3]];

export function drawSeries(pen, { path, states, isMap }) {
  if (!path?.reply?.arrays) {
    ['Click into the portrait:', 'the trajectory from there', 'is drawn here against time.'].forEach((line, i) =>
      pen.text(line, pen.width / 2, pen.height / 2 + 18 * (i - 1), { color: property('muted'), align: 'center' }));
    return;
  }
  const parts = ['backward', 'forward'].map((sense) => ({ times: path.reply.arrays[`${sense}/times`].values, values: path.reply.arrays[`${sense}/states`].values }));
  const n = states.length;
  let low = Infinity, high = -Infinity;
  for (const { values } of parts)
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  const margin = 0.08 * (high - low) || 0.5;
  const span = [parts[0].times.at(-1) ?? 0, parts[1].times.at(-1) ?? 1];
  // What lies before the start is shown for less than a third of the time after it.
  span[0] = Math.max(span[0], -0.3 * Math.max(span[1], 1e-9));
  const axes = new Axes(pen, span[0] < span[1] ? span : [0, 1], [low - margin, high + margin], { top: 24 });
  axes.clip();
  for (let i = 0; i < n; ++i)
    for (const { times, values } of parts) {
      const line = new Float64Array(2 * times.length);
      times.forEach((time, k) => {
        line[2 * k] = axes.x(time);
        line[2 * k + 1] = axes.y(values[k * n + i]);
      });
      pen.lines([line], { color: property(`series-${i}`), width: 2, dash: DASHES[i] });
    }
  pen.unclip();
  axes.frame(isMap ? 'steps' : 'time', 'states');
  states.forEach((name, i) => {
    const x = axes.left + 12 + 90 * i, y = axes.top - 12;
    pen.lines([[x, y, x + 24, y]], { color: property(`series-${i}`), width: 2, dash: DASHES[i] });
    pen.text(name, x + 29, y, { color: property('ink') });
  });
}
