"""How much of the sky each Gaussian sees at rest: skin by depth maps of the mesh, hair and cloth by a grid of density.

Ambient occlusion as in S. Zhukov et al., "An ambient light illumination model", 1998.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from actors.bake.bind import Splats
from actors.bake.mesh import SKIN, Mesh

DIRECTIONS = 96
TEXEL = 0.0015  # metres of the depth maps
BIAS = 0.0025  # metres a surface must be in front to hide another
CELL = 0.004  # metres of the density grid
STEPS = 22  # cells that are looked through
FLOOR = 0.18  # light that reaches the deepest fold by bouncing


def directions(count: int = DIRECTIONS) -> np.ndarray:
    """Unit vectors [count, 3] evenly over the sphere, by the golden angle."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    turn = k * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - y * y)
    return np.stack([flat * np.cos(turn), y, flat * np.sin(turn)], 1)


def visibility(mesh: Mesh, position: np.ndarray, normal: np.ndarray, strand: np.ndarray, loose: Splats) -> np.ndarray:
    """Ambient visibility [n] 0..1 of points with normals [n, 3]; where ``strand`` [n] there is no facing side."""
    covers = np.ascontiguousarray(mesh.triangles[mesh.part == SKIN].astype(np.int64))
    places = position.astype(np.float64)
    whole = [cloud for cloud in (places, mesh.vertices, loose.position) if len(cloud)]
    origin = np.min([cloud.min(0) for cloud in whole], axis=0) - 4 * CELL
    reach = np.max([cloud.max(0) for cloud in whole], axis=0) + 4 * CELL - origin
    shape = np.ceil(reach / CELL).astype(np.int64) + 1
    density = _density(loose, origin, shape)
    seen, weight = np.zeros(len(places)), np.zeros(len(places))
    for towards in directions():
        facing = np.where(strand, 0.5, np.clip(normal @ towards, 0, 1))
        right = np.cross(towards, (0.0, 1.0, 0.0) if abs(towards[1]) < 0.9 else (1.0, 0.0, 0.0))
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(towards, right), towards])
        mesh_view, point_view = mesh.vertices @ axes.T, places @ axes.T
        low = mesh_view[:, :2].min(0) - 2 * TEXEL
        size = np.ceil((mesh_view[:, :2].max(0) + 2 * TEXEL - low) / TEXEL).astype(np.int64) + 1
        depth = np.full((size[1], size[0]), -1e9)
        _draw(mesh_view, covers, low, depth)
        open_ = _unhidden(point_view, low, depth) * _through(places, normal, strand, towards, density, origin)
        seen += facing * open_
        weight += facing
    return (FLOOR + (1 - FLOOR) * seen / np.maximum(weight, 1e-6)).astype(np.float32)


def _density(loose: Splats, origin: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Extinction per metre in each cell: the areas that cloth and hair show, over the cell's volume."""
    density = np.zeros(tuple(shape))
    if len(loose):
        cell = ((loose.position - origin) / CELL).astype(np.int64)
        scale = np.sort(loose.scale, axis=1)
        area = 0.5 * np.pi * 1.5 * scale[:, 2] * scale[:, 1] * loose.opacity
        np.add.at(density, tuple(cell.T), area / CELL**3)
    return density


@njit(cache=True)
def _draw(at, triangles, low, depth):
    """Nearest surface along the third axis (larger is nearer) into ``depth``."""
    for t in range(len(triangles)):
        a, b, c = triangles[t]
        x0, y0 = (at[a, 0] - low[0]) / TEXEL, (at[a, 1] - low[1]) / TEXEL
        x1, y1 = (at[b, 0] - low[0]) / TEXEL, (at[b, 1] - low[1]) / TEXEL
        x2, y2 = (at[c, 0] - low[0]) / TEXEL, (at[c, 1] - low[1]) / TEXEL
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-12:
            continue
        top, bottom = max(0, math.floor(min(y0, y1, y2))), min(len(depth) - 1, math.ceil(max(y0, y1, y2)))
        first, last = max(0, math.floor(min(x0, x1, x2))), min(depth.shape[1] - 1, math.ceil(max(x0, x1, x2)))
        for y in range(top, bottom + 1):
            for x in range(first, last + 1):
                u = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
                v = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
                if u < -1e-9 or v < -1e-9 or u + v > 1 + 1e-9:
                    continue
                z = (1 - u - v) * at[a, 2] + u * at[b, 2] + v * at[c, 2]
                if z > depth[y, x]:
                    depth[y, x] = z


@njit(cache=True)
def _unhidden(at, low, depth):
    """Share of the four nearest texels that do not lie in front of each point."""
    out = np.empty(len(at))
    for i in range(len(at)):
        x, y = (at[i, 0] - low[0]) / TEXEL, (at[i, 1] - low[1]) / TEXEL
        j, k = math.floor(x), math.floor(y)
        share = 0.0
        for dy in range(2):
            for dx in range(2):
                row, column = k + dy, j + dx
                w = (x - j if dx else 1 - x + j) * (y - k if dy else 1 - y + k)
                inside = 0 <= row < len(depth) and 0 <= column < depth.shape[1]
                if not inside or depth[row, column] < at[i, 2] + BIAS:
                    share += w
        out[i] = share
    return out


@njit(cache=True)
def _through(places, normal, strand, towards, density, origin):
    """Light left after hair and cloth along ``towards``; what a point lies in itself is left out."""
    out = np.empty(len(places))
    for i in range(len(places)):
        depth = 0.0
        for step in range(STEPS):
            reach = (step + 1.5) * CELL
            lift = 0.0 if strand[i] else CELL
            x = int((places[i, 0] + reach * towards[0] + lift * normal[i, 0] - origin[0]) / CELL)
            y = int((places[i, 1] + reach * towards[1] + lift * normal[i, 1] - origin[1]) / CELL)
            z = int((places[i, 2] + reach * towards[2] + lift * normal[i, 2] - origin[2]) / CELL)
            if x < 0 or y < 0 or z < 0 or x >= density.shape[0] or y >= density.shape[1] or z >= density.shape[2]:
                break
            depth += density[x, y, z] * CELL
        out[i] = math.exp(-depth)
    return out
