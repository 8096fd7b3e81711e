// SPDX-License-Identifier: BSD-3-Clause
// Loss over training, on a log scale, and accuracy where it was measured.

import { byId, save } from './dom.js';
import { floats } from './data.js';
import { integer, number, percent } from './format.js';
import { axis, baseLayout, color, PLOT_CONFIG } from './theme.js';

// Of Okabe and Ito, which the color-blind can tell apart.
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c8c00', '#7f7f7f'];

const LEGEND = { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' };

// Networks whose names differ in the last number alone, a seed most likely, share a color.
const familyOf = (name) => name.replace(/[-_ ]?\d+$/, '');

function curveTraces(curves) {
  const families = [...new Set(curves.map(({ name }) => familyOf(name)))];
  const shared = families.length > 1;
  return curves.map(({ name, iterations, loss }, i) => ({
    type: 'scatter', mode: 'lines', name, x: iterations, y: Array.from(floats(loss)),
    line: { color: COLORS[(shared ? families.indexOf(familyOf(name)) : i) % COLORS.length], width: 1.2 },
    hovertemplate: 'iteration %{x}: loss %{y:.3g}',
  }));
}

function traces(training) {
  if (training.curves.length > 0) return curveTraces(training.curves);
  const { iterations, loss, validation_iterations: at, validation_loss, validation_accuracy } = training;
  const line = (name, x, y, style) => ({ type: 'scatter', mode: 'lines', name, x, y, ...style });
  const all = [line('training', iterations, Array.from(floats(loss)), {
    line: { color: color('trajectory'), width: 1 },
    hovertemplate: 'iteration %{x}: training loss %{y:.3g}<extra></extra>',
  })];
  if (at.length > 0)
    all.push(line('validation', at, validation_loss, {
      mode: 'lines+markers',
      line: { color: color('unstable-0'), width: 2 },
      marker: { size: 5 },
      hovertemplate: 'iteration %{x}: validation loss %{y:.3g}<extra></extra>',
    }));
  if (validation_accuracy.length > 0)
    all.push(line('accuracy', at, validation_accuracy, {
      mode: 'lines+markers',
      yaxis: 'y2',
      line: { color: color('unstable-2'), width: 2 },
      marker: { size: 5, symbol: 'square' },
      hovertemplate: 'iteration %{x}: accuracy %{y:.2%}<extra></extra>',
    }));
  return all;
}

function layout(hasAccuracy) {
  return {
    ...baseLayout(),
    showlegend: true,
    legend: { ...LEGEND, font: { color: color('ink') } },
    margin: { l: 64, r: 12, t: 30, b: 44 },
    xaxis: axis('Iteration', { anchor: hasAccuracy ? 'y2' : 'y', rangemode: 'tozero' }),
    yaxis: axis('Loss', { type: 'log', dtick: 1, exponentformat: 'power', domain: hasAccuracy ? [0.36, 1] : [0, 1] }),
    ...(hasAccuracy && { yaxis2: axis('Accuracy', { domain: [0, 0.26], tickformat: '.0%', nticks: 4 }) }),
  };
}

function curvesCaption(curves) {
  const last = curves.map(({ name, loss }) => `${name} ${number(floats(loss).at(-1))}`);
  return `Training losses of ${integer(curves.length)} networks; the last of each: ${last.join(', ')}.`;
}

// Plots under each other, the first on top, with the gap that labels take.
function panelDomain(i, n) {
  const share = 1 / n;
  return [1 - (i + 1) * share + 0.34 * share, 1 - i * share - 0.06 * share];
}

const nameOf = (letter, i) => letter + (i === 0 ? '' : i + 1);

// Bars are drawn, and the points that they belong to, where a line has them.
const barsOf = (spread) => (spread ? {
  mode: 'lines+markers', marker: { size: 6 }, error_y: { type: 'data', array: Array.from(floats(spread)), thickness: 1 },
} : {});

// A name that several plots share is in the legend once, for all of them.
function panelTraces(panels) {
  const names = new Set();
  const isNew = (name) => names.size < names.add(name).size;
  return panels.flatMap(({ lines, x_label: xLabel }, i) => lines.map(({ name, is_target: isTarget, x, y, spread }, k) => ({
    type: 'scatter', mode: 'lines', name, x: Array.from(floats(x)), y: Array.from(floats(y)),
    xaxis: nameOf('x', i), yaxis: nameOf('y', i),
    line: isTarget ? { color: color('muted'), width: 2.5, dash: 'dot' } : { color: COLORS[lines[0].is_target ? 0 : k % COLORS.length], width: 1.2 },
    hovertemplate: `${xLabel} %{x}: %{y:.3g}`,
    legendgroup: name, showlegend: isNew(name),
    ...barsOf(spread),
  })));
}

function panelLayout(panels) {
  const axes = panels.flatMap(({ x_label: xLabel, y_label: yLabel, is_logarithmic: isLogarithmic, x_is_logarithmic: xIsLogarithmic }, i) => [
    [nameOf('xaxis', i), axis(xLabel, {
      anchor: nameOf('y', i), ...(xIsLogarithmic ? { type: 'log', exponentformat: 'power' } : { rangemode: 'tozero' }),
    })],
    [nameOf('yaxis', i), axis(yLabel, {
      anchor: nameOf('x', i), domain: panelDomain(i, panels.length), nticks: 4,
      ...(isLogarithmic && { type: 'log', exponentformat: 'power' }),
    })],
  ]);
  const hasBars = panels.some(({ lines }) => lines.some(({ spread }) => spread));
  return {
    ...baseLayout(), margin: { l: 64, r: 12, t: hasBars ? 30 : 8, b: 8 }, ...Object.fromEntries(axes),
    ...(hasBars && { showlegend: true, legend: { ...LEGEND, font: { color: color('ink') } } }),
  };
}

function caption({ n_iterations: n, validation_loss: losses, validation_accuracy: accuracies }) {
  const parts = [`${integer(n)} iterations`];
  if (losses.length > 0) parts.push(`last validation loss ${number(losses.at(-1))}`);
  if (accuracies.length > 0) parts.push(`last accuracy ${percent(accuracies.at(-1))}`);
  return `Learning curve: ${parts.join(', ')}.`;
}

export function createLearning(Plotly, store, training) {
  const hasCurves = training.curves.length > 0;
  const hasPanels = training.panels.length > 0;
  if (!hasCurves && !hasPanels && training.n_iterations === 0 && training.validation_iterations.length === 0) {
    byId('training').hidden = true;
    document.querySelector('nav a[href="#training"]').parentElement.hidden = true;
    return Promise.resolve();
  }
  const plot = byId('learning');
  const hasAccuracy = training.validation_accuracy.length > 0;
  if (hasPanels) {
    plot.style.height = `${Math.max(18, 11 * training.panels.length)}rem`;
    byId('training-title').textContent = training.heading;
    document.querySelector('nav a[href="#training"]').textContent = training.heading;
  }
  const draw = () => hasPanels
    ? Plotly.react(plot, panelTraces(training.panels), panelLayout(training.panels), PLOT_CONFIG)
    : Plotly.react(plot, traces(training), layout(hasAccuracy), PLOT_CONFIG);
  byId('learning-caption').textContent = hasPanels ? training.caption : hasCurves ? curvesCaption(training.curves) : caption(training);
  byId('learning-save').onclick = async () => {
    const { width, height } = plot.getBoundingClientRect();
    save(await Plotly.toImage(plot, { format: 'svg', width, height }), 'learning-curve.svg');
  };
  store.on(['theme'], draw);
  return draw();
}
