# SPDX-License-Identifier: BSD-3-Clause
"""What is known about fixed points that were not found."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Audit:
    """What is known about fixed points that were not found, for one held input.

    For a map of a ball into itself the indices sign det(I - J) of all fixed points sum to +1
    (Lefschetz; Poincare-Hopf for a flow): a set with another sum is incomplete.
    """

    n_points: int  #: fixed points found
    index_sum: int  #: sum of their indices
    index_expected: int | None  #: +1 where a trapping box is proven
    completeness: str  #: "proven" | "statistical" | "incomplete" | "not_auditable"
    completeness_note: str  #: the same in a sentence
    unseen_estimate: float  #: Chao1: f1 (f1 - 1) / (2 (f2 + 1)), from points met once and twice
    coverage: float  #: Good-Turing: 1 - f1 / n
    capture_bound: float  #: points met with at least this probability: found with 99.9 %
    min_hits: int  #: fewest hits of a fixed point
    n_starts: int  #: counted starts
    n_converged: int  #: of them, those that met a point
    n_unconverged: int  #: and those that met none
    n_outside_box: int  #: end states rejected: outside the trapping box no fixed point can be
    n_newton_steps: int  #: linear solves in all
    seconds: float  #: time that the search took
    seed: int
    n_trajectories: int = 0  #: visited states that were followed to their end (maps only)
    ends_at_points: int = 0  #: of them, those that end at fixed points of the list
    ends_at_orbits: int = 0  #: those that end on orbits of the list, undecided ones not counted
    ends_at_rest_elsewhere: int = 0  #: those at rest where no fixed point is listed
    ends_diverged: int = 0  #: those that diverge
    ends_undecided: int = 0  #: and those whose end was not recognized
    ends_note: str = ""  #: the same in a sentence
    verified: bool = True  #: whether the network is known to mean what the equations say

    def __str__(self) -> str:
        expected = "none known" if self.index_expected is None else f"{self.index_expected:+d}"
        return "\n".join(
            [
                f"{self.n_points} fixed points; {self.completeness}: {self.completeness_note}",
                f"index sum {self.index_sum:+d} (expected: {expected})",
                f"unseen estimate {self.unseen_estimate:.3g}, fewest hits {self.min_hits}",
                f"{self.n_starts} starts: {self.n_converged} met a point, {self.n_unconverged} none; "
                f"{self.n_outside_box} end states outside the trapping box rejected",
                f"{self.n_newton_steps} linear solves in {self.seconds:.2f} s, seed {self.seed}",
            ]
            + ([f"ends: {self.ends_note}"] if self.ends_note else [])
            + ([] if self.verified else ["network not verified: no probe shows that the weights mean what they are taken for"])
        )
