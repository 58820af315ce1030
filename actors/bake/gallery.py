"""How a performer's face reads to a face recogniser: embeddings of sixteen renders of the package itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.body.performer import Performer
from actors.gaussians import Gaussians
from actors.grade import finish
from actors.judge.faces import find_face
from actors.lens import Lens, look_at
from actors.light import rig
from actors.performance import JOINT, SHAPE
from actors.rasterise import Rasteriser
from actors.shade import shade
from actors.shadow import shadow_of
from jobs.errors import FarmError

SIDE = 420  # pixels of a render
FRAME = 0.44  # metres that it shows at the face
DISTANCE = 1.3  # metres from lens to face
GREY = (0.16, 0.17, 0.19)  # linear, behind the face
SITTINGS = (  # degrees of yaw, light, expression
    (0, "studio-soft", {}),
    (0, "window-left", {}),
    (0, "golden-hour", {}),
    (0, "overcast", {"jawOpen": 0.25}),
    (-12, "studio-soft", {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6}),
    (12, "studio-soft", {"mouthFrownLeft": 0.6, "mouthFrownRight": 0.6, "browInnerUp": 0.5}),
    (-12, "window-right", {}),
    (12, "window-left", {"jawOpen": 0.3, "mouthFunnel": 0.3}),
    (-25, "studio-soft", {}),
    (25, "studio-soft", {}),
    (-25, "overcast", {"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4}),
    (25, "golden-hour", {"jawOpen": 0.2}),
    (-6, "window-right", {"browDownLeft": 0.7, "browDownRight": 0.7, "mouthPressLeft": 0.5, "mouthPressRight": 0.5}),
    (6, "window-left", {"eyeBlinkLeft": 0.35, "eyeBlinkRight": 0.35}),
    (-18, "overcast", {"jawOpen": 0.5}),
    (18, "studio-soft", {"browInnerUp": 0.7, "eyeWideLeft": 0.5, "eyeWideRight": 0.5}),
)


class FaceUnread(FarmError):
    """A face recogniser does not see a face where the performer's is."""

    def __init__(self, performer: str, sitting: int) -> None:
        super().__init__(performer, sitting)

    def __str__(self) -> str:
        return "no face was found in sitting {1} of {0}: look at its recipe, or at what hangs before the face".format(
            *self.args
        )


def embeddings(path: Path) -> np.ndarray:
    """[16, 128] float32 descriptors of the package at ``path``, in the order of SITTINGS; raises FaceUnread."""
    performer = Performer.load(path)
    rasteriser = Rasteriser(1)
    found = []
    for number, (yaw, light, expression) in enumerate(SITTINGS):
        image, x, y, height = sitting(performer, rasteriser, yaw, light, expression)
        face = find_face(image, x, y, height)
        if face is None:
            raise FaceUnread(performer.id, number)
        found.append(face.descriptor)
    return np.stack(found)


def portrait(path: Path) -> Path:
    """Write portrait.jpg beside the package at ``path``: the face at rest, turned a little, in soft light."""
    from PIL import Image

    image, *_ = sitting(Performer.load(path), Rasteriser(1), -12, "window-left", {"mouthSmileLeft": 0.2})
    target = path.with_name("portrait.jpg")
    partial = path.with_name(".portrait.part")
    Image.fromarray(image).save(partial, "JPEG", quality=90)
    partial.replace(target)
    return target


def sitting(
    performer: Performer, rasteriser: Rasteriser, yaw: float, light: str, expression: dict[str, float]
) -> tuple[np.ndarray, float, float, float]:
    """A portrait [420, 420, 3] uint8 with the head turned ``yaw`` degrees, and the face's middle and height in px."""
    shapes = np.zeros(len(SHAPE), np.float32)
    for name, value in expression.items():
        shapes[SHAPE[name]] = value
    joints = np.zeros((len(JOINT), 3), np.float32)
    joints[JOINT["neck"], 1], joints[JOINT["head"], 1] = np.radians(yaw) * 0.4, np.radians(yaw) * 0.6
    gaze, root = np.zeros(2, np.float32), np.eye(4, dtype=np.float32)
    places = performer.landmarks(shapes, joints, gaze, root)
    middle = (places["left_eye"] + places["right_eye"] + places["mouth"]) / 3
    eye = middle + np.array([0.0, 0.0, DISTANCE])
    focal = SIDE / FRAME * DISTANCE
    lens = Lens(look_at(eye, middle), focal, focal, SIDE / 2, SIDE / 2, SIDE, SIDE)
    posed = performer.posed(shapes, joints, gaze, root)
    lamps = rig(light, 0.0, 0.0)
    colours, opacities = shade(posed, lamps, lens, shadow_of([posed], lamps.key))
    layers = rasteriser.render(Gaussians(posed.means, posed.quats, posed.scales, opacities, colours), lens)
    behind = np.full((SIDE, SIDE, 3), GREY, np.float32)
    height = float(np.linalg.norm(places["head_top"] - places["chin"])) * SIDE / FRAME
    return finish(layers, behind, seed=0, frame=0), SIDE / 2, SIDE / 2, height
