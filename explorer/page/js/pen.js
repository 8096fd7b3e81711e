// SPDX-License-Identifier: BSD-3-Clause
// Two ways to draw the same picture: on a canvas, and as SVG for a paper.

export class CanvasPen {
  constructor(canvas) {
    this.canvas = canvas;
    this.scale = devicePixelRatio || 1;
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    const [width, height] = [Math.round(this.width * this.scale), Math.round(this.height * this.scale)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.context = canvas.getContext('2d');
    this.context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
  }

  clip(x, y, width, height) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
  }

  unclip() {
    this.context.restore();
  }

  rect(x, y, width, height, { fill, stroke }) {
    if (fill) this.context.fillStyle = fill;
    if (fill) this.context.fillRect(x, y, width, height);
    if (stroke) this.context.strokeStyle = stroke;
    this.context.lineWidth = 1;
    if (stroke) this.context.strokeRect(x, y, width, height);
  }

  image(picture, x, y, width, height) {
    this.context.imageSmoothingEnabled = true;
    this.context.drawImage(picture, x, y, width, height);
  }

  /** `runs`: polylines [x0, y0, x1, y1, ...] in pixels. */
  lines(runs, { color, width = 1.5, dash = [], alpha = 1 }) {
    const context = this.context;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.lineJoin = 'round';
    context.setLineDash(dash);
    context.beginPath();
    for (const run of runs)
      for (let i = 0; i + 1 < run.length; i += 2)
        if (i === 0) context.moveTo(run[0], run[1]);
        else context.lineTo(run[i], run[i + 1]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  polygon(corners, { fill, stroke, width = 1.5 }) {
    const context = this.context;
    context.beginPath();
    corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    if (fill) context.fillStyle = fill;
    if (fill) context.fill();
    context.lineWidth = width;
    if (stroke) context.strokeStyle = stroke;
    if (stroke) context.stroke();
  }

  circle(x, y, radius, { fill, stroke, width = 1.5, dash = [] }) {
    const context = this.context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) context.fillStyle = fill;
    if (fill) context.fill();
    context.lineWidth = width;
    context.setLineDash(dash);
    if (stroke) context.strokeStyle = stroke;
    if (stroke) context.stroke();
    context.setLineDash([]);
  }

  text(string, x, y, { color, size = 12, align = 'left', angle = 0, weight = 400 }) {
    const context = this.context;
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.fillStyle = color;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
    context.fillText(string, 0, 0);
    context.restore();
  }
}

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const short = (value) => (Math.round(value * 100) / 100).toString();

export class SvgPen {
  constructor(width, height, title) {
    this.width = width;
    this.height = height;
    this.title = title;
    this.body = [];
    this.clips = 0;
  }

  style({ fill, stroke, width = 1.5, dash = [], alpha = 1 }) {
    return (
      `fill="${fill ?? 'none'}"` +
      (stroke ? ` stroke="${stroke}" stroke-width="${width}"` : '') +
      (dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : '') +
      (alpha < 1 ? ` opacity="${alpha}"` : '')
    );
  }

  clip(x, y, width, height) {
    const id = `clip${this.clips++}`;
    this.body.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${id})">`);
  }

  unclip() {
    this.body.push('</g>');
  }

  rect(x, y, width, height, look) {
    this.body.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" ${this.style({ width: 1, ...look })}/>`);
  }

  image(picture, x, y, width, height) {
    this.body.push(`<image href="${picture.toDataURL('image/png')}" x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none"/>`);
  }

  lines(runs, { color, ...look }) {
    const path = runs
      .map((run) => {
        let d = '';
        for (let i = 0; i + 1 < run.length; i += 2) d += `${i ? 'L' : 'M'}${short(run[i])} ${short(run[i + 1])}`;
        return d;
      })
      .join('');
    if (path) this.body.push(`<path d="${path}" stroke-linejoin="round" ${this.style({ ...look, stroke: color })}/>`);
  }

  polygon(corners, look) {
    this.body.push(`<polygon points="${corners.map((corner) => corner.map(short).join(',')).join(' ')}" ${this.style(look)}/>`);
  }

  circle(x, y, radius, look) {
    this.body.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" ${this.style(look)}/>`);
  }

  text(string, x, y, { color, size = 12, align = 'left', angle = 0, weight = 400 }) {
    const anchor = { left: 'start', center: 'middle', right: 'end' }[align];
    const turn = angle ? ` transform="rotate(${(angle * 180) / Math.PI} ${short(x)} ${short(y)})"` : '';
    this.body.push(`<text x="${short(x)}" y="${short(y)}" fill="${color}" font-size="${size}" font-weight="${weight}" font-family="sans-serif" text-anchor="${anchor}" dominant-baseline="middle"${turn}>${escaped(string)}</text>`);
  }

  toString() {
    const space = document.querySelector('svg').namespaceURI;
    return `<svg xmlns="${space}" width="${this.width}" height="${this.height}" viewBox="0 0 ${this.width} ${this.height}"><title>${escaped(this.title)}</title>${this.body.join('')}</svg>\n`;
  }
}
