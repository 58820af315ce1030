"""From posed Gaussians to blocks and back, compiled by Numba; ``actors.shade`` calls it."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from actors.body.material import CLOTH, CORNEA, HAIR, IRIS, LIP
from actors.shade_block import (
    ALBEDO,
    ALPHA,
    BLOCK,
    CLEAR,
    DIFFUSE,
    DIM,
    EDGE,
    MIX,
    NORMAL,
    NV,
    OPEN,
    OUT,
    PLACE,
    REFLECTANCE,
    ROWS,
    SECOND,
    THIRD,
    TURN,
    VIEW,
    WRAP,
)  # fmt: skip
from actors.shade_materials import mirrored, shade_cloth, shade_hair, shade_surface
from actors.shadow_kernels import light_through

HIDDEN_AT = np.float32(0.2)  # opaque Gaussians whose n . v is below minus this are not drawn

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
# wrap r g b, reflectance, factors of alpha of both lobes, mix, power of occlusion that dims diffuse light, red edges
_MATERIALS = np.array([
    [0.34, 0.17, 0.11, 0.028, 0.61, 1.69, 0.45, 0.0, 1.0],  # SKIN
    [0.40, 0.16, 0.14, 0.030, 0.56, 1.56, 0.35, 0.0, 1.0],  # LIP
    [0.30, 0.22, 0.20, 0.030, 1.00, 1.00, 0.00, 0.0, 0.0],  # SCLERA
    [0.25, 0.25, 0.25, 0.000, 1.00, 1.00, 0.00, 0.0, 0.0],  # IRIS
    [0.25, 0.22, 0.18, 0.045, 1.00, 1.00, 0.00, 1.0, 0.0],  # TOOTH
    [0.30, 0.12, 0.12, 0.030, 1.00, 1.00, 0.00, 2.0, 0.0],  # MOUTH
], np.float32)  # fmt: skip
_WET = np.float32(0.22)  # least roughness of wet materials, so that their highlights do not sparkle
_BOWL = np.float32(0.9)  # depth of the iris


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _look_from(b):
    """Make the ways to the eye unit vectors and find n . v."""
    for k in range(BLOCK):
        x, y, z = b[VIEW + k], b[VIEW + SECOND + k], b[VIEW + THIRD + k]
        inverse = _ONE / math.sqrt(x * x + y * y + z * z + np.float32(1e-12))
        x *= inverse
        y *= inverse
        z *= inverse
        b[VIEW + k] = x
        b[VIEW + SECOND + k] = y
        b[VIEW + THIRD + k] = z
        nv = b[NORMAL + k] * x + b[NORMAL + SECOND + k] * y + b[NORMAL + THIRD + k] * z
        b[NV + k] = max(nv, np.float32(0.06))


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _finish_block(
    which, count, b, members, towards, colours, sizes, ambient, axes, origin, texel, spread, depth, hair, points, out
):  # fmt: skip
    """Shade the ``count`` first of a block and write them to their rows of ``out``."""
    _look_from(b)
    if depth.shape[0] > 1:
        light_through(b, which == 2, axes, origin, texel, spread, depth, hair, points)
    else:
        b[CLEAR : CLEAR + BLOCK] = _ONE
    if which == 0:
        shade_surface(b, towards, colours, sizes, ambient)
    elif which == 1:
        shade_cloth(b, towards, colours, sizes, ambient)
    else:
        shade_hair(b, towards, colours, sizes, ambient)
    for k in range(count):
        i = members[k]
        out[i, 0] = b[OUT + k]
        out[i, 1] = b[OUT + SECOND + k]
        out[i, 2] = b[OUT + THIRD + k]


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def shade_slice(
    first, last, means, normals, albedo, roughness, occlusion, opacities, material,
    eye, window, towards, colours, sizes, ambient, glints, irises, axes, origin, texel, spread, depth, hair, turns,
    points, out, out_opacity,
):  # fmt: skip
    """Write ``out`` [N, 3] and ``out_opacity`` [N] for Gaussians ``first`` to ``last - 1``.

    ``window`` [5, 4]: planes (a, b, c, d) of the frame; a Gaussian with a x + b y + c z + d < 0 for one is not drawn.
    ``towards``, ``colours`` [3, 3] and ``sizes`` [3]: the lamps key, fill, rim; a negative size marks a window.
    ``ambient`` [4, 3]. ``glints`` [2, 3, 3]: for key and fill the directions towards, right and up of their image in
    an eye, right and up divided by the tangent of its half size. ``irises`` [2, 6]: centre and axis of each.
    ``points`` [8, 2] in the unit disc, turned for Gaussian i by the cosine and sine ``turns[i % 64]``.
    """
    wa, wb, wc, wd = window[0, 0], window[0, 1], window[0, 2], window[0, 3]
    we, wf, wg, wh = window[1, 0], window[1, 1], window[1, 2], window[1, 3]
    wi, wj, wk, wl = window[2, 0], window[2, 1], window[2, 2], window[2, 3]
    wm, wn, wo, wp = window[3, 0], window[3, 1], window[3, 2], window[3, 3]
    wq, wr, ws, wt = window[4, 0], window[4, 1], window[4, 2], window[4, 3]
    eye_x, eye_y, eye_z = eye[0], eye[1], eye[2]
    blocks = np.zeros((3, ROWS * BLOCK), np.float32)  # surface, cloth, hair
    blocks[:, VIEW : VIEW + BLOCK] = _ONE
    members = np.zeros((3, BLOCK), np.int64)
    filled = np.zeros(3, np.int64)
    for i in range(first, last):
        kind = material[i]
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        vx, vy, vz = eye_x - x, eye_y - y, eye_z - z
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        nv = nx * vx + ny * vy + nz * vz
        hidden = kind != HAIR and nv < _ZERO and nv * nv > HIDDEN_AT * HIDDEN_AT * (vx * vx + vy * vy + vz * vz)
        if not hidden:
            side_a = min(wa * x + wb * y + wc * z + wd, we * x + wf * y + wg * z + wh)
            side_b = min(wi * x + wj * y + wk * z + wl, wm * x + wn * y + wo * z + wp)
            hidden = min(min(side_a, side_b), wq * x + wr * y + ws * z + wt) < _ZERO
        if hidden:
            out_opacity[i] = _ZERO
            out[i, 0] = _ZERO
            out[i, 1] = _ZERO
            out[i, 2] = _ZERO
            continue
        if kind == CORNEA:
            inverse = _ONE / math.sqrt(vx * vx + vy * vy + vz * vz + np.float32(1e-12))
            covered = mirrored(i, nx, ny, nz, vx * inverse, vy * inverse, vz * inverse, colours, sizes, glints, out)
            out_opacity[i] = opacities[i] * covered
            continue
        out_opacity[i] = opacities[i]
        which = 2 if kind == HAIR else 1 if kind == CLOTH else 0
        b = blocks[which]
        k = filled[which]
        members[which, k] = i
        b[NORMAL + k] = nx
        b[NORMAL + SECOND + k] = ny
        b[NORMAL + THIRD + k] = nz
        b[PLACE + k] = x
        b[PLACE + SECOND + k] = y
        b[PLACE + THIRD + k] = z
        b[VIEW + k] = vx
        b[VIEW + SECOND + k] = vy
        b[VIEW + THIRD + k] = vz
        b[ALBEDO + k] = albedo[i, 0]
        b[ALBEDO + SECOND + k] = albedo[i, 1]
        b[ALBEDO + THIRD + k] = albedo[i, 2]
        b[OPEN + k] = occlusion[i]
        b[TURN + k] = turns[i & 63, 0]
        b[TURN + SECOND + k] = turns[i & 63, 1]
        if which == 0:
            b[DIFFUSE + k] = nx
            b[DIFFUSE + SECOND + k] = ny
            b[DIFFUSE + THIRD + k] = nz
            b[WRAP + k] = _MATERIALS[kind, 0]
            b[WRAP + SECOND + k] = _MATERIALS[kind, 1]
            b[WRAP + THIRD + k] = _MATERIALS[kind, 2]
            b[REFLECTANCE + k] = _MATERIALS[kind, 3]
            rough = roughness[i] if kind <= LIP else max(roughness[i], _WET)
            b[ALPHA + k] = rough * rough * _MATERIALS[kind, 4]
            b[ALPHA + SECOND + k] = rough * rough * _MATERIALS[kind, 5]
            b[MIX + k] = _MATERIALS[kind, 6]
            b[EDGE + k] = _MATERIALS[kind, 8]
            dim = _ONE
            if _MATERIALS[kind, 7] > _ZERO:
                dim = occlusion[i]
                if _MATERIALS[kind, 7] > _ONE:
                    dim *= dim
            if kind == IRIS:
                # A bowl under the lens of the cornea: light from one side lights the other.
                ex, ey, ez = x - irises[0, 0], y - irises[0, 1], z - irises[0, 2]
                px, py, pz = x - irises[1, 0], y - irises[1, 1], z - irises[1, 2]
                side = 1 if px * px + py * py + pz * pz < ex * ex + ey * ey + ez * ez else 0
                gx, gy, gz = irises[side, 3], irises[side, 4], irises[side, 5]
                along = _ONE + _BOWL * (nx * gx + ny * gy + nz * gz)
                b[DIFFUSE + k] = gx * along - _BOWL * nx
                b[DIFFUSE + SECOND + k] = gy * along - _BOWL * ny
                b[DIFFUSE + THIRD + k] = gz * along - _BOWL * nz
                dim = np.float32(1.25)
            b[DIM + k] = dim
        filled[which] = k + 1
        if k + 1 == BLOCK:
            filled[which] = 0
            _finish_block(
                which, BLOCK, b, members[which], towards, colours, sizes, ambient, axes, origin, texel, spread, depth,
                hair, points, out,
            )  # fmt: skip
    for which in range(3):
        if filled[which] > 0:
            _finish_block(
                which, filled[which], blocks[which], members[which], towards, colours, sizes, ambient, axes, origin,
                texel, spread, depth, hair, points, out,
            )  # fmt: skip
