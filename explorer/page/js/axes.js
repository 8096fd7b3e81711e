// SPDX-License-Identifier: BSD-3-Clause
// A frame with ticks, and the map between values and pixels.

export const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const shown = (value) => {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
};

function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9 && values.length < 50; value += step)
    values.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  return values;
}

export class Axes {
  constructor(pen, [xLow, xHigh], [yLow, yHigh], { left = 52, right = 10, top = 10, bottom = 36 } = {}) {
    Object.assign(this, { pen, xLow, xHigh, yLow, yHigh, left, top });
    this.width = Math.max(10, pen.width - left - right);
    this.height = Math.max(10, pen.height - top - bottom);
  }

  x = (value) => this.left + ((value - this.xLow) / (this.xHigh - this.xLow)) * this.width;
  y = (value) => this.top + (1 - (value - this.yLow) / (this.yHigh - this.yLow)) * this.height;
  xOf = (pixel) => this.xLow + ((pixel - this.left) / this.width) * (this.xHigh - this.xLow);
  yOf = (pixel) => this.yLow + (1 - (pixel - this.top) / this.height) * (this.yHigh - this.yLow);

  toPixel = (values, at) => [this.x(values[at]), this.y(values[at + 1])];
  stateAt = ([px, py]) => [this.xOf(px), this.yOf(py)];
  contains = ([px, py]) => px >= this.left && px <= this.left + this.width && py >= this.top && py <= this.top + this.height;

  clip() {
    this.pen.clip(this.left, this.top, this.width, this.height);
  }

  frame(xTitle, yTitle) {
    const { pen } = this;
    const muted = property('muted');
    for (const value of ticks(this.xLow, this.xHigh, Math.max(2, this.width / 70))) {
      const x = this.x(value);
      pen.lines([[x, this.top + this.height, x, this.top + this.height + 4]], { color: muted, width: 1 });
      pen.text(shown(value), x, this.top + this.height + 13, { color: muted, size: 11, align: 'center' });
    }
    for (const value of ticks(this.yLow, this.yHigh, Math.max(2, this.height / 45))) {
      const y = this.y(value);
      pen.lines([[this.left - 4, y, this.left, y]], { color: muted, width: 1 });
      pen.text(shown(value), this.left - 7, y, { color: muted, size: 11, align: 'right' });
    }
    pen.rect(this.left, this.top, this.width, this.height, { stroke: muted });
    pen.text(xTitle, this.left + this.width / 2, this.top + this.height + 28, { color: property('ink'), align: 'center' });
    pen.text(yTitle, 10, this.top + this.height / 2, { color: property('ink'), align: 'center', angle: -Math.PI / 2 });
  }
}

/** Pixels of the rows [first, last) of a list of states. */
export function run(values, width, first, last, toPixel) {
  const pixels = new Float64Array(2 * (last - first));
  for (let i = first; i < last; ++i) {
    const [x, y] = toPixel(values, i * width);
    pixels[2 * (i - first)] = x;
    pixels[2 * (i - first) + 1] = y;
  }
  return pixels;
}

/** [first, last) of each run of equal owners. */
export function groups(owners) {
  const found = [];
  for (let i = 0; i < owners.length; ++i) {
    if (i === 0 || owners[i] !== owners[i - 1]) found.push({ owner: owners[i], first: i, last: i });
    found.at(-1).last = i + 1;
  }
  return found;
}

/** Where on a canvas a pointer is. */
export const pixelOf = (event, canvas) => {
  const frame = canvas.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
};
