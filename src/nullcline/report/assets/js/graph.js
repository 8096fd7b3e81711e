// SPDX-License-Identifier: BSD-3-Clause
// The graph of transitions: who leads to whom, drawn and as a table.

import { byId, el, onWidth, replace, save, segmented, svg } from './dom.js';
import { kindOf, orbitName, symbolPath } from './categories.js';
import { integer, number, percent, plural } from './format.js';
import { layouts } from './graph_layout.js';
import { color } from './theme.js';

const NODE_RADIUS = 6;
const MARGIN = { x: 56, top: 26, bottom: 40 };
const LABEL_SIZE = 11;
const HINT = 'Hover or choose a node or an arrow to read where it leads.';
const BELOW = [[0, 1], [0, 1.8]];
const AROUND = [[0, 1], [0, -1], [1, 0], [-1, 0], [0.8, 0.8], [-0.8, 0.8], [0.8, -0.8], [-0.8, -0.8]];
const LONGEST_LABEL = 20;
const FAINT = 0.08, STRONG = 0.95;
const plain = (n) => Math.max(0.2, Math.min(0.5, 30 / n));  // opacity of n arrows

const PROBES = {
  unstable_manifold: 'started along the unstable directions of each point',
  perturbation: 'started in random directions around each point',
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function readGraph(set) {
  const { graph } = set;
  const labels = graph.labels.map((label) => label.replace(/-/g, '\u2212'));
  const points = graph.points.map((position, i) => {
    const { number: n, category, readout, n_unstable: level } = set.points[position];
    return { position, number: n, category, readout, level, label: labels[i], name: `point ${n}`, title: `Point ${n}, ${kindOf(set.points[position])}` };
  });
  const orbits = graph.orbits.map((orbit, i) => {
    const { readout, n_unstable: unstable, kind } = set.orbits[orbit];
    return {
      position: null, orbit, number: `orbit ${orbit}`, category: 'orbit', readout, level: kind === 'periodic' ? unstable : 0,
      label: labels[points.length + i], name: `orbit ${orbit}`, title: `Orbit ${orbit}, ${orbitName(set.orbits[orbit])}`,
    };
  });
  const cycles = graph.cycles.map(({ period, stable }, i) => ({
    position: null, orbit: null, number: `cycle ${i}`, category: 'orbit', readout: [], level: stable ? 0 : 1,
    label: labels[points.length + orbits.length + i], name: `cycle ${i}`, title: `Limit cycle ${i}, ${stable ? 'stable' : 'unstable'}, of period ${number(period)}`,
  }));
  const nodes = [...points, ...orbits, ...cycles];
  const pairs = new Set(graph.edges.map(([from, to]) => `${from} ${to}`));
  const edges = graph.edges.map(([from, to, share]) =>
    ({ from, to, share, isDouble: pairs.has(`${to} ${from}`) }));
  const other = edges.some(({ to }) => to === nodes.length);
  return { graph, nodes, edges, other };
}

// Labels stay clear of nodes and of each other, outside the drawing where they can; a label without
// room is left out.
function placeLabels(nodes, at, places) {
  const boxes = at.map(({ x, y }) => [x - NODE_RADIUS, y - NODE_RADIUS, x + NODE_RADIUS, y + NODE_RADIUS]);
  const clear = (box) => boxes.every((b) => box[2] < b[0] || b[2] < box[0] || box[3] < b[1] || b[3] < box[1]);
  const center = { x: mean(at.map(({ x }) => x)), y: mean(at.map(({ y }) => y)) };
  const labels = [];
  nodes.forEach(({ level, label }, i) => {
    if (level > 0 || label === '' || label.length > LONGEST_LABEL) return;
    const { x, y } = at[i];
    const halfWidth = 0.3 * LABEL_SIZE * label.length, halfHeight = LABEL_SIZE / 2;
    const boxOf = ([cx, cy]) => [cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight];
    const outward = ([dx, dy]) => dx * (x - center.x) + dy * (y - center.y);
    const spot = (places ?? [...AROUND].sort((a, b) => outward(b) - outward(a)))
      .map(([dx, dy]) => [x + dx * (NODE_RADIUS + 4 + halfWidth), y + dy * (NODE_RADIUS + 4 + halfHeight)])
      .find((candidate) => clear(boxOf(candidate)));
    if (!spot) return;
    boxes.push(boxOf(spot));
    labels.push(svg('text', {
      x: spot[0], y: spot[1] + 0.36 * LABEL_SIZE, 'text-anchor': 'middle', 'font-size': LABEL_SIZE, fill: color('ink'),
      stroke: color('background'), 'stroke-width': 3, 'paint-order': 'stroke', 'stroke-linejoin': 'round',
    }, label));
  });
  return labels;
}

// A line that ends at the rim of the target, with a head; bent where another goes the other way.
function edgeShape(from, to, { share, isDouble }, stroke) {
  const dx = to.x - from.x, dy = to.y - from.y;
  const distance = Math.hypot(dx, dy) || 1;
  const bend = isDouble ? Math.min(0.08 * distance, 14) : 0;
  const middle = { x: (from.x + to.x) / 2 - bend * dy / distance, y: (from.y + to.y) / 2 + bend * dx / distance };
  const angle = Math.atan2(to.y - middle.y, to.x - middle.x);
  const width = 0.8 + 3.2 * (share ?? 0);
  const head = 4 + 1.4 * width;
  const back = (d) => [to.x - d * Math.cos(angle), to.y - d * Math.sin(angle)];
  const [tipX, tipY] = back(NODE_RADIUS + 1.5), [endX, endY] = back(NODE_RADIUS + 1 + head);
  const side = (s) => [endX - s * 0.45 * head * Math.sin(angle), endY + s * 0.45 * head * Math.cos(angle)];
  const line = `M${from.x} ${from.y}Q${middle.x} ${middle.y} ${endX} ${endY}`;
  return svg('g', {},
    svg('path', { d: line, fill: 'none', stroke, 'stroke-width': width }),
    svg('path', { d: `M${tipX} ${tipY}L${side(1)}L${side(-1)}Z`, fill: stroke }),
    svg('path', { d: line, fill: 'none', stroke: 'transparent', 'stroke-width': 12 }));
}

const nameOf = (nodes, i) => (i === nodes.length ? 'other' : nodes[i].name);
const withLabel = (node) => node.name + (node.label ? ` (${node.label})` : '');

function list(entries, nodes, end) {
  const names = entries.slice(0, 8).map((edge) => `${nameOf(nodes, edge[end]).replace('point ', '')} (${percent(edge.share)})`);
  return names.join(', ') + (entries.length > 8 ? `, and ${entries.length - 8} more` : '');
}

function nodeSentence(i, { nodes, edges }) {
  const bySize = (a, b) => b.share - a.share;
  const out = edges.filter(({ from, to }) => from === i && to !== i).sort(bySize);
  const into = edges.filter(({ from, to }) => to === i && from !== i).sort(bySize);
  const reached = into.length > 0 ? `reached from ${list(into, nodes, 'from')}` : '';
  if (i === nodes.length) return `Other: ${reached}.`;
  const { title, label, orbit } = nodes[i];
  const leads = out.length > 0 ? `leads to ${list(out, nodes, 'to')}` : 'leads to itself';
  const start = `${title}${label && orbit !== null ? `, readout ${label}` : ''}: ${leads}`;
  return reached ? `${start}; ${reached}.` : `${start}.`;
}

const edgeSentence = ({ from, to, share }, { graph, nodes }) =>
  `From ${withLabel(nodes[from])} to ${to === nodes.length ? 'other' : withLabel(nodes[to])}: ` +
  `${percent(share)} of ${plural(graph.n_rollouts[from], 'rollout')}.`;

function caption({ graph, nodes, other }) {
  let text = `Each arrow is the share of rollouts, ${PROBES[graph.probe]}, that ended at another point${nodes.some(({ orbit }) => orbit !== undefined) ? (graph.cycles.length > 0 ? ' or cycle' : ' or orbit') : ''}; ` +
    `its width grows with the share. A rollout starts at a distance of ${number(graph.perturbation)} and has arrived at a point when within ${percent(graph.capture_radius)} of the point's distance to its neighbor.`;
  if (other) {
    const ends = [[graph.n_cycle, 'ended on another cycle'], [graph.n_diverged, 'diverged'], [graph.n_undecided, 'were undecided at the horizon']];
    text += ` Other: ${ends.filter(([n]) => n > 0).map(([n, what]) => `${integer(n)} ${what}`).join(', ')}.`;
  } else if (nodes.length > 0) {
    text += nodes.some(({ orbit }) => orbit !== undefined) ? ` Every rollout ended at a point or on ${graph.cycles.length > 0 ? 'a cycle' : 'an orbit'}.` : ' Every rollout ended at a point.';
  }
  return text;
}

function table({ graph, nodes, edges }) {
  const head = ['From', 'Label', 'To', 'Label', 'Share', 'Rollouts'];
  const label = (i) => (i === nodes.length ? '' : nodes[i].label);
  const rows = edges.map(({ from, to, share }) => [
    nodes[from].number, label(from), to === nodes.length ? 'other' : nodes[to].number, label(to), percent(share), graph.n_rollouts[from] > 0 ? integer(graph.n_rollouts[from]) : '\u2013']);
  return el('table', {},
    el('thead', {}, el('tr', {}, ...head.map((title) => el('th', { scope: 'col' }, title)))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((text) => el('td', {}, String(text)))))));
}

function hideSection() {
  byId('transitions').hidden = true;
  document.querySelector('nav a[href="#transitions"]').parentElement.hidden = true;
}

export function createGraph(store) {
  if (!store.state.set.graph) return hideSection();
  const frame = byId('graph');
  const svgRoot = frame.querySelector('svg');
  let current, chosen = 0, width = 0, shapes = { nodes: [], edges: [] };

  const say = (text) => { byId('graph-details').textContent = text; };

  function positions({ x, y, aspect, isTrue }, height) {
    const right = current.other ? 2 * MARGIN.x : MARGIN.x;
    const down = height - MARGIN.top - MARGIN.bottom;
    const across = width - MARGIN.x - right;
    const used = isTrue ? Math.min(across, down / aspect) : across;
    const at = x.map((value, i) => ({
      x: MARGIN.x + (across - used) / 2 + value * used,
      y: MARGIN.top + (1 - y[i]) * down,
    }));
    if (current.other) at.push({ x: width - 28, y: height - MARGIN.bottom });
    return at;
  }

  function node(i, { x, y }) {
    const isOther = i === current.nodes.length;
    const position = isOther ? null : current.nodes[i].position;
    return svg('g', {
      transform: `translate(${x} ${y})`,
      cursor: 'pointer',
      onpointerenter: () => (position === null ? mark(i) : store.update({ hovered: position })),
      onpointerleave: () => (position === null ? mark() : store.update({ hovered: null })),
      onclick: () => position === null || store.toggle(position),
    },
    svg('circle', { r: NODE_RADIUS + 5, fill: 'transparent' }),
    svg('circle', { r: NODE_RADIUS + 3.5, fill: 'none', stroke: color('ink'), 'stroke-width': 1.5, opacity: 0 }),
    svg('circle', { r: NODE_RADIUS + 1, fill: color('background') }),
    isOther ? svg('circle', { r: NODE_RADIUS, fill: 'none', stroke: color('muted'), 'stroke-dasharray': '2 2' })
      : symbolPath(current.nodes[i].category, NODE_RADIUS, color(current.nodes[i].category)),
    isOther ? svg('text', { y: 22, 'text-anchor': 'middle', 'font-size': LABEL_SIZE, fill: color('muted') }, 'other') : null);
  }

  // With a point active, its arrows stand out and its words are told.
  function mark(forced) {
    const active = store.active();
    const i = forced ?? (active === null ? -1 : current.nodes.findIndex(({ position }) => position === active));
    shapes.edges.forEach(({ edge, shape }) => {
      const own = edge.from === i || edge.to === i;
      shape.setAttribute('opacity', i < 0 ? plain(shapes.edges.length) : own ? STRONG : FAINT);
    });
    shapes.nodes.forEach((shape, n) => shape.children[1].setAttribute('opacity', n === i ? 1 : 0));
    say(i < 0 ? HINT : nodeSentence(i, current));
  }

  function levelNames(place, at) {
    return (place.numbers ?? []).map((level) => svg('text', {
      x: 0, y: at[current.nodes.findIndex((member) => member.level === level)].y + 4, 'font-size': LABEL_SIZE, fill: color('muted'),
    }, level === 0 ? 'stable' : `${level} unst.`));
  }

  function draw() {
    if (width === 0) return;
    const place = layouts(current.nodes, current.edges, store.state.set.views[store.state.view])[chosen].place();
    const height = Math.round(Math.min(560, Math.max(260, (width - 2 * MARGIN.x) * place.aspect + MARGIN.top + MARGIN.bottom)));
    const at = positions(place, height);
    const stroke = color('muted');
    shapes.edges = current.edges.filter(({ from, to }) => from !== to).map((edge) => {
      const shape = edgeShape(at[edge.from], at[edge.to], edge, stroke);
      shape.addEventListener('pointerenter', () => { shape.setAttribute('opacity', STRONG); say(edgeSentence(edge, current)); });
      shape.addEventListener('pointerleave', () => mark());
      return { edge, shape };
    });
    shapes.nodes = at.map((spot, i) => node(i, spot));
    svgRoot.setAttribute('viewBox', `0 0 ${width} ${height}`);
    svgRoot.setAttribute('height', height);
    svgRoot.setAttribute('font-family', getComputedStyle(document.body).fontFamily);
    replace(svgRoot, ...levelNames(place, at), ...shapes.edges.map(({ shape }) => shape), ...shapes.nodes, ...placeLabels(current.nodes, at, place.numbers && BELOW));
    mark();
  }

  function read() {
    current = readGraph(store.state.set);
    const names = layouts(current.nodes, current.edges, store.state.set.views[store.state.view]).map(({ name }) => name);
    chosen = Math.min(chosen, names.length - 1);
    segmented(byId('layout-control'), 'layout', names, chosen, (i) => { chosen = i; draw(); });
    byId('graph-caption').textContent = caption(current);
    byId('transitions-table').replaceChildren(table(current));
    draw();
  }

  byId('graph-save').onclick = () => {
    const text = new XMLSerializer().serializeToString(svgRoot);
    const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
    save(url, 'transitions.svg');
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  read();
  onWidth(frame, (now) => { width = now; draw(); });
  store.on(['set', 'view'], read);
  store.on(['theme'], draw);
  store.on(['selected', 'hovered'], () => mark());
}
