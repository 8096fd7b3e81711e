// SPDX-License-Identifier: BSD-3-Clause
// The model as it stands in a model file, {system, parameters, weights, box}, and its text.

const GATES = {
  vanilla: ['h'],
  leaky: ['h'],
  'leaky-outside': ['h'],
  ugrnn: ['g', 'h'],
  gru: ['r', 'z', 'h'],
  lstm: ['i', 'f', 'g', 'o'],
};

const quoted = (text) => JSON.stringify(text);
const bareKey = /^[A-Za-z0-9_-]+$/;
const key = (name) => (bareKey.test(name) ? name : quoted(name));

function number(value) {
  const text = String(value);
  if (/^-?\d+$/.test(text)) return Math.abs(value) < 2 ** 53 ? text : `${text}.0`;
  return text.replace(/^(-?\d+)e/, '$1.0e');
}

function valueText(value) {
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value).map(([name, entry]) => `${key(name)} = ${valueText(entry)}`).join(', ')}}`;
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** The text of a model file: every table of the model, in its order. */
export function toText(whole) {
  const parameters = Object.entries(whole.parameters ?? {}).filter(([name]) => isUsed(whole, name));
  const model = whole.parameters ? { ...whole, parameters: Object.fromEntries(parameters) } : whole;
  let text = '';
  for (const [name, value] of Object.entries(model))
    if (typeof value !== 'object' || Array.isArray(value)) text += `${key(name)} = ${valueText(value)}\n`;
  for (const [name, table] of Object.entries(model)) {
    if (typeof table !== 'object' || Array.isArray(table)) continue;
    if (Object.keys(table).length === 0) continue;
    text += `${text ? '\n' : ''}[${key(name)}]\n`;
    for (const [entry, value] of Object.entries(table)) text += `${key(entry)} = ${valueText(value)}\n`;
  }
  return text;
}

const inputCount = (system) =>
  Array.isArray(system.inputs) ? system.inputs.length : (system.inputs ?? 0);

/** Every weight that the cell may have: name, gate, rows and columns; absent ones are zero. */
export function weightShapes(model) {
  const { cell, units = 1 } = model.system ?? {};
  const inputs = inputCount(model.system ?? {});
  const shapes = [];
  if (!GATES[cell]) return shapes;
  if (cell.startsWith('leaky')) shapes.push({ name: 'alpha', rows: Array.isArray(model.weights?.alpha) ? units : 1, columns: 1 });
  for (const gate of GATES[cell]) {
    shapes.push({ name: `U_${gate}`, rows: units, columns: units });
    if (inputs > 0) shapes.push({ name: `W_${gate}`, rows: units, columns: inputs });
    shapes.push({ name: `b_${gate}`, rows: units, columns: 1 });
  }
  if (cell === 'gru' && model.system.reset === 'after') shapes.push({ name: 'c_h', rows: units, columns: 1 });
  return shapes;
}

/** The entries of a weight as rows of numbers and formulas. */
export function weightRows(model, { name, rows, columns }) {
  const value = model.weights?.[name] ?? 0;
  const at = (i, j) => {
    if (!Array.isArray(value)) return value;
    const row = value[i] ?? 0;
    if (Array.isArray(row)) return row[j] ?? 0;
    return rows === 1 && columns > 1 ? (value[j] ?? 0) : row;
  };
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => at(i, j)));
}

/** The model with one weight given by rows. A weight of zeros is left out. */
export function withWeight(model, shape, rows) {
  const weights = { ...model.weights };
  const isZero = rows.every((row) => row.every((entry) => entry === 0)) && shape.name !== 'alpha';
  if (isZero) delete weights[shape.name];
  else if (shape.rows === 1 && shape.columns === 1) weights[shape.name] = rows[0][0];
  else weights[shape.name] = shape.columns === 1 && !/^[UW]_/.test(shape.name) ? rows.map((row) => row[0]) : rows;
  return { ...model, weights };
}

/** The same cell as a flow or as a map; null leaves equations as they are. */
export const withTime = (model, time) => (time ? { ...model, system: { ...model.system, time } } : model);

/** Whether a formula mentions this parameter: one that none does is no parameter of a model file. */
export function isUsed(model, name) {
  const word = new RegExp(`(^|[^A-Za-z0-9_])${name}($|[^A-Za-z0-9_])`);
  const formulas = (value) => (typeof value === 'string' ? word.test(value) : value !== null && typeof value === 'object' && Object.values(value).some(formulas));
  return formulas(model.weights ?? {}) || formulas(model.system ?? {});
}

/** The model with these values of its parameters: what is saved. */
export function withValues(model, values) {
  const parameters = { ...model.parameters };
  for (const name of Object.keys(parameters)) if (name in values) parameters[name] = values[name];
  return { ...model, parameters };
}

/** A number where the text is one, otherwise a formula. */
export function entryOf(text) {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return trimmed !== '' && Number.isFinite(value) ? value : trimmed;
}
