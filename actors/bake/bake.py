"""From a recipe to a package on disk."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.bake import eyes, garment, groom, mouth, occlusion, pack, sample
from actors.bake.bind import Splats
from actors.bake.identity import Recipe
from actors.bake.mesh import Mesh, build_mesh
from actors.body import package
from actors.body.material import HAIR, TOOTH

VERSION = 1
FILE = "performer.safetensors"
FLESH_OPEN = 0.88  # ambient visibility of tongue and gums in an open mouth


@dataclass(frozen=True, slots=True)
class Baked:
    """What a bake made."""

    path: Path
    digest: str
    bytes: int
    skin: int  # Gaussians lying on the skin
    solid: int  # of eyes, mouth and cloth
    strand: int  # of hair
    seconds: float


def bake(recipe: Recipe, folder: Path, *, gallery: bool = True) -> Baked:
    """Make ``folder``/performer.safetensors; the same recipe gives the same bytes.

    ``gallery`` renders the performer, embeds the faces, which needs dlib and its models, and keeps a portrait too.
    """
    began = time.perf_counter()
    mesh = build_mesh(recipe)
    tensors, counts = body(recipe, mesh)
    traits = recipe.traits()
    tensors["traits"] = np.array(list(traits.values()), np.float32)
    tensors["gallery"] = np.zeros((0, 128), np.float32)
    path = folder / FILE
    digest = package.write(path, f"house/{recipe.name}", VERSION, list(traits), tensors)
    if gallery:
        from actors.bake.gallery import embeddings, portrait

        tensors["gallery"] = embeddings(path)
        digest = package.write(path, f"house/{recipe.name}", VERSION, list(traits), tensors)
        portrait(path)
    return Baked(path, digest, path.stat().st_size, *counts, time.perf_counter() - began)


def body(recipe: Recipe, mesh: Mesh) -> tuple[dict[str, np.ndarray], tuple[int, int, int]]:
    """All tensors of a package but its gallery and traits, and the numbers of skin, solid and strand Gaussians."""
    name = recipe.name
    rng = {part: _rng(name, part) for part in ("sample", "skin", "eyes", "mouth", "groom", "garment")}
    skin, weights, offset = skin_splats(mesh, name, rng["sample"], rng["skin"])
    eyeballs, teeth = eyes.build(mesh, name, rng["eyes"]), mouth.build(mesh, name, rng["mouth"])
    loose = Splats.joined(
        [eyeballs, teeth, groom.build(mesh, name, rng["groom"]), garment.build(mesh, name, rng["garment"])]
    )  # fmt: skip
    everything = Splats.joined([skin, loose])
    seen = occlusion.visibility(
        mesh, everything.position, everything.normal, everything.material == HAIR, loose
    )  # fmt: skip
    # Visibility is that of shut lips; what shows when they part carries its shade in its own colour.
    first = len(skin) + len(eyeballs)
    seen[first : first + len(teeth)] = np.where(teeth.material == TOOTH, 1.0, FLESH_OPEN)
    tensors = pack.mesh_tensors(mesh)
    found, step = pack.skin_tensors(mesh, skin, weights, offset, seen[: len(skin)])
    tensors |= found
    steps, counts = [step], [len(skin)]
    for group, mine in (("solid", ~loose.loose), ("strand", loose.loose)):
        found, step = pack.loose_tensors(mesh, loose.taken(mine), seen[len(skin) :][mine], group)
        tensors |= found
        steps.append(step)
        counts.append(int(mine.sum()))
    tensors["steps"] = np.array(steps, np.float32)
    return tensors, tuple(counts)


def skin_splats(
    mesh: Mesh, name: str, places: np.random.Generator, paint: np.random.Generator
) -> tuple[Splats, np.ndarray, np.ndarray]:
    """Gaussians on the bare skin, their barycentric coordinates [n, 3] and their offsets [n] in metres."""
    from actors.bake import skin

    surface = sample.sample(mesh, places)
    painted = skin.paint(surface, mesh, name, paint)
    covered = garment.covered(mesh, name)[mesh.triangles].min(1) > 0.5  # triangles wholly under cloth
    kept = ~covered[surface.triangle] & (painted.opacity > 0.02)
    spread = sample.SPREAD * surface.spacing
    splats = Splats(
        surface.triangle, surface.position + painted.offset[:, None] * surface.normal,
        sample.flat_quats(surface.normal),
        np.stack([spread, spread, 0.1 * spread], 1), painted.opacity, painted.albedo, painted.roughness,
        painted.normal, painted.material.astype(np.uint8), np.zeros(len(surface), bool),
    )  # fmt: skip
    return splats.taken(kept), surface.barycentric[kept], painted.offset[kept]


def _rng(name: str, part: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{name}/{part}".encode()))
