// SPDX-License-Identifier: BSD-3-Clause
// Draws a report from the data inside the page. Everything is drawn from one store: a change of the
// set, the view, the selected or the hovered point reaches every figure.

import { createAudit } from './audit.js';
import { drawLegend } from './categories.js';
import { loadPlotly, readData } from './data.js';
import { createDetails } from './details.js';
import { byId, el, segmented } from './dom.js';
import { inputName } from './format.js';
import { createGraph } from './graph.js';
import { createLearning } from './learning.js';
import { createOrbitsTable } from './orbits_table.js';
import { createOverview } from './overview.js';
import { createPointsTable } from './points_table.js';
import { createScene } from './scene.js';
import { createSpectrum } from './spectrum.js';
import { createStore } from './store.js';
import { onThemeChange } from './theme.js';

const LONG_PROVENANCE = 12;  // entries; more are folded away

function hide(id) {
  byId(id).hidden = true;
  document.querySelector(`nav a[href="#${id}"]`).parentElement.hidden = true;
}

function createControls(store, sets) {
  const choice = byId('input-choice');
  choice.append(...sets.map((set, i) => el('option', { value: i }, inputName(set.input))));
  choice.onchange = () => {
    const { set: before, view } = store.state;
    const set = sets[Number(choice.value)];
    const same = set.views.findIndex(({ name }) => name === before.views[view]?.name);
    store.update({ set, view: Math.max(0, same), selected: null, hovered: null });
  };
  byId('input-control').hidden = sets.length < 2;

  const views = () => segmented(byId('view-control'), 'view', store.state.set.views.map(({ name }) => name),
    store.state.view, (view) => store.update({ view }));
  const legend = () => drawLegend(byId('legend'), store);
  views();
  legend();
  store.on(['set'], views);
  store.on(['set', 'hidden'], legend);
}

async function main() {
  const data = readData();
  const hasSets = data.sets.length > 0;
  const store = createStore({
    set: data.sets[0], view: 0, selected: null, hovered: null, hidden: new Set(), theme: 0,
  });
  if (hasSets) {
    createControls(store, data.sets);
    createDetails(store, data.isFlow);
    createPointsTable(store, data.isFlow);
    createOrbitsTable(store);
    createAudit(store, data.sets);
    createGraph(store);
  } else {
    ['points', 'overview', 'table', 'audit', 'transitions'].forEach(hide);
  }
  const provenance = document.querySelector('#provenance dl').children.length;
  if (provenance === 0) hide('provenance');
  if (provenance > LONG_PROVENANCE) document.querySelector('#provenance details').open = false;
  addEventListener('beforeprint', () => {
    document.querySelector('#provenance details').open = true;
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') store.update({ selected: null, hovered: null });
  });

  const Plotly = await loadPlotly();
  if (hasSets) await createScene(Plotly, store);
  if (hasSets && !await createOverview(Plotly, store, data.sets)) hide('overview');
  if (hasSets) await createSpectrum(Plotly, store, data.isFlow);
  await createLearning(Plotly, store, data.training);
  onThemeChange(() => store.update({ theme: store.state.theme + 1 }));
  document.documentElement.dataset.ready = 'true';
}

main().catch((error) => {
  const problem = byId('problem');
  problem.textContent = `The figures could not be drawn: ${error.message}`;
  problem.hidden = false;
  console.error(error);
});
