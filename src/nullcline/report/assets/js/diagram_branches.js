// SPDX-License-Identifier: BSD-3-Clause
// Branches of points and cycles, their events, and curves in two parameters.

import { axis, axisTitle, baseLayout, color, hoverText } from './theme.js';

const SYMBOLS = {
  fold: 'circle', hopf: 'square', branch_point: 'cross', flip: 'triangle-up', neimark_sacker: 'diamond',
  fold_of_cycles: 'circle-open', period_doubling: 'triangle-up-open', torus: 'diamond-open', homoclinic: 'star', snic: 'hexagram',
};
const words = (type) => type.replaceAll('_', ' ');
const short = (x) => Number(x.toPrecision(10)).toString();
const isCycle = ({ kind }) => kind === 'cycle';

/** Stable and unstable pieces, each a line with gaps; neighbors share their end. */
function pieces(x, y, isStable) {
  const lines = { stable: { x: [], y: [] }, unstable: { x: [], y: [] } };
  x.forEach((value, i) => {
    const here = lines[isStable[i] ? 'stable' : 'unstable'];
    here.x.push(value);
    here.y.push(y[i]);
    if (i + 1 === x.length || isStable[i + 1] !== isStable[i]) {
      if (i + 1 < x.length) { here.x.push(x[i + 1]); here.y.push(y[i + 1]); }
      here.x.push(null);
      here.y.push(null);
    }
  });
  return lines;
}

function lineTraces(x, y, isStable, name, hover) {
  return Object.entries(pieces(x, y, isStable)).filter(([, line]) => line.x.length > 0).map(([key, line]) => ({
    type: 'scatter', mode: 'lines', ...line, hovertext: hoverText(...hover, key), hoverinfo: 'text+x+y',
    line: { color: color(name), width: key === 'stable' ? 2.4 : 1.4, dash: key === 'stable' ? 'solid' : 'dash' },
  }));
}

function eventTrace(events, place) {
  const shown = events.map((event) => ({ event, at: place(event) })).filter(({ at }) => at && at.every(Number.isFinite));
  return {
    type: 'scatter', mode: 'markers', x: shown.map(({ at }) => at[0]), y: shown.map(({ at }) => at[1]),
    marker: { size: 10, color: color('nullcline-1'), line: { color: color('nullcline-1'), width: 1.5 }, symbol: shown.map(({ event }) => SYMBOLS[event.type] ?? 'x') },
    hoverinfo: 'text',
    hovertext: shown.map(({ event }) => hoverText(words(event.type), `at ${[event.parameter].flat().map(short).join(', ')}`, event.criticality ?? '', event.note ?? event.evidence ?? '')),
  };
}

function layoutOf(x, y) {
  return { ...baseLayout(), margin: { l: 64, r: 14, t: 14, b: 46 }, xaxis: { ...axis(axisTitle(x)), zeroline: false }, yaxis: { ...axis(axisTitle(y)), zeroline: false } };
}

function pointFigure({ branches, parameters }, names) {
  return {
    label: 'Branches', choices: names,
    draw(j) {
      const traces = [];
      branches.forEach((branch, b) => {
        const hover = [`branch ${b}: ${words(branch.kind)}`];
        if (isCycle(branch))
          for (const side of ['min', 'max'])
            traces.push(...lineTraces(branch.parameter, branch[side].map((v) => v[j]), branch.stable, 'cycle', [...hover, side === 'min' ? 'least' : 'largest']));
        else
          traces.push(...lineTraces(branch.parameter, branch.state.map((v) => v[j]), branch.n_unstable.map((n) => n === 0), 'stable-manifold', hover));
      });
      traces.push(eventTrace(branches.flatMap((branch) => branch.events), ({ parameter, state, max }) => {
        const value = (state ?? max ?? [])[j];
        return value === undefined ? null : [parameter, value];
      }));
      const count = branches.filter(isCycle).length;
      return {
        traces, layout: layoutOf(parameters[0], names[j]),
        words: `Solid: stable; dashed: unstable.${count > 0 ? ' Cycles are drawn by their least and largest values.' : ''} Markers are the events of the table.`,
      };
    },
  };
}

function periodFigure({ branches, parameters }) {
  return {
    label: 'Periods of cycles', choices: ['period'],
    draw() {
      const traces = branches.filter(isCycle).flatMap((branch) => lineTraces(branch.parameter, branch.period, branch.stable, 'cycle', ['cycle']));
      const layout = layoutOf(parameters[0], 'period');
      layout.yaxis.type = 'log';
      return { traces, layout, words: 'Solid: stable; dashed: unstable.' };
    },
  };
}

function curveFigure({ curves, parameters }) {
  return {
    label: 'Curves in two parameters', choices: [parameters[1]],
    draw() {
      const colors = { fold_curve: 'stable-manifold', hopf_curve: 'nullcline-0', flip_curve: 'path', neimark_sacker_curve: 'unstable-manifold' };
      const traces = curves.map((curve) => ({
        type: 'scatter', mode: 'lines', x: curve.parameter.map((p) => p[0]), y: curve.parameter.map((p) => p[1]), name: words(curve.kind),
        line: { color: color(colors[curve.kind] ?? 'ink'), width: 2 }, hoverinfo: 'name+x+y',
      }));
      traces.push({ ...eventTrace(curves.flatMap(({ events }) => events), ({ parameter }) => parameter), showlegend: false });
      const seen = new Set();
      for (const trace of traces) {
        trace.showlegend = trace.mode === 'lines' && !seen.has(trace.name);
        seen.add(trace.name);
      }
      return { traces, layout: { ...layoutOf(...parameters), showlegend: true, legend: { orientation: 'h' } }, words: 'Markers are points of codimension two.' };
    },
  };
}

export function branchFigures(result, names) {
  const figures = [pointFigure(result, names)];
  if (result.branches.some(isCycle)) figures.push(periodFigure(result));
  if (result.curves.length > 0) figures.push(curveFigure(result));
  return figures;
}

export function branchTables({ branches, curves, searches, parameters }, names) {
  const rowsOf = (list) => list.flatMap((branch, b) => branch.events.map((event) => [
    b, words(event.type), ...[event.parameter].flat(), (event.state ?? []).slice(0, names.length).map((v) => Number(v.toPrecision(7))).join(', '),
    event.criticality ?? '', event.coefficient ?? '', event.period ?? '', event.note || event.evidence || '',
  ]));
  const head = (count) => ['Branch', 'Event', ...parameters.slice(0, count), 'State', 'Criticality', 'Coefficient', 'Period', 'Note'];
  const ends = [...branches, ...curves].map((branch, b) => [b, words(branch.kind), branch.n_points, branch.origin, words(branch.begin_reason), words(branch.end_reason)]);
  const tables = [{ caption: 'Events', head: head(1), rows: rowsOf(branches) }];
  if (curves.length > 0) tables.push({ caption: 'Events on curves', head: head(2), rows: rowsOf(curves) });
  tables.push({ caption: 'Branches and curves, and why they end', head: ['Number', 'Kind', 'Points', 'From', 'One end', 'Other end'], rows: ends });
  tables.push({ caption: 'Searches for all points', head: [parameters[0], 'Found', 'Undecided', 'Completeness'], rows: searches.map((s) => [s.parameter, s.n_found, s.n_undecided, s.completeness]) });
  return tables;
}
