// SPDX-License-Identifier: BSD-3-Clause
// What is checked and chosen when a model is opened.

/** What an address asks for and the model does not have, in a sentence; null where all fits. */
export function misfit(about, { values, input, box, starts, diagram, coordinate }) {
  const names = about.parameters.map(([name]) => name);
  const n = about.states.length;
  if (n > 3) return `model: found ${n} states, expected 1 to 3`;
  for (const name of Object.keys(values)) if (!names.includes(name)) return `set: found parameter '${name}', expected one of ${names.join(', ') || 'none'}`;
  if (input.length && input.length !== about.inputs.length) return `input: found ${input.length} values, expected ${about.inputs.length}`;
  if (box && box.length !== n) return `box: found ${box.length} rows, expected ${n}`;
  for (const start of starts) if (start.length !== n) return `start: found ${start.length} values, expected ${n}`;
  if (diagram && !about.variables.includes(diagram.parameter)) return `diagram: found '${diagram.parameter.slice(0, 40)}', expected one of ${about.variables.join(', ') || 'none'}`;
  if (!(Number.isInteger(coordinate) && coordinate >= 0 && coordinate < n)) return `coordinate: found ${coordinate}, expected 0 to ${n - 1}`;
  return null;
}

/** The parameter and the interval of the diagram where none was asked for. */
export function firstDiagram(about, preset) {
  if (preset?.parameter) return { parameter: preset.parameter, from: preset.from, to: preset.to };
  const parameter = about.parameters[0]?.[0] ?? about.variables.find((name) => name.startsWith('input')) ?? about.variables[0];
  if (parameter === undefined) return null;
  const value = about.parameters[0]?.[1] ?? (parameter === 'gain' ? 1 : 0);
  const width = Math.max(1, Math.abs(value));
  return { parameter, from: value - width, to: value + width };
}
