"""A diner at night: red booths under pendant lamps, a counter, the street's lights in the windows."""

from __future__ import annotations

import numpy as np

from actors.sets.paint import Paint, SetPieces


def build() -> SetPieces:
    paint = Paint(seed=1957)
    _shell(paint)
    _windows(paint)
    _booths(paint)
    _counter(paint)
    _pendants(paint)
    return paint.baked(sky=(0.30, 0.27, 0.27), floor=(0.24, 0.18, 0.16))


def _shell(paint: Paint) -> None:
    def tiles(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        check = (np.floor(u / 0.45) + np.floor(v / 0.45)) % 2
        return np.where(check[:, None] > 0, [[0.72, 0.68, 0.60]], [[0.16, 0.17, 0.19]])

    def wall(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        cream, teal = np.array([0.80, 0.70, 0.54]), np.array([0.15, 0.42, 0.42])
        shade = np.where((v < 1.15)[:, None], teal, cream)
        shade = np.where((abs(v - 1.19) < 0.05)[:, None], [[0.82, 0.82, 0.80]], shade)
        return np.where((abs(v - 2.45) < 0.06)[:, None], [[0.62, 0.12, 0.12]], shade)

    paint.panel((-4.6, 0, 3.8), (9.2, 0, 0), (0, 0, -7.2), tiles, 0.15)
    paint.panel((-4.6, 2.9, -3.4), (9.2, 0, 0), (0, 0, 7.2), (0.50, 0.45, 0.38), 0.20)
    paint.panel((4.6, 0, 3.8), (-9.2, 0, 0), (0, 2.9, 0), wall, 0.09)
    paint.panel((4.6, 0, -3.4), (0, 0, 7.2), (0, 2.9, 0), wall, 0.09)
    paint.panel((-4.6, 0, 3.8), (0, 0, -7.2), (0, 2.9, 0), wall, 0.09)
    for x, colour in (
        (-2.9, (0.75, 0.3, 0.2)),
        (-1.1, (0.25, 0.4, 0.5)),
        (0.9, (0.8, 0.65, 0.35)),
        (2.7, (0.5, 0.25, 0.3)),
    ):
        paint.panel((x + 0.38, 1.4, 3.74), (-0.76, 0, 0), (0, 0.72, 0), (0.12, 0.10, 0.09), 0.08)
        paint.panel((x + 0.32, 1.46, 3.70), (-0.64, 0, 0), (0, 0.60, 0), colour, 0.10, roughen=0.25)
    # a neon sign over the door
    t = np.linspace(0, 1, 90)
    ring = np.stack([np.full(90, 4.45), 1.95 + 0.34 * np.sin(2 * np.pi * t), 0.4 + 0.75 * np.cos(2 * np.pi * t)], 1)
    paint.lights(ring, np.full(90, 0.030), np.tile([1.0, 0.22, 0.34], (90, 1)), 3.2)
    bar = np.stack([np.full(50, 4.45), np.full(50, 1.95), np.linspace(-0.05, 0.85, 50)], 1)
    paint.lights(bar, np.full(50, 0.028), np.tile([0.25, 0.85, 1.0], (50, 1)), 2.6)
    paint.lamp((4.1, 1.95, 0.4), (1.0, 0.25, 0.35), 0.35)


def _windows(paint: Paint) -> None:
    """The back: a low wall, panes with the street far behind, mullions and a lintel."""
    paint.panel((-4.6, 0, -3.4), (9.2, 0, 0), (0, 0.95, 0), (0.15, 0.40, 0.40), 0.10)
    paint.panel((-4.6, 2.50, -3.4), (9.2, 0, 0), (0, 0.40, 0), (0.62, 0.12, 0.12), 0.10)
    for x in np.arange(-4.6, 4.7, 1.53):
        paint.box((x - 0.05, 0.95, -3.45), (x + 0.05, 2.5, -3.36), (0.62, 0.60, 0.56), 0.07)

    def night(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        low = np.clip(1 - v / 3.5, 0, 1)[:, None]
        return np.array([0.055, 0.075, 0.13]) + low * np.array([0.10, 0.075, 0.05])

    paint.panel((-17, -1.0, -11.5), (34, 0, 0), (0, 8, 0), night, 0.5, emitted=1.0, roughen=0.2)
    count = 230
    palette = np.array(
        [
            [1.0, 0.72, 0.35],
            [1.0, 0.42, 0.20],
            [1.0, 0.22, 0.16],
            [0.55, 0.85, 1.0],
            [0.95, 0.95, 0.85],
            [0.3, 0.9, 0.6],
        ]
    )
    r = paint.random
    places = np.stack([r.uniform(-14, 14, count), 0.5 + 2.7 * r.beta(1.6, 2.2, count), r.uniform(-11, -6, count)], 1)
    kind = r.choice(len(palette), count, p=[0.34, 0.2, 0.16, 0.12, 0.12, 0.06])
    paint.lights(places, r.uniform(0.035, 0.085, count), palette[kind] * r.uniform(0.6, 1.0, (count, 1)), 6.5)
    for x, colour in ((-5.5, (1.0, 0.25, 0.45)), (3.8, (0.25, 0.75, 1.0))):  # signs across the street
        paint.panel((x, 1.9, -9.5), (1.8, 0, 0), (0, 0.5, 0), colour, 0.14, emitted=1.6, roughen=0.3)


def _booths(paint: Paint) -> None:
    red, dark, table = (0.60, 0.09, 0.09), (0.40, 0.06, 0.07), (0.80, 0.76, 0.68)
    for x in (-3.6, -2.1, -0.6, 0.9, 2.4, 3.9):
        paint.box((x - 0.13, 0.0, -3.3), (x + 0.13, 1.18, -2.05), red, 0.07)
        paint.box((x - 0.16, 1.18, -3.3), (x + 0.16, 1.30, -2.02), dark, 0.06)
        for side in (-1, 1):
            paint.box((x + side * 0.36 - 0.24, 0, -3.3), (x + side * 0.36 + 0.24, 0.48, -2.1), red, 0.10)
    for x in (-2.85, -1.35, 0.15, 1.65, 3.15):
        paint.box((x - 0.33, 0.70, -3.3), (x + 0.33, 0.75, -2.1), table, 0.08)
        paint.box((x - 0.05, 0.75, -3.1), (x + 0.05, 0.93, -3.0), (0.75, 0.14, 0.10), 0.04)
        paint.box((x + 0.10, 0.75, -3.1), (x + 0.18, 0.90, -3.02), (0.85, 0.75, 0.30), 0.04)
    for x in (-3.2, -1.6, 0.0, 1.6, 3.2):  # along the near wall, for reverse angles
        paint.box((x - 0.13, 0, 3.05), (x + 0.13, 1.25, 3.75), red, 0.08)


def _counter(paint: Paint) -> None:
    paint.box((-3.75, 0, -2.0), (-3.2, 1.02, 3.0), (0.70, 0.70, 0.68), 0.10)
    paint.box((-3.80, 1.02, -2.05), (-3.12, 1.09, 3.05), (0.55, 0.12, 0.10), 0.08)
    for z in np.arange(-1.6, 3.0, 0.75):
        paint.cloud((-2.85, 0.78, z), (0.19, 0.06, 0.19), [(0.62, 0.10, 0.10)], 40, 0.06)
        paint.box((-2.88, 0, z - 0.03), (-2.82, 0.72, z + 0.03), (0.7, 0.7, 0.7), 0.06)
    for y in (1.45, 1.85):
        paint.box((-4.55, y, -2.0), (-4.25, y + 0.04, 3.0), (0.85, 0.82, 0.75), 0.08)
    r = paint.random
    for z in np.arange(-1.8, 2.9, 0.13):
        for y in (1.49, 1.89):
            if r.random() < 0.75:
                tint = [(0.8, 0.5, 0.2), (0.3, 0.5, 0.35), (0.75, 0.75, 0.7), (0.6, 0.2, 0.15)][r.integers(4)]
                tall = r.uniform(0.10, 0.26)
                paint.box((-4.45, y, z), (-4.37, y + tall, z + 0.07), tint, 0.05)
    paint.panel((-4.52, 2.12, 3.0), (0, 0, -5.0), (0, 0.07, 0), (1.0, 0.78, 0.45), 0.07, emitted=2.6)
    paint.box((-4.5, 1.09, 0.3), (-4.0, 1.42, 1.0), (0.78, 0.78, 0.80), 0.06)  # the coffee machine
    for z in (-1.5, 0.2, 1.9):
        paint.lamp((-4.1, 2.1, z), (1.0, 0.78, 0.45), 0.55)


def _pendants(paint: Paint) -> None:
    for z, xs in (
        (-2.65, (-2.85, -1.35, 0.15, 1.65, 3.15)),
        (2.9, (-2.4, 0.0, 2.4)),
        (0.5, (-3.3,)),
        (-1.2, (-3.3,)),
        (2.0, (-3.3,)),
    ):
        for x in xs:
            paint.dome((x, 2.06, z), (0.17, 0.11, 0.17), (0.95, 0.42, 0.14), 1.0)
            paint.lights(np.array([[x, 1.98, z]]), np.array([0.05]), np.array([[1.0, 0.80, 0.50]]), 7.0)
            paint.box((x - 0.008, 2.15, z - 0.008), (x + 0.008, 2.9, z + 0.008), (0.1, 0.1, 0.1), 0.08)
            paint.lamp((x, 1.92, z), (1.0, 0.74, 0.44), 1.0)
