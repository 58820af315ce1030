"""Where everyone stands in a scene, whom they can look at, and from where they are seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from actors import framing
from actors.lens import Lens
from jobs.episode import Mark, Scene, Shot
from jobs.errors import BadInput

APART = 0.64  # metres between the marks of two roles that the call sheet does not place
OPEN = 32.0  # degrees that such a pair is turned from one another towards the camera's side
HEIGHT_KEPT = 0.3  # part of the difference in eye height that is kept between performers of one scene
LIGHT_FOLLOWS_FACE = 0.5  # how far the lamps are turned from the camera's axis to that of the face in a single

Landmarks = Mapping[str, np.ndarray]  # name -> [3] metres in the performer's rest frame


class NotOnStage(BadInput):
    """A shot names a role that the scene does not have."""

    def __init__(self, shot_id: str, role: str, roles: tuple[str, ...]) -> None:
        super().__init__(shot_id, role, roles)

    def __str__(self) -> str:
        shot_id, role, roles = self.args
        return f"shot {shot_id} frames {role!r}, who is not in its scene: add a cue for them, or use {', '.join(roles)}"


@dataclass(frozen=True, slots=True)
class Staging:
    """The floor plan of one scene."""

    marks: Mapping[str, Mark]
    risers: Mapping[str, float]  # metres that each performer stands above the floor
    landmarks: Mapping[str, Landmarks]  # in the world, performers at rest on their marks
    side: np.ndarray  # [2] x and z, unit: the side of the line that every camera of the scene stays on

    def root(self, role: str, sway: np.ndarray | None = None) -> np.ndarray:
        """[4, 4] float32 from the performer's frame to the world; ``sway`` [3] metres off the mark, own axes."""
        matrix = _root(self.marks[role], self.risers[role])
        if sway is not None:
            matrix[:3, 3] += matrix[:3, :3] @ sway
        return matrix.astype(np.float32)

    def targets(self, role: str, lens: Lens) -> dict[str, tuple[float, float]]:
        """Yaw (to the performer's left) and pitch (up), radians, of each other role's eyes and of the camera."""
        rotation = _root(self.marks[role])[:3, :3]
        eyes = framing.eyes(self.landmarks[role])
        places = {other: framing.eyes(found) for other, found in self.landmarks.items() if other != role}
        places["camera"] = lens.position
        return {name: _angles(rotation.T @ (place - eyes)) for name, place in places.items()}

    def lens(self, shot: Shot, t: float, width: int, height: int) -> Lens:
        """The camera of ``shot`` at ``t``, 0 at its first frame and 1 at its last. Raises ``NotOnStage``."""
        camera = shot.camera
        for role in (*camera.on, *((camera.over,) if camera.over else ())):
            if role not in self.marks:
                raise NotOnStage(shot.id, role, tuple(self.marks))
        return framing.lens(camera, self.landmarks, self.headings, self.side, t, width, height)

    def drawn(self, shot: Shot) -> tuple[str, ...]:
        """The roles to draw in ``shot``: those framed and the one in the foreground.

        In a single the partner is off camera, and the camera may well stand where the partner would be.
        """
        camera = shot.camera
        if camera.preset == "two-shot" and len(camera.on) == 1:
            return tuple(self.marks)
        foreground = camera.over
        if camera.preset == "over-the-shoulder" and foreground is None:
            foreground = next((role for role in self.marks if role != camera.on[0]), None)
        return tuple(role for role in self.marks if role in camera.on or role == foreground)

    def light_heading(self, shot: Shot) -> float:
        """Degrees about +Y of the direction that the lamps of ``shot`` are set from.

        Lamps keep their side of the frame from shot to shot and are cheated towards the face that is framed.
        """
        lens = self.lens(shot, 0.5, 1280, 720)
        seen_from = lens.position - np.mean([framing.eyes(self.landmarks[role]) for role in shot.camera.on], axis=0)
        heading = math.degrees(math.atan2(seen_from[0], seen_from[2]))
        if len(shot.camera.on) == 1:
            turn = (self._facing(shot.camera.on[0]) - heading + 180.0) % 360.0 - 180.0
            heading += LIGHT_FOLLOWS_FACE * max(-70.0, min(70.0, turn))
        return heading

    def _facing(self, role: str) -> float:
        """Degrees about +Y that the face of ``role`` is expected to be turned to: half way to the first partner."""
        heading = self.marks[role].heading
        partner = next((other for other in self.marks if other != role), None)
        if partner is None:
            return heading
        way = framing.eyes(self.landmarks[partner]) - framing.eyes(self.landmarks[role])
        turn = (math.degrees(math.atan2(way[0], way[2])) - heading + 180.0) % 360.0 - 180.0
        return heading + turn / 2

    @property
    def headings(self) -> dict[str, float]:
        """Degrees about +Y that each role faces."""
        return {role: mark.heading for role, mark in self.marks.items()}


def stage(scene: Scene, performers: Mapping[str, Landmarks]) -> Staging:
    """The floor plan of ``scene`` for its roles, in the order of ``performers``: role -> landmarks of its performer.

    Roles without a mark get one: alone at the origin, two face to face, more on an arc.
    """
    usual = _usual_marks(tuple(performers))
    marks = {role: scene.marks.get(role, usual[role]) for role in performers}
    risers = _risers(performers)
    placed = {}
    for role, found in performers.items():
        matrix = _root(marks[role], risers[role])
        placed[role] = {name: matrix[:3, :3] @ np.asarray(p, np.float64) + matrix[:3, 3] for name, p in found.items()}
    return Staging(marks, risers, placed, _side(tuple(marks.values())))


def _risers(performers: Mapping[str, Landmarks]) -> dict[str, float]:
    """Boxes under the shorter ones, so that faces share a frame; what is left of a difference still reads."""
    heights = {role: float((found["left_eye"][1] + found["right_eye"][1]) / 2) for role, found in performers.items()}
    tallest = max(heights.values())
    return {role: max(0.0, (tallest - height) * (1.0 - HEIGHT_KEPT)) for role, height in heights.items()}


def _usual_marks(roles: tuple[str, ...]) -> dict[str, Mark]:
    if len(roles) == 1:
        return {roles[0]: Mark(x=0.0, z=0.0, heading=0.0)}
    if len(roles) == 2:
        half = APART / 2
        return {
            roles[0]: Mark(x=-half, z=0.0, heading=90.0 - OPEN),
            roles[1]: Mark(x=half, z=0.0, heading=OPEN - 90.0),
        }
    marks = {}
    radius = APART / 2 / math.sin(math.pi / (2 * len(roles)))
    for index, role in enumerate(roles):
        angle = math.pi * (index + 0.5) / len(roles) - math.pi / 2  # an arc of half a turn, open towards +Z
        x, z = radius * math.sin(angle), -radius * math.cos(angle)
        marks[role] = Mark(x=x, z=z, heading=math.degrees(math.atan2(-x, -z + 0.3 * radius)))
    return marks


def _side(marks: tuple[Mark, ...]) -> np.ndarray:
    """The side of the line between the first two marks to which people are turned; for one mark, where they face."""
    forwards = np.array([[math.sin(math.radians(m.heading)), math.cos(math.radians(m.heading))] for m in marks])
    if len(marks) == 1:
        return forwards[0]
    line = np.array([marks[1].x - marks[0].x, marks[1].z - marks[0].z])
    length = np.linalg.norm(line)
    if length < 1e-6:
        return forwards[0]
    normal = np.array([-line[1], line[0]]) / length
    turned = float(forwards.sum(0) @ normal)
    if abs(turned) < 1e-6:
        turned = normal[1] if abs(normal[1]) > 1e-6 else normal[0]  # squarely face to face: the +Z side
    return normal * math.copysign(1.0, turned)


def _root(mark: Mark, riser: float = 0.0) -> np.ndarray:
    angle = math.radians(mark.heading)
    matrix = np.eye(4)
    matrix[0, 0] = matrix[2, 2] = math.cos(angle)
    matrix[0, 2], matrix[2, 0] = math.sin(angle), -math.sin(angle)
    matrix[:3, 3] = mark.x, riser, mark.z
    return matrix


def _angles(direction: np.ndarray) -> tuple[float, float]:
    x, y, z = (float(v) for v in direction)
    return math.atan2(x, z), math.atan2(y, math.hypot(x, z))
