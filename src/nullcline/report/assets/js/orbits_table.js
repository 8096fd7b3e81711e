// SPDX-License-Identifier: BSD-3-Clause
// The table of orbits: where trajectories end that end at no fixed point.

import { byId, el } from './dom.js';
import { glyph, orbitName } from './categories.js';
import { certificate } from './details.js';
import { integer, number, sentence } from './format.js';

const leading = ({ leading: multiplier, exponents, exponent_errors: errors }) =>
  (multiplier !== null ? number(multiplier, 5)
    : exponents.length > 0 ? `exponent ${number(exponents[0])} \u00b1 ${number(errors[0], 2)}` : '\u2013');

const COLUMNS = [
  { title: '#', text: (o) => String(o.number) },
  { title: 'Kind', words: true, text: (o) => el('span', {}, glyph('orbit'), ` ${orbitName(o)}`) },
  { title: 'Turn', text: (o) => number(o.rotation_number, 9) },
  { title: 'Unstable', text: (o) => String(o.n_unstable) },
  { title: 'Largest |multiplier|', text: leading },
  { title: 'Trajectories', text: (o) => integer(o.n_ends) },
  { title: 'Certificate', words: true, text: (o) => (o.kind === 'periodic' ? certificate(o) : 'not proven') },
  { title: 'Evidence', words: true, text: (o) => o.evidence },
];

export function createOrbitsTable(store) {
  const section = byId('orbits');
  const link = document.querySelector('nav a[href="#orbits"]').parentElement;
  function draw() {
    const { orbits, ends } = store.state.set;
    section.hidden = link.hidden = orbits.length === 0;
    byId('orbits-note').textContent = ends ? sentence(ends.note) : '';
    const cells = (tag, texts, more = {}) => texts.map((text, c) =>
      el(tag, { class: COLUMNS[c].words ? null : 'number', ...more }, text));
    byId('orbits-table').replaceChildren(el('table', {},
      el('thead', {}, el('tr', {}, ...cells('th', COLUMNS.map(({ title }) => title), { scope: 'col' }))),
      el('tbody', {}, ...orbits.map((orbit) => el('tr', {}, ...cells('td', COLUMNS.map(({ text }) => text(orbit))))))));
  }
  draw();
  store.on(['set'], draw);
}
