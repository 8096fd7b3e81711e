// SPDX-License-Identifier: BSD-3-Clause
// From the arrays of a portrait's file to curves with their owners.

import { floats } from './data.js';
import { byId } from './dom.js';

/** Rows of a row-major array. */
function rows({ shape, values }) {
  const width = shape[1] ?? 1;
  return Array.from({ length: shape[0] }, (_, i) => Array.from({ length: width }, (__, j) => values[i * width + j]));
}

/** Consecutive rows with the same owner, as lists. */
function grouped(list, owners, count) {
  const groups = Array.from({ length: count }, () => []);
  owners.forEach((owner, i) => groups[owner].push(list[i]));
  return groups;
}

function readPortrait({ time, notes, arrays }) {
  for (const array of Object.values(arrays)) array.values ??= Array.from(floats(array.floats));
  const values = (name) => arrays[name]?.values ?? [];
  const table = (name) => (arrays[name] ? rows(arrays[name]) : []);
  const lists = (name, owners, count) => grouped(table(name), values(owners), count);
  const names = values('state_name');

  const pointRows = table('points/states');
  const re = table('points/eigenvalues_re'), im = table('points/eigenvalues_im');
  const points = pointRows.map((place, i) => ({
    number: i,
    place,
    kind: values('points/kind')[i],
    stability: values('points/stability')[i],
    isProven: values('points/verdict')[i] === 'proven',
    eigenvalues: (re[i] ?? []).map((real, k) => ({ re: real, im: im[i][k] })),
  }));

  const senses = values('trajectory_sense');
  const times = grouped(values('trajectory_time').map((t) => [t]), values('trajectory_of_point'), senses.length);
  const trajectories = lists('trajectory_states', 'trajectory_of_point', senses.length).map((states, i) => ({
    number: i,
    sense: senses[i],
    isChosen: values('trajectory_chosen')[i] === 1,
    times: times[i].map(([t]) => t),
    states,
    end: values('trajectory_end')[i],
    endNumber: values('trajectory_end_number')[i],
  }));

  const saddles = values('manifold_saddle');
  const manifolds = lists('manifold_states', 'manifold_of_point', saddles.length).map((states, i) => ({
    saddle: saddles[i],
    isStable: values('manifold_stable')[i] === 1,
    length: values('manifold_length')[i],
    end: values('manifold_end')[i],
    endNumber: values('manifold_end_number')[i],
    states,
  }));

  const components = values('nullcline_component');
  const nullclines = lists('nullcline_points', 'nullcline_curve_of_point', components.length).map((states, i) => ({
    component: components[i],
    states,
  }));
  const periods = values('cycles/period');
  const cycles = lists('cycles/states', 'cycles/cycle_of_point', periods.length).map((states, i) => ({
    number: i,
    period: periods[i],
    isStable: values('cycles/stable')[i] === 1,
    states,
  }));
  const kinds = values('orbit_kind');
  const orbits = lists('orbit_points', 'orbit_of_point', kinds.length).map((states, i) => ({
    number: i,
    kind: kinds[i],
    period: values('orbit_period')[i],
    isStable: values('orbit_unstable')[i] === 0,
    states,
  }));
  const attractors = values('attractor_kind').map((kind, i) => ({ kind, number: values('attractor_number')[i] }));
  const members = arrays.ensemble_states?.shape[0] ?? 0;
  const steps = arrays.ensemble_states?.shape[1] ?? 0;
  const flat = values('ensemble_states');
  const ensemble = Array.from({ length: members }, (_, m) => Array.from({ length: steps }, (__, k) =>
    names.map((___, j) => flat[(m * steps + k) * names.length + j])));

  return {
    n: names.length, names, isFlow: time === 'continuous', notes, box: table('box'),
    points, trajectories, manifolds, nullclines, cycles, orbits, attractors, ensemble,
    ensembleTimes: values('ensemble_time'),
    branchPoints: table('branch_point_places'),
    x: values('x'), y: values('y'),
    logSpeed: table('log_speed'), rateX: table('rate_x'), rateY: table('rate_y'),
    basins: table('basins'), stopped: table('stopped'),
    line: { h: values('line_state'), rate: values('line_rate') },
  };
}

export const readPortraits = () => JSON.parse(byId('data').textContent).portraits.map(readPortrait);

/** One polyline with gaps: per axis a list. */
export function joined(curves, axes) {
  const lines = Array.from({ length: axes }, () => []);
  for (const curve of curves) {
    for (const state of curve) for (let j = 0; j < axes; j++) lines[j].push(state[j]);
    for (let j = 0; j < axes; j++) lines[j].push(null);
  }
  return lines;
}

const END_WORDS = {
  left_box: 'leaves the box', not_finite: 'blows up', no_inverse: 'has no further preimage that was found',
  arclength: 'longer than was followed', max_time: 'undecided: neither captured nor away in the time allowed',
  undecided: 'undecided',
};

export function endWords({ end, endNumber, sense = 1 }) {
  if (end in END_WORDS) return END_WORDS[end];
  const thing = { point: 'fixed point', cycle: 'cycle', orbit: 'orbit' }[end];
  return `${sense < 0 ? 'comes from' : 'goes to'} ${thing} ${endNumber}`;
}
