"""The inner loops of grading, compiled by Numba; ``actors.grade`` calls them."""

from __future__ import annotations

import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from actors.grade import LUT_HIGH, LUT_LOW, LUT_STEPS

GLOW = 8  # pixels to a side of one cell of the glow

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_DARKEST = np.float32(2.0**LUT_LOW)
_BRIGHTEST = np.float32(2.0**LUT_HIGH * (1.0 - 1e-6))
_SHIFT = np.int32(23 - int(np.log2(LUT_STEPS)))
_FIRST = np.int32((LUT_LOW + 127) * LUT_STEPS)
_WHITE = np.float32(1.2)  # scene light above which highlights glow


@intrinsic
def _bits_of(typing, value):
    def build(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(32))

    return nb.types.int32(nb.types.float32), build


@nb.njit(inline="always")
def _mixed(h):
    """A uint32 hash (Wellons' lowbias32); every step is cut to 32 bits, because Numba widens unsigned sums."""
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D))
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(h ^ (h >> np.uint32(16)))


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def glow_of(rgb, alpha, behind, amount):
    """Light above white, averaged in cells of GLOW pixels and spread: [rows + 2, columns + 2, 3], times ``amount``.

    Every second pixel of every second row is looked at. ``behind`` counts a quarter: it is out of focus already.
    """
    height, width = alpha.shape
    rows, columns = (height + GLOW - 1) // GLOW, (width + GLOW - 1) // GLOW
    cells = np.zeros((rows + 2, columns + 2, 3), np.float32)
    if amount <= _ZERO:
        return cells
    scale = amount * np.float32(4.0 / (GLOW * GLOW))
    for y in range(0, height, 2):
        row = y // GLOW + 1
        for x in range(0, width, 2):
            r, g, b = rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2]
            if max(r, max(g, b)) > _WHITE:
                column = x // GLOW + 1
                cells[row, column, 0] += min(r, np.float32(8.0)) * scale
                cells[row, column, 1] += min(g, np.float32(8.0)) * scale
                cells[row, column, 2] += min(b, np.float32(8.0)) * scale
    spare = np.empty_like(cells)
    quarter = np.float32(0.25)
    for _ in range(3):
        for row in range(rows + 2):
            for column in range(columns + 2):
                before, after = max(column - 1, 0), min(column + 1, columns + 1)
                for c in range(3):
                    spare[row, column, c] = _HALF * cells[row, column, c] + quarter * (
                        cells[row, before, c] + cells[row, after, c]
                    )
        for row in range(rows + 2):
            before, after = max(row - 1, 0), min(row + 1, rows + 1)
            for column in range(columns + 2):
                for c in range(3):
                    cells[row, column, c] = _HALF * spare[row, column, c] + quarter * (
                        spare[before, column, c] + spare[after, column, c]
                    )
    return cells


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def finish_rows(first, last, rgb, alpha, behind, glow, matrix, table, vignette, grain, salt, out):
    """Write rows ``first`` to ``last - 1`` of ``out`` [H, W, 3] uint8; each step is a loop of its own, so that most
    of them become vector instructions."""
    height, width = alpha.shape
    backed = behind.shape[0] > 1
    half_w, half_h = np.float32(width) * _HALF, np.float32(height) * _HALF
    corner = vignette / (half_w * half_w + half_h * half_h)
    cell = np.float32(1.0 / GLOW)
    m00, m01, m02 = matrix[0, 0], matrix[0, 1], matrix[0, 2]
    m10, m11, m12 = matrix[1, 0], matrix[1, 1], matrix[1, 2]
    m20, m21, m22 = matrix[2, 0], matrix[2, 1], matrix[2, 2]
    red, green, blue = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    noise, fine, at = np.empty(width, np.float32), np.empty(width, np.int32), np.empty(width, np.int32)
    columns = glow.shape[1]
    spread = np.empty((3, columns * GLOW), np.float32)
    for y in range(first, last):
        v = (np.float32(y) + _HALF) * cell + _HALF
        above = int(v)
        t = v - np.float32(above)
        for c in range(3):
            line = spread[c]
            for column in range(columns - 1):
                here = glow[above, column, c] * (_ONE - t) + glow[above + 1, column, c] * t
                step = (glow[above, column + 1, c] * (_ONE - t) + glow[above + 1, column + 1, c] * t - here) * cell
                for k in range(GLOW):
                    line[column * GLOW + k] = here + step * (np.float32(k) + _HALF)
        for x in range(width):
            red[x] = rgb[y, x, 0]
            green[x] = rgb[y, x, 1]
            blue[x] = rgb[y, x, 2]
        if backed:
            for x in range(width):
                clear = _ONE - alpha[y, x]
                red[x] += clear * behind[y, x, 0]
                green[x] += clear * behind[y, x, 1]
                blue[x] += clear * behind[y, x, 2]
        dy = np.float32(y) + _HALF - half_h
        for x in range(width):
            dx = np.float32(x) + _HALF - half_w
            keep = _ONE - corner * (dx * dx + dy * dy)
            r = (red[x] + spread[0, x + GLOW // 2]) * keep
            g = (green[x] + spread[1, x + GLOW // 2]) * keep
            b = (blue[x] + spread[2, x + GLOW // 2]) * keep
            red[x] = min(max(m00 * r + m01 * g + m02 * b, _DARKEST), _BRIGHTEST)
            green[x] = min(max(m10 * r + m11 * g + m12 * b, _DARKEST), _BRIGHTEST)
            blue[x] = min(max(m20 * r + m21 * g + m22 * b, _DARKEST), _BRIGHTEST)
        if grain > _ZERO:
            start = np.uint32(y * width)
            for x in range(width):
                h = _mixed(np.uint32(np.uint32(start + np.uint32(x)) ^ salt))
                # the sum of four bytes is nearly normal: mean 510, standard deviation 148
                pairs = np.uint32((h & np.uint32(0x00FF00FF)) + ((h >> np.uint32(8)) & np.uint32(0x00FF00FF)))
                total = np.uint32((pairs & np.uint32(0xFFFF)) + (pairs >> np.uint32(16)))
                noise[x] = (np.float32(np.int32(total)) - np.float32(510.0)) * np.float32(1.0 / 148.0) * grain
                fine[x] = np.int32(np.uint32(h * np.uint32(0x2C1B3C6D)) >> np.uint32(2))
        _print_line(red, table, at, noise, fine, 0, grain)
        _print_line(green, table, at, noise, fine, 1, grain)
        _print_line(blue, table, at, noise, fine, 2, grain)
        line = out[y]
        for x in range(width):
            line[x, 0] = np.uint8(np.int32(red[x]))
            line[x, 1] = np.uint8(np.int32(green[x]))
            line[x, 2] = np.uint8(np.int32(blue[x]))


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _print_line(light, table, at, noise, fine, channel, grain):
    """Turn one channel of one row into code values: the film curve, grain, dither, and half a step to be cut off."""
    shift = np.int32(10 * channel)
    for x in range(light.shape[0]):
        at[x] = np.int32(_bits_of(light[x]) >> _SHIFT) - _FIRST
    for x in range(light.shape[0]):
        light[x] = table[np.uint32(at[x])]
    if grain > _ZERO:
        for x in range(light.shape[0]):
            code = light[x]
            # strongest in the midtones, nearly gone in black and white, as silver grain is
            strength = np.float32(0.15) + code * (np.float32(255.0) - code) * np.float32(0.85 / 16256.0)
            dither = np.float32((fine[x] >> shift) & np.int32(1023)) * np.float32(1.0 / 1024.0) - _HALF
            light[x] = code + noise[x] * strength + dither
    for x in range(light.shape[0]):
        light[x] = min(max(light[x] + _HALF, _ZERO), np.float32(255.0))
