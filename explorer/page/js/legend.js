// SPDX-License-Identifier: BSD-3-Clause
// What the signs in the portrait mean.
import { el, replace, svg } from '../../../src/nullcline/report/assets/js/dom.js';

const sign = (name, ...shapes) => el('span', {}, svg('svg', { width: 22, height: 16, 'aria-hidden': 'true' }, ...shapes), name);
const line = (color, width, dash) => svg('line', { x1: 1, y1: 8, x2: 21, y2: 8, style: `stroke:var(--${color})`, 'stroke-width': width, 'stroke-dasharray': dash });
const shape = (tag, attributes, fill, stroke = 'ink', width = 1.5) => svg(tag, { ...attributes, style: `fill:var(--${fill});stroke:var(--${stroke})`, 'stroke-width': width });

export function showLegend(parent) {
  replace(
    parent,
    sign('stable', shape('circle', { cx: 11, cy: 8, r: 5.5 }, 'stable')),
    sign('saddle', shape('polygon', { points: '11,1.5 17.5,8 11,14.5 4.5,8' }, 'saddle')),
    sign('unstable', shape('circle', { cx: 11, cy: 8, r: 5 }, 'background', 'unstable', 3)),
    sign('degenerate', shape('rect', { x: 6, y: 3, width: 10, height: 10 }, 'background')),
    sign('not proven', svg('circle', { cx: 11, cy: 8, r: 6.5, fill: 'none', style: 'stroke:var(--muted)', 'stroke-dasharray': '2 3' })),
    sign('first nullcline', line('nullcline-0', 2.5)),
    sign('second nullcline', line('nullcline-1', 2.5, '9 4 2 4')),
    sign('cycle (dashed: unstable)', line('cycle', 3.5)),
    sign('stable manifold', line('stable', 2, '8 3')),
    sign('unstable manifold', line('unstable', 2)),
    sign('chosen trajectory (dashed: backwards)', line('path', 2)),
    sign('other trajectories', line('trajectory', 1)),
    el('span', {}, 'The darker the ground, the slower. Triangles: bifurcations.'),
  );
}
