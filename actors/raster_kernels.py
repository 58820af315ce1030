"""The inner loops of the CPU rasteriser, compiled by Numba; ``actors.rasterise`` calls them.

Each kernel works on a slice of the problem that no other call touches and releases the GIL, so any number of
threads gives the same bytes. The steps and their constants are those of gsplat's classic mode (EWA splatting,
Zwicker et al. 2001; 3D Gaussian Splatting, Kerbl et al. 2023), checked against ``actors.rasterise_reference``.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

TILE_W = 8
TILE_H = 16
TILE_SIZE = TILE_W * TILE_H
DOWN, THROUGH, SUM0, SUM1, SUM2, SUM3 = (np.uint64(plane * TILE_SIZE) for plane in range(1, 7))
BATCH = 8  # splats gathered at once, so that their cache misses overlap
LOW_PASS = np.float32(0.3)  # px^2 added to the projected covariance, gsplat's eps2d
ALPHA_MIN = np.float32(1.0 / 255.0)
ALPHA_MAX = np.float32(0.999)
STOP = np.float32(1e-4)  # transmittance at which a pixel is finished
SIGMAS_MAX = np.float32(3.33)  # extent is min(this, where alpha falls under ALPHA_MIN)
HIDDEN = np.uint32(0xFFFFFFFF)  # depth key of a Gaussian that is not drawn

# Columns of a splat record [N, 16], one cache line: centre u v (px), log2-conic a b c, log2 opacity, half extents ex
# ey (px), how far right of the centre its highest point is (px), 1 / 2c, four channels to blend.
U, V, A, B, C, LOG_OPACITY, EX, EY, SUMMIT, HALF_INVERSE, CHANNEL = range(11)
RECORD = 16

_LOG2E = np.float32(math.log2(math.e))
_LN2 = np.float32(math.log(2.0))
_EXPONENT_MIN = np.float32(math.log2(1.0 / 255.0))
_ONE, _ZERO, _HALF, _TWO, _FOUR = (np.float32(v) for v in (1.0, 0.0, 0.5, 2.0, 4.0))
_SLACK = np.float32(0.01)  # pixels, for rounding


def _exp2_polynomial() -> list[np.float32]:
    """Coefficients of 2^f on (-1, 0], degree 5, least squares in relative error at Chebyshev nodes."""
    f = -(1.0 - np.cos(np.pi * (np.arange(400) + 0.5) / 400)) / 2.0
    powers = np.vander(f, 6, increasing=True)[:, 1:]
    exact = 2.0**f
    return [np.float32(c) for c in np.linalg.lstsq(powers / exact[:, None], (exact - 1.0) / exact, rcond=None)[0]]


_P1, _P2, _P3, _P4, _P5 = _exp2_polynomial()


@intrinsic
def _float_of_bits(typing, bits):
    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return nb.types.float32(nb.types.int32), build


@intrinsic
def _bits_of_float(typing, value):
    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(32))

    return nb.types.int32(nb.types.float32), build


@nb.njit(fastmath=True, inline="always")
def _exp2(exponent):
    """2^exponent for exponents in [-126, 0], relative error 2e-6: what LLVM can turn into vectors, unlike exp."""
    whole = np.int32(exponent)
    f = exponent - np.float32(whole)
    p = _ONE + f * (_P1 + f * (_P2 + f * (_P3 + f * (_P4 + f * _P5))))
    return p * _float_of_bits(np.int32((whole + np.int32(127)) << np.int32(23)))


@nb.njit(nogil=True, cache=True, fastmath=True)
def project(
    first, last, means, quats, scales, opacities, colours, view, fx, fy, cx, cy, width, height, near, splats, keys, box
):
    """Records, depth keys and tile boxes (x0, x1, y0, y1, half open) of Gaussians ``first`` to ``last - 1``.

    The channels are colour and depth. Of a Gaussian that is not drawn, only the key is written.
    """
    w = np.float32(width)
    h = np.float32(height)
    slack_x = np.float32(0.15) * w / fx
    slack_y = np.float32(0.15) * h / fy
    x_high = (w - cx) / fx + slack_x
    x_low = -(cx / fx + slack_x)
    y_high = (h - cy) / fy + slack_y
    y_low = -(cy / fy + slack_y)
    tiles_x = (width + TILE_W - 1) // TILE_W
    tiles_y = (height + TILE_H - 1) // TILE_H
    r00, r01, r02, t0 = view[0, 0], view[0, 1], view[0, 2], view[0, 3]
    r10, r11, r12, t1 = view[1, 0], view[1, 1], view[1, 2], view[1, 3]
    r20, r21, r22, t2 = view[2, 0], view[2, 1], view[2, 2], view[2, 3]
    for i in range(first, last):
        keys[i] = HIDDEN
        opacity = opacities[i]
        if opacity < ALPHA_MIN:
            continue
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        depth = r20 * x + r21 * y + r22 * z + t2
        if depth <= near:
            continue
        inverse = _ONE / depth
        px = (r00 * x + r01 * y + r02 * z + t0) * inverse
        py = (r10 * x + r11 * y + r12 * z + t1) * inverse
        u = fx * px + cx
        v = fy * py + cy
        # Nothing wider than 3.33 sigmas of its largest axis can reach the image: a cheap test before the covariance.
        s0, s1, s2 = scales[i, 0], scales[i, 1], scales[i, 2]
        reach = SIGMAS_MAX * (max(s0, max(s1, s2)) * max(fx, fy) * inverse * np.float32(1.6) + np.float32(0.6))
        if u + reach <= _ZERO or u - reach >= w or v + reach <= _ZERO or v - reach >= h:
            continue
        qw, qx, qy, qz = quats[i, 0], quats[i, 1], quats[i, 2], quats[i, 3]
        n = _ONE / math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz)
        qw *= n
        qx *= n
        qy *= n
        qz *= n
        # Rows of the Jacobian times the view's rotation: image-plane gradients in world axes.
        jx = min(max(px, x_low), x_high)
        jy = min(max(py, y_low), y_high)
        j0 = fx * inverse
        j2 = -j0 * jx
        k1 = fy * inverse
        k2 = -k1 * jy
        gx0, gx1, gx2 = j0 * r00 + j2 * r20, j0 * r01 + j2 * r21, j0 * r02 + j2 * r22
        gy0, gy1, gy2 = k1 * r10 + k2 * r20, k1 * r11 + k2 * r21, k1 * r12 + k2 * r22
        m00 = _ONE - _TWO * (qy * qy + qz * qz)
        m01 = _TWO * (qx * qy - qw * qz)
        m02 = _TWO * (qx * qz + qw * qy)
        m10 = _TWO * (qx * qy + qw * qz)
        m11 = _ONE - _TWO * (qx * qx + qz * qz)
        m12 = _TWO * (qy * qz - qw * qx)
        m20 = _TWO * (qx * qz - qw * qy)
        m21 = _TWO * (qy * qz + qw * qx)
        m22 = _ONE - _TWO * (qx * qx + qy * qy)
        a0 = (gx0 * m00 + gx1 * m10 + gx2 * m20) * s0
        a1 = (gx0 * m01 + gx1 * m11 + gx2 * m21) * s1
        a2 = (gx0 * m02 + gx1 * m12 + gx2 * m22) * s2
        b0 = (gy0 * m00 + gy1 * m10 + gy2 * m20) * s0
        b1 = (gy0 * m01 + gy1 * m11 + gy2 * m21) * s1
        b2 = (gy0 * m02 + gy1 * m12 + gy2 * m22) * s2
        xx = a0 * a0 + a1 * a1 + a2 * a2 + LOW_PASS
        xy = a0 * b0 + a1 * b1 + a2 * b2
        yy = b0 * b0 + b1 * b1 + b2 * b2 + LOW_PASS
        determinant = xx * yy - xy * xy
        if determinant <= _ZERO:
            continue
        log_opacity = np.float32(math.log2(opacity))
        extent2 = min(SIGMAS_MAX * SIGMAS_MAX, _TWO * _LN2 * (log_opacity - _EXPONENT_MIN))
        ex = np.float32(math.sqrt(extent2 * xx))
        ey = np.float32(math.sqrt(extent2 * yy))
        # Truncation is the floor of what is not negative, and LLVM knows how to do it without a call.
        x0 = np.int32(max((u - ex) * np.float32(1.0 / TILE_W), _ZERO))
        x1 = min(tiles_x, np.int32(max((u + ex) * np.float32(1.0 / TILE_W) + _ONE, _ZERO)))
        y0 = np.int32(max((v - ey) * np.float32(1.0 / TILE_H), _ZERO))
        y1 = min(tiles_y, np.int32(max((v + ey) * np.float32(1.0 / TILE_H) + _ONE, _ZERO)))
        if x0 >= x1 or y0 >= y1:
            continue
        scale = _LOG2E / determinant
        splat = splats[i]
        splat[U] = u
        splat[V] = v
        splat[A] = -_HALF * yy * scale
        splat[B] = xy * scale
        splat[C] = -_HALF * xx * scale
        splat[LOG_OPACITY] = log_opacity
        splat[EX] = ex
        splat[EY] = ey
        splat[SUMMIT] = _HALF * splat[B] * ey / splat[A]
        splat[HALF_INVERSE] = _HALF / splat[C]
        splat[CHANNEL] = colours[i, 0]
        splat[CHANNEL + 1] = colours[i, 1]
        splat[CHANNEL + 2] = colours[i, 2]
        splat[CHANNEL + 3] = depth
        box[i, 0] = x0
        box[i, 1] = x1
        box[i, 2] = y0
        box[i, 3] = y1
        keys[i] = np.uint32(_bits_of_float(depth))


@nb.njit(nogil=True, cache=True)
def sort_by_depth(keys, order, spare_keys, spare_order):
    """Write the visible indices to ``order``, nearest first, ties by index; return how many (LSD radix, 3 x 11 bit)."""
    count = 0
    for i in range(keys.shape[0]):
        if keys[i] != HIDDEN:
            spare_keys[count] = keys[i]
            spare_order[count] = i
            count += 1
    starts = np.zeros((3, 2048), np.int32)
    for i in range(count):
        key = spare_keys[i]
        starts[0, key & 2047] += 1
        starts[1, (key >> 11) & 2047] += 1
        starts[2, key >> 22] += 1
    for digit in range(3):
        total = 0
        for bucket in range(2048):
            size = starts[digit, bucket]
            starts[digit, bucket] = total
            total += size
    for i in range(count):
        key = spare_keys[i]
        at = starts[0, key & 2047]
        starts[0, key & 2047] = at + 1
        keys[at] = key
        order[at] = spare_order[i]
    for i in range(count):
        key = keys[i]
        at = starts[1, (key >> 11) & 2047]
        starts[1, (key >> 11) & 2047] = at + 1
        spare_keys[at] = key
        spare_order[at] = order[i]
    for i in range(count):
        key = spare_keys[i]
        at = starts[2, key >> 22]
        starts[2, key >> 22] = at + 1
        order[at] = spare_order[i]
    return count


@nb.njit(nogil=True, cache=True)
def count_tiles(order, count, box, per_tile):
    """How many splats touch each tile, [tiles_y, tiles_x]."""
    per_tile[:] = 0
    for k in range(count):
        i = order[k]
        for y in range(np.uint32(box[i, 2]), np.uint32(box[i, 3])):
            for x in range(np.uint32(box[i, 0]), np.uint32(box[i, 1])):
                per_tile[y, x] += 1


@nb.njit(nogil=True, cache=True)
def fill_tiles(order, count, box, cursor, lists):
    """Write each tile's splats, nearest first, from ``cursor`` [tiles_y, tiles_x] on; moves the cursors."""
    for k in range(count):
        i = order[k]
        for y in range(np.uint32(box[i, 2]), np.uint32(box[i, 3])):
            for x in range(np.uint32(box[i, 0]), np.uint32(box[i, 1])):
                at = cursor[y, x]
                lists[at] = i
                cursor[y, x] = at + 1


@nb.njit(inline="always")
def _finished(tile_memory, row):
    """Whether no pixel of a tile's row lets light through any more."""
    unfinished = np.int32(0)
    for x in range(TILE_W):
        unfinished += np.int32(1) if tile_memory[THROUGH + np.uint64(row * TILE_W + x)] > _ZERO else np.int32(0)
    return unfinished == 0


@nb.njit(nogil=True, cache=True, fastmath=True)
def blend(first, stride, starts, lists, splats, width, height, out, alpha):
    """Blend the four channels of the records front to back in tiles ``first``, ``first + stride``, ...

    Writes the premultiplied sums to ``out`` [H, W, 4] and 1 - transmittance to ``alpha`` [H, W].
    """
    tiles_x = (width + TILE_W - 1) // TILE_W
    tiles_y = (height + TILE_H - 1) // TILE_H
    # Planes of one tile, one after the other in one array, pixels in rows: offsets x and y, transmittance, four sums.
    # One flat loop over the rows that a splat reaches, at constant distances in one array, is what LLVM turns into
    # vectors without checks for overlap at run time.
    memory = np.empty(7 * TILE_SIZE + 16, np.float32)
    offset = ((-memory.ctypes.data) & 63) >> 2
    tile_memory = memory[offset : offset + 7 * TILE_SIZE]
    batch = np.empty((BATCH, RECORD), np.float32)
    reach = np.empty((BATCH, 2), np.int32)
    for p in range(np.uint64(TILE_SIZE)):
        tile_memory[p] = np.float32(p % TILE_W) + _HALF
        tile_memory[p + DOWN] = np.float32(p // TILE_W) + _HALF
    for tile in range(first, tiles_x * tiles_y, stride):
        tile_y = tile // tiles_x
        tile_x = tile - tile_y * tiles_x
        left = np.float32(tile_x * TILE_W)
        top = np.float32(tile_y * TILE_H)
        for p in range(np.uint64(TILE_SIZE)):
            tile_memory[p + THROUGH] = _ONE
            tile_memory[p + SUM0] = _ZERO
            tile_memory[p + SUM1] = _ZERO
            tile_memory[p + SUM2] = _ZERO
            tile_memory[p + SUM3] = _ZERO
        open_first = 0  # rows from here ...
        open_last = TILE_H  # ... to before here still let light through
        for start in range(starts[tile], starts[tile + 1], BATCH):
            size = min(BATCH, starts[tile + 1] - start)
            for k in range(np.uint32(size)):
                splat = splats[np.uint32(lists[start + k])]
                u = splat[U] - left
                v = splat[V] - top
                a, b, c, lo = splat[A], splat[B], splat[C], splat[LOG_OPACITY]
                # Rows of this tile that the ellipse reaches: its highest and lowest point between the tile's edges.
                summit, inverse, level = splat[SUMMIT], splat[HALF_INVERSE], lo - _EXPONENT_MIN
                x0 = max(_HALF - u, -splat[EX])
                x1 = max(min(np.float32(TILE_W) - _HALF - u, splat[EX]), x0)
                over = min(max(summit, x0), x1)
                under = min(max(-summit, x0), x1)
                rise = math.sqrt(max(b * b * over * over - _FOUR * c * (a * over * over + level), _ZERO))
                fall = math.sqrt(max(b * b * under * under - _FOUR * c * (a * under * under + level), _ZERO))
                reach[k, 0] = np.int32(max(v + (rise - b * over) * inverse + _HALF - _SLACK, _ZERO))
                reach[k, 1] = min(TILE_H, np.int32(max(v + (-fall - b * under) * inverse + _HALF + _SLACK, _ZERO)))
                record = batch[k]
                record[0] = -u
                record[1] = -v
                record[2] = a
                record[3] = b
                record[4] = c
                record[5] = lo
                record[6] = splat[CHANNEL]
                record[7] = splat[CHANNEL + 1]
                record[8] = splat[CHANNEL + 2]
                record[9] = splat[CHANNEL + 3]
            for k in range(np.uint32(size)):
                record = batch[k]
                ux, vy, a, b, c, lo = record[0], record[1], record[2], record[3], record[4], record[5]
                c0, c1, c2, c3 = record[6], record[7], record[8], record[9]
                y0 = max(open_first, reach[k, 0])
                y1 = min(open_last, reach[k, 1])
                for p in range(np.uint64(y0 * TILE_W), np.uint64(max(y1, y0) * TILE_W)):
                    dx = ux + tile_memory[p]
                    dy = vy + tile_memory[p + DOWN]
                    exponent = (a * dx + b * dy) * dx + (c * dy * dy + lo)
                    value = min(_exp2(max(exponent, np.float32(-30.0))), ALPHA_MAX)
                    value = value if exponent >= _EXPONENT_MIN else _ZERO
                    before = tile_memory[p + THROUGH]
                    weight = value * before
                    rest = before - weight
                    goes_on = rest > STOP
                    weight = weight if goes_on else _ZERO
                    tile_memory[p + THROUGH] = rest if goes_on else -abs(before)  # negative: finished
                    tile_memory[p + SUM0] += weight * c0
                    tile_memory[p + SUM1] += weight * c1
                    tile_memory[p + SUM2] += weight * c2
                    tile_memory[p + SUM3] += weight * c3
            while open_first < open_last and _finished(tile_memory, open_first):
                open_first += 1
            while open_first < open_last and _finished(tile_memory, open_last - 1):
                open_last -= 1
            if open_first == open_last:
                break
        for y in range(min(TILE_H, height - tile_y * TILE_H)):
            yy = tile_y * TILE_H + y
            for x in range(min(TILE_W, width - tile_x * TILE_W)):
                xx = tile_x * TILE_W + x
                p = np.uint64(y * TILE_W + x)
                alpha[yy, xx] = _ONE - abs(tile_memory[p + THROUGH])
                out[yy, xx, 0] = tile_memory[p + SUM0]
                out[yy, xx, 1] = tile_memory[p + SUM1]
                out[yy, xx, 2] = tile_memory[p + SUM2]
                out[yy, xx, 3] = tile_memory[p + SUM3]
