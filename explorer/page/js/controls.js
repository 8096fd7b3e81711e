// SPDX-License-Identifier: BSD-3-Clause
// Sliders and fields: parameters, held inputs, weights, the box. Each calls back with what changed.
import { el, replace } from '../../../src/nullcline/report/assets/js/dom.js';
import { shown } from './axes.js';
import { entryOf, weightRows, weightShapes, withWeight } from './model.js';

const reach = (value) => Math.max(1, 2 * Math.abs(value));

/** A slider with a number field. The slider's range grows where the field leaves it. */
function slider(id, name, value, range, onChange) {
  const bar = el('input', { type: 'range', id: `${id}-slider`, min: range[0], max: range[1], step: 'any', 'aria-label': `${name}, slider` });
  const field = el('input', { type: 'number', id, step: 'any' });
  const set = (next) => {
    if (next < Number(bar.min)) bar.min = next - reach(next);
    if (next > Number(bar.max)) bar.max = next + reach(next);
    bar.value = next;
    if (document.activeElement !== field) field.value = String(Number(next.toPrecision(15)));
  };
  bar.addEventListener('input', () => {
    const next = Number(Number(bar.value).toPrecision(6));
    field.value = String(next);
    onChange(next);
  });
  field.addEventListener('input', () => {
    const next = field.valueAsNumber;
    if (!Number.isFinite(next)) return;
    set(next);
    onChange(next);
  });
  set(value);
  field.value = String(value);
  return { element: el('div', { class: 'parameter' }, el('label', { for: id }, name), field, bar), set };
}

/** A slider per name; returns a function that shows new values without calling back. */
export function showSliders(parent, title, prefix, entries, onChange) {
  const sliders = new Map();
  for (const [name, value, range] of entries)
    sliders.set(name, slider(`${prefix}-${name}`, name, value, range ?? [value - reach(value), value + reach(value)], (next) => onChange(name, next)));
  replace(parent, entries.length ? el('h2', {}, title) : null, ...[...sliders.values()].map((entry) => entry.element));
  return (values) => {
    for (const [name, value] of Object.entries(values)) sliders.get(name)?.set(value);
  };
}

/** Fields for every weight of a cell: numbers have a slider, formulas do not. */
export function showWeights(parent, model, onChange) {
  let current = model;
  const blocks = weightShapes(model).map((shape) => {
    const rows = weightRows(model, shape);
    const bar = el('input', { type: 'range', step: 'any', 'aria-label': `${shape.name}, slider of the chosen entry` });
    bar.hidden = true;
    let chosen = null;
    const change = (i, j, entry) => {
      rows[i][j] = entry;
      current = withWeight(current, shape, rows.map((row) => [...row]));
      onChange((latest) => withWeight(latest, shape, rows.map((row) => [...row])));
    };
    const choose = (i, j, field) => {
      const value = rows[i][j];
      bar.hidden = typeof value !== 'number';
      if (bar.hidden) return;
      bar.min = value - reach(value);
      bar.max = value + reach(value);
      bar.value = value;
      chosen = { i, j, field };
    };
    bar.addEventListener('input', () => {
      const value = Number(Number(bar.value).toPrecision(5));
      chosen.field.value = String(value);
      change(chosen.i, chosen.j, value);
    });
    const cells = rows.flatMap((row, i) =>
      row.map((entry, j) => {
        const field = el('input', { type: 'text', value: String(entry), spellcheck: 'false', 'aria-label': `${shape.name}, row ${i + 1}, column ${j + 1}: a number or a formula` });
        field.addEventListener('focus', () => choose(i, j, field));
        field.addEventListener('input', () => {
          change(i, j, entryOf(field.value));
          choose(i, j, field);
        });
        return field;
      }),
    );
    return el('div', { class: 'weight' }, el('h3', {}, shape.name), el('div', { class: 'cells', style: `grid-template-columns: repeat(${shape.columns}, minmax(0, 1fr))` }, ...cells), bar);
  });
  replace(parent, ...blocks);
}

/** Lower and upper end of what is shown of each state. */
export function showBox(parent, states, boxNow, onChange) {
  const box = boxNow();
  replace(
    parent,
    ...states.map((name, i) => {
      const fields = [0, 1].map((side) => {
        const field = el('input', { type: 'number', step: 'any', value: String(Number(box[i][side].toPrecision(6))), 'aria-label': `${side ? 'largest' : 'smallest'} ${name} shown` });
        field.addEventListener('change', () => {
          const next = boxNow().map((row) => [...row]);
          next[i][side] = field.valueAsNumber;
          const isInterval = next[i][0] < next[i][1] && Number.isFinite(next[i][1] - next[i][0]);
          onChange(isInterval ? next : boxNow());
        });
        return field;
      });
      return el('div', { class: 'bar' }, el('span', {}, name), ...fields);
    }),
  );
}

export function showToggles(parent, names, hidden, onChange) {
  replace(
    parent,
    ...names.map((name) => {
      const box = el('input', { type: 'checkbox', onchange: () => onChange(name, box.checked) });
      box.checked = !hidden.includes(name);
      return el('label', {}, box, ` ${name}`);
    }),
  );
}

/** The table that says in words and numbers what the portrait shows. */
export function showPoints(table, states, points, typeOf, isMap) {
  const eigenvalue = ([re, im]) => (im === 0 ? shown(re) : `${shown(re)} ${im < 0 ? '-' : '+'} ${shown(Math.abs(im))}i`);
  replace(
    table,
    el('thead', {}, el('tr', {}, ...['type', ...states, isMap ? 'multipliers' : 'eigenvalues', 'proof'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...points.map((point) =>
      el('tr', {}, el('td', {}, typeOf(point)), ...point.state.map((value) => el('td', {}, value.toPrecision(10))), el('td', {}, point.eigenvalues.map(eigenvalue).join(', ')), el('td', {}, point.isProven ? 'proven' : 'not proven')))),
  );
}
