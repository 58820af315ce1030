"""A garden in late spring: hedges and flower beds all round, trees against the sky, sun in the leaves."""

from __future__ import annotations

import numpy as np

from actors.sets.paint import Paint, SetPieces

HEDGE = [(0.13, 0.25, 0.10), (0.20, 0.34, 0.13), (0.28, 0.43, 0.17), (0.10, 0.19, 0.09)]
CANOPY = [(0.24, 0.38, 0.14), (0.36, 0.50, 0.20), (0.17, 0.29, 0.12), (0.46, 0.57, 0.26)]
FLOWERS = [
    (0.93, 0.45, 0.58),
    (0.96, 0.78, 0.82),
    (0.98, 0.93, 0.72),
    (0.80, 0.34, 0.50),
    (0.72, 0.62, 0.90),
    (0.98, 0.66, 0.34),
]


def build() -> SetPieces:
    paint = Paint(seed=1882)
    _sky(paint)
    _ground(paint)
    _hedges(paint)
    _trees(paint)
    _beds(paint)
    paint.lamp((-14.0, 14.0, -10.0), (1.0, 0.90, 0.68), 520.0)  # the sun, over the left shoulder of the view
    return paint.baked(sky=(0.66, 0.72, 0.80), floor=(0.34, 0.38, 0.26))


def _sky(paint: Paint) -> None:
    """A dome of large soft splats, whiter towards the horizon and the sun."""
    count = 3200
    k = np.arange(count) + 0.5
    height = -0.12 + 1.12 * k / count
    turn = np.pi * (3 - np.sqrt(5)) * k
    flat = np.sqrt(np.maximum(1 - height * height, 0))
    way = np.stack([flat * np.sin(turn), height, flat * np.cos(turn)], 1)
    sun = np.array([-14.0, 14.0, -10.0]) / np.linalg.norm([14.0, 14.0, 10.0])
    warm = np.clip(way @ sun, 0, 1)[:, None] ** 5
    high = np.clip(height, 0, 1)[:, None] ** 0.55
    shade = (1 - high) * np.array([0.82, 0.86, 0.86]) + high * np.array([0.36, 0.56, 0.80])
    shade = np.minimum(shade + warm * np.array([0.40, 0.32, 0.16]), 1.0)
    paint.lights(way * 22.0, np.full(count, 0.95), shade, 1.9, sky=True)


def _ground(paint: Paint) -> None:
    def lawn(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        stripe = 0.06 * np.sign(np.sin(u * 2.6))
        patch = 0.05 * np.sin(1.7 * u + 0.6 * v) + 0.05 * np.sin(0.8 * v - 0.5 * u)
        return np.array([0.30, 0.43, 0.17]) * (1 + stripe + patch)[:, None]

    paint.panel((-9, 0, 9), (18, 0, 0), (0, 0, -18), lawn, 0.22, roughen=0.12)
    paint.panel((-24, -0.3, 24), (48, 0, 0), (0, 0, -48), (0.24, 0.36, 0.15), 1.6, roughen=0.1)
    for k in range(14):  # a path that leads the eye away
        paint.panel((-0.5 + 0.16 * k, 0.012, -1.6 - 0.62 * k), (1.0, 0, 0), (0, 0, -0.5), (0.66, 0.60, 0.50), 0.16)


def _hedges(paint: Paint) -> None:
    r = paint.random
    for k in range(44):
        turn = 2 * np.pi * k / 44
        if abs((turn - np.pi - 0.35 + np.pi) % (2 * np.pi) - np.pi) < 0.16:
            continue  # the gap where the path leaves
        away = 5.6 + 0.5 * np.sin(3 * turn) + r.uniform(-0.15, 0.15)
        tall = 1.05 + 0.22 * np.sin(5 * turn + 1) + r.uniform(-0.1, 0.1)
        place = (away * np.sin(turn), tall * 0.95, away * np.cos(turn))
        paint.cloud(place, (0.62, tall, 0.55), HEDGE, 380, 0.10)
    for k in range(60):  # a second, paler row far behind
        turn = 2 * np.pi * (k + 0.5) / 60
        place = (12.5 * np.sin(turn), 1.6 + 0.9 * r.random(), 12.5 * np.cos(turn))
        paint.cloud(place, (1.1, 2.0, 0.9), [(0.34, 0.46, 0.30), (0.42, 0.53, 0.36), (0.28, 0.40, 0.27)], 110, 0.26)


def _trees(paint: Paint) -> None:
    r = paint.random
    for turn_degrees, away, tall in (
        (150, 7.2, 4.2),
        (205, 8.0, 4.8),
        (262, 7.0, 4.4),
        (312, 8.2, 4.6),
        (28, 7.6, 4.5),
        (84, 7.2, 4.3),
    ):
        turn = np.radians(turn_degrees)
        x, z = away * np.sin(turn), away * np.cos(turn)
        paint.box((x - 0.14, 0, z - 0.14), (x + 0.14, tall - 0.8, z + 0.14), (0.26, 0.20, 0.15), 0.14)
        for _ in range(6):
            dx, dy, dz = r.uniform(-1.1, 1.1), r.uniform(-0.5, 1.2), r.uniform(-1.1, 1.1)
            paint.cloud((x + dx, tall + dy, z + dz), (1.0, 0.75, 1.0), CANOPY, 260, 0.13)
        count = 70  # sky and sun between the leaves
        places = np.array([x, tall - 0.3, z]) + r.uniform(-1, 1, (count, 3)) * np.array([1.9, 1.3, 1.9])
        tint = np.where(r.random((count, 1)) < 0.6, [[1.0, 0.93, 0.66]], [[0.85, 0.95, 0.70]])
        paint.lights(places, r.uniform(0.025, 0.06, count), tint, 4.0)


def _beds(paint: Paint) -> None:
    r = paint.random
    for k in range(26):
        turn = 2 * np.pi * k / 26 + r.uniform(-0.08, 0.08)
        if abs((turn - np.pi - 0.3 + np.pi) % (2 * np.pi) - np.pi) < 0.2:
            continue
        away = r.uniform(3.7, 4.9)
        x, z = away * np.sin(turn), away * np.cos(turn)
        tall = r.uniform(0.45, 0.85)
        paint.cloud((x, tall * 0.6, z), (0.55, tall * 0.75, 0.5), HEDGE[1:3], 120, 0.09)
        tint = [FLOWERS[r.integers(len(FLOWERS))], FLOWERS[r.integers(len(FLOWERS))]]
        paint.cloud((x, tall * 0.9, z), (0.6, tall * 0.6, 0.55), tint, 90, 0.055, shell=0.75)
    for turn_degrees in (165, 222, 300, 60):  # roses climbing to eye height
        turn = np.radians(turn_degrees)
        x, z = 4.4 * np.sin(turn), 4.4 * np.cos(turn)
        paint.cloud((x, 1.15, z), (0.55, 0.75, 0.4), HEDGE[1:], 260, 0.08)
        paint.cloud((x, 1.2, z), (0.62, 0.80, 0.46), FLOWERS[:2], 120, 0.06, shell=0.85)
