// SPDX-License-Identifier: BSD-3-Clause
// Small helpers to build elements. Text from the data only ever goes in as text, never as markup.

export const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

// The name space is taken from the page's own <svg>: no address is written anywhere.
let svgNamespace;
export function svg(tag, attributes = {}, ...children) {
  svgNamespace ??= document.querySelector('svg').namespaceURI;
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** A group of radio buttons that looks like one segmented control. */
export function segmented(fieldset, name, choices, chosen, onChoose) {
  fieldset.querySelectorAll('label').forEach((label) => label.remove());
  choices.forEach((choice, i) => {
    const input = el('input', { type: 'radio', name, value: String(i), onchange: () => onChoose(i) });
    input.checked = i === chosen;
    fieldset.append(el('label', {}, input, choice));
  });
  fieldset.hidden = choices.length < 2;
}

/** Calls `draw` with the element's width, now and whenever it changes. */
export function onWidth(element, draw) {
  let last = 0;
  new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width > 0 && width !== last) draw((last = width));
  }).observe(element);
}

/** Where it is missing, the first two axes are drawn flat. */
export function hasWebGl() {
  try {
    return document.createElement('canvas').getContext('webgl') !== null;
  } catch {
    return false;
  }
}

export function save(url, name) {
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
