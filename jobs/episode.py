"""The nouns of the work: what a call sheet says, checked, resolved and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from jobs.errors import BadInput


class EmptyShot(BadInput):
    """A shot ends before it starts."""

    def __init__(self, shot_id: str, first: int, last: int) -> None:
        super().__init__(shot_id, first, last)

    def __str__(self) -> str:
        return "shot {} starts at frame {} but ends at frame {}".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file that the episode uses, pinned by its content."""

    path: Path  # absolute, inside the episode's folder
    sha256: str  # hex; what enters the take key, never the path


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerRef:
    """One version of one performer, pinned by the digest of its package."""

    id: str  # "house/ada"
    version: int
    digest: str  # sha256 hex of the package file


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A performer's part in one episode."""

    name: str
    performer: PerformerRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words spoken, with the recording that speaks them."""

    audio: Media  # wav, mono or stereo
    text: str | None  # None: phonemes are recognised instead of aligned
    at: float = 0.0  # seconds from the start of the shot
    seconds: float  # length of the recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What one role does in one shot."""

    role: str
    line: Line | None = None
    direction: str = ""
    look_at: str | None = None  # a role, "camera", "down", "up", "away"; None: the partner if there is one
    face: Media | None = None  # ARKit curves, CSV as Live Link Face writes it
    mocap: Media | None = None  # BVH


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How far the camera travels over the shot, eased in and out."""

    dolly: float = 0.0  # metres towards the subject
    orbit: float = 0.0  # degrees around the subject, positive to the camera's right
    pedestal: float = 0.0  # metres up


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Where the lens is: a preset framing, whom it frames, and its move."""

    preset: str  # jobs.presets.FRAMINGS
    on: tuple[str, ...]  # roles framed, the main one first
    over: str | None = None  # role whose shoulder is in the foreground
    lens: float = 50.0  # focal length in mm on a 36 mm wide sensor
    move: Move = Move()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """What is behind the performers; exactly one field is set."""

    image: Media | None = None
    video: Media | None = None
    splats: str | Media | None = None  # a set of jobs.presets.SETS by name, or a .ply/.splat file
    colour: tuple[float, float, float] | None = None  # display sRGB, 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a role stands: metres on the floor plane, and the heading."""

    x: float
    z: float
    heading: float  # degrees about +Y; 0 faces +Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One uninterrupted view through one camera."""

    id: str  # "s01e01/s010/0010": episode, scene, shot
    first: int  # frame number, inclusive
    last: int  # frame number, inclusive
    camera: Camera
    cues: tuple[Cue, ...]
    look: str = "splat"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise EmptyShot(self.id, self.first, self.last)

    @property
    def frames(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story unit in one place, under one light."""

    id: str
    plate: Plate
    light: str  # jobs.presets.LIGHTS
    exposure: float = 0.0  # stops
    marks: Mapping[str, Mark] = field(default_factory=dict)
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Whom the work is for and where it will be seen; what consent is checked against."""

    id: str
    genres: tuple[str, ...]
    territories: tuple[str, ...]
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One deliverable: ordered scenes."""

    id: str
    title: str
    fps: Fraction
    width: int
    height: int
    project: Project
    cast: Mapping[str, Role]
    scenes: tuple[Scene, ...]
    deadline: datetime | None = None

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for scene in self.scenes for shot in scene.shots)

    @property
    def frames(self) -> int:
        return sum(shot.frames for shot in self.shots)

    def scene_of(self, shot: Shot) -> Scene:
        return next(scene for scene in self.scenes if shot in scene.shots)
