// SPDX-License-Identifier: BSD-3-Clause
// The explorer: where it begins, its list of systems, and what leaves the page.
import { byId, el, replace, save } from '../../../src/nullcline/report/assets/js/dom.js';
import { decode, encode } from './address.js';
import { inflate } from './engine.js';
import { showLegend } from './legend.js';
import { listenToDiagram, listenToPortrait } from './pointer.js';
import { readPresets } from './presets.js';
import { asSvg, complain, complainOfAddress, draw, open, savedText, seen, state, textNow, whenChanged } from './shown.js';

let presets = [];

const address = () => encode({ ...state, preset: state.preset?.name, presetStarts: state.preset?.start ?? [], text: textNow() });

let remembering = 0;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(async () => {
    history.replaceState(null, '', await address());
    if (document.activeElement !== byId('text') && (!state.preset || Object.keys(state.values).length)) byId('text').value = savedText();
  }, 250);
}

const openPreset = (entry, more = {}) =>
  open({ preset: entry, title: entry.title, text: entry.text, starts: entry.start ?? [], ...more, values: { ...entry.values, ...more.values } });

async function choose(opening) {
  const problem = await opening;
  if (problem) complain(problem);
  else if (problem === null) remember();
}

/** What to show first: the address, the model that came with the page, or the first preset. */
async function begin() {
  const given = JSON.parse(byId('model').textContent);
  const first = (more = {}) => (given ? open({ ...given, ...more, values: { ...given.values, ...more.values } }) : openPreset(presets[0], more));
  complainOfAddress(null);
  let problem;
  try {
    const { preset, model, set, start, hide, ...asked } = await decode(location.hash);
    const more = { ...asked, hidden: hide ?? [] };
    if (set) more.values = set;
    if (start) more.starts = start;
    const entry = presets.find(({ name }) => name === preset);
    if (preset !== undefined && !entry) throw new Error(`preset: found '${preset.slice(0, 60)}', expected one of ${presets.slice(0, 40).map(({ name }) => name).join(', ')}, ...`);
    problem = await (entry ? openPreset(entry, more) : model !== undefined ? open({ text: model, ...more }) : first(more));
  } catch (error) {
    problem = error.message;
  }
  if (!problem) return;
  const failure = await first();
  if (failure) complain(failure);
  complainOfAddress(problem);
}

function showPresets() {
  const groups = [...new Set(presets.map((entry) => entry.group))];
  replace(
    byId('preset'),
    el('option', { value: '' }, 'own model'),
    ...groups.map((group) => el('optgroup', { label: group }, ...presets.filter((entry) => entry.group === group).map((entry) => el('option', { value: entry.name }, entry.title)))),
  );
  byId('preset').addEventListener('change', () => {
    const entry = presets.find(({ name }) => name === byId('preset').value);
    if (entry) choose(openPreset(entry));
  });
}

const saveBlob = (blob, ending) => {
  const url = URL.createObjectURL(blob);
  save(url, `${state.preset?.name ?? 'model'}.${ending}`);
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};

function listenToButtons() {
  const listen = (id, action) => byId(id).addEventListener('click', () => seen.sketch && action());
  listen('copy', async () => {
    history.replaceState(null, '', await address());
    try {
      await navigator.clipboard.writeText(location.href);
      byId('copy').textContent = 'Copied';
    } catch {
      byId('copy').textContent = 'It is in the address bar';
    }
    setTimeout(() => (byId('copy').textContent = 'Copy link'), 2000);
  });
  listen('save-model', () => saveBlob(new Blob([savedText()], { type: 'text/plain' }), 'toml'));
  listen('save-svg', () => saveBlob(new Blob([asSvg()], { type: 'image/svg+xml' }), 'svg'));
  listen('save-png', () => byId('portrait').toBlob((blob) => saveBlob(blob, 'png')));
  byId('apply').addEventListener('click', () => choose(open({ text: byId('text').value })));
}

listenToPortrait();
listenToDiagram();
listenToButtons();
whenChanged(remember);
new ResizeObserver(draw).observe(byId('panels'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
// For tests: what is shown, as numbers.
window.nullcline = { state, seen, asSvg, savedText };
inflate(byId('presets').textContent.trim()).then((bytes) => {
  presets = readPresets(JSON.parse(new TextDecoder().decode(bytes)));
  showPresets();
  showLegend(byId('legend'));
  addEventListener('hashchange', begin);
  begin();
});
