// SPDX-License-Identifier: BSD-3-Clause
// The phase portrait on a pen: a flow line (one state), a plane (two), a turning view (three).
import { Axes, groups, property, run } from './axes.js';

const KINDS = ['stable', 'saddle', 'unstable', 'degenerate'];

/** Fixed and slow points of a reply, one object each. */
export function pointsOf(reply) {
  const { arrays } = reply;
  const states = arrays['points/states'];
  if (!states) return [];
  const [count, n] = states.shape;
  const m = arrays['points/eigenvalues_re']?.shape[1] ?? 0;
  return Array.from({ length: count }, (_, i) => ({
    state: Array.from(states.values.subarray(i * n, (i + 1) * n)),
    kind: arrays['points/kind'][i],
    stability: arrays['points/stability'][i],
    isProven: arrays['points/verdict'][i] === 'proven',
    eigenvalues: Array.from({ length: m }, (__, j) => [
      arrays['points/eigenvalues_re'].values[i * m + j],
      arrays['points/eigenvalues_im'].values[i * m + j],
    ]),
  }));
}

export const typeOf = (point) => (point.kind === 'fixed' ? point.stability : point.kind);

/** Cycles of a reply: period, stability, and the closed curve. */
export function cyclesOf(reply) {
  const { arrays } = reply;
  const states = arrays['cycles/states'];
  if (!states) return [];
  const n = states.shape[1];
  return groups(arrays['cycles/cycle_of_point'].values).map(({ owner, first, last }) => {
    const values = new Float64Array((last - first + 1) * n);
    values.set(states.values.subarray(first * n, last * n));
    values.set(states.values.subarray(first * n, (first + 1) * n), (last - first) * n);
    return {
      period: arrays['cycles/period'].values[owner],
      isStable: arrays['cycles/stable'].values[owner] === 1,
      values,
      count: last - first + 1,
    };
  });
}

function drawPoint(pen, x, y, point) {
  const ink = property('ink');
  const look = { stroke: ink, width: point.isProven ? 1.5 : 1, fill: property('background') };
  const type = typeOf(point);
  if (type === 'stable') pen.circle(x, y, 6, { ...look, fill: property('stable') });
  else if (type === 'saddle') pen.polygon([[x, y - 7], [x + 7, y], [x, y + 7], [x - 7, y]], { ...look, fill: property('saddle') });
  else if (type === 'unstable') pen.circle(x, y, 6, { ...look, stroke: property('unstable'), width: 3 });
  else if (type === 'degenerate') pen.polygon([[x - 6, y - 6], [x + 6, y - 6], [x + 6, y + 6], [x - 6, y + 6]], look);
  else pen.lines([[x - 5, y - 5, x + 5, y + 5], [x - 5, y + 5, x + 5, y - 5]], { color: property('muted'), width: 2 });
  if (!point.isProven) pen.circle(x, y, 11, { stroke: property('muted'), width: 1, dash: [2, 3] });
}

// Slow is dark, in one hue whose lightness alone carries the value.
function speedImage(field, hide) {
  const [rows, columns] = field.shape;
  const picture = document.createElement('canvas');
  picture.width = columns;
  picture.height = rows;
  const context = picture.getContext('2d');
  const image = context.createImageData(columns, rows);
  const [low, high] = ['speed-slow', 'speed-fast'].map((name) => property(name).split(/\s+/).map(Number));
  let least = Infinity, most = -Infinity;
  for (const value of field.values) {
    if (value > most) most = value;
    if (value < least) least = value;
  }
  least = Math.max(least, most - 4);
  for (let row = 0; row < rows; ++row)
    for (let column = 0; column < columns; ++column) {
      const value = field.values[row * columns + column];
      const share = most > least ? Math.min(1, Math.max(0, (value - least) / (most - least))) : 1;
      const at = 4 * ((rows - 1 - row) * columns + column);
      for (let c = 0; c < 3; ++c) image.data[at + c] = low[c] + share * (high[c] - low[c]);
      image.data[at + 3] = hide ? 0 : 255;
    }
  context.putImageData(image, 0, 0);
  return picture;
}

function arrows(axes, arrays, isMap) {
  const [rows, columns] = arrays.rate_x.shape;
  const every = Math.max(1, Math.round(26 / (axes.width / columns)));
  const runs = [];
  const x = arrays.x.values, y = arrays.y.values;
  const unit = [axes.width / (axes.xHigh - axes.xLow), -axes.height / (axes.yHigh - axes.yLow)];
  for (let row = every >> 1; row < rows; row += every)
    for (let column = every >> 1; column < columns; column += every) {
      const at = row * columns + column;
      let u = arrays.rate_x.values[at] * unit[0], v = arrays.rate_y.values[at] * unit[1];
      const length = Math.hypot(u, v);
      if (!(length > 0)) continue;
      u *= 9 / length;
      v *= 9 / length;
      const [px, py] = [axes.x(x[column]), axes.y(y[row])];
      runs.push([px - u, py - v, px + u, py + v]);
      runs.push([px + u - 0.5 * u - 0.3 * v, py + v - 0.5 * v + 0.3 * u, px + u, py + v, px + u - 0.5 * u + 0.3 * v, py + v - 0.5 * v - 0.3 * u]);
    }
  axes.pen.lines(runs, { color: property('arrow'), width: 1, alpha: isMap ? 0.55 : 0.8 });
}

// What belongs to values that have changed since is drawn faintly until its own is there.
const STALE = 0.3;

function drawCurves(pen, toPixel, n, { details, points, isStale, paths, hidden, isMap }) {
  const alpha = isStale ? STALE : 1;
  const has = (name) => !hidden.includes(name);
  const dots = (values, count, color) => {
    for (let i = 0; i < count; ++i) {
      const [x, y] = toPixel(values, i * n);
      pen.circle(x, y, 2, { fill: color });
    }
  };
  if (details && has('trajectories') && details.arrays.trajectory_states) {
    const { values } = details.arrays.trajectory_states;
    const parts = groups(details.arrays.trajectory_of_point.values);
    if (isMap) dots(values, parts.at(-1)?.last ?? 0, property('trajectory'));
    else pen.lines(parts.map(({ first, last }) => run(values, n, first, last, toPixel)), { color: property('trajectory'), width: 1, alpha: 0.8 * alpha });
  }
  if (details && has('manifolds') && details.arrays.manifold_states) {
    const { manifold_states: states, manifold_of_point: owners, manifold_stable: stable } = details.arrays;
    for (const { owner, first, last } of groups(owners.values)) {
      const isStable = stable.values[owner] === 1;
      pen.lines([run(states.values, n, first, last, toPixel)], { color: property(isStable ? 'stable' : 'unstable'), width: 2, dash: isStable ? [8, 3] : [], alpha });
    }
  }
  paths.forEach((path, i) => {
    for (const sense of ['backward', 'forward']) {
      const states = path.reply?.arrays?.[`${sense}/states`];
      if (!states) continue;
      const color = property(sense === 'forward' ? 'path' : 'muted');
      if (isMap) dots(states.values, Math.min(states.shape[0], 2000), color);
      else pen.lines([run(states.values, n, 0, states.shape[0], toPixel)], { color, width: 2, dash: sense === 'forward' ? [] : [3, 4] });
    }
    const [x, y] = toPixel(path.start, 0);
    pen.circle(x, y, path.isChosen ? 7 : 5, { fill: property('path'), stroke: property('background') });
    pen.text(String(i + 1), x + 10, y - 8, { color: property('ink'), size: 11 });
  });
  if (details && has('cycles'))
    for (const cycle of cyclesOf(details))
      pen.lines([run(cycle.values, n, 0, cycle.count, toPixel)], { color: property('cycle'), width: 3.5, dash: cycle.isStable ? [] : [6, 5], alpha });
  if (details?.arrays.orbit_points && has('cycles') && !isStale) {
    const { values, shape } = details.arrays.orbit_points;
    dots(values, shape[0], property('cycle'));
  }
  for (const point of points) {
    const [x, y] = toPixel(point.state, 0);
    drawPoint(pen, x, y, point);
  }
}

function drawPlane(pen, view) {
  const { sketch, hidden, box } = view;
  const { arrays } = sketch;
  const axes = new Axes(pen, box[0], box[1]);
  const has = (name) => !hidden.includes(name);
  if (arrays.log_speed) {
    const x = arrays.x.values, y = arrays.y.values;
    axes.clip();
    if (has('speed'))
      pen.image(speedImage(arrays.log_speed), axes.x(x[0]), axes.y(y.at(-1)), axes.x(x.at(-1)) - axes.x(x[0]), axes.y(y[0]) - axes.y(y.at(-1)));
    if (has('arrows')) arrows(axes, arrays, sketch.time === 'discrete');
    pen.unclip();
  }
  const { toPixel } = axes;
  axes.clip();
  if (has('nullclines') && arrays.nullcline_points)
    for (const { owner, first, last } of groups(arrays.nullcline_curve_of_point.values)) {
      const component = arrays.nullcline_component.values[owner];
      pen.lines([run(arrays.nullcline_points.values, 2, first, last, toPixel)], { color: property(`nullcline-${component}`), width: 2.5, dash: component ? [9, 4, 2, 4] : [] });
    }
  drawCurves(pen, toPixel, 2, view);
  pen.unclip();
  axes.frame(sketch.states[0], sketch.states[1]);
  return axes;
}

function drawLine(pen, view) {
  const { sketch, hidden, box } = view;
  const { line_state: h, line_rate: rate } = sketch.arrays;
  let most = 0;
  for (const value of rate.values) most = Math.max(most, Math.abs(value));
  const axes = new Axes(pen, box[0], [-1.15 * most || -1, 1.15 * most || 1]);
  axes.clip();
  pen.lines([[axes.left, axes.y(0), axes.left + axes.width, axes.y(0)]], { color: property('muted'), width: 1 });
  const curve = new Float64Array(2 * h.values.length);
  h.values.forEach((value, i) => {
    curve[2 * i] = axes.x(value);
    curve[2 * i + 1] = axes.y(rate.values[i]);
  });
  if (!hidden.includes('nullclines')) pen.lines([curve], { color: property('nullcline-0'), width: 2.5 });
  if (!hidden.includes('arrows')) {
    const every = Math.max(1, Math.round((26 * h.values.length) / axes.width));
    for (let i = every >> 1; i < h.values.length; i += every) {
      const sign = Math.sign(rate.values[i]);
      const x = axes.x(h.values[i]), y = axes.y(0);
      if (sign !== 0) pen.lines([[x - 5 * sign, y - 5, x + 3 * sign, y, x - 5 * sign, y + 5]], { color: property('arrow'), width: 2 });
    }
  }
  axes.toPixel = (values, at) => [axes.x(values[at]), axes.y(0)];
  axes.stateAt = ([px]) => [axes.xOf(px)];
  drawCurves(pen, axes.toPixel, 1, view);
  pen.unclip();
  axes.frame(sketch.states[0], sketch.time === 'discrete' ? `F(${sketch.states[0]}) - ${sketch.states[0]}` : `d${sketch.states[0]}/dt`);
  return axes;
}

function drawSpace(pen, view) {
  const { sketch, box, turn } = view;
  const [cy, sy, cp, sp] = [Math.cos(turn.yaw), Math.sin(turn.yaw), Math.cos(turn.pitch), Math.sin(turn.pitch)];
  const size = 0.3 * Math.min(pen.width, pen.height) * (turn.zoom ?? 1);
  const center = box.map(([low, high]) => (low + high) / 2);
  const half = box.map(([low, high]) => (high - low) / 2);
  const toPixel = (values, at) => {
    const [a, b, c] = [0, 1, 2].map((i) => (values[at + i] - center[i]) / half[i]);
    const right = cy * a + sy * b, depth = -sy * a + cy * b;
    return [pen.width / 2 + size * right, pen.height / 2 - size * (cp * c + sp * depth)];
  };
  const corner = (bits) => box.map((interval, i) => interval[(bits >> i) & 1]);
  const edges = [];
  for (let bits = 0; bits < 8; ++bits)
    for (let i = 0; i < 3; ++i)
      if (!((bits >> i) & 1)) edges.push([...toPixel(corner(bits), 0), ...toPixel(corner(bits | (1 << i)), 0)]);
  pen.lines(edges, { color: property('rule'), width: 1 });
  for (let i = 0; i < 3; ++i) {
    const end = corner(0).map((value, j) => (i === j ? box[j][1] : value));
    const [x, y] = toPixel(end, 0);
    pen.text(sketch.states[i], x, y - 10, { color: property('ink'), align: 'center', weight: 600 });
  }
  drawCurves(pen, toPixel, 3, view);
  // A pixel is a line of states: of them the one at the depth of `state`, or of the center.
  const stateAt = ([px, py], state = center) => {
    const [x, y] = toPixel(state, 0);
    const right = (px - x) / size, up = (y - py) / size;
    const step = [cy * right - sy * sp * up, sy * right + cy * sp * up, cp * up];
    return state.map((value, i) => value + half[i] * step[i]);
  };
  return { toPixel, stateAt, contains: () => true };
}

/** Draws the view. Returns {toPixel, stateAt, contains}: between states and pixels. */
export function drawPortrait(pen, view) {
  pen.rect(0, 0, pen.width, pen.height, { fill: property('background') });
  return [drawLine, drawPlane, drawSpace][view.sketch.states.length - 1](pen, view);
}

/** One sentence for everybody, the eyes and the screen reader alike. */
export function verdictOf(sketch, points, details) {
  const counts = KINDS.concat(['slow', 'undecided'])
    .map((kind) => [kind, points.filter((point) => typeOf(point) === kind).length])
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}${kind === 'saddle' && count > 1 ? 's' : ''}`);
  const n = points.filter((point) => point.kind === 'fixed').length;
  const completeness = { proven: 'proven complete', statistical: 'very likely all', incomplete: 'some are missing', not_auditable: 'completeness not known' }[sketch.completeness];
  let text = `${n} fixed point${n === 1 ? '' : 's'}, ${completeness}${counts.length ? `: ${counts.join(', ')}` : ''}.`;
  if (!details) return text;
  const cycles = cyclesOf(details);
  if (cycles.length)
    text += ` ${cycles.length} limit cycle${cycles.length === 1 ? '' : 's'}: ${cycles.map((cycle) => `${cycle.isStable ? 'stable' : 'unstable'}, period ${cycle.period.toPrecision(6)}`).join('; ')}.`;
  const orbits = details.arrays.orbit_kind ?? [];
  if (orbits.length)
    text += ` ${orbits.length} further orbit${orbits.length === 1 ? '' : 's'}: ${orbits.map((kind, i) => (kind === 'periodic' ? `period ${details.arrays.orbit_period.values[i]}` : kind.replace('_', ' '))).join('; ')}.`;
  return text;
}
