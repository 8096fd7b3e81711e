// SPDX-License-Identifier: BSD-3-Clause
// The sortable table of points; its rows select.

import { byId, el } from './dom.js';
import { glyph, kindOf } from './categories.js';
import { certificate } from './details.js';
import { integer, number, signed, vector } from './format.js';

const COLUMNS = [
  { title: '#', key: (p) => p.number, text: (p) => String(p.number) },
  { title: 'Kind', key: (p) => kindOf(p), words: true, text: (p) => el('span', {}, glyph(p.category), ` ${kindOf(p)}`) },
  { title: 'Unstable', key: (p) => p.n_unstable, text: (p) => String(p.n_unstable) },
  { title: 'Index', key: (p) => p.index, text: (p) => (p.kind !== 'slow' && p.index !== null ? signed(p.index) : '\u2013') },
  { title: 'Speed q', key: (p) => p.speed, text: (p) => number(p.speed, 3) },
  { title: 'Residual', key: (p) => p.residual, text: (p) => number(p.residual, 3) },
  { title: 'Certificate', key: (p) => p.radius ?? Infinity, words: true, text: certificate },
  { title: 'Hits', key: (p) => p.hits, text: (p) => integer(p.hits) },
  { title: 'Largest |\u03bb|', flowTitle: 'Largest Re \u03bb', key: (p) => p.leading, text: (p) => number(p.leading, 5) },
  { title: 'Readout', key: (p) => p.readout, text: (p) => vector(p.readout) },
];

const LONG = 60;  // rows; more scroll in a window of their own

function compare(a, b) {
  if (Array.isArray(a)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++)
      if (a[i] !== b[i]) return compare(a[i], b[i]);
    return a.length - b.length;
  }
  if (typeof a === 'string') return a.localeCompare(b);
  return (a ?? Infinity) - (b ?? Infinity) || 0;
}

export function createPointsTable(store, isFlow) {
  const parent = byId('points-table');
  let sorted = 0, falling = false, rows = [];

  const heads = COLUMNS.map((column, c) => el('th', { scope: 'col', class: column.words ? null : 'number' },
    el('button', { type: 'button', onclick: () => sort(c) }, (isFlow && column.flowTitle) || column.title)));
  const body = el('tbody');
  parent.replaceChildren(el('table', { role: 'grid', 'aria-labelledby': 'table-title' },
    el('thead', {}, el('tr', {}, ...heads)), body));

  function sort(column) {
    falling = column === sorted && !falling;
    sorted = column;
    draw();
  }

  function row(point) {
    return el('tr', {
      'data-point': point.position,
      onclick: () => store.toggle(point.position),
      onpointerenter: (event) => event.pointerType === 'mouse' && store.update({ hovered: point.position }),
      onpointerleave: () => store.update({ hovered: null }),
    }, ...COLUMNS.map(({ text, words }) => el('td', { class: words ? null : 'number' }, text(point))));
  }

  const pointOf = (element) => Number(element.dataset.point);

  function mark() {
    const { selected, hovered } = store.state;
    for (const element of rows) {
      const point = pointOf(element);
      element.setAttribute('aria-selected', String(point === selected));
      element.classList.toggle('hovered', point === hovered);
      element.tabIndex = -1;
    }
    const entry = rows.find((element) => pointOf(element) === selected) ?? rows[0];
    if (entry) entry.tabIndex = 0;
  }

  function draw() {
    const { key } = COLUMNS[sorted];
    const order = [...store.state.set.points].sort((a, b) =>
      (falling ? -1 : 1) * compare(key(a), key(b)) || a.position - b.position);
    rows = order.map(row);
    body.replaceChildren(...rows);
    parent.classList.toggle('long', rows.length > LONG);
    heads.forEach((head, c) => {
      if (c === sorted) head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    mark();
  }

  function go(to) {
    const target = rows[Math.max(0, Math.min(rows.length - 1, to))];
    store.select(pointOf(target));
    target.focus();
  }

  body.addEventListener('keydown', (event) => {
    const at = rows.indexOf(event.target.closest('tr'));
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(rows.length - 1);
    else if (event.key === 'Enter' || event.key === ' ') go(at);
    else return;
    event.preventDefault();
  });

  draw();
  store.on(['set'], draw);
  store.on(['selected', 'hovered'], mark);
}
