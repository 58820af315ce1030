"""Where a face must be in a picture, known from the geometry that was rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from actors.lens import Lens

HIDDEN_BY = 0.04  # metres that something must be nearer than a landmark to hide it
WATCHED = ("left_eye", "right_eye", "nose_tip", "mouth")  # all must be seen


@dataclass(frozen=True, slots=True)
class ExpectedFace:
    """A performer's face as the lens has it."""

    x: float  # pixels, between eyes and mouth
    y: float
    height: float  # pixels, twice from the chin to the eyes
    angle: float  # degrees between where the face points and the lens
    inside: bool  # whole inside the picture
    hidden: bool  # something stands before an eye, the nose or the mouth

    def findable(self, least_height: float, most_angle: float) -> bool:
        """Whether a detector for frontal faces has to find it."""
        return self.inside and not self.hidden and self.height >= least_height and self.angle <= most_angle


def expected_face(landmarks: Mapping[str, np.ndarray], lens: Lens, depth: np.ndarray) -> ExpectedFace | None:
    """The face of posed ``landmarks`` (world, [3] metres); ``depth`` [h, w] metres of the same view at any size.

    None if the face is behind the lens.
    """
    places = {name: lens.view[:3, :3] @ np.asarray(p) + lens.view[:3, 3] for name, p in landmarks.items()}
    if min(places[name][2] for name in (*WATCHED, "chin")) < 0.05:
        return None
    flat = {
        name: (lens.fx * p[0] / p[2] + lens.cx, lens.fy * p[1] / p[2] + lens.cy)
        for name, p in places.items()
        if p[2] > 0
    }
    eyes = np.mean([flat["left_eye"], flat["right_eye"]], axis=0)
    chin, mouth = np.array(flat["chin"]), np.array(flat["mouth"])
    height = 2.0 * float(np.linalg.norm(chin - eyes))
    across = places["left_eye"] - places["right_eye"]
    up = (places["left_eye"] + places["right_eye"]) / 2 - places["chin"]
    forward = np.cross(across, up)  # left x up = forward in the performer's right-handed frame
    towards = -(places["left_eye"] + places["right_eye"]) / 2
    cosine = forward @ towards / (np.linalg.norm(forward) * np.linalg.norm(towards))
    # The plane through eyes and chin leans back from the face's own axis by the depth of the chin: take yaw and the
    # rest of pitch together, which errs towards larger angles.
    angle = float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    middle = (eyes + mouth) / 2
    half = 0.55 * height
    inside = half < middle[0] < lens.width - half and half < middle[1] < lens.height - half
    hidden = any(_hidden(places[name][2], flat[name], lens, depth) for name in WATCHED)
    return ExpectedFace(float(middle[0]), float(middle[1]), height, angle, bool(inside), hidden)


def _hidden(distance: float, at: tuple[float, float], lens: Lens, depth: np.ndarray) -> bool:
    row = int(at[1] * depth.shape[0] / lens.height)
    column = int(at[0] * depth.shape[1] / lens.width)
    if not (0 <= row < depth.shape[0] and 0 <= column < depth.shape[1]):
        return False
    return 0.0 < depth[row, column] < distance - HIDDEN_BY
