"""Take keys: the hash of everything that can change a pixel of a shot, and of nothing else.

Two shots with one key are one take: moving a shot in the edit, renaming a folder or rendering elsewhere changes
nothing. ``PIXELS`` and ``NOT_PIXELS`` decide over every field; a new field must be put into one of them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from jobs.episode import Camera, Cue, Episode, Line, Mark, Media, Move, PerformerRef, Plate, Role, Scene, Shot

FORMAT = "greenroom take 1"

PIXELS: Mapping[type, tuple[str, ...]] = {
    Media: ("sha256",),
    PerformerRef: ("digest",),
    Role: ("performer",),
    Line: ("audio", "text", "at", "seconds"),
    Cue: ("role", "line", "direction", "look_at", "face", "mocap"),  # the role's name seeds its performance
    Move: ("dolly", "orbit", "pedestal"),
    Camera: ("preset", "on", "over", "lens", "move"),
    Plate: ("image", "video", "splats", "colour"),
    Mark: ("x", "z", "heading"),
    Shot: ("first", "last", "camera", "cues", "look", "seed"),
    Scene: ("plate", "light", "exposure", "marks"),
    Episode: ("fps", "width", "height", "cast"),
}
NOT_PIXELS: Mapping[type, tuple[str, ...]] = {
    Media: ("path",),
    PerformerRef: ("id", "version"),  # names of what the digest pins
    Role: ("name",),  # the key under which it stands
    Shot: ("id",),
    Scene: ("id", "shots"),  # the other shots matter only by whom they put on stage
    Episode: ("id", "title", "project", "scenes", "deadline"),
}


def roles_on_stage(scene: Scene, shot: Shot) -> tuple[str, ...]:
    """The roles that stand on the set in ``shot``, in the order in which the shots of its scene cue them.

    Where a role without a mark stands, and on which side of the line the cameras stay, follows from this order.
    """
    present = {cue.role for cue in shot.cues}
    return tuple(dict.fromkeys(cue.role for other in scene.shots for cue in other.cues if cue.role in present))


def take_key(
    episode: Episode, scene: Scene, shot: Shot, *, encoder: Mapping[str, Any], engine: str, watermark: str
) -> str:
    """64 hex digits. ``encoder``: its settings; ``engine``: the revision of ``actors``; ``watermark``: its key's id."""
    stage = roles_on_stage(scene, shot)
    place = plain(scene)
    place["marks"] = {role: mark for role, mark in place["marks"].items() if role in stage}
    inputs = {
        "format": FORMAT,
        "shot": plain(shot),
        "scene": place,
        "stage": [[role, plain(episode.cast[role])] for role in stage],
        "picture": {name: plain(getattr(episode, name)) for name in ("fps", "width", "height")},
        "encoder": plain(dict(encoder)),
        "engine": engine,
        "watermark": watermark,
    }
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def plain(value: Any) -> Any:
    """``value`` as JSON that is the same for equal inputs: 24, 24.0 and -0.0 have one spelling each."""
    if is_dataclass(value) and not isinstance(value, type):
        chosen = PIXELS[type(value)]
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.name in chosen}
    if isinstance(value, Mapping):
        assert all(isinstance(key, str) for key in value), "keys are strings"
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float):
        assert math.isfinite(value), "numbers are finite"
        return int(value) if value.is_integer() else value
    assert value is None or isinstance(value, (bool, int, str)), f"{type(value).__name__} has no canonical form"
    return value
