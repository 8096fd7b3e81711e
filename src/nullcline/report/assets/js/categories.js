// SPDX-License-Identifier: BSD-3-Clause
// Kinds of points: each has a color and a symbol of its own, so that neither is needed to tell them
// apart. Colors are custom properties of the style sheet (light and dark).

import { el, svg } from './dom.js';

const MOST_DISTINGUISHED = 5;

export const CATEGORIES = [
  { key: 'unstable-0', label: 'stable', symbol: 'circle' },
  { key: 'unstable-1', label: '1 unstable direction', symbol: 'diamond' },
  { key: 'unstable-2', label: '2 unstable directions', symbol: 'square' },
  { key: 'unstable-3', label: '3 unstable directions', symbol: 'cross' },
  { key: 'unstable-4', label: '4 unstable directions', symbol: 'diamond-open' },
  { key: 'unstable-5', label: '5 or more unstable directions', symbol: 'square-open' },
  { key: 'slow', label: 'slow, not fixed', symbol: 'x' },
  { key: 'undecided', label: 'undecided', symbol: 'circle-open' },
  { key: 'orbit', label: 'orbits, where no point is at rest', symbol: 'loop' },
];

export function categoryOf(point) {
  if (point.kind !== 'fixed') return point.kind;
  return `unstable-${Math.min(point.n_unstable, MOST_DISTINGUISHED)}`;
}

export const categoryByKey = (key) => CATEGORIES.find((category) => category.key === key);

/** What to call a point of the set: "stable", "saddle", "slow". */
export const kindOf = (point) => (point.kind === 'fixed' ? point.stability : point.kind);

const KINDS_OF_ORBITS = {
  invariant_circle: 'invariant circle', torus: 'torus', chaotic: 'chaotic attractor', undecided: 'undecided',
};

/** What to call an orbit: "stable orbit of period 2", "2 invariant circles". */
export function orbitName({ kind, period, stability }) {
  if (kind === 'periodic') return `${stability} orbit of period ${period}`;
  if (kind === 'invariant_circle' && period > 1) return `${period} invariant circles`;
  return KINDS_OF_ORBITS[kind];
}

export const unstableDirections = (n) =>
  n === 0 ? 'no unstable direction' : n === 1 ? '1 unstable direction' : `${n} unstable directions`;

// Outlines in a box from -1 to 1, drawn like Plotly's symbols.
const OUTLINES = {
  circle: 'M-0.9 0A0.9 0.9 0 1 0 0.9 0A0.9 0.9 0 1 0 -0.9 0Z',
  diamond: 'M0 -1.1L1.1 0L0 1.1L-1.1 0Z',
  square: 'M-0.8 -0.8H0.8V0.8H-0.8Z',
  cross: 'M-0.35 -1H0.35V-0.35H1V0.35H0.35V1H-0.35V0.35H-1V-0.35H-0.35Z',
  loop: 'M-1.1 0A0.45 0.45 0 1 0 -0.2 0A0.45 0.45 0 1 0 -1.1 0ZM0.2 0A0.45 0.45 0 1 0 1.1 0A0.45 0.45 0 1 0 0.2 0ZM-0.7 -0.12H0.7V0.12H-0.7Z',
  x: 'M-0.9 -0.6L-0.6 -0.9L0 -0.3L0.6 -0.9L0.9 -0.6L0.3 0L0.9 0.6L0.6 0.9L0 0.3L-0.6 0.9L-0.9 0.6L-0.3 0Z',
};

/** The symbol as a path of the given radius, around the origin. */
export function symbolPath(category, radius, color) {
  const { symbol } = categoryByKey(category);
  const open = symbol.endsWith('-open');
  return svg('path', {
    d: OUTLINES[symbol.replace('-open', '')],
    transform: `scale(${radius})`,
    fill: open ? 'none' : color,
    stroke: color,
    'stroke-width': open ? 0.35 : 0,
  });
}

export function glyph(category) {
  return svg('svg', { class: 'glyph', viewBox: '-1.2 -1.2 2.4 2.4', 'aria-hidden': 'true' },
    symbolPath(category, 1, `var(--${category})`));
}

export function drawLegend(parent, store) {
  const { set, hidden } = store.state;
  const count = (key) => (key === 'orbit' ? set.orbits.length
    : set.points.filter((point) => point.category === key).length);
  const shown = set.orbits.length > 0 ? [...set.categories, categoryByKey('orbit')] : set.categories;
  parent.replaceChildren(...shown.map(({ key, label }) => el('button', {
    type: 'button',
    'aria-pressed': String(!hidden.has(key)),
    onclick: () => {
      const next = new Set(store.state.hidden);
      if (!next.delete(key)) next.add(key);
      store.update({ hidden: next });
    },
  }, glyph(key), `${label} (${count(key)})`)));
}
