"""The inner loops of shadow maps, compiled by Numba; ``actors.shadow`` and ``actors.shade_kernels`` call them."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

HAIR = 6  # of actors.body.material
CORNEA = 8
STRIDE_HAIR = 3  # every how many strand pieces one is drawn; the others are weighed in

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_BIAS = np.float32(0.0045)  # metres: thickness of a surface made of Gaussians
_LIFT = np.float32(0.003)  # metres along the normal
_SOFT = np.float32(1.0 / 0.004)  # per metre: a blocker fades in over this depth
_SEARCH = np.float32(0.05)  # metres: the blocker distance whose penumbra is searched
_HAIR_DENSITY = np.float32(0.55)  # dimming per unit of hair coverage: strands scatter forward, so less than 1


@nb.njit(nogil=True, cache=True, fastmath=True)
def splat_opaque(means, scales, opacities, normals, material, axes, origin, texel, depth):
    """Lower ``depth`` to every opaque Gaussian that faces the lamp."""
    height, width = depth.shape
    inverse = _ONE / texel
    for i in range(means.shape[0]):
        kind = material[i]
        if kind == HAIR or kind == CORNEA or opacities[i] < _HALF:
            continue
        facing = -(normals[i, 0] * axes[2, 0] + normals[i, 1] * axes[2, 1] + normals[i, 2] * axes[2, 2])
        if facing < np.float32(-0.1):
            continue
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        u = (axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z - origin[0]) * inverse
        v = (axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z - origin[1]) * inverse
        d = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        radius = min(max(max(scales[i, 0], scales[i, 1]) * inverse, np.float32(0.4)), np.float32(3.0))
        first_x = max(0, int(math.floor(u - radius)))
        last_x = min(width - 1, int(math.floor(u + radius)))
        last_y = min(height - 1, int(math.floor(v + radius)))
        for row in range(max(0, int(math.floor(v - radius))), last_y + 1):
            for column in range(first_x, last_x + 1):
                if d < depth[row, column]:
                    depth[row, column] = d


@nb.njit(nogil=True, cache=True, fastmath=True)
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


@nb.njit(nogil=True, cache=True, fastmath=True)
def blur_hair(hair, radius):
    """Two box blurs of ``2 radius + 1`` texels each way, in place."""
    height, width, channels = hair.shape
    line = np.empty((max(height, width), channels), np.float32)
    scale = _ONE / np.float32(2 * radius + 1)
    for _ in range(2):
        for row in range(height):
            _box(hair[row], line[:width], radius, scale)
        for column in range(width):
            _box(hair[:, column], line[:height], radius, scale)


@nb.njit(inline="always")
def _box(values, line, radius, scale):
    count = values.shape[0]
    for channel in range(3):
        total = _ZERO
        for k in range(min(radius, count)):
            total += values[k, channel]
        for k in range(count):
            if k + radius < count:
                total += values[k + radius, channel]
            line[k, channel] = total * scale
            if k >= radius:
                total -= values[k - radius, channel]
    for k in range(count):
        for channel in range(3):
            values[k, channel] = max(line[k, channel], _ZERO)


@nb.njit(inline="always", fastmath=True)
def light_through(i, x, y, z, nx, ny, nz, axes, origin, texel, spread, depth, hair, disc):
    """The part of the lamp that point ``x y z`` sees, 0..1.

    ``disc`` [M, 8, 2] holds M turned sets of 8 points in the unit disc; ``i`` picks one, so that neighbours differ
    and the blending of Gaussians averages over them.
    """
    height, width = depth.shape
    inverse = _ONE / texel
    x += nx * _LIFT
    y += ny * _LIFT
    z += nz * _LIFT
    u = (axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z - origin[0]) * inverse
    v = (axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z - origin[1]) * inverse
    d = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
    clear = _ONE
    points = disc[i % disc.shape[0]]

    near = d - _BIAS
    reach = _SEARCH * spread * inverse + _ONE
    blocked = _ZERO
    distance = _ZERO
    for k in range(0, 8, 2):
        column = int(u + points[k, 0] * reach)
        row = int(v + points[k, 1] * reach)
        if column >= 0 and row >= 0 and column < width and row < height:
            first = depth[row, column]
            if first < near:
                blocked += _ONE
                distance += d - first
    if blocked > _ZERO:
        reach = max(distance / blocked * spread * inverse, np.float32(1.2))
        total = _ZERO
        for k in range(8):
            column = int(u + points[k, 0] * reach)
            row = int(v + points[k, 1] * reach)
            if column >= 0 and row >= 0 and column < width and row < height:
                total += min(max((near - depth[row, column]) * _SOFT, _ZERO), _ONE)
        clear = _ONE - total * np.float32(0.125)

    # hair between here and the lamp: bilinear, with a logistic instead of the error function as its profile
    a, b = u - _HALF, v - _HALF
    column, row = int(math.floor(a)), int(math.floor(b))
    if column >= 0 and row >= 0 and column + 1 < width and row + 1 < height:
        a -= np.float32(column)
        b -= np.float32(row)
        w00, w10, w01, w11 = (_ONE - a) * (_ONE - b), a * (_ONE - b), (_ONE - a) * b, a * b
        p, q, r, s = hair[row, column], hair[row, column + 1], hair[row + 1, column], hair[row + 1, column + 1]
        cover = w00 * p[0] + w10 * q[0] + w01 * r[0] + w11 * s[0]
        if cover > np.float32(1e-3):
            mean = (w00 * p[1] + w10 * q[1] + w01 * r[1] + w11 * s[1]) / cover
            square = (w00 * p[2] + w10 * q[2] + w01 * r[2] + w11 * s[2]) / cover
            sigma = math.sqrt(max(square - mean * mean, np.float32(9e-6)))
            t = (d - mean) / sigma * np.float32(0.8)
            before = _HALF + _HALF * t / math.sqrt(_ONE + t * t)
            clear /= _ONE + (cover * before * _HAIR_DENSITY) ** 2 * _HALF + cover * before * _HAIR_DENSITY
    return clear
