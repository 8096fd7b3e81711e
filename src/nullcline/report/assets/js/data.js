// SPDX-License-Identifier: BSD-3-Clause
// From the page's data blocks to what the figures draw.

import { byId } from './dom.js';
import { CATEGORIES, categoryOf } from './categories.js';

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Little-endian float32 in base64. */
export const floats = (base64) => new Float32Array(bytes(base64).buffer);

/** rows x columns of a flat array, as one array per column. */
export function columns(values, count) {
  const rows = count > 0 ? values.length / count : 0;
  return Array.from({ length: count }, (_, c) =>
    Array.from({ length: rows }, (__, r) => values[r * count + c]));
}

function readPoints(points) {
  return points.map((point, i) => ({ ...point, position: i, number: i, category: categoryOf(point) }));
}

/** Per point the list of its eigenvalues {re, im, tau, frequency}. */
function readEigenvalues({ counts, totals, values }) {
  const flat = floats(values);
  let next = 0;
  return counts.map((count, point) => {
    const list = [];
    for (let i = 0; i < count; i++, next += 4)
      list.push({ re: flat[next], im: flat[next + 1], tau: flat[next + 2], frequency: flat[next + 3] });
    return { list, total: totals[point] };
  });
}

/** One polyline for all trajectories, with a gap after each. */
function readTrajectories({ values, lengths, ...rest }, axes) {
  const flat = floats(values);
  const lines = Array.from({ length: axes }, () => []);
  let row = 0;
  for (const length of lengths) {
    for (let i = 0; i < length; i++, row++)
      for (let c = 0; c < axes; c++) lines[c].push(flat[row * axes + c]);
    for (let c = 0; c < axes; c++) lines[c].push(null);
  }
  return { ...rest, lines, shown: row };
}

/** Per orbit one array per axis. */
const readOrbits = (orbits, axes) => orbits.map((states) => columns(floats(states), axes));

function readView(view, trajectories) {
  const axes = view.labels.length;
  const modes = columns(floats(view.modes), 2 * axes);
  return {
    name: view.name,
    labels: view.labels,
    points: columns(floats(view.points), axes),
    modes: view.mode_points.map((point, i) => ({
      point,
      from: modes.slice(0, axes).map((column) => column[i]),
      to: modes.slice(axes).map((column) => column[i]),
    })),
    trajectories: trajectories(view.trajectories, axes),
    orbits: readOrbits(view.orbits, axes),
  };
}

export function readData() {
  const data = JSON.parse(byId('data').textContent);
  const unpacked = new Map();
  const trajectories = (entry, axes) => {
    if (!unpacked.has(entry)) unpacked.set(entry, readTrajectories(data.trajectories[entry], axes));
    return unpacked.get(entry);
  };
  const sets = data.sets.map((set) => {
    const points = readPoints(set.points);
    const present = CATEGORIES.filter(({ key }) => points.some((point) => point.category === key));
    return {
      ...set,
      points,
      orbits: set.orbits.map((orbit, number) => ({ ...orbit, number })),
      categories: present,
      eigenvalues: readEigenvalues(set.eigenvalues),
      views: set.views.map((view) => readView(view, trajectories)),
    };
  });
  return { isFlow: data.time === 'continuous', sets, training: data.training };
}

/** Plotly is carried compressed; the script that unpacks it asks for nothing outside the page. */
export async function loadPlotly() {
  const block = byId('plotly');
  const stream = new Blob([bytes(block.textContent)]).stream();
  const text = await new Response(stream.pipeThrough(new DecompressionStream('gzip'))).text();
  block.remove();
  const script = document.createElement('script');
  script.textContent = text;
  document.head.append(script);
  return window.Plotly;
}
