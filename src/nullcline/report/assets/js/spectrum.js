// SPDX-License-Identifier: BSD-3-Clause
// Eigenvalues in the complex plane, with the boundary of stability.

import { byId, hasWebGl, save } from './dom.js';
import { complex, number, plural } from './format.js';
import { axis, baseLayout, color, hoverText, PLOT_CONFIG } from './theme.js';

const MANY = 600;  // beyond, symbols are small and transparent
const TOO_MANY_FOR_SVG = 4000;

const count = (set) => set.eigenvalues.reduce((sum, { list }) => sum + list.length, 0);

function eigenvalueText(point, { re, im, tau, frequency }, isFlow) {
  const steps = isFlow ? '' : ' steps';
  return hoverText(
    `\u03bb = ${complex(re, im)}`,
    isFlow ? '' : `|\u03bb| = ${number(Math.hypot(re, im), 4)}`,
    Number.isNaN(tau) ? '' : `time constant ${number(tau)}${steps}`,
    im !== 0 && !Number.isNaN(frequency) ? `${number(frequency)} cycles per ${isFlow ? 'unit of time' : 'step'}` : '',
    `of point ${point.number}`);
}

function traceOf(members, set, isFlow, type, style) {
  const trace = { type, mode: 'markers', x: [], y: [], text: [], customdata: [], hovertemplate: '%{text}<extra></extra>', ...style };
  for (const point of members)
    for (const eigenvalue of set.eigenvalues[point.position].list) {
      trace.x.push(eigenvalue.re);
      trace.y.push(eigenvalue.im);
      trace.text.push(eigenvalueText(point, eigenvalue, isFlow));
      trace.customdata.push(point.position);
    }
  return trace;
}

function categoryTraces(store, isFlow, type) {
  const { set, hidden } = store.state;
  const isMany = count(set) > MANY;
  return set.categories.map(({ key, symbol }) => traceOf(
    set.points.filter((point) => point.category === key), set, isFlow, type, {
      visible: !hidden.has(key),
      opacity: store.active() === null ? (isMany ? 0.4 : 0.75) : 0.12,
      marker: { symbol, color: color(key), size: isMany ? 4.5 : 6 },
    }));
}

function activeTrace(store, isFlow, type) {
  const { set } = store.state;
  const active = store.active();
  const members = active === null ? [] : [set.points[active]];
  const key = members[0]?.category ?? 'unstable-0';
  const symbol = set.categories.find((category) => category.key === key)?.symbol ?? 'circle';
  return traceOf(members, set, isFlow, type, {
    marker: { symbol, color: color(key), size: 7.5, line: { color: color('background'), width: 0.7 } },
  });
}

// The unit circle or the imaginary axis is always in the picture.
function range(set, isFlow) {
  let low = isFlow ? 0 : -1, high = isFlow ? 0 : 1, top = isFlow ? 0 : 1;
  for (const { list } of set.eigenvalues)
    for (const { re, im } of list) {
      low = Math.min(low, re);
      high = Math.max(high, re);
      top = Math.max(top, Math.abs(im));
    }
  top = Math.max(top, 0.35 * (high - low));
  const pad = 0.06 * Math.max(high - low, 2 * top) || 1;
  return { x: [low - pad, high + pad], y: [-top - pad, top + pad] };
}

function boundary(isFlow, { y }) {
  const line = { color: color('muted'), width: 1.2 };
  return isFlow
    ? { type: 'line', xref: 'x', yref: 'y', x0: 0, x1: 0, y0: y[0], y1: y[1], line, layer: 'above' }
    : { type: 'circle', xref: 'x', yref: 'y', x0: -1, x1: 1, y0: -1, y1: 1, line, layer: 'above' };
}

function caption(set, isFlow) {
  const left = set.eigenvalues.reduce((sum, { list, total }) => sum + total - list.length, 0);
  const side = isFlow ? 'left of the imaginary axis' : 'inside the unit circle';
  return `Eigenvalues of the Jacobian at the points; ${side} a mode decays.` +
    (left > 0 ? ` ${plural(left, 'eigenvalue')} of small magnitude are left out.` : '');
}

export function createSpectrum(Plotly, store, isFlow) {
  const plot = byId('spectrum');

  function draw() {
    const { set } = store.state;
    const type = count(set) > TOO_MANY_FOR_SVG && hasWebGl() ? 'scattergl' : 'scatter';
    const limits = range(set, isFlow);
    const layout = {
      ...baseLayout(),
      uirevision: String(set.input),
      margin: { l: 52, r: 8, t: 8, b: 44 },
      shapes: [boundary(isFlow, limits)],
      xaxis: axis('Re \u03bb', { range: limits.x, constrain: 'domain' }),
      yaxis: axis('Im \u03bb', { range: limits.y, scaleanchor: 'x', constrain: 'domain' }),
    };
    byId('spectrum-caption').textContent = caption(set, isFlow);
    const all = [...categoryTraces(store, isFlow, type), activeTrace(store, isFlow, type)];
    return Plotly.react(plot, all, layout, PLOT_CONFIG);
  }

  // Drawing anew takes the hover label away: it is put back.
  let restoring = false;
  async function hover({ points: [{ curveNumber, pointNumber, customdata, data }] }) {
    if (restoring) return;
    const isActive = curveNumber === plot.data.length - 1;
    const first = isActive ? 0 : data.customdata.indexOf(customdata);
    store.update({ hovered: customdata });
    await drawn;
    if (store.state.hovered !== customdata) return;  // the pointer went on meanwhile
    restoring = true;
    Plotly.Fx.hover(plot, [{ curveNumber: plot.data.length - 1, pointNumber: pointNumber - first }]);
    restoring = false;
  }

  let drawn = draw();
  return drawn.then(() => {
    plot.on('plotly_hover', hover);
    plot.on('plotly_unhover', () => restoring || store.update({ hovered: null }));
    // Drawing anew may swallow Plotly's own word that the pointer has left.
    plot.addEventListener('pointerleave', () => store.update({ hovered: null }));
    plot.on('plotly_click', ({ points }) => store.toggle(points[0].customdata));
    byId('spectrum-reset').onclick = () => {
      const { x, y } = range(store.state.set, isFlow);
      Plotly.relayout(plot, { 'xaxis.range': x, 'yaxis.range': y });
    };
    byId('spectrum-save').onclick = async () => {
      const { width, height } = plot.getBoundingClientRect();
      save(await Plotly.toImage(plot, { format: 'svg', width, height }), 'eigenvalues.svg');
    };
    store.on(['set', 'hidden', 'theme', 'selected', 'hovered'], () => { drawn = draw(); });
  });
}
