"""Body motion: the header of a BVH file, and that every frame has its numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

MOST_JOINTS, MOST_FRAMES = 512, 144_000
# The joints that are performed, in the usual rigs: lower case, without prefix and underscores.
_PERFORMED = (
    "spine spine1 spine2 spine3 spine4 abdomen lowerback toesterno waist torso chest chest2 chest3 chest4 upperchest "
    "thorax neck neck1 neck2 upperneck lowerneck head leftshoulder leftcollar lcollar leftclavicle lclavicle lshoulder "
    "rightshoulder rightcollar rcollar rightclavicle rclavicle rshoulder"
)
PERFORMED = frozenset(_PERFORMED.split())
CHANNELS = frozenset(f"{axis}{kind}" for axis in "XYZ" for kind in ("position", "rotation"))


@dataclass(frozen=True, slots=True)
class MotionFacts:
    """What a BVH file holds."""

    joints: tuple[str, ...]
    channels: int
    frames: int
    frame_seconds: float


def check(path: Path) -> MotionFacts:
    """Joints and frames of a BVH file. Raises ``ValueError`` in words.

    Format: https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not a text file") from None
    hierarchy, found, motion = text.partition("MOTION")
    words = hierarchy.split()
    if words[:2] != ["HIERARCHY", "ROOT"] or not found:
        raise ValueError("does not start with HIERARCHY and ROOT, and go on to MOTION")
    joints, channels = _hierarchy(words[1:])
    header = re.match(r"\s*Frames:\s*([0-9]{1,9})[^\S\n]*\n\s*Frame Time:\s*(\S{1,40})[^\S\n]*(\n|\Z)", motion)
    if header is None:
        raise ValueError("lacks 'Frames:' and 'Frame Time:' after MOTION")
    frames, seconds = int(header[1]), _number(header[2])
    if not 0 < frames <= MOST_FRAMES:
        raise ValueError(f"has {frames} frames; use 1 to {MOST_FRAMES}")
    if not 1 / 1000 <= seconds <= 1.0:
        raise ValueError(f"has a frame time of {header[2]} seconds")
    rows = [line.split() for line in motion[header.end() :].splitlines() if line.strip()]
    if len(rows) != frames:
        raise ValueError(f"promises {frames} frames and has {len(rows)}")
    for index, row in enumerate(rows):
        if len(row) != channels:
            raise ValueError(f"has {len(row)} numbers in frame {index}; its joints have {channels} channels")
        if not all(math.isfinite(_number(word)) for word in row):
            raise ValueError(f"has something that is not a finite number in frame {index}")
    return MotionFacts(joints, channels, frames, seconds)


def _hierarchy(words: list[str]) -> tuple[tuple[str, ...], int]:
    joints: list[str] = []
    turned: set[str] = set()  # joints that rotate
    channels = depth = index = 0
    while index < len(words):
        word = words[index]
        if word in ("ROOT", "JOINT"):
            joints.append(" ".join(words[index + 1 : index + 2]))
            index += 2
        elif word == "End":
            index += 2
        elif word == "OFFSET":
            if not all(math.isfinite(_number(w)) for w in words[index + 1 : index + 4]):
                raise ValueError("has an OFFSET that is not three finite numbers")
            index += 4
        elif word == "CHANNELS":
            count = int(words[index + 1]) if words[index + 1 : index + 2] and words[index + 1] in "0123456" else -1
            names = words[index + 2 : index + 2 + max(count, 0)]
            if count < 0 or len(names) < count or not CHANNELS.issuperset(names):
                raise ValueError("has CHANNELS that are not positions and rotations")
            if joints and any(name.endswith("rotation") for name in names):
                turned.add(joints[-1])
            channels += count
            index += 2 + count
        elif word in "{}":
            depth += 1 if word == "{" else -1
            index += 1
        else:
            raise ValueError(f"has {word[:40]!r} in its hierarchy")
        if depth < 0 or len(joints) > MOST_JOINTS:
            raise ValueError("has braces that do not match" if depth < 0 else f"has more than {MOST_JOINTS} joints")
    if depth:
        raise ValueError("has braces that do not match")
    if not channels:
        raise ValueError("has no channels")
    if not any(_performed(joint) for joint in turned):
        raise ValueError("turns no joint that is performed: spine, chest, neck, head or collar")
    return tuple(joints), channels


def _performed(joint: str) -> bool:
    return joint.lower().rpartition(":")[2].replace("_", "").replace("mixamorig", "") in PERFORMED


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan
