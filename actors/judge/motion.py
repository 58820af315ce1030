"""Whether the picture holds still: one frame moved by the renderer's own motion against the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.gaussians import Gaussians
from actors.lens import Lens
from actors.rasterise import Rasteriser

SCALE = 0.5  # of the frame's size, at which frames are compared
SOLID = 0.97  # alpha from which a pixel counts
SAME_DEPTH = 0.015  # metres between where a point was and what was seen there, beyond which it was hidden


@dataclass(frozen=True, slots=True)
class Still:
    """What is kept of a frame to compare the next one with."""

    places: np.ndarray  # [N, 3] float32: u, v (px at SCALE) and depth (metres) of every Gaussian
    luma: np.ndarray  # [h, w] float32, code values
    depth: np.ndarray  # [h, w] float32, metres


class MotionWatch:
    """Measures the warp error between consecutive frames; renders at half size with its own rasteriser."""

    def __init__(self, threads: int = 1) -> None:
        self._rasteriser = Rasteriser(threads)

    def keep(self, cloud: Gaussians, lens: Lens, image: np.ndarray) -> Still:
        """Remember this frame."""
        small = lens.scaled(SCALE)
        layers = self._rasteriser.render(cloud, small)
        return Still(projected(cloud.means, small), luma_of(image, small), layers.depth)

    def compare(self, before: Still, cloud: Gaussians, lens: Lens, image: np.ndarray) -> tuple[float | None, Still]:
        """Mean difference in code values where a point was seen in both frames, and this frame to keep.

        None where no point was, or where the cloud is not the same Gaussians as before.
        """
        small = lens.scaled(SCALE)
        places = projected(cloud.means, small)
        if len(places) != len(before.places):
            layers = self._rasteriser.render(cloud, small)
            return None, Still(places, luma_of(image, small), layers.depth)
        features = np.empty((len(places), 3), np.float32)
        np.subtract(places[:, :2], before.places[:, :2], out=features[:, :2])
        features[:, 2] = before.places[:, 2]
        layers = self._rasteriser.render(cloud, small, features=features)
        now = Still(places, luma_of(image, small), layers.depth)
        return warp_error(before, now.luma, layers.alpha, layers.features), now


def warp_error(before: Still, luma: np.ndarray, alpha: np.ndarray, flow: np.ndarray) -> float | None:
    """Mean |difference| in code values of ``luma`` [h, w] and the frame before, moved to it by ``flow`` [h, w, 3].

    ``flow`` holds motion (px) and former depth, premultiplied by ``alpha``. After Lai et al. 2018 (Learning Blind
    Video Temporal Consistency), with exact motion and occlusion in place of estimates.
    """
    import cv2

    solid = alpha > SOLID
    weight = np.where(solid, alpha, 1.0)[..., None]
    moved = flow / weight
    height, width = luma.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns - moved[..., 0], rows - moved[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    was = cv2.remap(before.luma, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    seen_depth = cv2.remap(before.depth, x.astype(np.float32), y.astype(np.float32), cv2.INTER_NEAREST)
    valid = solid & inside & (np.abs(seen_depth - moved[..., 2]) < SAME_DEPTH)
    if not valid.any():
        return None
    return float(np.abs(luma - was)[valid].mean())


def projected(means: np.ndarray, lens: Lens) -> np.ndarray:
    """[N, 3] float32: u, v in pixels and depth in metres; behind the lens, u and v mean nothing."""
    places = means @ lens.view[:3, :3].T + lens.view[:3, 3]
    depth = np.maximum(places[:, 2], np.float32(1e-3))
    places[:, 0] = lens.fx * places[:, 0] / depth + lens.cx
    places[:, 1] = lens.fy * places[:, 1] / depth + lens.cy
    return places


def luma_of(image: np.ndarray, small: Lens) -> np.ndarray:
    """bt709 luma [h, w] float32 of a frame [H, W, 3] uint8, averaged down to the size of ``small``."""
    import cv2

    shrunk = cv2.resize(image, (small.width, small.height), interpolation=cv2.INTER_AREA)
    return shrunk @ np.array([0.2126, 0.7152, 0.0722], np.float32)
