// SPDX-License-Identifier: BSD-3-Clause
// The audit in words: what is known about points that were not found.

import { byId, el } from './dom.js';
import { inputName, integer, number, percent, sentence, signed } from './format.js';

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
    return `${found} If no point is missing they must: the system maps a box into itself.`;
  return `${found} For a system that maps a box into itself they must add up to ${signed(expected)}.`;
}

function starts(audit) {
  const parts = [`${integer(audit.n_starts)}, of which ${integer(audit.n_converged)} converged`];
  if (audit.n_outside_box > 0)
    parts.push(`${integer(audit.n_outside_box)} ended outside the box that holds every fixed point`);
  if (audit.n_unconverged > 0) parts.push(`${integer(audit.n_unconverged)} did not converge`);
  return parts.join(', ');
}

function evidence({ audit, points, seconds, seed }) {
  if (audit.n_starts === 0) return [];
  const { capture_bound: bound } = audit;
  const found = points.length > 0;
  return [
    ['Starts', starts(audit)],
    found && ['Hits of each point', `at least ${integer(audit.min_hits)}`],
    found && ['Points unseen, by the hits', `about ${number(audit.unseen_estimate, 2)} (Chao)`],
    found && ['Share of starts that the points hold', `${percent(audit.coverage)} (Good and Turing)`],
    bound !== null && bound < 1 && ['Found with 99.9\u202f% probability', `points that capture ${percent(bound)} of the starts or more`],
    ['Search', `${number(seconds)} s, seed ${seed}`],
  ].filter(Boolean);
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
    const note = sentence(audit.completeness_note);
    parent.replaceChildren(
      el('p', { class: 'lead' }, answer(audit)),
      ...(note ? [el('p', {}, note)] : []),
      el('p', {}, indexSentence(audit)),
      set.ends ? el('p', {}, `Where trajectories end: ${set.ends.note}.`) : '',
      el('dl', { class: 'list' }, ...evidence(set).map(
        ([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value)))),
      ...(sets.length > 1 ? [overview(sets)] : []));
  }
  draw();
  store.on(['set'], draw);
}
