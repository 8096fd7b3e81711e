# SPDX-License-Identifier: BSD-3-Clause
"""Fixed points: the search, and what it returns."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core
from ._arguments import position
from ._audit import Audit
from ._linearization import Modes
from ._orbits import Orbit, orbits_of, orbits_of_input
from ._progress import Progress, callback
from ._results import Array, Contents, pandas_module, readable, table_html
from ._systems import Subject, resolve

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_MAX_HTML_ROWS = 20


@dataclasses.dataclass(frozen=True, eq=False)
class FixedPoint:
    """One point of FixedPoints: the same names in the singular."""

    state: Array
    input: Array
    kind: str
    verdict: str
    stability: str
    stability_verdict: str
    eigenvalue_radius: float
    n_unstable: int
    index: int | None
    speed: float
    residual: float
    radius: float
    uniqueness_radius: float
    hull_radius: float
    hits: int
    lifetime: float
    exclusion_radius: float
    eigenvalues: Array = dataclasses.field(repr=False)
    right_eigenvectors: Array = dataclasses.field(repr=False)
    left_eigenvectors: Array = dataclasses.field(repr=False)
    time_constants: Array = dataclasses.field(repr=False)
    frequencies: Array = dataclasses.field(repr=False)
    defective: bool
    at_kink: bool
    readout: Array | None


class FixedPoints(Modes):
    """The fixed points and slow points of a system, in one list for all held inputs.

    Arrays have one row per point: fixed points first (by n_unstable, then by readout), then slow
    points, then undecided ones, input after input. points[i] is one of them.
    """

    _hidden = ("network/", "visited_states", "trajectories")

    @property
    def kind(self) -> Array:
        """"fixed", "slow" (a local minimum of the speed that is no fixed point) or "undecided": (n,)"""
        return self._array("kind")

    @property
    def verdict(self) -> Array:
        """"proven": existence and uniqueness within `radius`, with directed rounding; "not_proven": (n,)"""
        return self._array("verdict")

    @property
    def radius(self) -> Array:
        """The fixed point is this near to its state, in the infinity norm: (n,)"""
        return self._array("radius")

    @property
    def uniqueness_radius(self) -> Array:
        """No other fixed point is this near, in coordinates of the reduced map where there is one: (n,)"""
        return self._array("uniqueness_radius")

    @property
    def stability_verdict(self) -> Array:
        """"proven": `n_unstable` and `stability` hold at the exact fixed point; "not_proven": (n,)"""
        return self._array("stability_verdict")

    @property
    def eigenvalue_radius(self) -> Array:
        """Each eigenvalue at the exact point is this near to one of `eigenvalues`, proven; infinite if not: (n,)"""
        return self._array("eigenvalue_radius")

    @property
    def hull_radius(self) -> Array:
        """Of undecided points of a proven set: the fixed points that cannot be told apart are this near
        (coordinates of the reduced map where there is one); 0 for all others: (n,)"""
        if "hull_radius" not in self._contents[0]:  # files of earlier versions
            return np.zeros(len(self))
        return self._array("hull_radius")

    @property
    def index(self) -> Array:
        """sign det(I - J) (flow: det(-J)); of an undecided point the sum over the fixed points there, where
        `has_index`; else 0: (n,) int64"""
        return self._array("index")

    @property
    def has_index(self) -> Array:
        """Whether `index` is known; of undecided points it is only where a proof has left no other one: (n,) bool"""
        if "has_index" not in self._contents[0]:  # files of earlier versions
            return np.ones(len(self), dtype=bool)
        return self._array("has_index") != 0

    @property
    def hits(self) -> Array:
        """Counted starts that ended here: (n,) int64"""
        return self._array("hits")

    @property
    def lifetime(self) -> Array:
        """Steps that a passage takes, slow points only; infinite otherwise: (n,)"""
        return self._array("lifetime")

    @property
    def exclusion_radius(self) -> Array:
        """No fixed point is this near a slow point, proven, in coordinates of the reduced map; 0 otherwise: (n,)"""
        return self._array("exclusion_radius")

    @property
    def readouts(self) -> Array | None:
        """(n, n_outputs), or None without a readout"""
        return self._array("readouts") if "readouts" in self._contents[0] else None

    @property
    def inputs(self) -> Array:
        """The held inputs: (n_inputs_held, n_inputs)"""
        if "inputs" in self._contents[0]:
            return self._array("inputs")
        return readable(np.zeros((len(self._array("index_sum")), 0)))

    @property
    def input_index(self) -> Array:
        """The row of `inputs` that a point belongs to: (n,) int64"""
        return self._array("input_index")

    @property
    def n_ends(self) -> Array:
        """Followed trajectories that end at the point: (n,) int64"""
        if "n_ends" in self._contents[0]:
            return self._array("n_ends")
        return readable(np.zeros(len(self), dtype=np.int64))

    @property
    def orbits(self) -> tuple[Orbit, ...]:
        """Where trajectories end that end at no fixed point, and with max_period above 1 all periodic
        orbits found, for all held inputs. Empty for flows."""
        cache: dict[str, Any] = self._cache  # type: ignore[attr-defined]
        if "orbits" not in cache:
            cache["orbits"] = orbits_of(self._contents[0], self.inputs)
        return cache["orbits"]  # type: ignore[no-any-return]

    @property
    def is_fixed(self) -> Array:
        """kind == "fixed", for masks: points.states[points.is_fixed]"""
        return np.asarray(self.kind == "fixed")

    @property
    def n_fixed(self) -> int:
        """Number of fixed points, slow and undecided ones not counted."""
        return int(np.count_nonzero(self.is_fixed))

    @property
    def audits(self) -> tuple[Audit, ...]:
        """One for each held input."""
        return tuple(self._audit(i) for i in range(len(self.inputs)))

    @property
    def audit(self) -> Audit:
        """The audit of the one held input. Raises ValueError if there are several: see `audits`."""
        self._require_one_input("audit")
        return self._audit(0)

    def _require_one_input(self, what: str) -> None:
        if len(self.inputs) != 1:
            raise ValueError(f"{what}: found {len(self.inputs)} held inputs, expected one; for_input(i) are those of one")

    def _audit(self, i: int) -> Audit:
        expected = float(self._array("index_expected")[i])
        values: dict[str, Any] = {
            "n_points": int(np.count_nonzero(self.is_fixed & (self.input_index == i))),
            "index_expected": None if np.isnan(expected) else int(expected),
            "seed": int(self._array("seed")[i]) % 2**64,
            "verified": self.verified,
        }
        for field in dataclasses.fields(Audit):
            if field.name not in values and field.name in self._contents[0]:
                values[field.name] = self._array(field.name)[i].item()
        return Audit(**values)

    def for_input(self, i: int) -> FixedPoints:
        """The points of one held input. Raises IndexError."""
        number = position("for_input", i, len(self.inputs))
        mine = self.input_index == number
        arrays = {}
        for name, (dimensions, array, attributes) in self._contents[0].items():
            if name == "input_index":
                array = np.zeros(int(mine.sum()), dtype=np.int64)
            elif dimensions[:1] == ("fixed_point",):
                array = array[mine]
            elif dimensions[:1] == ("input",) and not name.startswith("network/"):
                array = array[number : number + 1]
            arrays[name] = (dimensions, readable(array), attributes)
        return FixedPoints((orbits_of_input(arrays, number), *self._contents[1:]))

    def __getitem__(self, i: int) -> FixedPoint:
        if not isinstance(i, (int, np.integer)):
            raise TypeError(f"points[...]: found {type(i).__name__}, expected an integer; arrays such as points.states take masks")
        row = position("points[...]", i, len(self))
        readouts = self.readouts
        values: dict[str, Any] = {
            "state": self.states[row],
            "input": self.inputs[self.input_index[row]],
            "readout": None if readouts is None else readouts[row],
        }
        for field in dataclasses.fields(FixedPoint):
            if field.name not in values:
                value = getattr(self, field.name)[row]
                values[field.name] = value if getattr(value, "ndim", 0) else value.item()
        if not self.has_index[row]:
            values["index"] = None
        return FixedPoint(**values)

    def __iter__(self) -> Iterator[FixedPoint]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        inputs = f" for {len(self.inputs)} inputs" if len(self.inputs) != 1 else ""
        slow = int(np.count_nonzero(self.kind == "slow"))
        undecided = int(np.count_nonzero(self.kind == "undecided"))
        doubtful = f", {undecided} undecided" if undecided else ""
        states = ", ".join(sorted(set(self._array("completeness").tolist())))
        orbits = f", {len(self.orbits)} orbits" if self.orbits else ""
        return f"<nullcline.FixedPoints: {self.n_fixed} fixed, {slow} slow{doubtful}{orbits}{inputs}; {states}{self._doubt}>"

    def _repr_html_(self) -> str:
        head = ["", "kind", "stability", "unstable", "speed", "|λ| max", "hits", "verdict"]
        rows = [
            [
                str(i),
                str(self.kind[i]),
                str(self.stability[i]),
                str(self.n_unstable[i]),
                f"{self.speed[i]:.1e}",
                f"{abs(self.eigenvalues[i, 0]):.4f}",
                str(self.hits[i]),
                str(self.verdict[i]),
            ]
            for i in range(min(len(self), _MAX_HTML_ROWS))
        ]
        notes = [note for audit in self.audits for note in (audit.completeness_note, audit.ends_note) if note]
        if len(self) > _MAX_HTML_ROWS:
            notes.insert(0, f"and {len(self) - _MAX_HTML_ROWS} more")
        return table_html(repr(self).strip("<>"), head, rows, notes)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with one row per point; states and readouts as columns state_0, ..."""
        pandas = pandas_module("to_pandas")
        columns: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "kind stability stability_verdict n_unstable index verdict radius eigenvalue_radius residual speed hits lifetime exclusion_radius input_index defective at_kink"
            ).split()
        }
        columns["max_abs_eigenvalue"] = np.abs(self.eigenvalues).max(axis=1, initial=0)
        columns["verified"] = self.verified
        blocks = {"state": self.states, "readout": self.readouts, "input": self.inputs[self.input_index]}
        for name, block in blocks.items():
            if block is not None:
                columns.update({f"{name}_{k}": block[:, k] for k in range(block.shape[1])})
        return pandas.DataFrame(columns)

    def plot(self, ax: Any = None, *, input: int = 0, **options: Any) -> Any:
        """Draws the points of one held input in their first two principal components (of the visited
        trajectories, if there are some), by number of unstable directions. Returns the matplotlib Axes.

        `options` go to Axes.scatter. Nothing is shown and no setting is changed.
        """
        from ._plots import plot_points

        return plot_points(self.for_input(input), ax, options)


def find_fixed_points(
    system: Subject,
    states: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    *,
    n_starts: int = 5000,
    max_starts: int = 40000,
    min_hits: int = 5,
    max_iterations: int = 200,
    max_boxes: int = 100000,
    max_modes: int = 256,
    trajectories: int = 64,
    trajectory_steps: int = 10000,
    max_period: int = 1,
    seed: int = 0,
    progress: Progress = False,
) -> FixedPoints:
    """Finds the fixed points and slow points of a system under held inputs, and audits the set.

    Solves F(h, x) = h (map) or f(h, x) = 0 (flow), by Newton's and Levenberg and Marquardt's methods
    from many starts, on the reduced map where the system has one. Each fixed point is proven where
    the system can be evaluated over intervals; slow points are local minima of
    q = 1/2 |F(h) - h|^2 that a trajectory takes long to pass.

    Of a map, some visited states are then followed to see where trajectories really end:
    `points.orbits` holds the periodic orbits, invariant circles and chaotic attractors that they
    reach, and the audit says how many trajectories end at no fixed point.

    Parameters
    ----------
    system : Network, TrainedNetwork or System
        A network stands for its map.
    states : (n, n_states) or (n_trials, n_steps, n_states) float64, optional
        States seen in trajectories. Absent: those of the task that a TrainedNetwork was trained on;
        otherwise states that the system visits from random starts.
    inputs : (n_inputs,) or (k, n_inputs) float64, optional
        One or several held inputs; zeros if absent.
    n_starts : int
        Counted starts before the search may stop.
    max_starts : int
        Counted starts after which it gives up.
    min_hits : int
        Hits that each point must have before it may stop.
    max_iterations : int
        Solver steps per start.
    max_boxes : int
        Boxes that a proof of completeness may look at; 0 tries none. Up to 4 units, for recurrent
        weights of rank 3 or less, for up to about 20 relu units, and often beyond, all fixed points
        are enumerated with proof.
    max_modes : int
        Eigenvectors kept of each point, those of the leading eigenvalues; 0: all.
    trajectories : int
        Visited states that are followed to their end; 0: none.
    trajectory_steps : int
        Steps after which a trajectory is classified by its Lyapunov exponents.
    max_period : int
        Search all periodic orbits up to this period, stable or not; 1: none but those that
        trajectories end on.
    seed : int
        Seed of the starts. The same seed gives the same points for any number of threads.
    progress : bool or callable
        True shows a bar (tqdm, where installed). A function (done, total, message) is called at most
        ten times a second, and may return False to stop; the audit then says so.

    Returns
    -------
    FixedPoints

    Raises
    ------
    ValueError
        Shapes do not fit (the message names both), a value is not finite, an option is out of range,
        or a function of system_from misbehaves.
    KeyboardInterrupt
        Within about a second of Ctrl-C.

    References
    ----------
    Sussillo & Barak (2013), doi:10.1162/NECO_a_00409; Krawczyk (1969); Chao (1984).
    """
    subject = resolve(system, "system")
    subject.check_states(states, inputs)
    options = dict(
        n_starts=n_starts,
        max_starts=max_starts,
        min_hits=min_hits,
        max_iterations=max_iterations,
        max_boxes=max_boxes,
        max_modes=max_modes,
        trajectories=trajectories,
        trajectory_steps=trajectory_steps,
        max_period=max_period,
        seed=seed,
    )
    with callback(progress, "fixed points") as told:
        contents = _core.find_fixed_points(
            subject.system, subject.network, states, inputs, options, subject.trained, told, subject.model
        )
    points = FixedPoints(contents)
    fixed = np.flatnonzero(points.is_fixed)
    at_kink = fixed[subject.points_at_kinks(points.states[fixed], points.inputs[points.input_index[fixed]])]
    return points if len(at_kink) == 0 else _without_stability(contents, at_kink)


def _without_stability(contents: Contents, at_kink: Array) -> FixedPoints:
    """The same points, of which these have no derivative that could tell their stability."""
    arrays = dict(contents[0])
    for name, value in (("at_kink", 1), ("stability", "degenerate")):
        dimensions, array, attributes = arrays[name]
        changed = array.astype(np.promote_types(array.dtype, np.asarray(value).dtype)) if name == "stability" else array.copy()
        changed[at_kink] = value
        arrays[name] = (dimensions, changed, attributes)
    shown = " ".join(np.array2string(arrays["states"][1][at_kink[0]], precision=4, threshold=8).split())
    warnings.warn(
        f"function: has no derivative at {len(at_kink)} of the fixed points, the first at {shown}: their stability is "
        '"degenerate"',
        RuntimeWarning,
        stacklevel=3,
    )
    return FixedPoints((arrays, *contents[1:]))
