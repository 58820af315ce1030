"""How a scene is lit: a key, a fill, a rim and the light that comes from everywhere.

Lamps are far away: each has one direction over the whole cast, and an angular size that makes its shadows soft and
its highlights wide. A preset is written as a cinematographer would say it (azimuth and elevation from the camera's
axis, colour temperature, ratio to the key) and turned into world space and linear Rec.709 by ``rig``.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np

from jobs.errors import BadInput
from jobs.presets import LIGHTS


class UnknownLight(BadInput):
    """A light preset that does not exist."""

    def __init__(self, preset: str) -> None:
        super().__init__(preset)

    def __str__(self) -> str:
        near = difflib.get_close_matches(self.args[0], LIGHTS, 1)
        hint = f": did you mean {near[0]!r}?" if near else f": use one of {', '.join(LIGHTS)}"
        return f"unknown light preset {self.args[0]!r}{hint}"


@dataclass(frozen=True, slots=True)
class Lamp:
    """One distant area light."""

    towards: np.ndarray  # [3] float32, unit, world: from the cast to the lamp
    colour: np.ndarray  # [3] float32, linear Rec.709: what a white matte surface facing the lamp reflects
    size: float  # radians, angular radius: softness of shadow and highlight
    window: bool = False  # its reflection in an eye is a window with a cross, not a disc


@dataclass(frozen=True, slots=True)
class Rig:
    """All the light of one scene."""

    key: Lamp
    fill: Lamp
    rim: Lamp
    ambient: np.ndarray  # [4, 3] float32: light reflected by white facing n is ambient[0] + n . ambient[1:]
    surround: np.ndarray  # [3] float32: factor on a backdrop that was photographed or baked under neutral light

    @property
    def lamps(self) -> tuple[Lamp, Lamp, Lamp]:
        return self.key, self.fill, self.rim


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lamp:
    azimuth: float  # degrees from the camera's axis, positive to the camera's right
    elevation: float  # degrees
    kelvin: float
    level: float  # luminance of a white surface that faces it
    size: float  # radians
    window: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preset:
    balance: float  # kelvin that the camera renders as white
    key: _Lamp
    fill: _Lamp
    rim: _Lamp
    sky: tuple[float, float]  # kelvin, level: light from above
    floor: tuple[float, float]  # kelvin, level: light bounced from below
    surround: tuple[float, float]  # kelvin, level


_PRESETS = {
    # A tall window beside the lens: soft and neutral, a warm room on the other side. About 4:1.
    "window-left": _Preset(
        balance=5400,
        key=_Lamp(azimuth=-48, elevation=24, kelvin=5800, level=1.25, size=0.22, window=True),
        fill=_Lamp(azimuth=58, elevation=6, kelvin=4300, level=0.11, size=0.6),
        rim=_Lamp(azimuth=142, elevation=30, kelvin=4500, level=1.15, size=0.12),
        sky=(5800, 0.13), floor=(4300, 0.075), surround=(5300, 0.46),
    ),
    # The same window in the morning: sunlight in the curtain, warm key against cool shadow. About 5:1.
    "window-right": _Preset(
        balance=5200,
        key=_Lamp(azimuth=50, elevation=20, kelvin=4400, level=1.25, size=0.19, window=True),
        fill=_Lamp(azimuth=-55, elevation=8, kelvin=7200, level=0.10, size=0.6),
        rim=_Lamp(azimuth=-145, elevation=30, kelvin=6500, level=1.10, size=0.12),
        sky=(6600, 0.11), floor=(4800, 0.07), surround=(5000, 0.46),
    ),
    # Cloud: a dome from above, hardly a direction, eyes lifted by a card below the lens. About 2:1.
    "overcast": _Preset(
        balance=6100,
        key=_Lamp(azimuth=-22, elevation=48, kelvin=6600, level=0.70, size=0.50),
        fill=_Lamp(azimuth=25, elevation=-8, kelvin=6300, level=0.17, size=0.7),
        rim=_Lamp(azimuth=160, elevation=55, kelvin=7600, level=0.55, size=0.35),
        sky=(7200, 0.34), floor=(5600, 0.13), surround=(6500, 0.55),
    ),
    # The sun low behind one shoulder, its bounce as key, blue sky in the shadows. About 4:1, rim hotter than key.
    "golden-hour": _Preset(
        balance=5200,
        key=_Lamp(azimuth=42, elevation=15, kelvin=3500, level=1.02, size=0.16),
        fill=_Lamp(azimuth=-50, elevation=12, kelvin=7200, level=0.14, size=0.6),
        rim=_Lamp(azimuth=-148, elevation=18, kelvin=2900, level=2.30, size=0.05),
        sky=(8500, 0.13), floor=(3600, 0.11), surround=(4100, 0.55),
    ),
    # Moon from the right, practicals behind and beside on the left. About 5:1, a stop under, cool against warm.
    "night-blue": _Preset(
        balance=4800,
        key=_Lamp(azimuth=44, elevation=28, kelvin=7600, level=0.66, size=0.13),
        fill=_Lamp(azimuth=-62, elevation=6, kelvin=2900, level=0.13, size=0.5),
        rim=_Lamp(azimuth=-140, elevation=16, kelvin=2600, level=1.60, size=0.06),
        sky=(9000, 0.060), floor=(3400, 0.030), surround=(9500, 0.20),
    ),
    # One hard lamp from the side and a kicker; shadows stay shadows, but the eye in them can be found. About 12:1.
    "noir": _Preset(
        balance=5000,
        key=_Lamp(azimuth=-58, elevation=30, kelvin=4900, level=1.15, size=0.045),
        fill=_Lamp(azimuth=35, elevation=5, kelvin=5600, level=0.050, size=0.5),
        rim=_Lamp(azimuth=138, elevation=38, kelvin=5400, level=1.25, size=0.05),
        sky=(5800, 0.038), floor=(5000, 0.022), surround=(5200, 0.17),
    ),
    # A large octagon near the lens, a card opposite, a hair light: beauty. About 2:1.
    "studio-soft": _Preset(
        balance=5500,
        key=_Lamp(azimuth=-30, elevation=28, kelvin=5500, level=0.90, size=0.36),
        fill=_Lamp(azimuth=38, elevation=2, kelvin=5300, level=0.27, size=0.7),
        rim=_Lamp(azimuth=152, elevation=42, kelvin=6200, level=0.95, size=0.16),
        sky=(5600, 0.16), floor=(5300, 0.13), surround=(5500, 0.42),
    ),
}  # fmt: skip


def rig(preset: str, exposure: float, heading: float) -> Rig:
    """The lamps of ``preset`` around a cast seen from ``heading`` (degrees about +Y; 0: the camera is on +Z).

    ``exposure`` is in stops. Raises ``UnknownLight``.
    """
    if preset not in _PRESETS:
        raise UnknownLight(preset)
    recipe = _PRESETS[preset]
    gain = 2.0**exposure
    white = _colour_of(recipe.balance)

    def balanced(kelvin: float, level: float) -> np.ndarray:
        colour = _colour_of(kelvin) / white
        return (colour * (level / (colour @ LUMINANCE))).astype(np.float32)

    def lamp(spec: _Lamp) -> Lamp:
        towards = _direction(heading + spec.azimuth, spec.elevation)
        return Lamp(towards, balanced(spec.kelvin, spec.level) * np.float32(gain), spec.size, spec.window)

    sky, floor = balanced(*recipe.sky) * gain, balanced(*recipe.floor) * gain
    ambient = np.zeros((4, 3), np.float32)
    ambient[0] = (sky + floor) / 2
    ambient[2] = (sky - floor) / 2
    surround = balanced(*recipe.surround) * np.float32(gain)
    return Rig(lamp(recipe.key), lamp(recipe.fill), lamp(recipe.rim), ambient, surround)


LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear Rec.709, ITU-R BT.709-6

_XYZ_TO_REC709 = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)


def _colour_of(kelvin: float) -> np.ndarray:
    """Linear Rec.709 [3] of luminance 1 of a black body (below 4000 K) or of daylight (from 4000 K).

    Black body: the fit of the Planckian locus by Kim et al. (US patent 7024034, 2002), 1667 to 4000 K.
    Daylight: CIE 15:2004, 4000 to 25000 K. The two meet within 0.01 in xy.
    """
    t = 1000.0 / kelvin
    if kelvin < 4000.0:
        x = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
        if kelvin < 2222.0:
            y = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
        else:
            y = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    else:
        if kelvin <= 7000.0:
            x = ((-4.6070 * t + 2.9678) * t + 0.09911) * t + 0.244063
        else:
            x = ((-2.0064 * t + 1.9018) * t + 0.24748) * t + 0.237040
        y = (-3.000 * x + 2.870) * x - 0.275
    rgb = np.maximum(_XYZ_TO_REC709 @ np.array([x / y, 1.0, (1.0 - x - y) / y]), 0.0)
    return rgb / (rgb @ LUMINANCE)


def _direction(azimuth: float, elevation: float) -> np.ndarray:
    """Unit [3] float32 at ``azimuth`` degrees about +Y from +Z (towards +X) and ``elevation`` degrees up."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], np.float32)
