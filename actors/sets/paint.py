"""What sets are built with: panels, boxes, foliage and lamps made of soft Gaussians, and their baked light.

A set's frame is that of a scene: metres, Y up, the cast at the origin, cameras on the +Z side. Colours are given as
display sRGB, as a designer would pick them, and baked as linear light under the set's own lamps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]
LAMPS_FOLLOW = 0.7  # of the light that falls from a set's lamps, the part that a light preset dims and tints


@dataclass(frozen=True, slots=True)
class SetPieces:
    """A built set; float32."""

    means: np.ndarray  # [N, 3] metres
    quats: np.ndarray  # [N, 4] wxyz
    scales: np.ndarray  # [N, 3] metres
    opacities: np.ndarray  # [N]
    reflected: np.ndarray  # [N, 3] linear: follows the scene's light preset; windows and sky too
    emitted: np.ndarray  # [N, 3] linear: lamps and what they light


class Paint:
    """Collects the pieces of a set under construction; ``seed`` makes it the same every time."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._lamps: list[tuple[np.ndarray, np.ndarray, float]] = []

    def panel(
        self,
        corner: tuple[float, float, float],
        along: tuple[float, float, float],
        up: tuple[float, float, float],
        colour: Colour | Callable[[np.ndarray, np.ndarray], np.ndarray],
        spacing: float = 0.10,
        *,
        emitted: float = 0.0,
        daylight: float = 0.0,
        roughen: float = 0.04,
        opacity: float = 0.97,
    ) -> None:
        """A parallelogram; ``colour`` may be a function of its coordinates in metres, [K], [K] -> sRGB [K, 3].

        It faces along x up. ``emitted`` is light given off per unit of colour instead of reflected, ``daylight`` the
        same for what the light preset dims and tints.
        """
        a, b = np.asarray(along, float), np.asarray(up, float)
        wide, tall = np.linalg.norm(a), np.linalg.norm(b)
        columns, rows = max(1, round(wide / spacing)), max(1, round(tall / spacing))
        u, v = (g.ravel() for g in np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5))
        u, v = u / columns, v / rows
        count = len(u)
        shade = colour(u * wide, v * tall) if callable(colour) else np.tile(np.asarray(colour, float), (count, 1))
        shade = shade * (1 + roughen * self.random.standard_normal((count, 1)))
        normal = np.cross(a, b)
        normal /= np.linalg.norm(normal)
        size = np.array([wide / columns, tall / rows, 0.0]) * 0.62 + np.array([0.0, 0.0, 0.006])
        quat = _quat(np.stack([a / wide, np.cross(normal, a / wide), normal], axis=1))
        means = np.asarray(corner, float) + u[:, None] * a + v[:, None] * b
        self._add(
            means, np.tile(quat, (count, 1)), np.tile(size, (count, 1)), opacity, shade, normal, emitted - daylight
        )

    def box(
        self, low: tuple[float, float, float], high: tuple[float, float, float], colour: Colour, spacing: float = 0.10
    ) -> None:
        """An upright box between two corners, without its underside."""
        x0, y0, z0 = low
        x1, y1, z1 = high
        dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
        self.panel((x0, y0, z1), (dx, 0, 0), (0, dy, 0), colour, spacing)
        self.panel((x1, y0, z0), (-dx, 0, 0), (0, dy, 0), colour, spacing)
        self.panel((x1, y0, z1), (0, 0, -dz), (0, dy, 0), colour, spacing)
        self.panel((x0, y0, z0), (0, 0, dz), (0, dy, 0), colour, spacing)
        self.panel((x0, y1, z1), (dx, 0, 0), (0, 0, -dz), colour, spacing)

    def cloud(
        self,
        centre: tuple[float, float, float],
        radii: tuple[float, float, float],
        colours: list[Colour],
        count: int,
        size: float,
        *,
        emitted: float = 0.0,
        shell: float = 0.55,
    ) -> None:
        """Leaves, petals, cushions: blobs in an ellipsoid, none within ``shell`` of its middle."""
        way = self.random.standard_normal((count, 3))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        reach = (shell + (1 - shell) * self.random.random((count, 1))) ** 0.6
        means = np.asarray(centre) + way * reach * np.asarray(radii)
        shade = np.asarray(colours, float)[self.random.integers(len(colours), size=count)]
        shade = shade * self.random.uniform(0.75, 1.2, (count, 1)) * (0.72 + 0.28 * way[:, 1:2])
        sizes = size * self.random.uniform(0.6, 1.3, (count, 1)) * np.array([1.0, 0.7, 0.35])
        quats = self.random.standard_normal((count, 4))
        quats /= np.linalg.norm(quats, axis=1, keepdims=True)
        self._add(means, quats, sizes, 0.92, shade, way, emitted)

    def dome(
        self, centre: tuple[float, float, float], radii: tuple[float, float, float], colour: Colour, gain: float
    ) -> None:
        """A smooth glowing shade: the upper three quarters of an ellipsoid."""
        count = 220
        k = np.arange(count) + 0.5
        y = 1.0 - 1.5 * k / count
        turn = np.pi * (3 - np.sqrt(5)) * k
        flat = np.sqrt(1 - y * y)
        way = np.stack([flat * np.sin(turn), y, flat * np.cos(turn)], 1)
        shade = np.asarray(colour) * (0.80 - 0.35 * y)[:, None]
        sizes = np.full(count, 0.14 * max(radii))
        self.lights(np.asarray(centre) + way * np.asarray(radii), sizes, shade, gain)

    def lights(
        self, places: np.ndarray, sizes: np.ndarray, colours: np.ndarray, gain: float, *, sky: bool = False
    ) -> None:
        """Round sources, [K, 3], [K], sRGB [K, 3]: what turns into discs when it is out of focus.

        ``sky``: the light preset dims and tints them.
        """
        count = len(places)
        quats = np.tile([1.0, 0, 0, 0], (count, 1))
        self._add(
            places,
            quats,
            np.repeat(sizes[:, None], 3, 1),
            0.95,
            colours,
            np.array([0.0, 1.0, 0.0]),
            -gain if sky else gain,
        )

    def lamp(self, place: tuple[float, float, float], colour: Colour, power: float) -> None:
        """Light that the bake lets fall on the set; draw what gives it off separately."""
        self._lamps.append((np.asarray(place, float), _linear(np.asarray(colour)), power))

    def baked(self, sky: Colour, floor: Colour) -> SetPieces:
        """Everything painted so far under its lamps; ``sky`` and ``floor`` are the light from above and below."""
        means, quats, scales, opacities, shades, normals, emitted = (
            np.concatenate([part[k] for part in self._parts]) for k in range(7)
        )
        albedo = _linear(np.clip(shades, 0.0, 1.0))
        up = 0.5 + 0.5 * normals[:, 1:2]
        light = _linear(np.asarray(sky)) * up + _linear(np.asarray(floor)) * (1 - up)
        lamplight = np.zeros_like(light)
        for place, colour, power in self._lamps:
            way = place - means
            square = (way * way).sum(1, keepdims=True)
            facing = np.maximum((way * normals).sum(1, keepdims=True) / np.sqrt(square + 1e-6), 0.0)
            lamplight += colour * power * (0.15 + 0.85 * facing) / (square + 0.12)
        emitted = emitted[:, None]
        matt = emitted == 0
        # most of the lamplight dims with the preset, as if the lamps were on its dimmer
        reflected = albedo * np.where(matt, light + LAMPS_FOLLOW * lamplight, np.maximum(-emitted, 0.0))
        given_off = albedo * np.where(matt, (1 - LAMPS_FOLLOW) * lamplight, np.maximum(emitted, 0.0))
        fields = (means, quats, scales, opacities, reflected, given_off)
        return SetPieces(*(np.ascontiguousarray(f, np.float32) for f in fields))

    def _add(self, means, quats, scales, opacity, shades, normals, emitted) -> None:
        count = len(means)
        full = (np.full(count, opacity), shades, np.broadcast_to(normals, (count, 3)), np.full(count, float(emitted)))
        self._parts.append((means, quats, scales, *full))


def _linear(colour: np.ndarray) -> np.ndarray:
    from actors.grade import decode

    return decode(colour)


def _quat(rotation: np.ndarray) -> np.ndarray:
    """Quaternion wxyz of a rotation matrix (Shepperd 1978, by the largest of its four forms)."""
    m = rotation
    form = np.array([
        [m[0, 0] + m[1, 1] + m[2, 2], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
        [m[2, 1] - m[1, 2], m[0, 0] - m[1, 1] - m[2, 2], m[1, 0] + m[0, 1], m[0, 2] + m[2, 0]],
        [m[0, 2] - m[2, 0], m[1, 0] + m[0, 1], m[1, 1] - m[0, 0] - m[2, 2], m[2, 1] + m[1, 2]],
        [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[2, 1] + m[1, 2], m[2, 2] - m[0, 0] - m[1, 1]],
    ])  # fmt: skip
    return np.linalg.eigh(form)[1][:, -1]  # the form is 4 q q^T - 1
