// SPDX-License-Identifier: BSD-3-Clause
// What all figures share: the set and view shown, the point selected or hovered, the kinds hidden.

export function createStore(state) {
  const listeners = [];
  return {
    state,
    /** Calls `listener` after each update that changes one of `keys`. */
    on(keys, listener) {
      listeners.push({ keys, listener });
    },
    update(changes) {
      const changed = Object.keys(changes).filter((key) => this.state[key] !== changes[key]);
      if (changed.length === 0) return;
      this.state = { ...this.state, ...changes };
      for (const { keys, listener } of listeners)
        if (keys.some((key) => changed.includes(key))) listener();
    },
    /** The point that details are shown of: the hovered one, else the selected one, else null. */
    active() {
      return this.state.hovered ?? this.state.selected;
    },
    select(point) {
      this.update({ selected: point });
    },
    toggle(point) {
      this.select(this.state.selected === point ? null : point);
    },
  };
}
