// SPDX-License-Identifier: BSD-3-Clause
// Draws a bifurcation diagram, a quantity over one or two parameters, the shape of a cloud of fixed points, or a
// population of networks, from the JSON document that the command prints.

import { loadPlotly } from './data.js';
import { branchFigures, branchTables } from './diagram_branches.js';
import { shapeFigures, shapeTables } from './diagram_shape.js';
import { studyFigures, studyTables } from './diagram_study.js';
import { sweepFigures } from './diagram_sweep.js';
import { byId, el, replace } from './dom.js';
import { PLOT_CONFIG, onThemeChange } from './theme.js';

const number = (x) => (typeof x === 'number' ? Number(x.toPrecision(12)).toString() : String(x ?? ''));

function table(caption, head, rows) {
  const cell = (tag, value) => el(tag, tag === 'th' ? { scope: 'col' } : {}, number(value));
  return el('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    el('h3', {}, caption),
    el('table', {},
      el('thead', {}, el('tr', {}, ...head.map((value) => cell('th', value)))),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((value) => cell('td', value)))))));
}

function saveButton(Plotly, plot, format, name) {
  const save = () => Plotly.downloadImage(plot, { format, filename: name, width: 1000, height: 700 });
  return el('button', { type: 'button', onclick: save }, `Save ${format.toUpperCase()}`);
}

/** A figure is {label, choices, draw(choice) -> {traces, layout, words}}. */
function article(Plotly, kind, figure, index) {
  const plot = el('div', { class: 'plot', role: 'img', 'aria-label': figure.label });
  plot.dataset.diagram = String(index);
  plot.style.height = '26rem';
  const caption = el('figcaption');
  const select = el('select', { 'aria-label': figure.choiceLabel ?? (kind === 'study' ? 'Colored by' : 'Vertical axis') },
    ...figure.choices.map((choice, i) => el('option', { value: String(i) }, choice)));
  const tools = el('div', { class: 'tools' }, figure.choices.length > 1 ? select : null,
    saveButton(Plotly, plot, 'svg', `diagram-${index}`), saveButton(Plotly, plot, 'png', `diagram-${index}`));
  byId('figures').append(el('article', {}, el('h3', {}, figure.label), el('figure', {}, tools, plot, caption)));
  const draw = async () => {
    const { traces, layout, words } = figure.draw(Number(select.value || 0));
    caption.textContent = words;
    await Plotly.react(plot, traces, layout, PLOT_CONFIG);
  };
  select.addEventListener('change', draw);
  return draw;
}

async function main() {
  const { kind, names, document: result } = JSON.parse(byId('data').textContent);
  const Plotly = await loadPlotly();
  const drawn = {
    branches: () => [branchFigures(result, names), branchTables(result, names)],
    sweep: () => [sweepFigures(result), []],
    shape: () => [shapeFigures(result), shapeTables(result)],
    study: () => [studyFigures(result), studyTables(result)],
  };
  const [figures, tables] = drawn[kind]();
  byId('figures').classList.toggle('single', figures.length === 1);
  const draws = figures.map((figure, i) => article(Plotly, kind, figure, i));
  const redraw = () => Promise.all(draws.map((draw) => draw()));
  byId('notes').textContent = (result.warnings ?? []).join('; ');
  byId('tables').hidden = byId('tables-link').hidden = tables.length === 0;
  replace(byId('table-list'), ...tables.map(({ caption, head, rows }) => table(caption, head, rows)));
  await redraw();
  onThemeChange(redraw);
  document.documentElement.dataset.ready = 'true';
}

main().catch((error) => {
  const problem = byId('problem');
  problem.textContent = `The figures cannot be drawn: ${error.message}`;
  problem.hidden = false;
});
