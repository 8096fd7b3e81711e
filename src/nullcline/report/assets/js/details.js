// SPDX-License-Identifier: BSD-3-Clause
// The panel that describes the hovered or selected point.

import { byId, el } from './dom.js';
import { glyph, kindOf, unstableDirections } from './categories.js';
import { complex, integer, number, percent, plural, signed, vector } from './format.js';

const MOST_LISTED = 4;

const proven = (point) => point.verdict === 'proven';

/** What is proven: of a slow point, that it is none and how long trajectories stay. */
export function certificate(point) {
  if (point.kind === 'slow')
    return (proven(point) ? `no fixed point within ${number(point.exclusion_radius, 2)}` : 'not proven to be none')
      + (point.lifetime === null ? '' : `, passed in ${number(point.lifetime, 3)} steps`);
  return proven(point) ? `proven within ${number(point.radius, 2)}` : 'not proven';
}

const stabilityText = (point) => point.stability_verdict === 'proven'
  ? `proven${point.eigenvalue_radius === null ? '' : `: eigenvalues within ${number(point.eigenvalue_radius, 2)}`}` : 'not proven';

function heading(point) {
  const what = point.kind === 'fixed'
    ? `${point.stability}, ${unstableDirections(point.n_unstable)}` : kindOf(point);
  return el('p', { class: 'name' }, glyph(point.category), ` Point ${point.number}: ${what}`);
}

function leadingEigenvalues({ list, total }) {
  const shown = list.slice(0, MOST_LISTED).map(({ re, im }) => complex(re, im));
  if (total > shown.length) shown.push('\u2026');
  return shown.join(',  ') || '\u2013';
}

function slowestMode({ list }, isFlow) {
  const times = list.map(({ tau }) => tau).filter((tau) => !Number.isNaN(tau));
  if (times.length === 0) return null;
  return number(times.reduce((longest, tau) => Math.max(longest, tau), 0)) + (isFlow ? '' : ' steps');
}

function targets(graph, point) {
  const node = graph ? graph.points.indexOf(point.position) : -1;
  if (node < 0) return null;
  const list = graph.edges
    .filter(([from, to]) => from === node && to !== node)
    .sort((a, b) => b[2] - a[2])
    .map(([, to, share]) => {
      const orbit = graph.orbits[to - graph.points.length];
      const cycle = to - graph.points.length - graph.orbits.length;
      const name = to < graph.points.length ? String(graph.points[to]) : orbit !== undefined ? `orbit ${orbit}`
        : cycle < graph.cycles.length ? `cycle ${cycle}` : 'other';
      return `${name} (${percent(share)})`;
    });
  if (list.length === 0) return 'itself';
  return list.slice(0, 8).join(', ') + (list.length > 8 ? ', \u2026' : '');
}

function facts(point, set, isFlow) {
  const eigenvalues = set.eigenvalues[point.position];
  const warnings = [
    point.at_kink ? 'at a kink of relu' : '',
    point.defective ? 'modes ill conditioned' : '',
  ].filter(Boolean).join('; ');
  return [
    ['Readout', point.readout.length > 0 ? vector(point.readout, 4) : null],
    ['Certificate', certificate(point)],
    ['Stability', point.kind === 'fixed' ? stabilityText(point) : null],
    ['Index', point.kind !== 'slow' && point.index !== null ? signed(point.index) : null],
    ['Speed q', number(point.speed)],
    ['Residual', number(point.residual)],
    ['Lifetime', point.kind === 'slow' && point.lifetime !== null ? `${number(point.lifetime)} steps` : null],
    ['Leading \u03bb', leadingEigenvalues(eigenvalues)],
    ['Longest time', slowestMode(eigenvalues, isFlow)],
    ['Hits', set.audit.n_starts > 0 ? `${integer(point.hits)} of ${plural(set.audit.n_starts, 'start')}` : null],
    ['Leads to', targets(set.graph, point)],
    ['Note', warnings || null],
  ].filter(([, value]) => value !== null);
}

export function createDetails(store, isFlow) {
  const panel = byId('details');
  const step = (by) => {
    const { set, selected } = store.state;
    const n = set.points.length;
    if (n > 0) store.select(selected === null ? (by > 0 ? 0 : n - 1) : (selected + by + n) % n);
  };
  byId('previous-point').onclick = () => step(-1);
  byId('next-point').onclick = () => step(1);

  function draw() {
    const { set } = store.state;
    const active = store.active();
    if (active === null) {
      panel.replaceChildren(el('p', { class: 'hint' },
        'Hover or choose a point in a figure, or a row of the table, to see its details here.'));
      return;
    }
    const point = set.points[active];
    panel.replaceChildren(heading(point), el('dl', {}, ...facts(point, set, isFlow).map(
      ([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value)))));
  }
  draw();
  store.on(['set', 'selected', 'hovered'], draw);
}
