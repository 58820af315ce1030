"""A performer on disk: one safetensors file that holds everything a host needs, in about 5 MB.

Three groups of Gaussians, each sorted by the triangle it is bound to: ``skin`` lies flat on its triangle at a
barycentric point; ``solid`` (eyes, mouth, cloth) and ``strand`` (hair) sit at an offset from the triangle's centre
with rotations of their own; sizes and offsets of skin and solid grow with their triangle, those of strands do not.
The file is read without trusting it: names, types, shapes and ranges are checked before anything is used.
Format of the container: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.errors import BadInput

FORMAT = "greenroom-performer-2"
FLAT = "greenroom-performer-1"  # lacks skin.tilt: its skin is smooth
MOST_BYTES = 16 << 20  # of a file
MOST_HEADER = 64 << 10
TYPES = {"U8": np.uint8, "U16": np.uint16, "U32": np.uint32, "I16": np.int16, "I8": np.int8, "F32": np.float32}
SKIN_BYTES = 9  # planes of skin.bytes: u, v, size, opacity, red, green, blue, roughness, occlusion
TILT_STEP = 0.005  # tangent of an angle per unit of skin.tilt
LOOSE_BYTES = 9  # planes of solid.bytes and strand.bytes: three sizes, opacity, red, green, blue, roughness, occlusion
LIMITS = {"V": 20_000, "F": 20_000, "D": 400_000, "T": 160_000, "N": 600_000, "M": 300_000, "S": 300_000}
LIMITS |= {"A": 160_000, "B": 160_000, "G": 64, "P": 1024, "L": 64, "K": 64}
SCHEMA: dict[str, tuple[str, tuple[int | str, ...]]] = {
    "mesh.vertices": ("F32", ("V", 3)),  # coarse, metres
    "mesh.quads": ("U16", ("F", 4)),
    "mesh.part": ("U8", ("F",)),
    "mesh.weights": ("U8", ("V", 8)),  # 255 is one
    "mesh.bones": ("F32", (8, 3)),
    "mesh.eyes": ("F32", (2, 4)),  # centre and radius
    "mesh.landmarks": ("U16", ("L",)),  # fine vertices
    "mesh.lips": ("U16", ("K", 2)),  # fine vertices that meet: upper, lower
    "shapes.start": ("U32", (53,)),
    "shapes.vertex": ("U16", ("D",)),
    "shapes.delta": ("I16", ("D", 3)),
    "shapes.step": ("F32", (52,)),  # metres per unit of delta
    "skin.count": ("U8", ("T",)),  # Gaussians on each fine triangle
    "skin.bytes": ("U8", (SKIN_BYTES, "N")),
    "skin.offset": ("I8", ("N",)),  # along the normal
    "skin.tilt": ("I8", (2, "N")),  # of the normal along the triangle's two tangents, in TILT_STEP
    "skin.material": ("U8", ("N",)),
    "solid.triangle": ("U16", ("A",)),  # ascending
    "solid.count": ("U16", ("A",)),
    "solid.offset": ("I16", (3, "M")),
    "solid.quat": ("U32", ("M",)),
    "solid.bytes": ("U8", (LOOSE_BYTES, "M")),
    "solid.material": ("U8", ("M",)),
    "strand.triangle": ("U16", ("B",)),
    "strand.count": ("U16", ("B",)),
    "strand.offset": ("I16", (3, "S")),
    "strand.quat": ("U32", ("S",)),
    "strand.bytes": ("U8", (LOOSE_BYTES, "S")),
    "strand.material": ("U8", ("S",)),
    "steps": ("F32", (3,)),  # units of skin.offset, solid.offset, strand.offset
    "gallery": ("F32", ("G", 128)),
    "traits": ("F32", ("P",)),
}


class BrokenPackage(BadInput):
    """A performer's file is not what it should be."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(path, fault)

    def __str__(self) -> str:
        return "performer package {}: {}; fetch it again or bake it anew".format(*self.args)


@dataclass(frozen=True, slots=True)
class Package:
    """The checked contents of a file."""

    id: str  # "house/ada"
    version: int
    digest: str  # sha256 of the file, hex
    bytes: int  # of the file
    trait_names: tuple[str, ...]
    tensors: dict[str, np.ndarray]  # by the names of SCHEMA


def write(path: Path, performer: str, version: int, trait_names: list[str], tensors: dict[str, np.ndarray]) -> str:
    """Write a package; the same contents give the same bytes. Returns the digest."""
    assert set(tensors) == set(SCHEMA), set(tensors) ^ set(SCHEMA)
    names = sorted(SCHEMA, key=lambda name: (-np.dtype(TYPES[SCHEMA[name][0]]).itemsize, name))  # keeps all aligned
    metadata = {"format": FORMAT, "id": performer, "version": str(version), "traits": json.dumps(trait_names)}
    header, at, parts = {"__metadata__": metadata}, 0, []
    for name in names:
        kind = SCHEMA[name][0]
        data = np.ascontiguousarray(tensors[name], TYPES[kind])
        assert data.shape == np.shape(tensors[name])
        parts.append(data.tobytes())
        header[name] = {"dtype": kind, "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        at += data.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    content = struct.pack("<Q", len(text)) + text + b"".join(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
    return hashlib.sha256(content).hexdigest()


def read(path: Path) -> Package:
    """Read and check a package; raises BrokenPackage, or FileNotFoundError where there is none."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)

    def fail(fault: str) -> BrokenPackage:
        return BrokenPackage(str(path), fault)

    if len(content) > MOST_BYTES:
        raise fail(f"it is larger than {MOST_BYTES >> 20} MiB")
    if len(content) < 8:
        raise fail("it is cut short")
    size = struct.unpack("<Q", content[:8])[0]
    if size > MOST_HEADER or 8 + size > len(content):
        raise fail("its header does not fit")
    try:
        header = json.loads(content[8 : 8 + size])
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise fail("its header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("__metadata__"), dict):
        raise fail("its header has no metadata")
    metadata = header.pop("__metadata__")
    if metadata.get("format") not in (FORMAT, FLAT):
        raise fail(f"its format is {metadata.get('format')!r}, not {FORMAT!r}")
    schema = SCHEMA if metadata["format"] == FORMAT else {k: v for k, v in SCHEMA.items() if k != "skin.tilt"}
    if set(header) != set(schema):
        raise fail(f"it lacks or adds {sorted(set(header) ^ set(schema))}")
    data, sizes, tensors, spans = memoryview(content)[8 + size :], {}, {}, []
    for name, (kind, shape) in schema.items():
        tensors[name], span = _tensor(name, header[name], kind, shape, data, sizes, fail)
        spans.append(span)
    spans.sort()
    if [span[0] for span in spans] != [0, *(span[1] for span in spans[:-1])] or spans[-1][1] != len(data):
        raise fail("its tensors overlap or leave gaps")
    tensors.setdefault("skin.tilt", np.zeros((2, sizes["N"]), np.int8))
    _check(tensors, sizes, fail)
    names = _trait_names(metadata, sizes["P"], fail)
    version = metadata.get("version", "")
    if not (isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < 7):
        raise fail(f"its version {version!r} is not a number")
    if not isinstance(metadata.get("id"), str) or not 0 < len(metadata["id"]) < 100:
        raise fail("it does not say whose it is")
    return Package(
        metadata["id"], int(version), hashlib.sha256(content).hexdigest(), len(content), names, tensors
    )  # fmt: skip


def _tensor(name, entry, kind, shape, data, sizes, fail):
    if not isinstance(entry, dict) or entry.get("dtype") != kind:
        raise fail(f"{name} is not {kind}")
    found, span = entry.get("shape"), entry.get("data_offsets")
    whole = isinstance(found, list) and isinstance(span, list) and len(span) == 2 and len(found) == len(shape)
    if not whole or not all(type(x) is int and x >= 0 for x in [*found, *span]):
        raise fail(f"{name} has no proper shape")
    for actual, wanted in zip(found, shape, strict=True):
        if isinstance(wanted, str):
            if actual > LIMITS[wanted]:
                raise fail(f"{name} has {actual} entries, more than {LIMITS[wanted]}")
            wanted = sizes.setdefault(wanted, actual)
        if actual != wanted:
            raise fail(f"{name} has {actual} entries where {wanted} are due")
    dtype = np.dtype(TYPES[kind])
    if span[1] - span[0] != int(np.prod(found)) * dtype.itemsize or span[1] > len(data):
        raise fail(f"{name} does not fill its place")
    if span[0] % dtype.itemsize:
        raise fail(f"{name} is not aligned")
    return np.frombuffer(data[span[0] : span[1]], dtype).reshape(found), (span[0], span[1])


def _check(t: dict[str, np.ndarray], sizes: dict[str, int], fail) -> None:
    """Every index in range, every number finite and sane."""
    for name, (kind, _) in SCHEMA.items():
        if kind == "F32" and not np.isfinite(t[name]).all():
            raise fail(f"{name} has values that are not finite")
    for name in ("mesh.vertices", "mesh.bones", "mesh.eyes"):
        if np.abs(t[name]).max(initial=0) > 10:
            raise fail(f"{name} reaches further than 10 m")
    if not sizes["F"] or len(np.unique(t["mesh.quads"])) != sizes["V"] or t["mesh.quads"].max() != sizes["V"] - 1:
        raise fail("mesh.quads does not use every vertex")
    if sizes["T"] != 8 * sizes["F"]:
        raise fail("skin.count does not have eight triangles per quad")
    if (t["mesh.weights"].sum(1, dtype=np.int64) == 0).any():
        raise fail("mesh.weights leaves a vertex without a bone")
    start = t["shapes.start"].astype(np.int64)
    if start[0] != 0 or start[-1] != sizes["D"] or (np.diff(start) < 0).any():
        raise fail("shapes.start does not ascend over the displacements")
    if t["shapes.vertex"].max(initial=0) >= sizes["V"]:
        raise fail("shapes.vertex points past the vertices")
    shape, steps = t["shapes.step"], t["steps"]
    if (shape < 0).any() or (shape > 1e-4).any() or (steps <= 0).any() or (steps > 1).any():
        raise fail("a step is out of range")
    if t["skin.count"].sum(dtype=np.int64) != sizes["N"]:
        raise fail("skin.count does not add up")
    for group in ("skin", "solid", "strand"):
        if t[f"{group}.material"].max(initial=0) > 8:
            raise fail(f"{group}.material is unknown")
    for group, number in (("solid", "M"), ("strand", "S")):
        triangle = t[f"{group}.triangle"].astype(np.int64)
        if t[f"{group}.count"].sum(dtype=np.int64) != sizes[number]:
            raise fail(f"{group}.count does not add up")
        if len(triangle) and (triangle.max() >= sizes["T"] or (np.diff(triangle) <= 0).any()):
            raise fail(f"{group}.triangle is out of range or out of order")


def _trait_names(metadata: dict, count: int, fail) -> tuple[str, ...]:
    try:
        names = json.loads(metadata.get("traits", ""))
    except (TypeError, json.JSONDecodeError, RecursionError) as error:
        raise fail("its trait names are not JSON") from error
    if not isinstance(names, list) or len(names) != count or not all(isinstance(name, str) for name in names):
        raise fail("its trait names do not match its traits")
    return tuple(names)
