"""Scanned sets from disk: 3D Gaussian Splatting ``.ply`` and ``.splat`` files, read as data and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.gaussians import Gaussians
from actors.grade import decode, unfilm
from jobs.errors import BadInput

MOST_BYTES = 1 << 30
MOST_SPLATS = 4_000_000
MOST_HEADER = 16_384  # bytes
SH_ZERO = 0.28209479177387814  # the constant spherical harmonic
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "<i2", "int16": "<i2", "ushort": "<u2",
    "uint16": "<u2", "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4", "float": "<f4", "float32": "<f4",
    "double": "<f8", "float64": "<f8",
}  # fmt: skip
_NEEDED = (
    "x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity",
    "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
)  # fmt: skip


class BrokenSplats(BadInput):
    """A splat file that cannot be used; says what is wrong with it."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(path, fault)

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.args[1]}; export it again as a binary 3D Gaussian Splatting .ply or a .splat"


def read_splats(path: Path, *, y_down: bool = True) -> Gaussians:
    """The set in ``path``, its colours (display sRGB in the file) as scene light. Raises ``BrokenSplats``.

    ``y_down``: the file has Y down and Z forward, as COLMAP and the original trainer write it; it is turned to Y up.
    Only the constant part of view-dependent colour is used.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BrokenSplats(str(path), f"cannot be read ({error.strerror})") from error
    if size > MOST_BYTES:
        raise BrokenSplats(str(path), f"is {size / 1e6:.0f} MB, more than the {MOST_BYTES / 1e6:.0f} MB allowed")
    suffix = path.suffix.lower()
    if suffix == ".ply":
        fields = _read_ply(path, size)
    elif suffix == ".splat":
        fields = _read_splat(path, size)
    else:
        raise BrokenSplats(str(path), f"is a {suffix or 'nameless'} file, not .ply or .splat")
    means, quats, scales, opacities, colours = fields
    if not all(np.isfinite(field).all() for field in fields):
        raise BrokenSplats(str(path), "has values that are not finite")
    if np.abs(means).max() > 1e5 or scales.max() > 1e4:
        raise BrokenSplats(str(path), "has splats more than 100 km away or 10 km wide")
    if (np.linalg.norm(quats, axis=1) < 1e-6).any():
        raise BrokenSplats(str(path), "has rotations of length zero")
    if y_down:  # half a turn about X
        means = means * np.array([1, -1, -1])
        w, x, y, z = quats.T
        quats = np.stack([-x, w, -z, y], axis=1)
    light = unfilm(decode(np.clip(colours, 0.0, 1.0)))
    arrays = (means, quats, scales, np.clip(opacities, 0.0, 1.0), light)
    return Gaussians(*(np.ascontiguousarray(a, np.float32) for a in arrays))


def _read_ply(path: Path, size: int) -> tuple[np.ndarray, ...]:
    with path.open("rb") as file:
        head = file.read(MOST_HEADER)
    end = head.find(b"end_header")
    line_end = head.find(b"\n", end)
    if not head.startswith(b"ply") or end < 0 or line_end < 0:
        raise BrokenSplats(str(path), "has no PLY header")
    count, columns, inside = 0, [], False
    for line in head[:end].decode("ascii", "replace").splitlines()[1:]:
        words = line.split()
        if words[:1] == ["format"] and words[1:2] != ["binary_little_endian"]:
            raise BrokenSplats(str(path), f"is a PLY of format {' '.join(words[1:2]) or '?'}, not binary_little_endian")
        if words[:1] == ["element"]:
            if len(words) != 3 or not words[2].isdigit():
                raise BrokenSplats(str(path), f"has a damaged header line {line[:60]!r}")
            if words[1] != "vertex" and not columns:
                raise BrokenSplats(str(path), f"starts with element {words[1][:30]!r}, not with vertex")
            inside = words[1] == "vertex"
            count = int(words[2]) if inside else count
        elif words[:1] == ["property"] and inside:
            if len(words) != 3 or words[1] not in _TYPES or words[2] in dict(columns):
                raise BrokenSplats(str(path), f"has a damaged header line {line[:60]!r}")
            columns.append((words[2], _TYPES[words[1]]))
    missing = [name for name in _NEEDED if name not in dict(columns)]
    if missing:
        raise BrokenSplats(str(path), f"lacks the properties {', '.join(missing)} of a splat file")
    record = np.dtype(columns)
    if not 0 < count <= MOST_SPLATS:
        raise BrokenSplats(str(path), f"says it has {count} splats; 1 to {MOST_SPLATS} are allowed")
    if line_end + 1 + count * record.itemsize > size:
        raise BrokenSplats(str(path), f"is cut short: {count} splats need {count * record.itemsize} bytes")
    data = np.fromfile(path, record, count, offset=line_end + 1)

    def column(*names: str) -> np.ndarray:
        return np.stack([data[name].astype(np.float64) for name in names], axis=1)

    with np.errstate(over="ignore"):  # what overflows is refused by the caller
        scales = np.exp(column("scale_0", "scale_1", "scale_2"))
        opacities = 1.0 / (1.0 + np.exp(-column("opacity")[:, 0]))
    colours = 0.5 + SH_ZERO * column("f_dc_0", "f_dc_1", "f_dc_2")
    return column("x", "y", "z"), column("rot_0", "rot_1", "rot_2", "rot_3"), scales, opacities, colours


def _read_splat(path: Path, size: int) -> tuple[np.ndarray, ...]:
    """Rows of 32 bytes: place and scale as float32, RGBA and quaternion (128 is 0) as bytes."""
    record = np.dtype([("place", "<f4", 3), ("scale", "<f4", 3), ("rgba", "u1", 4), ("turn", "u1", 4)])
    if size == 0 or size % record.itemsize or size // record.itemsize > MOST_SPLATS:
        raise BrokenSplats(str(path), f"is {size} bytes; 1 to {MOST_SPLATS} rows of 32 bytes are allowed")
    data = np.fromfile(path, record)
    rgba = data["rgba"] / 255.0
    quats = (data["turn"].astype(np.float64) - 128.0) / 128.0
    return data["place"].astype(np.float64), quats, data["scale"].astype(np.float64), rgba[:, 3], rgba[:, :3]
