// SPDX-License-Identifier: BSD-3-Clause
// Draws phase portraits from the arrays inside the page, which are those of the result file.

import { loadPlotly } from './data.js';
import { byId, el, replace, segmented } from './dom.js';
import { readPortraits } from './portrait_data.js';
import { LAYERS, backgrounds, portraitFigure } from './portrait_figure.js';
import { createSeries } from './portrait_series.js';
import { drawTables } from './portrait_tables.js';
import { PLOT_CONFIG, onThemeChange } from './theme.js';

const state = { background: 'speed', hidden: new Set(['unstable', 'automatic-dots']) };

function heading(portrait, isPair) {
  if (!isPair) return null;
  return el('h3', {}, portrait.isFlow ? 'Continuous time (flow)' : 'Discrete time (map)');
}

function saveButton(Plotly, plot, format, name) {
  const save = () => Plotly.downloadImage(plot, { format, filename: name, width: 900, height: 900 });
  return el('button', { type: 'button', onclick: save }, `Save ${format.toUpperCase()}`);
}

function article(Plotly, portrait, number, isPair) {
  const plot = el('div', { class: 'plot', role: 'img', 'aria-label': 'Phase portrait' });
  plot.dataset.portrait = String(number);
  const is3d = portrait.n === 3;
  const tools = el('div', { class: 'tools' },
    is3d ? null : saveButton(Plotly, plot, 'svg', `portrait-${number}`), saveButton(Plotly, plot, 'png', `portrait-${number}`));
  const caption = el('figcaption');
  const figure = el('figure', {}, tools, plot, caption);
  const series = createSeries(Plotly, portrait);
  byId('portraits').append(el('article', {}, heading(portrait, isPair), figure, series.element));
  const draw = async () => {
    const { traces, layout, words } = portraitFigure(portrait, state, plot.clientWidth);
    caption.textContent = words;
    await Plotly.react(plot, traces, layout, PLOT_CONFIG);
    await series.draw();
  };
  const listen = () => plot.on('plotly_click', ({ points }) => {
    const chosen = points.map((point) => point.data.meta?.trajectory).find((t) => t !== undefined);
    if (chosen !== undefined) series.choose(chosen);
  });
  return { draw, listen };
}

function drawControls(portraits, redraw) {
  const choices = backgrounds(portraits);
  state.background = choices[0].key;
  segmented(byId('background'), 'background', choices.map(({ label }) => label), 0, (i) => {
    state.background = choices[i].key;
    redraw();
  });
  const present = LAYERS.filter(({ has }) => portraits.some(has));
  replace(byId('layers'), ...present.map(({ key, label, glyph }) => {
    const button = el('button', { type: 'button', 'aria-pressed': String(!state.hidden.has(key)) }, glyph(), label);
    button.addEventListener('click', () => {
      if (!state.hidden.delete(key)) state.hidden.add(key);
      button.setAttribute('aria-pressed', String(!state.hidden.has(key)));
      redraw();
    });
    return button;
  }));
}

async function main() {
  const portraits = readPortraits();
  state.hidden.clear();
  const Plotly = await loadPlotly();
  byId('portraits').classList.toggle('single', portraits.length === 1);
  byId('notes').textContent = portraits.map(({ notes }) => notes).filter(Boolean).join(' ');
  const figures = portraits.map((portrait, i) => article(Plotly, portrait, i, portraits.length > 1));
  const redraw = () => Promise.all(figures.map(({ draw }) => draw()));
  drawControls(portraits, redraw);
  drawTables(portraits);
  await redraw();
  figures.forEach(({ listen }) => listen());
  onThemeChange(redraw);
  document.documentElement.dataset.ready = 'true';
}

main().catch((error) => {
  const problem = byId('problem');
  problem.textContent = `The figures cannot be drawn: ${error.message}`;
  problem.hidden = false;
});
