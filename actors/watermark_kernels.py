"""Numba kernels: sRGB to bt709 4:2:0, and the watermark added to the luma on the way.

Conversion: ITU-R BT.709-6, items 3.2 to 3.5 (8 bit, limited range). Chroma is sited on the left luma sample and
halfway between two rows, which is what H.264 assumes when a stream says nothing (H.264 annex E, figure E-1).
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = 8  # pixels; side of the square in which the picture's activity is measured

_R, _G, _B = np.float32(0.2126 * 219 / 255), np.float32(0.7152 * 219 / 255), np.float32(0.0722 * 219 / 255)
_CB = np.float32(224 / 219 / 1.8556)  # from (B - Y) in luma codes to Cb codes
_CR = np.float32(224 / 219 / 1.5748)
_RANGE = np.float32(219 / 255)


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def luma_and_chroma(rgb, luma, cb, cr):
    """Fill luma [H, W] float32 (16..235, not rounded) and cb, cr [H/2, W/2] uint8 from rgb [H, W, 3] uint8."""
    height, width = luma.shape
    flat = rgb.reshape(height, width * 3)
    half = width // 2
    sums = np.empty((3, width + 1), np.float32)  # of two rows; column 0 repeats the first one
    for pair in range(height // 2):
        upper, lower = flat[2 * pair], flat[2 * pair + 1]
        y0, y1 = luma[2 * pair], luma[2 * pair + 1]
        red, green, blue = sums[0], sums[1], sums[2]
        for x in range(width):
            r0, g0, b0 = np.float32(upper[3 * x]), np.float32(upper[3 * x + 1]), np.float32(upper[3 * x + 2])
            r1, g1, b1 = np.float32(lower[3 * x]), np.float32(lower[3 * x + 1]), np.float32(lower[3 * x + 2])
            y0[x] = np.float32(16.0) + _R * r0 + _G * g0 + _B * b0
            y1[x] = np.float32(16.0) + _R * r1 + _G * g1 + _B * b1
            red[x + 1], green[x + 1], blue[x + 1] = r0 + r1, g0 + g1, b0 + b1
        red[0], green[0], blue[0] = red[1], green[1], blue[1]
        row_b, row_r = cb[pair], cr[pair]
        for x in range(half):
            r = (red[2 * x] + np.float32(2.0) * red[2 * x + 1] + red[2 * x + 2]) * np.float32(0.125)
            g = (green[2 * x] + np.float32(2.0) * green[2 * x + 1] + green[2 * x + 2]) * np.float32(0.125)
            b = (blue[2 * x] + np.float32(2.0) * blue[2 * x + 1] + blue[2 * x + 2]) * np.float32(0.125)
            y = _R * r + _G * g + _B * b
            row_b[x] = np.uint8(np.float32(128.5) + _CB * (_RANGE * b - y))
            row_r[x] = np.uint8(np.float32(128.5) + _CR * (_RANGE * r - y))


@njit(cache=True, nogil=True, fastmath=True)
def block_gains(luma, floor, slope, ceiling, activity, gains):
    """Strength of the mark at the corners of 8x8 blocks, by what the picture hides there.

    ``activity`` [h, w] (scratch) is the mean absolute step between neighbours, in luma codes; a corner takes the
    calmest of the blocks around it, so that nothing shows beside an edge, and less in the dark, where eyes see more.
    ``gains`` [h + 1, w + 1], luma codes.
    """
    height, width = luma.shape
    down, across = activity.shape
    steps = np.empty(width, np.float32)
    for i in range(down):
        top = i * BLOCK
        rows = min(BLOCK, height - 1 - top)
        if rows <= 0:
            activity[i, :] = activity[i - 1, :]
            continue
        steps[:] = np.float32(0.0)
        for y in range(top, top + rows, 2):
            row, below = luma[y], luma[y + 1]
            for x in range(width - 1):
                steps[x] += abs(row[x + 1] - row[x]) + abs(below[x] - row[x])
        scale = np.float32(1.0) / np.float32(2 * ((rows + 1) // 2))
        for j in range(across):
            left, right = j * BLOCK, min(j * BLOCK + BLOCK, width - 1)
            total = np.float32(0.0)
            for x in range(left, right):
                total += steps[x]
            activity[i, j] = total * scale / np.float32(max(1, right - left))
    for i in range(down + 1):
        for j in range(across + 1):
            up, low = max(i - 1, 0), min(i, down - 1)
            left, right = max(j - 1, 0), min(j, across - 1)
            calm = min(min(activity[up, left], activity[up, right]), min(activity[low, left], activity[low, right]))
            light = luma[min(i * BLOCK, height - 1), min(j * BLOCK, width - 1)] - np.float32(16.0)
            dark = min(np.float32(1.0), np.float32(0.4) + np.float32(0.6 / 24.0) * light)
            gains[i, j] = dark * min(floor + slope * calm, ceiling)


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def add_mark(luma, pattern, gains, out):
    """Round luma + gain * pattern / 127 into out [H, W] uint8, kept inside 16..235."""
    height, width = luma.shape
    strength = np.empty(gains.shape[1], np.float32)
    spread = np.empty((gains.shape[1] - 1) * BLOCK, np.float32)
    for y in range(height):
        i, part = y // BLOCK, np.float32((y % BLOCK + 0.5) / (BLOCK * 1.0))
        for j in range(gains.shape[1]):
            strength[j] = (gains[i, j] + (gains[i + 1, j] - gains[i, j]) * part) * np.float32(1.0 / 127.0)
        for j in range(gains.shape[1] - 1):
            step = (strength[j + 1] - strength[j]) * np.float32(1.0 / BLOCK)
            for k in range(BLOCK):
                spread[j * BLOCK + k] = strength[j] + step * (np.float32(k) + np.float32(0.5))
        row, marks, into = luma[y], pattern[y], out[y]
        for x in range(width):
            value = row[x] + spread[x] * np.float32(marks[x])
            into[x] = np.uint8(min(max(value, np.float32(16.0)), np.float32(235.0)) + np.float32(0.5))


@njit(cache=True, nogil=True)
def round_luma(luma, out):
    """Round luma [H, W] float32 into out uint8."""
    for y in range(luma.shape[0]):
        for x in range(luma.shape[1]):
            out[y, x] = np.uint8(luma[y, x] + np.float32(0.5))
