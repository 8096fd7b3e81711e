// SPDX-License-Identifier: BSD-3-Clause
// Loss over training, on a log scale, and accuracy where it was measured.

import { byId, save } from './dom.js';
import { floats } from './data.js';
import { integer, number, percent } from './format.js';
import { axis, baseLayout, color, PLOT_CONFIG } from './theme.js';

function traces(training) {
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
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { color: color('ink') } },
    margin: { l: 64, r: 12, t: 30, b: 44 },
    xaxis: axis('Iteration', { anchor: hasAccuracy ? 'y2' : 'y', rangemode: 'tozero' }),
    yaxis: axis('Loss', { type: 'log', dtick: 1, exponentformat: 'power', domain: hasAccuracy ? [0.36, 1] : [0, 1] }),
    ...(hasAccuracy && { yaxis2: axis('Accuracy', { domain: [0, 0.26], tickformat: '.0%', nticks: 4 }) }),
  };
}

function caption({ n_iterations: n, validation_loss: losses, validation_accuracy: accuracies }) {
  const parts = [`${integer(n)} iterations`];
  if (losses.length > 0) parts.push(`last validation loss ${number(losses.at(-1))}`);
  if (accuracies.length > 0) parts.push(`last accuracy ${percent(accuracies.at(-1))}`);
  return `Learning curve: ${parts.join(', ')}.`;
}

export function createLearning(Plotly, store, training) {
  if (training.n_iterations === 0 && training.validation_iterations.length === 0) {
    byId('training').hidden = true;
    document.querySelector('nav a[href="#training"]').parentElement.hidden = true;
    return Promise.resolve();
  }
  const plot = byId('learning');
  const hasAccuracy = training.validation_accuracy.length > 0;
  const draw = () => Plotly.react(plot, traces(training), layout(hasAccuracy), PLOT_CONFIG);
  byId('learning-caption').textContent = caption(training);
  byId('learning-save').onclick = async () => {
    const { width, height } = plot.getBoundingClientRect();
    save(await Plotly.toImage(plot, { format: 'svg', width, height }), 'learning-curve.svg');
  };
  store.on(['theme'], draw);
  return draw();
}
