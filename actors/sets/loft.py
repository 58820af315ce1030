"""A loft by day: brick behind, a wall of factory windows on the left, plants, books, bulbs on a string."""

from __future__ import annotations

import numpy as np

from actors.sets.paint import Paint, SetPieces

LEAVES = [(0.20, 0.36, 0.16), (0.28, 0.45, 0.20), (0.14, 0.28, 0.13), (0.36, 0.50, 0.24)]


def build() -> SetPieces:
    paint = Paint(seed=1904)
    _shell(paint)
    _window(paint)
    _plants(paint)
    _furniture(paint)
    return paint.baked(sky=(0.52, 0.53, 0.55), floor=(0.40, 0.36, 0.32))


def _shell(paint: Paint) -> None:

    def bricks(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        course = np.floor(v / 0.10)  # two splats high, so that courses and splats do not beat
        column = np.floor(u / 0.25 + 0.5 * (course % 2))
        # a hash of the brick, so that all splats of one brick share its colour
        pick = np.abs(np.sin(course * 127.1 + column * 311.7) * 43758.5453) % 1.0
        shade = np.array([0.45, 0.31, 0.26]) * (0.78 + 0.36 * pick[:, None])
        burnt = pick[:, None] > 0.93
        return np.where(burnt, np.array([0.42, 0.37, 0.34]), shade) + 0.05 * np.sin(0.9 * u - 1.3 * v)[:, None]

    def boards(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        pick = np.abs(np.sin(np.floor(u / 0.18) * 91.7) * 43758.5453) % 1.0
        return np.array([0.46, 0.32, 0.20]) * (0.75 + 0.4 * pick[:, None])

    def plaster(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        wave = 0.03 * np.sin(2.1 * u + 1.3 * v) + 0.02 * np.sin(5.3 * u - 3.1 * v)
        return np.array([0.74, 0.71, 0.66]) * (1 + wave[:, None])

    paint.panel((-4.2, 0, -3.4), (8.4, 0, 0), (0, 3.4, 0), bricks, 0.05)
    paint.panel((-4.2, 0, 3.8), (8.4, 0, 0), (0, 0, -7.2), boards, 0.13)
    paint.panel((-4.2, 3.4, -3.4), (8.4, 0, 0), (0, 0, 7.2), (0.62, 0.60, 0.57), 0.2)
    paint.panel((4.2, 0, -3.4), (0, 0, 7.2), (0, 3.4, 0), plaster, 0.11)
    paint.panel((4.2, 0, 3.8), (-8.4, 0, 0), (0, 3.4, 0), plaster, 0.11)
    for z in (-2.4, -0.4, 1.6, 3.4):
        paint.box((-4.2, 3.05, z - 0.1), (4.2, 3.35, z + 0.1), (0.30, 0.20, 0.13), 0.12)
    for x, y, colour in (
        (-2.4, 1.3, (0.68, 0.55, 0.35)),
        (-0.6, 1.45, (0.25, 0.33, 0.42)),
        (1.3, 1.25, (0.62, 0.30, 0.24)),
    ):
        paint.panel((x + 0.46, y - 0.06, 3.72), (-0.92, 0, 0), (0, 1.02, 0), (0.13, 0.11, 0.10), 0.09)
        paint.panel((x + 0.38, y, 3.68), (-0.76, 0, 0), (0, 0.90, 0), colour, 0.13, roughen=0.22)
    # a dark arch in the brick and a poster give the back wall its shapes
    paint.panel((0.9, 1.15, -3.36), (0.95, 0, 0), (0, 1.25, 0), (0.12, 0.12, 0.13), 0.08)
    paint.panel((0.97, 1.22, -3.34), (0.81, 0, 0), (0, 1.11, 0), (0.82, 0.76, 0.62), 0.09, roughen=0.10)
    paint.cloud((1.38, 1.75, -3.31), (0.26, 0.30, 0.02), [(0.75, 0.32, 0.16), (0.20, 0.28, 0.33)], 120, 0.07)
    for k in range(15):  # bulbs on a sagging wire
        x = -3.6 + 0.51 * k
        y = 2.62 + 0.10 * np.cos(2 * np.pi * k / 5.0)
        paint.lights(np.array([[x, y, -3.05]]), np.array([0.030]), np.array([[1.0, 0.72, 0.38]]), 7.0)
        if k % 3 == 1:
            paint.lamp((x, y - 0.05, -2.95), (1.0, 0.70, 0.38), 0.20)


def _window(paint: Paint) -> None:
    """Left wall: sills, a bright hazy city and the steel grid in front of it."""

    def sky(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        high = np.clip((v + u * 0.02) / 2.4, 0, 1)[:, None]
        city = np.abs(np.sin(np.floor(u / 0.55) * 57.3) * 43758.5) % 1.0
        shade = np.array([0.86, 0.87, 0.86]) * (1 - high) + np.array([0.78, 0.86, 0.95]) * high
        roof = (v < 0.35 + 0.75 * city)[:, None]
        return np.where(roof, np.array([0.52, 0.56, 0.62]), shade)

    paint.panel((-4.2, 0, 3.8), (0, 0, -7.2), (0, 0.75, 0), (0.46, 0.27, 0.20), 0.12)
    paint.panel((-4.2, 2.95, 3.8), (0, 0, -7.2), (0, 0.45, 0), (0.46, 0.27, 0.20), 0.12)
    paint.panel((-4.9, 0.6, 4.6), (0, 0, -8.8), (0, 2.5, 0), sky, 0.11, daylight=2.1, roughen=0.02)
    for z in np.arange(-3.4, 3.9, 0.6):
        thick = 0.07 if round((z + 3.4) / 0.6) % 3 == 0 else 0.025
        paint.box((-4.22, 0.75, z - thick), (-4.16, 2.95, z + thick), (0.13, 0.13, 0.14), 0.06)
    for y in (0.78, 1.30, 1.85, 2.40, 2.93):
        paint.box((-4.22, y - 0.02, -3.4), (-4.16, y + 0.02, 3.8), (0.13, 0.13, 0.14), 0.07)
    for z in (-2.6, -1.2, 0.2, 1.6, 3.0):
        paint.lamp((-3.9, 2.1, z), (0.92, 0.96, 1.0), 2.6)


def _plants(paint: Paint) -> None:
    for x, z, y, wide, tall in (
        (-2.7, -2.7, 1.35, 0.55, 0.75), (2.75, -2.7, 1.15, 0.50, 0.62), (-0.35, -3.0, 0.95, 0.40, 0.42),
        (3.5, 1.7, 1.25, 0.45, 0.70), (-3.6, 2.9, 1.3, 0.5, 0.7),
    ):  # fmt: skip
        for _ in range(9):
            dx, dy, dz = paint.random.uniform(-0.6, 0.6, 3) * (wide, tall, wide)
            paint.cloud((x + dx, y + dy, z + dz), (wide * 0.45, tall * 0.38, wide * 0.45), LEAVES, 75, 0.05, shell=0.3)
        paint.box((x - 0.17, 0, z - 0.17), (x + 0.17, max(0.35, y - tall), z + 0.17), (0.72, 0.66, 0.58), 0.08)
    for x in (-1.6, 1.95):  # trailing from a shelf
        paint.cloud((x, 2.15, -3.15), (0.30, 0.55, 0.16), LEAVES, 300, 0.045, shell=0.3)


def _furniture(paint: Paint) -> None:
    r = paint.random
    paint.box((3.75, 0, -2.2), (4.15, 2.3, 0.8), (0.34, 0.24, 0.17), 0.11)
    for y in np.arange(0.35, 2.2, 0.42):
        paint.panel((3.72, y, -2.1), (0, 0, 2.8), (0, 0.36, 0), (0.13, 0.10, 0.08), 0.10)
        z = -2.05
        while z < 0.62:
            wide = r.uniform(0.03, 0.075)
            tint = [(0.55, 0.20, 0.16), (0.22, 0.30, 0.38), (0.75, 0.66, 0.48), (0.25, 0.35, 0.26), (0.80, 0.78, 0.72)][
                r.integers(5)
            ]
            paint.panel((3.70, y, z), (0, 0, wide), (0, r.uniform(0.20, 0.33), 0), tint, 0.06)
            z += wide + 0.006
    paint.box((-1.9, 0, -3.0), (0.4, 0.42, -2.25), (0.36, 0.38, 0.40), 0.11)  # the sofa
    paint.box((-1.9, 0.42, -3.1), (0.4, 0.92, -2.85), (0.38, 0.40, 0.42), 0.10)
    paint.cloud((-1.3, 0.72, -2.75), (0.24, 0.22, 0.10), [(0.78, 0.52, 0.20)], 80, 0.07)
    paint.box((2.13, 0, -2.93), (2.17, 1.62, -2.89), (0.12, 0.12, 0.12), 0.06)  # a standing lamp
    paint.dome((2.15, 1.76, -2.91), (0.21, 0.19, 0.21), (1.0, 0.74, 0.44), 1.3)
    paint.lamp((2.15, 1.75, -2.75), (1.0, 0.76, 0.46), 0.75)
    paint.box((2.4, 0, 3.1), (3.9, 0.8, 3.7), (0.42, 0.29, 0.19), 0.11)
    paint.cloud((3.0, 1.05, 3.4), (0.2, 0.25, 0.2), LEAVES, 200, 0.05)
