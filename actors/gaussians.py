"""Gaussians ready for a rasteriser: evaluated, posed, shaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Gaussians:
    """A cloud of N anisotropic Gaussians in world space; all arrays float32 and C-contiguous."""

    means: np.ndarray  # [N, 3] metres, Y up, right-handed
    quats: np.ndarray  # [N, 4] wxyz; need not be unit length
    scales: np.ndarray  # [N, 3] metres, standard deviations
    opacities: np.ndarray  # [N] 0..1
    colours: np.ndarray  # [N, 3] linear Rec.709, scene-referred (may exceed 1)

    def __len__(self) -> int:
        return len(self.means)

    @staticmethod
    def joined(clouds: list[Gaussians]) -> Gaussians:
        """One cloud of all of them, in order."""
        fields = ("means", "quats", "scales", "opacities", "colours")
        return Gaussians(*(np.ascontiguousarray(np.concatenate([getattr(c, f) for c in clouds])) for f in fields))
