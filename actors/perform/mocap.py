"""Recorded body motion: BVH, of which the spine, neck, head and clavicles are used, brought to the frames of a shot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.perform import rotation
from actors.performance import JOINT, JOINTS
from jobs.errors import BadInput

LARGEST = 64 << 20  # bytes
MOST_FRAMES = 200_000
MOST_JOINTS = 512
_STEEPEST = np.radians(70)  # of any joint; more is a fault of the recording

# names in the usual rigs (CMU, Mixamo, Rokoko, MotionBuilder), lower case and without prefix, by joint of ours;
# several joints of a file that are one of ours are multiplied, the parent first
_NAMES: dict[str, frozenset[str]] = {
    "torso": frozenset({"spine", "abdomen", "lowerback", "toesterno", "waist", "torso"}),
    "chest": frozenset({"spine1", "spine2", "spine3", "spine4", "chest", "chest2", "chest3", "chest4", "upperchest",
                        "thorax"}),
    "neck": frozenset({"neck", "neck1", "neck2", "upperneck", "lowerneck"}),
    "head": frozenset({"head"}),
    "left_clavicle": frozenset({"leftshoulder", "leftcollar", "lcollar", "leftclavicle", "lclavicle", "lshoulder"}),
    "right_clavicle": frozenset({"rightshoulder", "rightcollar", "rcollar", "rightclavicle", "rclavicle", "rshoulder"}),
}  # fmt: skip


class UnusableMotion(BadInput):
    """A BVH file cannot be performed."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{}: {}; expected BVH motion with Y up, facing +Z".format(*self.args)


@dataclass(frozen=True, slots=True)
class _Channels:
    joint: str
    axes: str  # "ZXY", order of application, outermost first
    columns: tuple[int, ...]


def motion(path: Path, times: np.ndarray) -> np.ndarray:
    """Rotation vectors [F, 6, 3] (radians, order JOINTS) at ``times`` (seconds from the first frame), held at the ends.

    Joints that the file lacks stay at rest. Raises UnusableMotion.
    """
    channels, values, step = _read(path)
    moments = np.arange(len(values)) * step
    turned = {name: np.broadcast_to(np.eye(3), (len(values), 3, 3)) for name in JOINTS}
    for channel in channels:
        total = np.broadcast_to(np.eye(3), (len(values), 3, 3))
        for axis, column in zip(channel.axes, channel.columns, strict=True):
            vector = np.zeros((len(values), 3))
            vector[:, "XYZ".index(axis)] = np.radians(values[:, column])
            total = total @ rotation.matrix(vector)
        turned[channel.joint] = turned[channel.joint] @ total
    out = np.zeros((len(times), len(JOINTS), 3))
    for name, rotations in turned.items():
        vectors = rotation.vector(rotations)
        angle = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors * np.minimum(1.0, _STEEPEST / np.maximum(angle, 1e-9))
        for axis in range(3):
            out[:, JOINT[name], axis] = np.interp(times, moments, vectors[:, axis])
    return out


def _ours(name: str) -> str | None:
    plain = name.lower().rpartition(":")[2].replace("_", "").replace("mixamorig", "")
    return next((joint for joint, names in _NAMES.items() if plain in names), None)


def _read(path: Path) -> tuple[list[_Channels], np.ndarray, float]:
    """(channels of our joints, values [n, c], seconds per frame)."""
    where = str(path)
    if not path.is_file():
        raise UnusableMotion(where, "no such file")
    if path.stat().st_size > LARGEST:
        raise UnusableMotion(where, f"larger than {LARGEST >> 20} MiB")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableMotion(where, "not a text file") from error
    head, found, body = text.partition("MOTION")
    if not head.lstrip().startswith("HIERARCHY") or not found:
        raise UnusableMotion(where, "it has no HIERARCHY and MOTION")
    channels: list[_Channels] = []
    width, name, tokens, place, joints = 0, "", head.split(), 0, 0
    try:
        while place < len(tokens):
            if tokens[place] in ("ROOT", "JOINT"):
                name, place, joints = tokens[place + 1], place + 2, joints + 1
            elif tokens[place] == "CHANNELS":
                count = int(tokens[place + 1])
                listed = tokens[place + 2 : place + 2 + count]
                turns = [
                    (kind[0].upper(), width + n) for n, kind in enumerate(listed) if kind.lower().endswith("rotation")
                ]
                joint = _ours(name)
                if joint and turns:
                    channels.append(_Channels(joint, "".join(a for a, _ in turns), tuple(c for _, c in turns)))
                width, place = width + count, place + 2 + count
            else:
                place += 1
        lines = [line.strip() for line in body.strip().splitlines() if line.strip()]
        count, step = int(lines[0].split(":")[1]), float(lines[1].split(":")[1])
    except (ValueError, IndexError):
        raise UnusableMotion(where, "its hierarchy or its header of the motion cannot be read") from None
    if joints > MOST_JOINTS or count > MOST_FRAMES:
        raise UnusableMotion(where, f"more than {MOST_JOINTS} joints or {MOST_FRAMES} frames")
    if not channels:
        raise UnusableMotion(where, "none of its joints is a spine, neck, head or clavicle")
    if count < 1 or not 0 < step < 10:
        raise UnusableMotion(where, "it has no frames or no frame time")
    try:
        values = np.array([[float(value) for value in line.split()] for line in lines[2 : 2 + count]])
    except ValueError:
        raise UnusableMotion(where, "a line of its motion has something that is not a number, or too few") from None
    if values.shape != (count, width) or not np.isfinite(values).all():
        raise UnusableMotion(where, f"its motion is not {count} lines of {width} numbers")
    if any(axis not in "XYZ" for channel in channels for axis in channel.axes):
        raise UnusableMotion(where, "a channel turns about an axis that is not X, Y or Z")
    return channels, values, step
