"""Performers under light: posed Gaussians to colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actors.body.material import IRIS
from actors.lens import Lens
from actors.light import Lamp, Rig
from actors.shade_kernels import shade_slice
from actors.shadow import ShadowMap

if TYPE_CHECKING:
    from actors.body.performer import Posed

EDGE = 0.02  # metres: Gaussians whose middle is further outside the frame do not reach into it
CAP = math.sin(math.radians(19.0))  # how far off its axis a cornea may show the image of a lamp
CAP_RISE = math.sin(math.radians(1.0))  # and how far up or down, where a heavy lid does not hide it
EYES_APART = 0.03  # metres; irises further from one another than this belong to two eyes


def shade(
    posed: Posed,
    rig: Rig,
    seen_from: Lens | np.ndarray,
    shadow: ShadowMap | None = None,
    out: np.ndarray | None = None,
    opacities: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Linear colours [N, 3] of ``posed``, and the opacities [N] to draw them with.

    ``seen_from`` is a lens, or the place [3] of one (metres). Opaque surfaces that face away, and what is outside the
    frame of a lens, get opacity 0, so that they neither leak through nor cost time; the cornea is clear but for the
    images of the lamps. ``out`` and ``opacities`` are written to if given, float32 of these shapes.
    """
    count = len(posed.means)
    out = np.empty((count, 3), np.float32) if out is None else out
    opacities = np.empty(count, np.float32) if opacities is None else opacities
    if isinstance(seen_from, Lens):
        eye, window = seen_from.position, _window(seen_from)
    else:
        eye, window = seen_from, np.tile(np.array([0, 0, 0, 1], np.float32), (5, 1))
    eye = np.ascontiguousarray(eye, np.float32)
    lamps = rig.lamps
    if shadow is None:
        axes, origin, texel, spread = np.eye(3, dtype=np.float32), np.zeros(2, np.float32), 1.0, 0.0
        depth, hair = np.zeros((1, 1), np.float32), np.zeros((1, 1, 3), np.float32)
    else:
        axes, origin, texel, spread = shadow.axes, shadow.origin, shadow.texel, shadow.spread
        depth, hair = shadow.depth, shadow.hair
    shade_slice(
        0, count, posed.means, posed.normals, posed.albedo, posed.roughness, posed.occlusion, posed.opacities,
        posed.material, eye, window,
        np.stack([lamp.towards for lamp in lamps]), np.stack([lamp.colour for lamp in lamps]),
        np.array([-lamp.size if lamp.window else lamp.size for lamp in lamps], np.float32), rig.ambient,
        _glints(posed, rig, eye), _irises(posed), axes, origin, np.float32(texel), np.float32(spread), depth, hair,
        _TURNS, _POINTS, out, opacities,
    )  # fmt: skip
    return out, opacities


def _spiral(count: int = 8) -> np.ndarray:
    """[count, 2] float32: Vogel's spiral in the unit disc."""
    k = np.arange(count)
    radius, angle = np.sqrt((k + 0.5) / count), k * np.pi * (3 - np.sqrt(5))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).astype(np.float32)


def _golden_turns(count: int = 64) -> np.ndarray:
    """[count, 2] float32: cosines and sines of angles that follow one another by the golden ratio."""
    angle = 2 * np.pi * ((np.arange(count) * 0.6180339887) % 1.0)
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


_POINTS, _TURNS = _spiral(), _golden_turns()


def _window(lens: Lens) -> np.ndarray:
    """[5, 4] float32: planes of the frame's edges, outwards by EDGE metres, and of the camera; positive inside."""
    rows = np.array([
        [lens.fx, 0.0, lens.cx, 0.0],
        [-lens.fx, 0.0, lens.width - lens.cx, 0.0],
        [0.0, lens.fy, lens.cy, 0.0],
        [0.0, -lens.fy, lens.height - lens.cy, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ])  # fmt: skip
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[:4, 3] = EDGE
    return (rows @ lens.view.astype(np.float64)).astype(np.float32)


def _irises(posed: Posed) -> np.ndarray:
    """[2, 6] float32: centre and axis of each iris; the same twice if there is but one."""
    found = np.flatnonzero(posed.material == IRIS)
    if len(found) == 0:
        return np.tile(np.array([1e6, 1e6, 1e6, 0, 0, 1], np.float32), (2, 1))
    places, normals = posed.means[found], posed.normals[found]
    near = np.linalg.norm(places - places[0], axis=1) < EYES_APART
    rows = []
    for part in (near, ~near if (~near).any() else near):
        axis = normals[part].mean(0)
        rows.append(np.concatenate([places[part].mean(0), axis / max(np.linalg.norm(axis), 1e-6)]))
    return np.stack(rows).astype(np.float32)


def _glints(posed: Posed, rig: Rig, eye: np.ndarray) -> np.ndarray:
    """[2, 3, 3] float32: key and fill as an eye mirrors them: direction, right and up over the image's half size.

    Each lamp is pulled towards the lens, as a gaffer adds an eye light beside it, and then so far that the small cap of
    the cornea shows it, whenever the lamp is in front of the face.
    """
    irises = _irises(posed).astype(np.float64)
    there = bool((posed.material == IRIS).any())
    view = eye - (irises[:, :3].mean(0) if there else posed.means.mean(0))
    view = view / np.linalg.norm(view)
    axis = irises[:, 3:].mean(0) if there else view
    axis = axis / max(np.linalg.norm(axis), 1e-6)
    return np.stack([_glint(rig.key, view, axis, 0.45), _glint(rig.fill, view, axis, 0.45)]).astype(np.float32)


def _glint(lamp: Lamp, view: np.ndarray, axis: np.ndarray, pull: float) -> np.ndarray:
    towards = lamp.towards + pull * view + np.array([0.0, 0.12, 0.0])
    towards = towards / np.linalg.norm(towards)
    if lamp.towards @ axis > 0.0 and view @ axis > 0.0:
        half = towards + view
        half /= max(np.linalg.norm(half), 1e-6)
        aside = half - (half @ axis) * axis
        upward = np.array([0.0, 1.0, 0.0]) - axis[1] * axis
        upward /= max(np.linalg.norm(upward), 1e-6)
        rise = aside @ upward
        aside += (min(max(rise, -CAP_RISE), CAP_RISE) - rise) * upward
        sine = np.linalg.norm(aside)
        aside *= min(1.0, CAP / max(sine, 1e-6))
        half = aside + math.sqrt(1.0 - min(sine, CAP) ** 2) * axis  # the normal of the cornea that mirrors the lamp
        towards = 2.0 * (half @ view) * half - view
    right = np.cross((0.0, 1.0, 0.0), towards)
    right /= max(np.linalg.norm(right), 1e-6)
    up = np.cross(towards, right)
    half_size = 0.75 * min(max(lamp.size, 0.14), 0.30)
    return np.stack([towards, right / half_size, up / (half_size * (1.3 if lamp.window else 1.0))])
