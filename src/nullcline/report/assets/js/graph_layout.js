// SPDX-License-Identifier: BSD-3-Clause
// Where the nodes of the graph stand: a drawing of their readouts (or of the axes shown), or levels
// by the number of unstable directions. Positions are in [0, 1] x [0, 1], y upwards.

const DEPTH = { x: 0.42, y: 0.27 };  // how a third axis leans, as in a drawn cube

function toUnit(values) {
  const low = Math.min(...values), high = Math.max(...values);
  return values.map((value) => (high > low ? (value - low) / (high - low) : 0.5));
}

function drawn(coordinates) {
  const [a, b, c] = [0, 1, 2].map((axis) => toUnit(coordinates.map((row) => row[axis] ?? 0)));
  if (coordinates.length > 0 && coordinates[0].length < 3)
    return { x: a, y: b, aspect: 0.75, isTrue: true };
  // First axis across, third up, second into the page.
  return {
    x: toUnit(a.map((value, i) => value + DEPTH.x * b[i])),
    y: toUnit(c.map((value, i) => value + DEPTH.y * b[i])),
    aspect: (1 + DEPTH.y) / (1 + DEPTH.x),
    isTrue: true,
  };
}

// Nodes of a level stand near the mean of those they lead to.
function levels(nodes, edges) {
  const numbers = [...new Set(nodes.map((node) => node.level))].sort((a, b) => a - b);
  const x = Array(nodes.length).fill(0.5), y = Array(nodes.length).fill(0.5);
  numbers.forEach((level, l) => {
    const members = nodes.map((_, i) => i).filter((i) => nodes[i].level === level);
    const pull = (i) => {
      const out = edges.filter(({ from, to }) => from === i && to !== i && to < nodes.length);
      const weight = out.reduce((sum, { share }) => sum + share, 0);
      return weight > 0 ? out.reduce((sum, { to, share }) => sum + share * x[to], 0) / weight : 0.5;
    };
    if (l > 0) {
      const pulls = new Map(members.map((i) => [i, pull(i)]));
      members.sort((i, j) => pulls.get(i) - pulls.get(j) || i - j);
    }
    members.forEach((i, m) => {
      x[i] = (m + 0.5) / members.length;
      y[i] = numbers.length > 1 ? l / (numbers.length - 1) : 0.5;
    });
  });
  return { x, y, aspect: 0.5, numbers };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// A point where it is drawn, an orbit at the mean of its states.
const place = (node, view) => (node.orbit === undefined ? view.points.map((column) => column[node.position])
  : view.orbits[node.orbit].map((column) => mean(Array.from(column))));

/** The layouts that these nodes allow, by name; the first is the best. */
export function layouts(nodes, edges, view) {
  const all = [];
  if (nodes.length > 0 && nodes.every((node) => node.readout.length >= 2 && node.readout.length <= 3))
    all.push({ name: 'Readout', place: () => drawn(nodes.map((node) => node.readout)) });
  else if (view && nodes.every((node) => node.orbit !== null))  // a cycle has no place in the view
    all.push({
      name: view.name,
      place: () => drawn(nodes.map((node) => place(node, view))),
    });
  all.push({ name: 'Levels', place: () => levels(nodes, edges) });
  return all;
}
