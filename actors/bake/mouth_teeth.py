"""The shape and colour of teeth and gums along a dental arch, before they are bound to a mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actors.bake import skin_noise as noise
from actors.bake.patch import Patch, patch

# Mesio-distal width, crown height, thickness in metres from the midline outwards (Ash & Nelson, "Wheeler's Dental
# Anatomy", 8th edition): central and lateral incisor, canine, two premolars, two molars.
UPPER = np.array(
    [[8.5, 10.5, 6], [6.5, 9.2, 5.5], [7.6, 10.2, 7], [7.0, 8.6, 8], [6.8, 8.0, 8], [10, 7.2, 10], [9.5, 6.8, 10]]
)
LOWER = np.array(
    [[5.2, 9.0, 5.5], [5.6, 9.4, 5.5], [6.9, 10.6, 7], [7.0, 8.6, 7], [7.1, 8.0, 8], [11, 7.2, 10], [10.5, 6.8, 10]]
)
SPACING = np.array([0.42, 0.42, 0.45, 0.55, 0.7, 0.95, 1.2]) * 1e-3  # metres between Gaussians, by tooth

GUM = np.array([0.36, 0.115, 0.095])  # linear Rec.709
DEEP = np.array([0.016, 0.006, 0.005])  # what one sees between two teeth


@dataclass(frozen=True, slots=True, kw_only=True)
class MouthRecipe:
    """One set of teeth; colours are linear Rec.709 albedo."""

    enamel: tuple[float, float, float]
    neck: tuple[float, float, float]  # of a tooth at the gum
    gum: tuple[float, float, float]
    crooked: float  # 0 an even arch .. 1 visibly turned and uneven
    gap: float  # metres between the upper central incisors
    worn: float  # 0..1: edges ground flat
    square: float  # 0 narrow at the gum .. 1 as wide as at the edge


MOUTHS = {
    "ada": MouthRecipe(enamel=(0.690, 0.615, 0.490), neck=(0.550, 0.435, 0.290), gum=(0.37, 0.125, 0.105),
                       crooked=0.25, gap=0.0, worn=0.15, square=0.35),
    "kofi": MouthRecipe(enamel=(0.700, 0.620, 0.480), neck=(0.540, 0.420, 0.270), gum=(0.24, 0.080, 0.070),
                        crooked=0.35, gap=0.0011, worn=0.45, square=0.65),
    "mei": MouthRecipe(enamel=(0.590, 0.495, 0.350), neck=(0.440, 0.325, 0.190), gum=(0.33, 0.115, 0.095),
                       crooked=0.6, gap=0.0, worn=0.7, square=0.5),
    "luca": MouthRecipe(enamel=(0.710, 0.650, 0.535), neck=(0.570, 0.465, 0.320), gum=(0.38, 0.125, 0.105),
                        crooked=0.4, gap=0.0002, worn=0.0, square=0.45),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arch:
    """The line of the biting edges, from the performer's right to the left, and where the crowns point from it."""

    line: np.ndarray  # [m, 3] metres, even steps along x-z, x rising
    length: np.ndarray  # [m] metres along the line, 0 at the midline
    rise: float  # +1: the gum lies above the edge (upper teeth), -1 below

    def at(self, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Place, unit direction along the line and unit direction outwards, each [n, 3]."""
        place = np.stack([np.interp(along, self.length, self.line[:, k]) for k in range(3)], 1)
        step = 0.002
        ahead = np.stack([np.interp(along + step, self.length, self.line[:, k]) for k in range(3)], 1)
        behind = np.stack([np.interp(along - step, self.length, self.line[:, k]) for k in range(3)], 1)
        tangent = ahead - behind
        tangent[:, 1] = 0.0
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        return place, tangent, np.c_[-tangent[:, 2], np.zeros(len(tangent)), tangent[:, 0]]


def arch_of(vertices: np.ndarray, rise: float, steps: int = 241) -> Arch:
    """The arch of a plate of teeth with ``vertices`` [v, 3]: a smooth even curve round its outside, at its biting edge.

    ``rise`` is +1 for the upper jaw. The curve is z = a + b x^2 + c x^4 + d x^6 through the outermost vertices.
    """
    x, y, z = vertices.T
    middle = (x.min() + x.max()) / 2
    front = z > z.min() + 0.05 * (z.max() - z.min())
    columns = np.abs(x - middle)
    outer = [i for i in np.flatnonzero(front) if not ((columns > columns[i] - 1e-4) & (z > z[i] + 4e-4)).any()]
    half = np.max(columns[outer])
    u = columns[outer] / half
    fit = np.linalg.lstsq(np.c_[np.ones_like(u), u**2, u**4, u**8], z[outer], rcond=None)[0]
    middle_edge, last_edge = ((y * -rise)[near].max() for near in (columns < 0.2 * half, columns > 0.9 * half))
    a = np.linspace(-np.pi / 2, np.pi / 2, steps)
    t = np.sin(a)
    line = np.c_[
        middle + t * half,
        (middle_edge + (last_edge - middle_edge) * t**2) * -rise,
        np.c_[np.ones_like(t), t**2, t**4, t**8] @ fit,
    ]
    flat = np.linalg.norm(np.diff(line[:, [0, 2]], axis=0), axis=1)
    length = np.r_[0.0, np.cumsum(flat)]
    return Arch(line, length - length[steps // 2], rise)


def teeth(arch: Arch, recipe: MouthRecipe, rng: np.random.Generator, tooth: int) -> Patch:
    """Two sides of one jaw's teeth; ``tooth`` is the material of teeth."""
    sizes = (UPPER if arch.rise > 0 else LOWER) * 1e-3
    factor = min(1.14, 0.96 * arch.length[-1] / sizes[:, 0].sum())
    patches = []
    for side in (-1.0, 1.0):
        along = (recipe.gap / 2 if arch.rise > 0 else 0.0) * 1.0
        for number, (width, height, thick) in enumerate(sizes * [factor, 1.0, 0.6]):
            turned, pushed, taller, tint = rng.normal(0.0, 1.0, 4) * recipe.crooked
            centre = side * (along + width / 2)
            along += width
            patches.append(
                _crown(arch, recipe, number, centre, width, height * (1 + 0.03 * taller), thick, 0.09 * turned,
                       0.00045 * pushed, 1 + 0.035 * tint, int(rng.integers(1 << 30)), tooth)
            )  # fmt: skip
    return Patch.joined(patches)


def gums(arch: Arch, recipe: MouthRecipe, seed: int, mouth: int) -> Patch:
    """The gum above the necks, its points between the teeth, and the dark behind the gaps."""
    sizes = (UPPER if arch.rise > 0 else LOWER) * 1e-3
    factor = min(1.14, 0.96 * arch.length[-1] / sizes[:, 0].sum())
    edges = np.r_[0.0, np.cumsum(sizes[:, 0] * factor)]
    step = 0.00075
    along = np.arange(-edges[-1], edges[-1], step)
    number = np.clip(np.searchsorted(edges, np.abs(along)) - 1, 0, 6)
    across = (np.abs(along) - edges[number]) / (sizes[number, 0] * factor) * 2 - 1
    # Smoothed crown heights, lower between two teeth where the gum comes to a point.
    tall = np.interp(np.abs(along), (edges[1:] + edges[:-1]) / 2, sizes[:, 1])
    neck = tall - 0.0004 - 0.0030 * np.abs(across) ** 2.2
    up = np.arange(0.0, 0.0070, step)
    a, b = np.meshgrid(along, up, indexing="ij")
    high = np.broadcast_to(neck[:, None], a.shape) + b
    out = -0.0004 + 0.0012 * np.sin(np.clip(b / 0.0030, 0, 1) * np.pi / 2) - 0.10 * np.maximum(b - 0.003, 0)
    place, _, outward = arch.at(a.ravel())
    place = place + outward * out.ravel()[:, None]
    place[:, 1] += arch.rise * high.ravel()
    normal = outward + np.array([0.0, -1.0, 0.0]) * arch.rise * (0.9 * np.exp(-b.ravel() / 0.0012))[:, None]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    mottle = 1 + 0.10 * noise.fractal(place, 0.003, seed)
    stippled = 0.30 + 0.08 * noise.value(place, 0.0012, seed + 1)
    back = np.clip(1.0 - np.abs(a.ravel()) / 0.052, 0.15, 1.0)
    colour = np.array(recipe.gum) * mottle[:, None] * (0.85 + 0.15 * np.clip(b.ravel() / 0.003, 0, 1))[:, None]
    gum = patch(place, normal, step * 0.66, colour, stippled, mouth, 0.30 + 0.40 * back)

    a, b = np.meshgrid(np.arange(-edges[-1], edges[-1], 0.0009), np.arange(0.0012, 0.0100, 0.0009), indexing="ij")
    place, _, outward = arch.at(a.ravel())
    place = place - outward * 0.0023
    place[:, 1] += arch.rise * b.ravel()
    count = len(place)
    dark = patch(
        place, outward, 0.0007, np.tile(DEEP * 1.4, (count, 1)), np.full(count, 0.6), mouth, np.full(count, 0.2)
    )
    return Patch.joined([gum, dark])


def _crown(arch, recipe, number, centre, width, height, thick, turned, pushed, tint, seed, material):
    """One tooth as a patch: its outer face, its edge and its inner face."""
    step = SPACING[number]
    molar = number >= 3
    half = width / 2 - 0.00006

    def outline(t):
        """Half width by height ``t``, 0 at the edge, 1 at the gum."""
        corner = 0.10 * (1 - 0.6 * recipe.worn) if number < 2 else 0.34 if number == 2 else 0.22
        rounding = np.sqrt(np.clip(1 - (1 - np.clip(t / corner, 0, 1)) ** 2, 0, 1))
        least = 0.80 if number < 2 else 0.35 if number == 2 else 0.6
        return half * (least + (1 - least) * rounding) * (1 - (0.20 - 0.15 * recipe.square) * np.clip(t, 0, 1.1) ** 1.6)

    def surface(s, t):
        """Across -1..1 and height 0..1 to metres: along, up, out."""
        across = s * outline(t)
        drop = 0.0 if number < 2 else 0.0007 if number == 2 else 0.0004
        up = t * height - drop * np.cos(s * np.pi / 2) * (1 - t) ** 3 * (1 if not molar else np.cos(s * np.pi * 2))
        bulge = (0.0016 if number < 2 else 0.0022) * (1 - np.abs(s) ** 2.4)
        profile = 0.0007 * np.sin(np.pi * (0.15 + 0.8 * t)) - 0.0011 * np.clip(1 - t / 0.10, 0, 1) ** 2
        return across, up, bulge + profile + pushed + across * turned

    def placed(s, t, inwards=0.0):
        across, up, out = surface(s, t)
        place, _, outward = arch.at(centre + across)
        place = place + outward * (out - inwards)[:, None]
        place[:, 1] += arch.rise * up
        return place

    columns, rows = max(int(width / step), 4), max(int(height / step), 4)
    s, t = np.meshgrid((np.arange(columns) + 0.5) / columns * 2 - 1, (np.arange(rows + 2) - 0.5) / rows, indexing="ij")
    t = t + ((np.arange(columns) % 2)[:, None] - 0.5) * 0.5 / rows
    s, t = s.ravel(), np.clip(t.ravel(), 0.0, 1.08)
    face = placed(s, t)
    du = placed(s + 0.02, t) - placed(s - 0.02, t)
    dv = placed(s, t + 0.02) - placed(s, t - 0.02)
    normal = np.cross(du, dv) * arch.rise
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= np.sign((normal * arch.at(np.full(len(s), centre))[2]).sum(1, keepdims=True))

    gumward = noise.smooth(0.45, 1.05, t)[:, None]
    colour = np.array(recipe.enamel) * (1 - gumward) + np.array(recipe.neck) * gumward
    clear = noise.smooth(0.22, 0.02, t)[:, None] * (1 - recipe.worn) * (number < 3)
    colour = colour * (1 - clear * np.array([0.30, 0.24, 0.16]))
    streak = noise.value(np.c_[s * 5, t * 1.2, np.zeros(len(s))], 1.0, seed)
    colour = colour * (1 + 0.045 * streak)[:, None] * tint
    gap = noise.smooth(0.72, 1.0, np.abs(s))[:, None]
    colour = colour * (1 - gap * np.array([0.50, 0.60, 0.66]))
    shade = np.clip(1.08 - np.abs(centre) / 0.052, 0.22, 1.0)
    face_patch = patch(face, normal, step * 0.58, colour, 0.22 + 0.04 * streak, material, np.full(len(s), 0.94 * shade))

    coarse = max(step * 1.8, 0.0008)
    columns, deep = max(int(width / coarse), 4), max(int(thick / coarse), 2)
    s, d = np.meshgrid((np.arange(columns) + 0.5) / columns * 1.9 - 0.95, (np.arange(deep) + 0.6) / deep, indexing="ij")
    s, d = s.ravel(), d.ravel()
    edge = placed(s, np.full(len(s), 0.02), d * thick)
    cusp = 0.0006 * np.cos(d * np.pi * 2) if molar else np.zeros(len(d))
    edge[:, 1] -= arch.rise * (cusp - 0.0003)
    down = np.tile([0.0, -arch.rise, 0.0], (len(s), 1))
    colour = np.tile(np.array(recipe.enamel) * (0.82 if not molar else 0.72) * tint, (len(s), 1))
    top = patch(edge, down, coarse * 0.6, colour, np.full(len(s), 0.3), material, np.full(len(s), 0.75 * shade))

    rows = max(int(height / coarse), 3)
    s, t = np.meshgrid((np.arange(columns) + 0.5) / columns * 1.9 - 0.95, (np.arange(rows) + 0.5) / rows, indexing="ij")
    s, t = s.ravel(), t.ravel()
    inner = placed(s, t, thick * (1 + 0.25 * t))
    inward = -arch.at(centre + s * half)[2]
    colour = np.tile(np.array(recipe.neck) * 0.85, (len(s), 1))
    back = patch(inner, inward, coarse * 0.6, colour, np.full(len(s), 0.3), material, np.full(len(s), 0.55 * shade))
    return Patch.joined([face_patch, top, back])
