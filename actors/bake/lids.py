"""Blinks made for each performer's own eyes: the lids turn about the eyeball and meet along one line.

The expressions that come with the base mesh close the eyes of the base mesh; on other eyes they leave gaps and ledges.
Directions from the eyeball's centre are written as (x / z, y / z), so that a column of equal x / z is a meridian.
"""

from __future__ import annotations

import numpy as np

REACH = 1.5  # of x / z and y / z that is looked at
CELLS = 301  # of the grid of directions, a side
MEET = 0.24  # where the lids meet: 0 at the lower rim, 1 at the upper
UPPER_FALL, LOWER_FALL = 0.95, 0.55  # y / z over which the pull on a lid dies away
PRESS = 0.03  # y / z that the upper lid goes past the lower


def aperture(skin: np.ndarray, quads: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns x / z [C] of the eye's opening, and y / z of its lower and upper rim there.

    ``skin`` [V, 3] metres; ``quads`` [F, 4] of skin. Outside the corners the two rims are one line.
    """
    out = skin - centre
    direction = out[:, :2] / np.maximum(out[:, 2:], 1e-4)
    front = (out[quads, 2] > 0.003).all(1) & (np.abs(direction[quads]) < 2 * REACH).all((1, 2))
    grid = np.linspace(-REACH, REACH, CELLS)
    covered = np.zeros((CELLS, CELLS), bool)  # [y, x]
    for triangle in np.concatenate([quads[front][:, [0, 1, 2]], quads[front][:, [0, 2, 3]]]):
        a, b, c = direction[triangle]
        low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        x0, x1 = np.searchsorted(grid, [low[0], high[0]])
        y0, y1 = np.searchsorted(grid, [low[1], high[1]])
        if x0 == x1 or y0 == y1:
            continue
        x, y = np.meshgrid(grid[x0:x1], grid[y0:y1])
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-12:
            continue
        v = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
        w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
        covered[y0:y1, x0:x1] |= (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9)
    columns, lower, upper = [], [], []
    middle = CELLS // 2
    for step in (1, -1):  # walk from the middle to either corner
        row = middle
        column = middle if step > 0 else middle - 1
        while 0 < column < CELLS - 1:
            open_rows = np.flatnonzero(~covered[:, column])
            near = open_rows[np.abs(open_rows - row) < 14] if len(open_rows) else open_rows
            if not len(near):
                break
            seed = near[np.argmin(np.abs(near - row))]
            top = bottom = seed
            while top + 1 < CELLS and not covered[top + 1, column]:
                top += 1
            while bottom > 0 and not covered[bottom - 1, column]:
                bottom -= 1
            columns.append(grid[column])
            lower.append(grid[bottom])
            upper.append(grid[top])
            row = (top + bottom) // 2
            column += step
    order = np.argsort(columns)
    return np.array(columns)[order], np.array(lower)[order], np.array(upper)[order]


def _smooth(x: np.ndarray) -> np.ndarray:
    t = np.clip(x, 0, 1)
    return t * t * (3 - 2 * t)


def blink(skin: np.ndarray, quads: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Displacements [V, 3] in metres that close the eye at ``centre``; every vertex keeps its distance from it."""
    column, lower, upper = aperture(skin, quads, centre)
    kernel = np.exp(-0.5 * (np.arange(-6, 7) / 2.5) ** 2)
    kernel /= kernel.sum()
    lower, upper = (np.convolve(np.pad(rim, 6, mode="edge"), kernel, mode="valid") for rim in (lower, upper))
    out = skin - centre
    distance = np.linalg.norm(out, axis=1)
    ahead = _smooth((out[:, 2] / radius - 0.05) / 0.3)
    z = np.maximum(out[:, 2], 1e-3)
    x, y = out[:, 0] / z, out[:, 1] / z
    low, high = np.interp(x, column, lower), np.interp(x, column, upper)
    beyond = np.maximum(np.maximum(column[0] - x, x - column[-1]), 0)
    gap = (high - low) * (1 - _smooth(beyond / 0.12))
    middle = 0.5 * (low + high)
    is_upper = _smooth((y - middle) / np.maximum(0.3 * gap, 0.02) + 0.5)
    pull_upper = 1 - _smooth((y - high) / UPPER_FALL)
    pull_lower = 1 - _smooth((low - y) / LOWER_FALL)
    down = -(1 - MEET) * gap * pull_upper - PRESS * pull_upper * np.clip(gap / 0.1, 0, 1)
    up = MEET * gap * pull_lower
    moved = y + ahead * (is_upper * down + (1 - is_upper) * up)
    turned = np.stack([x * np.ones_like(moved), moved, np.ones_like(moved)], 1)
    turned *= (distance / np.linalg.norm(turned, axis=1))[:, None]
    reach = (1 - _smooth((distance / radius - 1.5) / 1.0))[:, None]  # dies away off the ball: nose, brow, cheek
    moves = (ahead > 0) & (out[:, 2] > 1e-3)
    return np.where(moves[:, None], (turned - out) * reach, 0.0)
