// SPDX-License-Identifier: BSD-3-Clause
// The states of one trajectory over time, under the portrait.

import { el } from './dom.js';
import { endWords } from './portrait_data.js';
import { PLOT_CONFIG, axis, baseLayout, color } from './theme.js';

const COLORS = ['nullcline-0', 'nullcline-1', 'stable-manifold'];  // of the states

/** What one start gives: both senses of time where there are two. */
function starts({ trajectories }) {
  const groups = [];
  for (const trajectory of trajectories) {
    const last = groups[groups.length - 1];
    if (last && trajectory.sense < 0) last.push(trajectory);
    else groups.push([trajectory]);
  }
  return groups;
}

// A state that leaves would flatten all else.
function rangeOf({ box }, group) {
  if (!group.some(({ end }) => end === 'left_box' || end === 'not_finite')) return {};
  const low = Math.min(...box[0]), high = Math.max(...box[1]), margin = (high - low) / 4;
  return { range: [low - margin, high + margin] };
}

export function createSeries(Plotly, portrait) {
  const groups = starts(portrait);
  const plot = el('div', { class: 'plot series', role: 'img', 'aria-label': 'States over time' });
  const words = el('span', { class: 'hint', 'aria-live': 'polite' });
  const select = el('select', { 'aria-label': 'Trajectory' }, ...groups.map((group, i) =>
    el('option', { value: String(i) }, `${group[0].isChosen ? 'chosen start' : 'start'} ${group[0].states[0].map((v) => Number(v.toPrecision(3))).join(', ')}`)));
  const element = el('div', { hidden: groups.length === 0 },
    el('div', { class: 'series-head' }, el('label', {}, 'Time series of ', select), words), plot);

  async function draw() {
    if (groups.length === 0) return;
    const group = groups[Number(select.value)];
    words.textContent = group.map(endWords).join('; ');
    const traces = portrait.names.map((name, j) => {
      const x = [], y = [];
      for (const { sense, times, states } of [...group].reverse()) {
        const order = sense < 0 ? [...times.keys()].reverse() : [...times.keys()];
        for (const i of order) { x.push(times[i]); y.push(states[i][j]); }
      }
      return { type: 'scatter', mode: portrait.isFlow || x.length > 200 ? 'lines' : 'lines+markers', x, y, name, marker: { size: 4 }, line: { color: color(COLORS[j]), width: 1.6, dash: ['solid', 'dash', 'dot'][j] } };
    });
    const layout = {
      ...baseLayout(), margin: { l: 56, r: 12, t: 26, b: 42 }, showlegend: true,
      legend: { orientation: 'h', x: 1, xanchor: 'right', y: 1.02, yanchor: 'bottom' },
      xaxis: { ...axis(portrait.isFlow ? 'time' : 'step'), zeroline: group.length > 1 }, yaxis: { ...axis('state'), ...rangeOf(portrait, group) },
    };
    await Plotly.react(plot, traces, layout, PLOT_CONFIG);
  }
  select.addEventListener('change', draw);
  return {
    element,
    draw,
    choose(trajectory) {
      const i = groups.findIndex((group) => group.some(({ number }) => number === trajectory));
      if (i < 0) return;
      select.value = String(i);
      draw();
    },
  };
}
