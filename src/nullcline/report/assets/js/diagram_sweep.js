// SPDX-License-Identifier: BSD-3-Clause
// A quantity along one parameter, or over a grid of two.

import { axis, axisTitle, baseLayout, color } from './theme.js';

const words = (text) => text.replaceAll('_', ' ');

function gridFigure({ quantity, parameters, values, result }) {
  const columns = values[1].map((_, k) => result.map((row) => row[k]));  // Plotly's rows are y
  return {
    traces: [{
      type: 'heatmap', x: values[0], y: values[1], z: columns, colorscale: 'Viridis', hoverongaps: false,
      colorbar: { title: { text: words(quantity), side: 'right' }, thickness: 12, outlinewidth: 0 },
    }],
    layout: { ...baseLayout(), margin: { l: 64, r: 14, t: 14, b: 46 }, xaxis: axis(axisTitle(parameters[0])), yaxis: axis(axisTitle(parameters[1])) },
  };
}

function lineFigure({ quantity, parameters, values, result }) {
  return {
    traces: [{ type: 'scatter', mode: 'lines+markers', x: values[0], y: result, marker: { size: 4, color: color('stable-manifold') }, line: { color: color('stable-manifold'), width: 1.6 } }],
    layout: { ...baseLayout(), margin: { l: 64, r: 14, t: 14, b: 46 }, xaxis: axis(axisTitle(parameters[0])), yaxis: axis(axisTitle(words(quantity))) },
  };
}

export function sweepFigures(result) {
  const flat = result.result.flat();
  const known = flat.filter((value) => value !== null);
  const range = known.length > 0 ? `, from ${Math.min(...known)} to ${Math.max(...known)}` : '';
  return [{
    label: words(result.quantity), choices: [result.quantity],
    draw: () => ({
      ...(result.parameters.length > 1 ? gridFigure(result) : lineFigure(result)),
      words: `Known at ${known.length} of ${flat.length} places${range}. Gaps: there is none, or it is not known.`,
    }),
  }];
}
