// SPDX-License-Identifier: BSD-3-Clause
// Numbers and names as they are read.

const MINUS = '\u2212';
const tidy = (text) => text.replace('e+', 'e').replace(/-/g, MINUS);

/** Three significant digits: 0.958, 12300, 2.3e-15; a dash for what is not a number. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return '\u2013';
  if (!Number.isFinite(value)) return value > 0 ? '\u221e' : MINUS + '\u221e';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) return tidy(value.toExponential(digits - 2));
  return tidy(String(Number(value.toPrecision(digits))));
}

export const fixed = (value, digits = 2) => {
  if (value === null || value === undefined) return '\u2013';
  const text = value.toFixed(digits);
  return tidy(Number(text) === 0 ? (0).toFixed(digits) : text);
};

export const signed = (value) => (value > 0 ? '+' : '') + tidy(String(value));

export function percent(share) {
  if (share === null) return '\u2013';
  const value = 100 * share;
  const text = value > 0 && value < 1 ? number(value, 2) : String(Number(value.toFixed(1)));
  return `${text}\u202f%`;
}

export const integer = (value) =>
  value === null || value === undefined ? '\u2013' : value.toLocaleString('en').replace(/,/g, '\u202f');

export const plural = (n, noun) => `${integer(n)} ${noun}${n === 1 ? '' : 's'}`;

/** (0.96, 0.00, -0.96); long vectors are cut. */
export function vector(values, digits = 2, longest = 6) {
  if (!values || values.length === 0) return '\u2013';
  const shown = values.slice(0, longest).map((value) => fixed(value, digits));
  if (values.length > longest) shown.push('\u2026');
  return `(${shown.join(', ')})`;
}

export function complex(re, im) {
  if (im === 0) return number(re, 4);
  return `${number(re, 4)} ${im < 0 ? MINUS : '+'} ${number(Math.abs(im), 4)}i`;
}

/** How an input is called: "zero", "(0, 1, 0)". */
export function inputName(values) {
  if (values.length === 0) return 'none';
  if (values.every((value) => value === 0)) return 'zero';
  const shown = values.slice(0, 6).map((value) => number(value));
  return `(${shown.join(', ')}${values.length > 6 ? ', \u2026' : ''})`;
}

export function sentence(text) {
  if (text === '') return '';
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
