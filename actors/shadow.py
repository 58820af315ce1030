"""The soft shadow of the key light: what hides it from whom.

One orthographic view from the lamp holds two things per texel: the distance of the first opaque surface (for
percentage-closer soft shadows, Fernando 2005), and how much hair there is and where (optical depth with mean and
spread of its distance, a smooth form of deep opacity maps, Yuksel & Keyser 2008), so that hair dims instead of
cutting. Backdrops cast nothing: their own shadows are in their colours, and their walls would hide the lamp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actors.light import Lamp
from actors.shadow_kernels import blur_hair, splat_hair, splat_opaque

if TYPE_CHECKING:
    from actors.body.performer import Posed

TEXELS = 110_000  # about how many texels a map has
HAIR_BLUR = 0.006  # metres to either side, twice
FAR = np.float32(1e9)


@dataclass(frozen=True, slots=True)
class ShadowMap:
    """What a lamp sees of the cast."""

    axes: np.ndarray  # [3, 3] float32: rows are the map's right, up and the way light travels
    origin: np.ndarray  # [2] float32, metres along right and up of the corner of texel (0, 0)
    texel: float  # metres
    spread: float  # tangent of the lamp's angular radius
    depth: np.ndarray  # [H, W] float32, metres along the third axis; FAR where nothing is
    hair: np.ndarray  # [H, W, 3] float32: coverage, mean distance, one over the spread of distance


def shadow_of(cast: Sequence[Posed], lamp: Lamp) -> ShadowMap:
    """The shadow map of ``lamp`` for all performers of ``cast``."""
    axes = _axes(lamp.towards)
    flat = np.concatenate([posed.means[::61] for posed in cast]) @ axes.T
    low, high = flat[:, :2].min(0) - 0.02, flat[:, :2].max(0) + 0.02
    # The texel grows in steps and the grid stays put in the world, so that shadows do not crawl when people sway.
    texel = 2.0 ** (math.ceil(2.0 * math.log2(math.sqrt(float(np.prod(high - low)) / TEXELS))) / 2.0)
    first = np.floor(low / texel)
    width, height = (int(n) for n in np.ceil(high / texel) - first)
    origin = (first * texel).astype(np.float32)
    depth = np.full((height, width), FAR, np.float32)
    hair = np.zeros((height, width, 3), np.float32)
    for posed in cast:
        arrays = (posed.means, posed.scales, posed.opacities, posed.normals, posed.material)
        splat_opaque(*arrays, axes, origin, np.float32(texel), depth)
        splat_hair(*arrays, axes, origin, np.float32(texel), hair)
    blur_hair(hair, max(1, round(HAIR_BLUR / texel)))
    return ShadowMap(axes, origin, texel, math.tan(lamp.size), depth, hair)


def _axes(towards: np.ndarray) -> np.ndarray:
    away = -towards.astype(np.float64)
    right = np.cross(away, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(right, away), away]).astype(np.float32)
