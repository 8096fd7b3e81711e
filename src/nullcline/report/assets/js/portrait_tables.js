// SPDX-License-Identifier: BSD-3-Clause
// The same as text: points, cycles, and where everything ends.

import { byId, el, replace } from './dom.js';
import { endWords } from './portrait_data.js';

const number = (x, digits = 10) => (Number.isFinite(x) ? Number(x.toPrecision(digits)).toString() : '');

function complex({ re, im }) {
  if (im === 0) return number(re, 7);
  return `${number(re, 7)} ${im < 0 ? '-' : '+'} ${number(Math.abs(im), 7)}i`;
}

function table(head, rows) {
  const cell = (tag, value) => el(tag, tag === 'th' ? { scope: 'col' } : {}, String(value));
  return el('table', {},
    el('thead', {}, el('tr', {}, ...head.map((value) => cell('th', value)))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((value) => cell('td', value))))));
}

const timeOf = (portrait, isPair) => (isPair ? [portrait.isFlow ? 'continuous' : 'discrete'] : []);

export function drawTables(portraits) {
  const isPair = portraits.length > 1;
  const first = isPair ? ['Time'] : [];
  const names = portraits[0].names;
  replace(byId('points-table'), table(
    [...first, 'Point', 'Type', ...names, 'Eigenvalues', 'Proven'],
    portraits.flatMap((portrait) => portrait.points.map((point) => [
      ...timeOf(portrait, isPair), point.number, point.kind === 'fixed' ? point.stability : point.kind,
      ...point.place.map((x) => number(x)), point.eigenvalues.map(complex).join(',  '), point.isProven ? 'yes' : 'no',
    ]))));
  const cycles = portraits.flatMap((portrait) => [
    ...portrait.cycles.map((cycle) => [...timeOf(portrait, isPair), `cycle ${cycle.number}`, cycle.isStable ? 'stable' : 'unstable', `period ${number(cycle.period, 12)}`]),
    ...portrait.orbits.map((orbit) => [...timeOf(portrait, isPair), `orbit ${orbit.number}`, orbit.kind.replace('_', ' '), orbit.kind === 'periodic' ? `period ${orbit.period}` : '']),
  ]);
  byId('cycles-table').hidden = cycles.length === 0;
  if (cycles.length > 0) replace(byId('cycles-table'), table([...first, 'Closed', 'Type', 'Period'], cycles));
  const ends = portraits.flatMap((portrait) => [
    ...portrait.trajectories.map((t) => [
      ...timeOf(portrait, isPair), `trajectory ${t.number}`, `from ${t.states[0].map((x) => number(x, 4)).join(', ')}, ${t.sense < 0 ? 'backwards' : 'forwards'}`, endWords(t),
    ]),
    ...portrait.manifolds.map((m) => [
      ...timeOf(portrait, isPair), `${m.isStable ? 'stable' : 'unstable'} manifold`, `of point ${m.saddle}, length ${number(m.length, 4)}`,
      endWords({ ...m, sense: m.isStable ? -1 : 1 }),
    ]),
  ]);
  replace(byId('ends-table'), table([...first, 'Curve', 'From', 'End'], ends));
}
