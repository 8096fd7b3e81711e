// SPDX-License-Identifier: BSD-3-Clause
// The portrait and the diagram under the pointer and under the keys.
import { byId } from '../../../src/nullcline/report/assets/js/dom.js';
import { pixelOf } from './axes.js';
import { boxNow, changed, dimension, draw, hand, seen, setBox, setValue, showDiagramFields, state, valueOf } from './shown.js';

const MOST_STARTS = 20;
const rounded = (values) => values.map((value) => Number(value.toPrecision(5)));
const inside = (values) => boxNow().map(([low, high], i) => Math.min(high, Math.max(low, values[i])));

const nearestStart = ([px, py]) =>
  state.starts.findIndex((start) => {
    const [x, y] = hand.portrait.toPixel(start, 0);
    return Math.hypot(x - px, y - py) < 14;
  });

function addStart(start) {
  if (state.starts.length >= MOST_STARTS) return -1;
  hand.chosen = state.starts.push(rounded(inside(start))) - 1;
  changed();
  return hand.chosen;
}

export function listenToPortrait() {
  const canvas = byId('portrait');
  let dragged = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (!hand.portrait || event.button !== 0) return;
    const pixel = pixelOf(event, canvas);
    if (!hand.portrait.contains(pixel)) return;
    canvas.setPointerCapture(event.pointerId);
    let which = nearestStart(pixel);
    if (which < 0 && dimension() === 3) {
      dragged = { turn: { ...state.turn }, pixel, isClick: true };
      return;
    }
    if (which < 0) which = addStart(hand.portrait.stateAt(pixel));
    if (which < 0) return;
    dragged = { which };
    hand.chosen = which;
    draw();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!dragged || !hand.portrait) return;
    const pixel = pixelOf(event, canvas);
    if (dragged.turn) {
      const [dx, dy] = [pixel[0] - dragged.pixel[0], pixel[1] - dragged.pixel[1]];
      dragged.isClick &&= Math.hypot(dx, dy) < 5;
      if (dragged.isClick) return;
      state.turn = { yaw: dragged.turn.yaw + dx / 120, pitch: Math.max(-1.5, Math.min(1.5, dragged.turn.pitch + dy / 120)) };
      draw();
      return;
    }
    state.starts[dragged.which] = rounded(inside(hand.portrait.stateAt(pixel, state.starts[dragged.which])));
    changed();
  });
  canvas.addEventListener('pointerup', () => {
    if (dragged?.isClick && hand.portrait) addStart(hand.portrait.stateAt(dragged.pixel));
    else if (dragged?.turn) changed();
    dragged = null;
  });
  canvas.addEventListener('pointercancel', () => {
    dragged = null;
  });
  canvas.addEventListener('wheel', (event) => {
    if (!hand.portrait || dimension() === 3 || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, hand.portrait.stateAt(pixelOf(event, canvas)));
  }, { passive: false });
  canvas.addEventListener('keydown', onKey);
  canvas.addEventListener('blur', draw);
}

function onKey(event) {
  if (!seen.sketch) return;
  const box = boxNow();
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (move && dimension() === 3) {
    state.turn = { yaw: state.turn.yaw + 0.1 * move[0], pitch: Math.max(-1.5, Math.min(1.5, state.turn.pitch + 0.1 * move[1])) };
    changed();
  } else if (move) {
    hand.cross ??= box.map(([low, high]) => (low + high) / 2);
    hand.cross = inside(hand.cross.map((value, i) => value + (move[i] * (box[i][1] - box[i][0])) / 40));
    draw();
  } else if (event.key === 'Enter') {
    // In space every further start lies elsewhere between the corners.
    const share = (i) => (0.35 + 0.618 * state.starts.length * (i + 1)) % 1;
    addStart(hand.cross ?? box.map(([low, high], i) => low + share(i) * (high - low)));
  } else if ((event.key === 'Delete' || event.key === 'Backspace') && state.starts.length) {
    state.starts.splice(Math.min(hand.chosen, state.starts.length - 1), 1);
    hand.chosen = Math.max(0, state.starts.length - 1);
    changed();
  } else if (event.key === '+' || event.key === '=') zoom(1 / 1.3);
  else if (event.key === '-') zoom(1.3);
  else return;
  event.preventDefault();
}

function zoom(factor, around) {
  setBox(boxNow().map(([low, high], i) => {
    const center = around?.[i] ?? (low + high) / 2;
    return [center + (low - center) * factor, center + (high - center) * factor].map((value) => Number(value.toPrecision(6)));
  }));
}

export function listenToDiagram() {
  const canvas = byId('diagram');
  let isDragged = false;
  const set = (value) => {
    const { parameter, from, to } = state.diagram;
    setValue(parameter, Number(Math.min(to, Math.max(from, value)).toPrecision(6)));
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (!hand.diagram || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    isDragged = true;
    set(hand.diagram.xOf(pixelOf(event, canvas)[0]));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (isDragged && hand.diagram) set(hand.diagram.xOf(pixelOf(event, canvas)[0]));
  });
  for (const name of ['pointerup', 'pointercancel'])
    canvas.addEventListener(name, () => {
      isDragged = false;
    });
  canvas.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!move || !state.diagram) return;
    event.preventDefault();
    set(valueOf(state.diagram.parameter) + (move * (state.diagram.to - state.diagram.from)) / 200);
  });
  const edit = () => {
    const next = { parameter: byId('diagram-parameter').value, from: byId('diagram-from').valueAsNumber, to: byId('diagram-to').valueAsNumber };
    if (next.from < next.to) state.diagram = next;
    showDiagramFields();
    changed();
  };
  byId('diagram-parameter').addEventListener('change', () => {
    const parameter = byId('diagram-parameter').value;
    const value = valueOf(parameter), width = Math.max(1, Math.abs(value));
    state.diagram = { parameter, from: value - width, to: value + width };
    showDiagramFields();
    changed();
  });
  byId('diagram-from').addEventListener('change', edit);
  byId('diagram-to').addEventListener('change', edit);
  byId('coordinate').addEventListener('change', () => {
    state.coordinate = Number(byId('coordinate').value);
    changed();
  });
}
