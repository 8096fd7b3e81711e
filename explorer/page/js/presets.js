// SPDX-License-Identifier: BSD-3-Clause
// The systems to begin with: model files, and the catalogue of topologies of two-unit GRUs.

function networkText(names) {
  const matrix = (gate) => `[["U_${gate}_1_1", "U_${gate}_1_2"], ["U_${gate}_2_1", "U_${gate}_2_2"]]`;
  const parameters = names.map((name) => `${name} = 0`).join('\n');
  return `[system]
cell = "gru"
time = "continuous"
units = 2

[parameters]
${parameters}

[weights]
U_h = ${matrix('h')}
U_r = ${matrix('r')}
b_h = ["b_h_1", "b_h_2"]
b_r = ["b_r_1", "b_r_2"]
`;
}

// "2-1-0+1s.0a1b2c3d": sinks, saddles and sources, then stable and unstable cycles.
function titleOf(name) {
  const [, sinks, saddles, sources, stable, unstable] = /^(\d+)-(\d+)-(\d+)(?:\+(?:(\d+)s)?(?:(\d+)u)?)?/.exec(name);
  const count = (n, what) => (Number(n) ? [`${n} ${what}${n === '1' ? '' : 's'}`] : []);
  return [count(sinks, 'sink'), count(saddles, 'saddle'), count(sources, 'source'), count(stable, 'stable cycle'), count(unstable, 'unstable cycle')].flat().join(', ');
}

/** A list of {group, name, title, text, values} from what the page carries. */
export function readPresets({ models, catalogue }) {
  const text = networkText(catalogue.names);
  const networks = catalogue.networks.map(([name, ...values]) => ({
    group: 'Catalogue of two-unit GRUs',
    name,
    title: `${titleOf(name)} (${name.split('.').at(-1).slice(0, 4)})`,
    text,
    values: Object.fromEntries(catalogue.names.map((parameter, i) => [parameter, values[i]])),
  }));
  return models.concat(networks);
}
