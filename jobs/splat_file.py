"""Scanned sets: PLY as 3D Gaussian splatting writes it, and the 32-byte ``.splat``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MOST_SPLATS = 4_000_000
MOST_HEADER = 16_384  # bytes
MOST_METRES = 1e5
NEEDED = (
    "x", "y", "z", "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
    "f_dc_0", "f_dc_1", "f_dc_2",
)  # fmt: skip
TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "<i2", "int16": "<i2", "ushort": "<u2",
    "uint16": "<u2", "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4", "float": "<f4", "float32": "<f4",
    "double": "<f8", "float64": "<f8",
}  # fmt: skip
SPLAT = [("place", "<f4", 3), ("scale", "<f4", 3), ("rgba", "u1", 4), ("turn", "u1", 4)]


@dataclass(frozen=True, slots=True)
class SplatFacts:
    """How many Gaussians a file holds."""

    splats: int


def check(path: Path) -> SplatFacts:
    """The count of a splat file that is whole and whose numbers are finite. Raises ``ValueError`` in words."""
    import numpy as np

    size = path.stat().st_size
    if path.suffix.lower() == ".splat":
        record = np.dtype(SPLAT)
        if size % record.itemsize:
            raise ValueError(f"is not a whole number of {record.itemsize}-byte splats")
        count, offset = size // record.itemsize, 0
        places, numbers = ("place",), ("place", "scale")
    else:
        record, count, offset = _ply(path)
        places, numbers = ("x", "y", "z"), NEEDED
    if not 0 < count <= MOST_SPLATS:
        raise ValueError(f"holds {count} splats; use 1 to {MOST_SPLATS}")
    if offset + count * record.itemsize > size:
        raise ValueError(f"is cut off: {count} splats need {count * record.itemsize} bytes")
    data = np.fromfile(path, record, count, offset=offset)
    if not all(np.isfinite(data[name]).all() for name in numbers):
        raise ValueError("holds something that is not a finite number")
    if any(np.abs(data[name]).max() > MOST_METRES for name in places):
        raise ValueError(f"has splats more than {MOST_METRES / 1000:.0f} km away")
    return SplatFacts(count)


def _ply(path: Path) -> tuple[np.dtype, int, int]:
    """Record, count of records, and where they start. Header: http://paulbourke.net/dataformats/ply/"""
    import numpy as np

    with path.open("rb") as file:
        head = file.read(MOST_HEADER)
    text, end, _ = head.partition(b"end_header\n")
    lines = [line.split() for line in text.decode("ascii", "replace").splitlines()]
    if lines[:1] != [["ply"]] or not end:
        raise ValueError("is not a PLY file")
    if ["format", "binary_little_endian", "1.0"] not in lines:
        raise ValueError("is not stored as binary_little_endian")
    elements = [place for place, words in enumerate(lines) if words[:1] == ["element"]]
    first = lines[elements[0]] if elements else []
    if len(first) != 3 or first[1] != "vertex" or not (first[2].isascii() and first[2].isdecimal()):
        raise ValueError("does not start with element vertex and a count")
    inside = lines[elements[0] : elements[1] if len(elements) > 1 else None]
    properties = [words[1:] for words in inside if words[:1] == ["property"]]
    if any(len(one) != 2 or one[0] not in TYPES for one in properties):
        raise ValueError("has a property that is not a plain number")
    names = [name for _, name in properties]
    if len(set(names)) < len(names):
        raise ValueError("names a property twice")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}: it is not a splat file")
    record = np.dtype([(name, TYPES[kind]) for kind, name in properties])
    return record, int(first[2][:12]), len(text) + len(end)
