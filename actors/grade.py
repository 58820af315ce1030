"""From scene light to a graded frame: composite, exposure, film curve, vignette, grain, 8 bit."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from actors.light import LUMINANCE

if TYPE_CHECKING:
    from actors.rasterise import Layers

GREY = 0.18  # scene grey that the curve leaves where it is: code value 118 in sRGB
PIECES = 16  # slices of rows handed to an executor

LUT_LOW = -12  # octaves: the table covers 2^LUT_LOW to 2^LUT_HIGH
LUT_HIGH = 5
LUT_STEPS = 256  # entries an octave


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How a scene is printed."""

    exposure: float = 0.0  # stops
    saturation: float = 0.90  # about the luminance, before the curve, which adds some in the midtones
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)  # printer lights, linear
    vignette: float = 0.22  # part of the light lost in the corners
    grain: float = 1.3  # code values, standard deviation in the midtones
    glow: float = 0.05  # part of the light above white that spreads


GRADES = {
    "window-left": Grade(gain=(1.01, 1.0, 0.985)),
    "window-right": Grade(gain=(1.02, 1.0, 0.97)),
    "overcast": Grade(saturation=0.84, gain=(0.99, 1.0, 1.01)),
    "golden-hour": Grade(saturation=0.92, gain=(1.02, 1.0, 0.96), glow=0.09),
    "night-blue": Grade(saturation=0.86, gain=(0.96, 1.03, 0.98), vignette=0.32, grain=1.6),
    "noir": Grade(saturation=0.26, gain=(1.01, 1.0, 0.98), vignette=0.40, grain=2.0, glow=0.07),
    "studio-soft": Grade(saturation=0.90, vignette=0.12, grain=1.0),
}  # one for each of jobs.presets.LIGHTS


def film(light: np.ndarray) -> np.ndarray:
    """Display light 0..1 for scene light: a toe, a straight line through 18 % grey and a long shoulder.

    The rational fit of the ACES output transform by Narkowicz (2016), exposed so that grey stays grey.
    """
    x = np.asarray(light, np.float64) * _GREY_GAIN
    return np.clip(_aces(x), 0.0, 1.0)


def encode(display: np.ndarray) -> np.ndarray:
    """sRGB signal 0..1 of display light 0..1 (IEC 61966-2-1)."""
    display = np.asarray(display, np.float64)
    return np.where(display <= 0.0031308, 12.92 * display, 1.055 * np.maximum(display, 1e-9) ** (1 / 2.4) - 0.055)


def decode(signal: np.ndarray) -> np.ndarray:
    """Display light 0..1 of an sRGB signal 0..1 (IEC 61966-2-1)."""
    signal = np.asarray(signal, np.float64)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def unfilm(display: np.ndarray) -> np.ndarray:
    """Scene light that ``film`` prints as ``display`` light 0..1, at most 6: for plates that are already graded."""
    y = np.minimum(np.asarray(display, np.float64), 0.96)
    a, b, c, d, e = _ACES
    quadratic, linear, constant = a - c * y, b - d * y, -e * y
    root = (-linear + np.sqrt(np.maximum(linear * linear - 4 * quadratic * constant, 0.0))) / (2 * quadratic)
    return np.clip(root / _GREY_GAIN, 0.0, 6.0)


def finish(
    layers: Layers,
    background: np.ndarray | None,
    *,
    seed: int,
    frame: int,
    grade: Grade = Grade(),
    out: np.ndarray | None = None,
    pool: Executor | None = None,
) -> np.ndarray:
    """The frame [H, W, 3] uint8 sRGB of premultiplied ``layers`` over ``background`` [H, W, 3] linear (None: black).

    Grain and dither depend on pixel, ``frame`` and ``seed`` alone; ``pool`` changes the speed and no byte.
    """
    from actors.grade_kernels import finish_rows, glow_of

    height, width = layers.alpha.shape
    out = np.empty((height, width, 3), np.uint8) if out is None else out
    behind = np.zeros((1, 1, 3), np.float32) if background is None else background
    salt = np.uint32((seed * 0x9E3779B1 + frame * 0x85EBCA6B) & 0xFFFFFFFF)
    glow = glow_of(layers.blended, layers.alpha, behind, np.float32(grade.glow))
    arguments = (
        layers.blended, layers.alpha, behind, glow, _matrix(grade), _table(), np.float32(grade.vignette),
        np.float32(grade.grain), salt, out,
    )  # fmt: skip
    if pool is None:
        finish_rows(0, height, *arguments)
    else:
        edges = [height * piece // PIECES for piece in range(PIECES + 1)]
        for done in [pool.submit(finish_rows, a, b, *arguments) for a, b in pairwise(edges)]:
            done.result()
    return out


_ACES = (2.51, 0.03, 2.43, 0.59, 0.14)


def _aces(x):
    a, b, c, d, e = _ACES
    return (x * (a * x + b)) / (x * (c * x + d) + e)


def _grey_gain() -> float:
    """The exposure at which ``_aces`` maps 18 % to 18 %: the root of a quadratic."""
    a, b, c, d, e = _ACES
    quadratic, linear, constant = a - GREY * c, b - GREY * d, -GREY * e
    return (-linear + (linear * linear - 4 * quadratic * constant) ** 0.5) / (2 * quadratic) / GREY


_GREY_GAIN = _grey_gain()


@lru_cache(maxsize=16)
def _matrix(grade: Grade) -> np.ndarray:
    """[3, 3] float32: exposure, printer lights and saturation."""
    saturation = grade.saturation * np.eye(3) + (1 - grade.saturation) * LUMINANCE[None, :]
    return (saturation @ np.diag(grade.gain) * 2.0**grade.exposure).astype(np.float32)


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """Code values 0..255 by the leading bits of a float32: LUT_STEPS to the octave, each at its middle."""
    k = np.arange((LUT_HIGH - LUT_LOW) * LUT_STEPS)
    light = 2.0 ** (LUT_LOW + k // LUT_STEPS) * (1.0 + (k % LUT_STEPS + 0.5) / LUT_STEPS)
    return (255.0 * encode(film(light))).astype(np.float32)
