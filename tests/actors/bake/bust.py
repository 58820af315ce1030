"""A lathed bust with regions and expressions, enough for hair and clothes to grow on."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from actors.bake.mesh import smooth_normals
from actors.performance import ARKIT_SHAPES, SHAPE

HEAD = np.array([0.0, 1.66, 0.02])  # centre of the head, metres
RADIUS = 0.10
EYE = 0.012  # radius of an eyeball
PROFILE = [  # height, radius about the axis
    (1.20, 0.150), (1.35, 0.165), (1.42, 0.165), (1.46, 0.150), (1.49, 0.110), (1.51, 0.070), (1.53, 0.058),
    (1.575, 0.055),
]  # fmt: skip


def bust(rows: int = 170, columns: int = 190) -> SimpleNamespace:
    """What groom and garment read of a mesh."""
    low = np.array(PROFILE)
    joint = np.arcsin((low[-1, 0] - HEAD[1]) / RADIUS)
    around = np.linspace(joint, np.pi / 2 - 0.01, 60)
    y = np.concatenate([low[:-1, 0], HEAD[1] + RADIUS * np.sin(around)])
    r = np.concatenate([low[:-1, 1], RADIUS * np.cos(around)])
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(y), np.diff(r)))])
    even = np.linspace(0, length[-1], rows)
    y, r = np.interp(even, length, y), np.interp(even, length, r)
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    points = np.stack(
        [
            r[:, None] * np.sin(angle),
            np.broadcast_to(y[:, None], (rows, columns)),
            HEAD[2] + r[:, None] * np.cos(angle),
        ],
        -1,
    )
    vertices = points.reshape(-1, 3)
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1], np.roll(index, -1, axis=1)[:-1]
    c, d = np.roll(index, -1, axis=1)[1:], index[1:]
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3).astype(np.int32)
    eyes = np.array([[0.030, 1.665, 0.0], [-0.030, 1.665, 0.0]])
    eyes[:, 2] = HEAD[2] + np.sqrt(RADIUS**2 - 0.030**2) - EYE + 0.0005

    def near(place, size):
        return np.exp(-(np.linalg.norm((vertices - place) / size, axis=1) ** 2))

    front = HEAD[2] + RADIUS
    mouth, chin = np.array([0, 1.61, front - 0.012]), np.array([0, 1.585, front - 0.03])
    regions = {
        "ears": near([0.10, 1.655, HEAD[2]], 0.014) + near([-0.10, 1.655, HEAD[2]], 0.014),
        "inner_mouth": np.zeros(len(vertices)),
        "lips": near(mouth, [0.018, 0.006, 0.02]),
        **dict.fromkeys(("arms", "neck", "scalp", "nose", "lids", "eye_socket"), np.zeros(len(vertices))),
    }
    deltas = np.zeros((len(ARKIT_SHAPES), len(vertices), 3))
    for side, name, eye in ((1, "Left", eyes[0]), (-1, "Right", eyes[1])):
        lower = name.lower()
        rel = vertices - eye
        outward = rel[:, 2] > 0
        for half, sign in (("upper", 1), ("lower", -1)):
            line = sign * np.sqrt(np.clip(0.005**2 * (1 - (rel[:, 0] / 0.013) ** 2), 0, None))
            on = (np.abs(rel[:, 0]) < 0.013) & outward
            regions[f"lid_rim_{half}_{lower}"] = np.exp(-(((rel[:, 1] - line) / 0.0022) ** 2)) * on
            lid = near(eye + np.array([0, sign * 0.009, EYE]), [0.02, 0.007, 0.02])
            regions[f"lid_{half}_{lower}"] = np.clip(1.6 * lid, 0, 1)
        regions[f"lid_rim_{lower}"] = np.maximum(regions[f"lid_rim_upper_{lower}"], regions[f"lid_rim_lower_{lower}"])
        turn = np.radians(38) * regions[f"lid_upper_{lower}"]
        turned = np.stack(
            [
                rel[:, 0],
                rel[:, 1] * np.cos(turn) - rel[:, 2] * np.sin(turn),
                rel[:, 1] * np.sin(turn) + rel[:, 2] * np.cos(turn),
            ],
            1,
        )
        deltas[SHAPE[f"eyeBlink{name}"]] = turned - rel
        deltas[SHAPE[f"browDown{name}"], :, 1] = -0.006 * near(
            eye + np.array([side * 0.004, 0.017, EYE]), [0.02, 0.008, 0.02]
        )
    deltas[SHAPE["mouthPucker"], :, 2] = 0.008 * near(mouth, 0.02)
    deltas[SHAPE["jawOpen"], :, 1] = -0.03 * near(chin, 0.03)
    weights = np.zeros((len(vertices), 8))
    weights[:, 3] = np.clip((vertices[:, 1] - 1.53) / 0.05, 0, 1)
    weights[:, 2] = np.clip((vertices[:, 1] - 1.49) / 0.04, 0, 1) * (1 - weights[:, 3])
    weights[:, 1] = 1 - weights[:, 2] - weights[:, 3]
    bones = np.zeros((8, 3))
    bones[:, 1] = (1.05, 1.18, 1.51, 1.60, 1.45, 1.45, 1.665, 1.665)
    mesh = SimpleNamespace(
        vertices=vertices.astype(np.float32),
        triangles=triangles,
        uv=np.zeros((len(vertices), 2), np.float32),
        deltas=deltas.astype(np.float32),
        weights=weights.astype(np.float32),
        bones=bones.astype(np.float32),
        part=np.zeros(len(triangles), np.uint8),
        regions={name: np.asarray(mask, np.float32) for name, mask in regions.items()},
        eyes=eyes.astype(np.float32),
        eye_radius=EYE,
    )
    mesh.normals = lambda points=None: smooth_normals(mesh.vertices if points is None else points, mesh.triangles)
    return mesh


def moved(mesh: SimpleNamespace, splats, shapes: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Positions and normals [n, 3] of strand-bound ``splats`` when ``shapes`` are worn."""
    from actors.bake.bind import bind, frames

    bound = bind(splats, mesh)
    worn = mesh.vertices + sum(weight * mesh.deltas[SHAPE[name]] for name, weight in shapes.items())
    rotation, _ = frames(worn, mesh.triangles)
    rotation = rotation[bound.triangle]
    foot = np.einsum("nk,nkc->nc", bound.barycentric, worn[mesh.triangles[bound.triangle]])
    return foot + np.einsum("nac,nc->na", rotation, bound.offset), np.einsum("nac,nc->na", rotation, bound.normal)
