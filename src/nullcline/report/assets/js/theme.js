// SPDX-License-Identifier: BSD-3-Clause
// Plotly cannot read custom properties: colors and fonts are looked up and handed to it.

const property = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const color = property;

export function baseLayout() {
  return {
    paper_bgcolor: property('background'),
    plot_bgcolor: property('background'),
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: property('ink') },
    hoverlabel: {
      align: 'left',
      bgcolor: property('surface'),
      bordercolor: property('muted'),
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: property('ink') },
    },
    showlegend: false,
    hovermode: 'closest',
  };
}

export const axis = (title, more = {}) => ({
  title: { text: title, standoff: 8 },
  gridcolor: property('grid'),
  zerolinecolor: property('rule'),
  linecolor: property('muted'),
  tickcolor: property('muted'),
  tickfont: { color: property('muted'), size: 11 },
  ...more,
});

export const PLOT_CONFIG = { displayModeBar: false, scrollZoom: false, responsive: true, doubleClick: 'reset' };

export function onThemeChange(draw) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

/** Short text for an axis: WebGL draws it as it is, but takes tags for tags. */
export const axisTitle = (text) => {
  const short = text.length > 32 ? text.slice(0, 31) + '\u2026' : text;
  return short.replace(/</g, '\u2039').replace(/>/g, '\u203a');
};

// Plotly reads a small set of HTML tags in its hover labels.
const plain = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Keeps `pieces` apart by lines in a hover label. */
export const hoverText = (...pieces) => pieces.filter(Boolean).map(plain).join('<br>');
