"""Soft masks of the face, found by how shapes and expressions move it and by the masks that come with the base mesh."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from actors.bake.identity import Sitter, base, target
from actors.body.subdivide import Stencil
from actors.performance import SHAPE

CONTROLS = {  # region -> shape controls whose displacement draws it
    "nose": ("nose/nose-scale-depth-incr", "nose/nose-scale-horiz-incr", "nose/nose-volume-incr"),
    "chin": ("chin/chin-prominent-incr", "chin/chin-width-incr"),
    "cheek_left": ("cheek/l-cheek-volume-incr", "cheek/l-cheek-bones-incr"),
    "cheek_right": ("cheek/r-cheek-volume-incr", "cheek/r-cheek-bones-incr"),
    "neck": ("neck/neck-scale-horiz-incr", "neck/neck-scale-depth-incr"),
    "eye_socket_left": ("eyes/l-eye-push1-in", "eyes/l-eye-push2-in", "eyes/l-eye-scale-incr"),
    "eye_socket_right": ("eyes/r-eye-push1-in", "eyes/r-eye-push2-in", "eyes/r-eye-scale-incr"),
}
TEXTURES = {"lips": "lips", "inner_mouth": "inside-mouth", "ears": "ears", "lids": "eyelids"}
LASH_ROOT = 0.0022  # metres: how wide a lid's rim is


def regions(
    read: Sitter,
    floor: np.ndarray,
    source: np.ndarray,
    steps: Stencil,
    fine: np.ndarray,
    uv: np.ndarray,
    deltas: np.ndarray,
    data: Path,
) -> dict[str, np.ndarray]:
    """Region masks [V] float32 over the fine mesh; all but eyeballs, teeth and tongue are zero off the skin."""
    skin = steps.apply((source < 13380).astype(np.float64)) > 0.5
    masks = {name: texture(data, file, uv) for name, file in TEXTURES.items()}
    away = fine - np.median(fine[skin & (masks["lips"] > 0.5)], axis=0)
    masks["lips"] = masks["lips"] * (np.abs(away) < (0.05, 0.03, 0.04)).all(1)
    for name, controls in CONTROLS.items():
        moved = sum(np.linalg.norm(target(f"mpfb2/targets/{c}.target.gz"), axis=1) for c in controls)
        grown = steps.apply(moved[source])
        masks[name] = _smoothstep(grown / grown[skin].max(), 0.08, 0.45)
    masks["cheeks"] = np.maximum(masks["cheek_left"], masks["cheek_right"])
    masks["eye_socket"] = np.maximum(masks["eye_socket_left"], masks["eye_socket_right"])
    for side, letter, sign in (("left", "l", 1), ("right", "r", -1)):
        masks |= _lids(read, floor, fine, deltas, side, letter)
        masks[f"brow_{side}"] = _brow(fine, deltas, side, sign, skin)
    masks["scalp"] = _scalp(masks, read, floor, fine)
    masks["forehead"] = _forehead(masks, fine)
    masks["beard"] = _beard(masks, fine, deltas, skin)
    return {name: np.where(skin, np.clip(mask, 0, 1), 0).astype(np.float32) for name, mask in masks.items()}


def _smoothstep(x: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def texture(data: Path, name: str, uv: np.ndarray) -> np.ndarray:
    """A mask texture at [V, 2] coordinates, bilinear."""
    from PIL import Image

    image = np.asarray(Image.open(data / f"mpfb2/textures/mpfb_{name}.jpg").convert("L"), np.float64) / 255
    height, width = image.shape
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1.001)
    y = np.clip((1 - uv[:, 1]) * height - 0.5, 0, height - 1.001)
    i, j = y.astype(int), x.astype(int)
    fy, fx = y - i, x - j
    top = image[i, j] * (1 - fx) + image[i, j + 1] * fx
    return top * (1 - fy) + (image[i + 1, j] * (1 - fx) + image[i + 1, j + 1] * fx) * fy


def _distance(points: np.ndarray, cloud: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    return cKDTree(cloud).query(points)[0]


def _lids(
    read: Sitter, floor: np.ndarray, fine: np.ndarray, deltas: np.ndarray, side: str, letter: str
) -> dict[str, np.ndarray]:
    blink = deltas[SHAPE["eyeBlinkLeft" if side == "left" else "eyeBlinkRight"]]
    size = np.linalg.norm(blink, axis=1)
    size = size / size.max()
    masks = {
        f"lid_upper_{side}": _smoothstep(size, 0.05, 0.5) * (blink[:, 1] < 0),
    }
    body = base()
    centre = (read.neutral - floor)[body.group(f"helper-{letter}-eye")].mean(0)
    for upper, number in (("upper", 1), ("lower", 2)):
        lashes = (read.neutral - floor)[body.group(f"helper-{letter}-eyelashes-{number}")]
        reach = np.linalg.norm(lashes - centre, axis=1)
        roots = lashes[reach < np.quantile(reach, 0.5)]
        near = _distance(fine, roots)
        masks[f"lid_rim_{upper}_{side}"] = np.exp(-((near / LASH_ROOT) ** 2))
        if upper == "lower":
            below = _smoothstep(centre[1] - fine[:, 1], -0.002, 0.003)
            masks[f"lid_lower_{side}"] = (1 - _smoothstep(near, 0.004, 0.009)) * below
    masks[f"lid_rim_{side}"] = np.maximum(masks[f"lid_rim_upper_{side}"], masks[f"lid_rim_lower_{side}"])
    return masks


def _brow(fine: np.ndarray, deltas: np.ndarray, side: str, sign: int, skin: np.ndarray) -> np.ndarray:
    """A band about the ridge that browDown and browOuterUp move most."""
    suffix = "Left" if sign > 0 else "Right"
    moved = np.linalg.norm(deltas[SHAPE[f"browDown{suffix}"]], axis=1)
    moved += np.linalg.norm(deltas[SHAPE[f"browOuterUp{suffix}"]], axis=1)
    moved = np.where(skin, moved / moved.max(), 0)
    strong = moved > 0.35
    x = fine[:, 0] * sign
    curve = np.polyfit(x[strong], fine[strong, 1], 2, w=moved[strong] ** 2)
    low, high = np.quantile(x[strong], [0.03, 0.97])
    height = fine[:, 1] - np.polyval(curve, np.clip(x, low, high))
    inside = _smoothstep(x, low - 0.004, low + 0.002) * (1 - _smoothstep(x, high - 0.002, high + 0.004))
    return np.exp(-((height / 0.0045) ** 2)) * inside * (moved > 0.02)


def _hairline(masks: dict[str, np.ndarray], read: Sitter, floor: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Height in metres of each vertex [V] over the hairline, which falls from the forehead to the nape."""
    brow = np.quantile(fine[masks["brow_left"] > 0.5, 1], 0.5)
    nose = np.quantile(fine[masks["nose"] > 0.5, 1], 0.02)
    ears = fine[masks["ears"] > 0.5]
    low, high = np.quantile(ears[:, 1], [0.05, 0.98])
    top = fine[:, 1].max()
    front = min(brow + 0.86 * (brow - nose), brow + 0.62 * (top - brow))
    azimuth = np.degrees(np.arctan2(np.abs(fine[:, 0]), fine[:, 2] - np.median(ears[:, 2]) + 0.006))
    degrees = (0, 22, 40, 52, 60, 68, 76, 84, 90, 102, 125, 150, 180)
    lowest = low - 0.022
    heights = (
        front, front + 0.002, front - 0.002, front - 0.018, front - 0.032, high + 0.012, high - 0.012, high - 0.028,
        high - 0.02, high - 0.012, low - 0.004, lowest, lowest,
    )  # fmt: skip
    return fine[:, 1] - np.interp(azimuth, degrees, heights)


def _scalp(masks: dict[str, np.ndarray], read: Sitter, floor: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Skin over the hairline, ears left out."""
    return _smoothstep(_hairline(masks, read, floor, fine), -0.004, 0.005) * (1 - masks["ears"])


def _forehead(masks: dict[str, np.ndarray], fine: np.ndarray) -> np.ndarray:
    """Skin between brows and hairline."""
    brows = np.maximum(masks["brow_left"], masks["brow_right"]) > 0.5
    x = np.abs(fine[:, 0])
    over = fine[:, 1] - np.interp(x, np.sort(x[brows]), fine[brows, 1][np.argsort(x[brows])])
    front = fine[:, 2] - np.quantile(fine[masks["ears"] > 0.5, 2], 0.95)
    return _smoothstep(over, -0.002, 0.006) * _smoothstep(front, 0.01, 0.03) * (1 - masks["scalp"])


def _beard(masks: dict[str, np.ndarray], fine: np.ndarray, deltas: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Moustache, chin, jaw and sideburns, without lips and the inside of the mouth."""
    jaw = np.linalg.norm(deltas[SHAPE["jawOpen"]], axis=1)
    jaw = _smoothstep(jaw / jaw[skin].max(), 0.12, 0.45)
    lips = masks["lips"] > 0.5
    middle, top = fine[lips].mean(0), fine[lips, 1].max()
    above = np.linalg.norm(deltas[SHAPE["mouthShrugUpper"]], axis=1)
    moustache = _smoothstep(above / above.max(), 0.1, 0.35) * _smoothstep(fine[:, 1], top - 0.004, top)
    moustache *= 1 - masks["nose"]
    ears = fine[masks["ears"] > 0.5]
    side = ears[np.abs(ears[:, 0]) > np.quantile(np.abs(ears[:, 0]), 0.2)]
    front = side[:, 2].max()
    burn = np.exp(-(((fine[:, 2] - front - 0.006) / 0.010) ** 2)) * (
        np.abs(fine[:, 0]) > np.abs(side[:, 0]).min() - 0.02
    )
    burn *= _smoothstep(fine[:, 1], middle[1], middle[1] + 0.02) * (
        1 - _smoothstep(fine[:, 1], side[:, 1].max() - 0.02, side[:, 1].max())
    )
    whole = np.maximum(np.maximum(jaw, moustache), burn)
    return whole * (1 - masks["lips"]) * (1 - masks["inner_mouth"]) * (1 - masks["ears"])
