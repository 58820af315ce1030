"""Watches a take while it is shot and gathers its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.judge.expected import expected_face
from actors.judge.faces import find_face
from actors.judge.figures import LEAST_HEIGHT, MOST_ANGLE, SAMPLES_PER_SECOND
from actors.judge.motion import Still, compare, still

if TYPE_CHECKING:
    from actors.shoot import Frame

NO_FACE = "no face was to be seen in a sampled frame from 120 px high, unhidden and up to 30 degrees off the lens"
NOT_FOUND = "no expected face was found"
NO_OTHER = "no other performer to compare with"
NO_MOTION = "no point was seen in two consecutive sampled frames"
NO_CLOSURE = "no M, B or P longer than 50 ms is spoken"


class Judge:
    """One take's judge; ``see`` every frame in order, then ask for the ``figures``.

    ``galleries``: performer id -> [G, 128] descriptors, of everyone who could be mistaken. ``cast``: role -> performer
    id. ``lip_gaps``: millimetres, of every closure that is spoken (``lips.lip_gaps``).
    """

    def __init__(
        self,
        *,
        frames: int,
        fps: Fraction,
        cast: Mapping[str, str],
        galleries: Mapping[str, np.ndarray],
        lip_gaps: Sequence[float],
    ) -> None:
        self._cast, self._galleries, self._lip_gaps = cast, galleries, lip_gaps
        self._samples = sampled(frames, fps)
        self._still: Still | None = None
        self._warps: list[float] = []
        self._own: list[float] = []
        self._margins: list[float] = []
        self._nearest_other: tuple[float, str] | None = None
        self._without_gallery: set[str] = set()
        self._expected = self._found = 0

    def see(self, frame: Frame) -> None:
        """Look at a frame; only sampled frames and the ones before them cost time."""
        if frame.index in self._samples:
            now = still(frame.cloud, frame.lens, frame.image, frame.layers)
            error = compare(self._still, now, frame.layers.alpha, frame.blend) if self._still is not None else None
            if error is not None:
                self._warps.append(error)
            self._still = None
            for role in frame.cast:
                self._see_face(frame, role, now.depth)
        elif frame.index + 1 in self._samples:
            self._still = still(frame.cloud, frame.lens, frame.image, frame.layers)

    def _see_face(self, frame: Frame, role: str, depth: np.ndarray) -> None:
        expected = expected_face(frame.landmarks[role], frame.lens, depth)
        if expected is None or not expected.findable(LEAST_HEIGHT, MOST_ANGLE):
            return
        self._expected += 1
        found = find_face(frame.image, expected.x, expected.y, expected.height)
        if found is None or np.hypot(found.x - expected.x, found.y - expected.y) > expected.height / 2:
            return
        self._found += 1
        distances = {
            performer: float(np.linalg.norm(gallery - found.descriptor, axis=1).min())
            for performer, gallery in self._galleries.items()
            if len(gallery)
        }
        own = distances.pop(self._cast[role], None)
        if own is None:
            self._without_gallery.add(self._cast[role])
            return
        self._own.append(own)
        if distances:
            nearest = min(distances, key=distances.__getitem__)
            self._margins.append(distances[nearest] - own)
            if self._nearest_other is None or distances[nearest] < self._nearest_other[0]:
                self._nearest_other = (distances[nearest], nearest)

    def figures(self) -> dict[str, Any]:
        """Values by the names of ``FIGURES`` and what they rest on; None has its reason under ``why``."""
        missing = NOT_FOUND if self._expected else NO_FACE
        if self._without_gallery:
            missing = f"no gallery of face descriptors in the package of {', '.join(sorted(self._without_gallery))}"
        found: dict[str, tuple[Any, str]] = {
            "identity_distance": (max(self._own, default=None), missing),
            "identity_margin": (min(self._margins, default=None), missing if not self._own else NO_OTHER),
            "nearest_other": (self._nearest_other[1] if self._nearest_other else None, missing),
            "face_rate": (self._found / self._expected if self._expected else None, NO_FACE),
            "warp_error": (float(np.mean(self._warps)) if self._warps else None, NO_MOTION),
            "lip_gap": (max(self._lip_gaps, default=None), NO_CLOSURE),
        }
        values: dict[str, Any] = {name: value for name, (value, _) in found.items()}
        values["faces_expected"], values["faces_found"] = self._expected, self._found
        values["frames_sampled"] = len(self._samples)
        values["closures"] = len(self._lip_gaps)
        values["why"] = {name: why for name, (value, why) in found.items() if value is None}
        return values


def sampled(frames: int, fps: Fraction) -> frozenset[int]:
    """The frames that are looked at: the middles of equal parts of the shot, about two a second, at least one."""
    count = max(1, round(frames / fps * SAMPLES_PER_SECOND))
    return frozenset(int((k + 0.5) * frames / count) for k in range(count))
