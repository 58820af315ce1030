"""Headers of scanned sets: PLY as 3D Gaussian splatting writes it, and the 32-byte ``.splat``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_SPLATS = 5_000_000
MOST_HEADER = 64 << 10  # bytes
NEEDED = (
    "x", "y", "z", "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
    "f_dc_0", "f_dc_1", "f_dc_2",
)  # fmt: skip
SIZES = {"float": 4, "float32": 4, "double": 8, "float64": 8, "uchar": 1, "uint8": 1, "int": 4, "int32": 4}
RECORD = 32  # bytes of one splat in a .splat file


@dataclass(frozen=True, slots=True)
class SplatFacts:
    """How many Gaussians a file holds."""

    splats: int


def check(path: Path) -> SplatFacts:
    """The count of a splat file whose header fits its length. Raises ``ValueError`` in words."""
    size = path.stat().st_size
    if path.suffix.lower() == ".splat":
        if size % RECORD:
            raise ValueError(f"is not a whole number of {RECORD}-byte splats")
        facts = SplatFacts(size // RECORD)
    else:
        facts = _ply(path, size)
    if not 0 < facts.splats <= MOST_SPLATS:
        raise ValueError(f"holds {facts.splats} splats; use 1 to {MOST_SPLATS}")
    return facts


def _ply(path: Path, size: int) -> SplatFacts:
    """PLY header: http://paulbourke.net/dataformats/ply/"""
    with path.open("rb") as file:
        head = file.read(MOST_HEADER)
    text, end, _ = head.partition(b"end_header\n")
    lines = text.decode("ascii", "replace").splitlines()
    if not lines or lines[0].strip() != "ply" or not end:
        raise ValueError("is not a PLY file")
    if "format binary_little_endian 1.0" not in lines:
        raise ValueError("is not stored as binary_little_endian")
    elements = [line.split() for line in lines if line.startswith("element ")]
    if len(elements) != 1 or len(elements[0]) != 3 or elements[0][1] != "vertex" or not elements[0][2].isdecimal():
        raise ValueError("must hold one element, 'vertex'")
    properties = [line.split()[1:] for line in lines if line.startswith("property ")]
    if any(len(one) != 2 or one[0] not in SIZES for one in properties):
        raise ValueError("has a property that is not a plain number")
    missing = [name for name in NEEDED if name not in {name for _, name in properties}]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}: it is not a splat file")
    count = int(elements[0][2][:12])
    needed = len(text) + len(end) + count * sum(SIZES[kind] for kind, _ in properties)
    if needed > size:
        raise ValueError("is cut off")
    return SplatFacts(count)
