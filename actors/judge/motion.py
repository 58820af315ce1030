"""Whether the picture holds still: one frame moved by the renderer's own motion against the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actors.gaussians import Gaussians
from actors.lens import Lens
from actors.rasterise import Layers

STEP = 2  # pixels of the frame between compared ones, each way
SOLID = 0.97  # alpha from which a pixel counts
SAME_DEPTH = 0.015  # metres between where a point was and what was seen there, beyond which it was hidden

Blend = Callable[[np.ndarray], np.ndarray]  # Rasteriser.blend of the frame's own rasteriser


@dataclass(frozen=True, slots=True)
class Still:
    """What is kept of a frame to compare the next one with."""

    places: np.ndarray  # [N, 3] float32: u, v (pixels of the frame) and depth (metres) of every Gaussian
    luma: np.ndarray  # [H, W] float32, code values
    depth: np.ndarray  # [H, W] float32, metres


def still(cloud: Gaussians, lens: Lens, image: np.ndarray, layers: Layers) -> Still:
    """What to remember of a frame."""
    return Still(projected(cloud.means, lens), luma_of(image), layers.depth)


def compare(before: Still, now: Still, alpha: np.ndarray, blend: Blend) -> float | None:
    """Mean difference in code values where a point was seen in both frames.

    None where no point was, or where the cloud is not the same Gaussians as before.
    """
    if len(now.places) != len(before.places):
        return None
    features = np.empty((len(now.places), 3), np.float32)
    np.subtract(now.places[:, :2], before.places[:, :2], out=features[:, :2])
    features[:, 2] = before.places[:, 2]
    flow = blend(features)
    thin = (slice(None, None, STEP), slice(None, None, STEP))
    return warp_error(before, now.luma[thin], alpha[thin], flow[thin])


def warp_error(before: Still, luma: np.ndarray, alpha: np.ndarray, flow: np.ndarray) -> float | None:
    """Mean |difference| in code values of ``luma`` [h, w] and the frame before, moved to it by ``flow`` [h, w, 3].

    ``luma``, ``alpha`` and ``flow`` are of every STEP-th pixel; ``flow`` holds motion (pixels of the frame) and former
    depth, premultiplied by ``alpha``. After Lai et al. 2018 (Learning Blind
    Video Temporal Consistency), with exact motion and occlusion in place of estimates.
    """
    import cv2

    solid = alpha > SOLID
    weight = np.where(solid, alpha, 1.0)[..., None]
    moved = flow / weight
    height, width = before.luma.shape
    rows, columns = STEP * np.mgrid[: luma.shape[0], : luma.shape[1]].astype(np.float32)
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


def luma_of(image: np.ndarray) -> np.ndarray:
    """bt709 luma [H, W] float32 of a frame [H, W, 3] uint8, smoothed by 2 x 2 against grain."""
    import cv2

    grey = image @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return cv2.blur(grey, (2, 2))
