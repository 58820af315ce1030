"""Whether lips close where speech closes them, on the geometry that is rendered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from actors.performance import Performance

if TYPE_CHECKING:
    from actors.body.performer import Performer


def lip_gaps(performer: Performer, performance: Performance, frames: Iterable[int]) -> list[float]:
    """Millimetres between the inner lips, where they are furthest apart, in each of ``frames`` of the shot."""
    return [1e3 * performer.lip_gap(performance.shapes[frame]) for frame in frames if frame < len(performance)]
