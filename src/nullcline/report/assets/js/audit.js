// SPDX-License-Identifier: BSD-3-Clause
// The audit in words: what is known about points that were not found.

import { byId, el } from './dom.js';
import { inputName, integer, number, percent, plural, sentence, signed } from './format.js';

function answer({ completeness, index_sum: sum, index_expected: expected }) {
  switch (completeness) {
    case 'proven': return 'Yes: the set is proven complete.';
    case 'statistical': return 'No sign of a missing point was seen. This is evidence, not proof.';
    case 'incomplete': return expected !== null && sum !== expected
      ? 'No: at least one point is missing.' : 'Not shown: points may be missing.';
    default: return 'Not known: theory offers no check here.';
  }
}

function indexSentence({ index_sum: sum, index_expected: expected }) {
  const found = `The indices sign det(I \u2212 J) of the fixed points add up to ${signed(sum)}.`;
  if (expected === null) return `${found} No value to compare with is known for this system.`;
  if (sum === expected)
    return `${found} So they must, if no point is missing: the system maps a box into itself.`;
  return `${found} They must add up to ${signed(expected)}, so at least one point is missing.`;
}

function startsSentence(audit) {
  const parts = [`${integer(audit.n_converged)} of ${plural(audit.n_starts, 'start')} converged`];
  if (audit.n_unconverged > 0) parts.push(`${integer(audit.n_unconverged)} did not`);
  if (audit.n_outside_box > 0)
    parts.push(`${integer(audit.n_outside_box)} ended outside the box that holds every fixed point and were rejected`);
  return `${parts.join(', ')}.`;
}

function hitsSentence(audit) {
  return `Each point was reached at least ${integer(audit.min_hits)} time${audit.min_hits === 1 ? '' : 's'}; ` +
    `by the counts, about ${number(audit.unseen_estimate, 2)} points are unseen (Chao), ` +
    `and the points found hold ${percent(audit.coverage)} of the starts (Good and Turing).`;
}

function boundSentence({ capture_bound: bound }) {
  if (bound === null || bound >= 1) return null;
  return `A point that captures at least ${percent(bound)} of the starts was found with 99.9 % probability; ` +
    'points that capture fewer may have been missed.';
}

function overview(sets) {
  const head = ['Input', 'Fixed', 'Slow', 'Index sum', 'Expected', 'Completeness'];
  const count = (set, kind) => set.points.filter((point) => point.kind === kind).length;
  return el('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'All inputs' }, el('table', {},
    el('thead', {}, el('tr', {}, ...head.map((title) => el('th', { scope: 'col' }, title)))),
    el('tbody', {}, ...sets.map((set) => el('tr', {},
      ...[inputName(set.input), integer(count(set, 'fixed')), integer(count(set, 'slow')), signed(set.audit.index_sum),
        set.audit.index_expected === null ? '\u2013' : signed(set.audit.index_expected),
        set.audit.completeness.replace('_', ' ')].map((text) => el('td', {}, text)))))));
}

export function createAudit(store, sets) {
  const parent = byId('audit-words');
  function draw() {
    const { set } = store.state;
    const { audit } = set;
    const searched = audit.n_starts > 0;
    const evidence = [
      indexSentence(audit),
      searched && startsSentence(audit),
      searched && set.points.length > 0 && hitsSentence(audit),
      searched && boundSentence(audit),
    ].filter(Boolean);
    const note = sentence(audit.completeness_note);
    parent.replaceChildren(
      el('p', { class: 'lead' }, answer(audit)),
      ...(note ? [el('p', {}, note)] : []),
      el('ul', {}, ...evidence.map((text) => el('li', {}, text))),
      el('p', { class: 'hint' }, `The search took ${number(set.seconds)} s; seed ${set.seed}.`),
      ...(sets.length > 1 ? [overview(sets)] : []));
  }
  draw();
  store.on(['set'], draw);
}
