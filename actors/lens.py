"""A pinhole camera for one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Lens:
    """OpenCV pinhole: x right, y down, z forward; pixel centres at +0.5."""

    view: np.ndarray  # [4, 4] float32, world to camera
    fx: float  # pixels
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    @property
    def position(self) -> np.ndarray:
        """The camera's place in the world, [3] metres."""
        return -self.view[:3, :3].T @ self.view[:3, 3]

    def scaled(self, factor: float) -> Lens:
        """The same view on an image ``factor`` times the size."""
        return Lens(
            self.view,
            self.fx * factor,
            self.fy * factor,
            self.cx * factor,
            self.cy * factor,
            round(self.width * factor),
            round(self.height * factor),
        )


def look_at(eye: np.ndarray, target: np.ndarray, up: tuple[float, float, float] = (0.0, 1.0, 0.0)) -> np.ndarray:
    """World-to-camera [4, 4] float32 of a camera at ``eye`` (metres) facing ``target``."""
    forward = np.asarray(target, np.float64) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    view = np.eye(4)
    view[:3, :3] = rotation
    view[:3, 3] = -rotation @ eye
    return view.astype(np.float32)
