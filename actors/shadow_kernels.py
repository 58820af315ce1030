"""The inner loops of shadow maps, compiled by Numba; ``actors.shadow`` and ``actors.shade_kernels`` call them."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from actors.body.material import CORNEA, HAIR
from actors.shade_block import BLOCK, CLEAR, NORMAL, PLACE, SECOND, THIRD, TURN

STRIDE_HAIR = 3  # every how many strand pieces one is drawn; the others are weighed in

TAPS = 8  # looks at the map for each Gaussian

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_BIAS = np.float32(0.0045)  # metres: thickness of a surface made of Gaussians
_LIFT = np.float32(0.003)  # metres along the normal
_SOFT = np.float32(1.0 / 0.004)  # per metre: a blocker fades in over this depth
_SEARCH = np.float32(0.05)  # metres: the blocker distance whose penumbra is searched
_HAIR_DENSITY = np.float32(0.55)  # dimming per unit of hair coverage: strands scatter forward, so less than 1

_GLEAM = np.float32(0.15)  # what thick hair lets through from strand to strand


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def splat_opaque(means, scales, opacities, normals, material, axes, origin, texel, depth):
    """Lower ``depth`` to every opaque Gaussian that faces the lamp."""
    height, width = depth.shape
    inverse = _ONE / texel
    for i in range(means.shape[0]):
        kind = material[i]
        if kind in (HAIR, CORNEA) or opacities[i] < _HALF:
            continue
        facing = -(normals[i, 0] * axes[2, 0] + normals[i, 1] * axes[2, 1] + normals[i, 2] * axes[2, 2])
        if facing < np.float32(-0.1):
            continue
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        u = (axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z - origin[0]) * inverse
        v = (axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z - origin[1]) * inverse
        d = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        radius = min(max(max(scales[i, 0], scales[i, 1]) * inverse, np.float32(0.4)), np.float32(3.0))
        first_x = max(1, int(math.floor(u - radius)))
        last_x = min(width - 2, int(math.floor(u + radius)))
        last_y = min(height - 2, int(math.floor(v + radius)))
        for row in range(max(1, int(math.floor(v - radius))), last_y + 1):
            for column in range(first_x, last_x + 1):
                if d < depth[row, column]:
                    depth[row, column] = d


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def splat_hair(means, scales, opacities, normals, material, axes, origin, texel, hair):
    """Add the coverage of strands, and its first two moments of distance, to ``hair``."""
    height, width, _ = hair.shape
    inverse = _ONE / texel
    for i in range(0, means.shape[0], STRIDE_HAIR):
        if material[i] != HAIR:
            continue
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        u = (axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z - origin[0]) * inverse
        v = (axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z - origin[1]) * inverse
        column, row = int(math.floor(u)), int(math.floor(v))
        if column < 0 or row < 0 or column >= width or row >= height:
            continue
        d = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        along = normals[i, 0] * axes[2, 0] + normals[i, 1] * axes[2, 1] + normals[i, 2] * axes[2, 2]
        first, second, third = scales[i, 0], scales[i, 1], scales[i, 2]
        longest = max(first, max(second, third))
        thin = min(first, min(second, third))
        middle = first + second + third - longest - thin
        # area of the Gaussian seen along the light, 2 pi s1 s2, in texels
        area = np.float32(6.2832) * middle * (thin + (longest - thin) * math.sqrt(max(_ZERO, _ONE - along * along)))
        weight = np.float32(STRIDE_HAIR) * opacities[i] * area * inverse * inverse
        hair[row, column, 0] += weight
        hair[row, column, 1] += weight * d
        hair[row, column, 2] += weight * d * d


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def blur_hair(hair, radius):
    """Box blur of ``2 radius + 1`` texels each way, twice; then moments become coverage, mean and 1 / spread."""
    height, width, _ = hair.shape
    flat = hair.reshape(height, width * 3)
    spare = np.zeros_like(flat)
    scale = _ONE / np.float32((2 * radius + 1) ** 2)
    reach = np.uint32(3 * radius)
    last = np.uint32(3 * (width - radius))
    for _ in range(2):
        for row in range(height):  # down the columns: sums of whole rows
            line = spare[row]
            line[:] = _ZERO
            for other in range(max(0, row - radius), min(height, row + radius + 1)):
                source = flat[other]
                for k in range(width * 3):
                    line[k] += source[k]
        for row in range(height):
            line, target = spare[row], flat[row]
            target[:] = _ZERO
            for k in range(reach, last):
                total = line[k]
                for step in range(1, radius + 1):
                    total += line[k - np.uint32(3 * step)] + line[k + np.uint32(3 * step)]
                target[k] = total * scale
    hair[0] = _ZERO
    hair[height - 1] = _ZERO
    hair[:, 0] = _ZERO
    hair[:, width - 1] = _ZERO
    for row in range(height):
        for column in range(width):
            cover = hair[row, column, 0]
            if cover > np.float32(1e-3):
                mean = hair[row, column, 1] / cover
                square = hair[row, column, 2] / cover - mean * mean
                hair[row, column, 1] = mean
                hair[row, column, 2] = _ONE / math.sqrt(max(square, np.float32(9e-6)))
            else:
                hair[row, column, 0] = _ZERO


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def light_through(b, strands, axes, origin, texel, spread, depth, hair, points):
    """Write the part of the lamp that each Gaussian of a block sees, 0..1, to its row "clear".

    ``points`` [8, 2] lie in the unit disc and are turned for each Gaussian by its row "turn", so that neighbours
    differ and the blending of Gaussians averages over them. Both maps are clear along their edges.
    """
    height, width = depth.shape
    flat = depth.reshape(height * width)
    strand_map = hair.reshape(height * width, 3)
    inverse = _ONE / texel
    across, right, top = np.float32(width), np.float32(width - 1), np.float32(height - 1)
    lift = _ZERO if strands else _LIFT
    ax, ay, az = axes[0, 0] * inverse, axes[0, 1] * inverse, axes[0, 2] * inverse
    bx, by, bz = axes[1, 0] * inverse, axes[1, 1] * inverse, axes[1, 2] * inverse
    cx, cy, cz = axes[2, 0], axes[2, 1], axes[2, 2]
    left, low = origin[0] * inverse, origin[1] * inverse
    search = _SEARCH * spread * inverse + _ONE
    # Loads from places that differ do not become vector instructions: they are loops of their own between the others.
    at = np.empty(TAPS * BLOCK, np.int32)
    first = np.empty(TAPS * BLOCK, np.float32)
    line = np.empty(4 * BLOCK, np.float32)  # u, v, distance, reach
    for k in range(BLOCK):
        x = b[PLACE + k] + lift * b[NORMAL + k]
        y = b[PLACE + SECOND + k] + lift * b[NORMAL + SECOND + k]
        z = b[PLACE + THIRD + k] + lift * b[NORMAL + THIRD + k]
        line[k] = ax * x + ay * y + az * z - left
        line[BLOCK + k] = bx * x + by * y + bz * z - low
        line[2 * BLOCK + k] = cx * x + cy * y + cz * z
        line[3 * BLOCK + k] = search
    for tap in range(1, TAPS, 2):
        _find_texels(b, line, at, tap, points[tap, 0], points[tap, 1], across, right, top)
    for tap in range(1, TAPS, 2):
        for k in range(BLOCK):
            first[tap * BLOCK + k] = flat[np.uint32(at[tap * BLOCK + k])]
    for k in range(BLOCK):
        d = line[2 * BLOCK + k]
        near = d - _BIAS
        blocked, distance = _ZERO, np.float32(1e-9)
        for half in range(TAPS // 2):
            found = first[(2 * half + 1) * BLOCK + k]
            hit = _ONE if found < near else _ZERO
            blocked += hit
            distance += hit * (d - max(found, near - _ONE))
        line[3 * BLOCK + k] = max(distance / max(blocked, _ONE) * spread * inverse, np.float32(1.2))
    for tap in range(TAPS):
        _find_texels(b, line, at, tap, points[tap, 0], points[tap, 1], across, right, top)
    for tap in range(TAPS):
        for k in range(BLOCK):
            first[tap * BLOCK + k] = flat[np.uint32(at[tap * BLOCK + k])]
    for k in range(BLOCK):
        near = line[2 * BLOCK + k] - _BIAS
        total = _ZERO
        for tap in range(TAPS):
            total += min(max((near - first[tap * BLOCK + k]) * _SOFT, _ZERO), _ONE)
        b[CLEAR + k] = _ONE - total * np.float32(1.0 / TAPS)
        line[3 * BLOCK + k] = np.float32(0.7)
    # Hair between here and the lamp, at one turned point: as a profile of its distance the smooth step serves.
    _find_texels(b, line, at, 0, _ONE, _ZERO, across, right, top)
    for k in range(BLOCK):
        texel_at = np.uint32(at[k])
        first[k] = strand_map[texel_at, 0]
        first[BLOCK + k] = strand_map[texel_at, 1]
        first[2 * BLOCK + k] = strand_map[texel_at, 2]
    for k in range(BLOCK):
        cover, mean, sharp = first[k], first[BLOCK + k], first[2 * BLOCK + k]
        t = min(max((line[2 * BLOCK + k] - mean) * sharp * np.float32(0.3) + _HALF, _ZERO), _ONE)
        dims = cover * t * t * (np.float32(3.0) - np.float32(2.0) * t) * _HAIR_DENSITY
        b[CLEAR + k] *= _GLEAM + (_ONE - _GLEAM) / (_ONE + dims + dims * dims * _HALF)


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _find_texels(b, line, at, tap, px, py, across, right, top):
    """Write where in a flat map the point ``px py``, turned and stretched for each Gaussian, falls."""
    start = tap * BLOCK
    for k in range(BLOCK):
        cosine, sine, reach = b[TURN + k], b[TURN + SECOND + k], line[3 * BLOCK + k]
        u = min(max(line[k] + (cosine * px - sine * py) * reach, _ZERO), right)
        v = min(max(line[BLOCK + k] + (sine * px + cosine * py) * reach, _ZERO), top)
        at[start + k] = np.int32(np.float32(np.int32(v)) * across + np.float32(np.int32(u)))
