"""Close-ups of house performers, drawn as a take draws them: posed, lit, shadowed, rasterised, graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

import actors
from actors.body.performer import Performer, Posed
from actors.gaussians import Gaussians
from actors.grade import GRADES, finish
from actors.lens import Lens, look_at
from actors.light import rig
from actors.performance import JOINT, SHAPE
from actors.rasterise import Rasteriser
from actors.shade import shade
from actors.shadow import shadow_of

HOUSE = ("ada", "kofi", "mei", "luca")
PILOT = ("ada", "kofi")  # who plays in the packaged episode
FRAME = 0.36  # metres of the picture's height at the face
DISTANCE = 1.3  # metres from lens to face
GREY = (0.16, 0.17, 0.19)  # linear, behind the face


@dataclass(frozen=True, slots=True)
class CloseUp:
    """One picture and all that is known about it."""

    image: np.ndarray  # [H, W, 3] uint8 sRGB
    alpha: np.ndarray  # [H, W] float32
    depth: np.ndarray  # [H, W] float32, metres
    lens: Lens
    posed: Posed
    cloud: Gaussians
    landmarks: Mapping[str, np.ndarray]  # [3] metres, world

    def place(self, point: np.ndarray) -> tuple[float, float]:
        """Pixels of a point [3] in the world."""
        x, y, z = self.lens.view[:3, :3] @ point + self.lens.view[:3, 3]
        return float(self.lens.fx * x / z + self.lens.cx), float(self.lens.fy * y / z + self.lens.cy)

    def share(self, *materials: int) -> np.ndarray:
        """How much of each pixel is of these materials, [H, W] float32 0..1."""
        marked = np.repeat(np.isin(self.posed.material, materials).astype(np.float32)[:, None], 3, axis=1)
        cloud = Gaussians(self.cloud.means, self.cloud.quats, self.cloud.scales, self.cloud.opacities, marked)
        return _rasteriser().render(cloud, self.lens).rgb[..., 0].copy()

    @property
    def face(self) -> tuple[float, float, float]:
        """Middle of the face in pixels, and its height from chin to crown."""
        middle = np.mean([self.landmarks[name] for name in ("left_eye", "right_eye", "mouth")], axis=0)
        top, chin = (self.place(self.landmarks[name]) for name in ("head_top", "chin"))
        return *self.place(middle), float(np.hypot(top[0] - chin[0], top[1] - chin[1]))


@lru_cache(maxsize=len(HOUSE))
def performer(name: str) -> Performer:
    """A house performer, kept for the next test."""
    return Performer.load(Path(actors.__file__).parent / "house" / name / "1" / "performer.safetensors")


def expression(values: Mapping[str, float]) -> np.ndarray:
    """Shapes [52] float32; a name without Left or Right is meant for both sides."""
    shapes = np.zeros(len(SHAPE), np.float32)
    for name, value in values.items():
        for key in (name,) if name in SHAPE else (f"{name}Left", f"{name}Right"):
            shapes[SHAPE[key]] = value
    return shapes


def close_up(
    who: Performer,
    values: Mapping[str, float] | None = None,
    *,
    light: str = "studio-soft",
    yaw: float = 0.0,
    pitch: float = 0.0,
    height: int = 720,
    width: int | None = None,
    frame: float = FRAME,
) -> CloseUp:
    """The performer's face with the expression ``values``, its head turned by ``yaw`` and ``pitch`` (degrees).

    ``frame`` is the height of the picture at the face in metres; the lens stands straight before the rest pose.
    """
    width = width or round(height * 16 / 9)
    joints = np.zeros((len(JOINT), 3), np.float32)
    for joint, share in (("neck", 0.4), ("head", 0.6)):
        joints[JOINT[joint], :2] = np.radians(-pitch) * share, np.radians(yaw) * share
    pose = (expression(values or {}), joints, np.zeros(2, np.float32), np.eye(4, dtype=np.float32))
    places = who.landmarks(*pose)
    middle = np.mean([places[name] for name in ("left_eye", "right_eye", "mouth")], axis=0)
    focal = height / frame * DISTANCE
    view = look_at(middle + np.array([0, 0, DISTANCE]), middle)
    lens = Lens(view, focal, focal, width / 2, height / 2, width, height)
    posed = who.posed(*pose)
    lamps = rig(light, 0.0, 0.0)
    colours, opacities = shade(posed, lamps, lens, shadow_of([posed], lamps.key))
    cloud = Gaussians(posed.means, posed.quats, posed.scales, opacities, colours)
    layers = _rasteriser().render(cloud, lens)
    behind = np.full((height, width, 3), GREY, np.float32)
    image = finish(layers, behind, seed=0, frame=0, grade=GRADES[light])
    return CloseUp(image, layers.alpha.copy(), layers.depth.copy(), lens, posed, cloud, places)


@lru_cache(maxsize=1)
def _rasteriser() -> Rasteriser:
    return Rasteriser(2)
