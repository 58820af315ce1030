"""The rasteriser as the papers write it, in float64 and without tiles: slow, readable, the oracle of the fast one.

EWA splatting (Zwicker et al. 2001) with the conventions of gsplat's classic mode: 0.3 px^2 low-pass, alpha in
[1/255, 0.999], front to back, a pixel stops before the Gaussian that would bring its transmittance to 1e-4 or less,
a Gaussian ends at 3.33 standard deviations or where its alpha falls under 1/255.
"""

from __future__ import annotations

import numpy as np

from actors.gaussians import Gaussians
from actors.lens import Lens


def covariances(quats: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """World covariance matrices [N, 3, 3] of quaternions wxyz [N, 4] and standard deviations [N, 3]."""
    w, x, y, z = (quats / np.linalg.norm(quats, axis=1, keepdims=True)).T
    rotation = np.stack(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)
    spread = rotation * scales[:, None, :]
    return spread @ spread.transpose(0, 2, 1)


def projected(cloud: Gaussians, lens: Lens) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres [N, 2] px, covariances [N, 2, 2] px^2 and depths [N] metres in the image of ``lens``."""
    view = lens.view.astype(np.float64)
    x, y, z = (cloud.means.astype(np.float64) @ view[:3, :3].T + view[:3, 3]).T
    limit_x, limit_y = 0.15 * lens.width / lens.fx, 0.15 * lens.height / lens.fy
    tx = z * np.clip(x / z, -lens.cx / lens.fx - limit_x, (lens.width - lens.cx) / lens.fx + limit_x)
    ty = z * np.clip(y / z, -lens.cy / lens.fy - limit_y, (lens.height - lens.cy) / lens.fy + limit_y)
    jacobian = np.zeros((len(x), 2, 3))
    jacobian[:, 0, 0] = lens.fx / z
    jacobian[:, 0, 2] = -lens.fx * tx / z**2
    jacobian[:, 1, 1] = lens.fy / z
    jacobian[:, 1, 2] = -lens.fy * ty / z**2
    to_image = jacobian @ view[:3, :3]
    world = covariances(cloud.quats.astype(np.float64), cloud.scales.astype(np.float64))
    flat = to_image @ world @ to_image.transpose(0, 2, 1) + 0.3 * np.eye(2)
    centres = np.stack([lens.fx * x / z + lens.cx, lens.fy * y / z + lens.cy], axis=1)
    return centres, flat, z


def render(cloud: Gaussians, lens: Lens, near: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Premultiplied colour [H, W, 3], alpha [H, W] and mean depth [H, W] (0 where alpha is 0), float64."""
    centres, flat, depths = projected(cloud, lens)
    ys, xs = np.mgrid[: lens.height, : lens.width] + 0.5
    colour = np.zeros((lens.height, lens.width, 3))
    depth = np.zeros((lens.height, lens.width))
    through = np.ones((lens.height, lens.width))
    finished = np.zeros((lens.height, lens.width), bool)
    for i in np.argsort(depths, kind="stable"):
        opacity = float(cloud.opacities[i])
        if depths[i] <= near or opacity < 1.0 / 255.0:
            continue
        dx, dy = xs - centres[i, 0], ys - centres[i, 1]
        extent = min(3.33, np.sqrt(2.0 * np.log(255.0 * opacity)))
        inside = (np.abs(dx) <= extent * np.sqrt(flat[i, 0, 0])) & (np.abs(dy) <= extent * np.sqrt(flat[i, 1, 1]))
        conic = np.linalg.inv(flat[i])
        power = -0.5 * (conic[0, 0] * dx * dx + conic[1, 1] * dy * dy) - conic[0, 1] * dx * dy
        alpha = np.minimum(opacity * np.exp(power), 0.999)
        alpha = np.where(inside & (alpha >= 1.0 / 255.0) & ~finished, alpha, 0.0)
        rest = through * (1.0 - alpha)
        finished |= (alpha > 0.0) & (rest <= 1e-4)
        weight = np.where(finished, 0.0, alpha * through)
        colour += weight[..., None] * cloud.colours[i]
        depth += weight * depths[i]
        through = np.where(finished, through, rest)
    alpha = 1.0 - through
    return colour, alpha, np.divide(depth, alpha, out=np.zeros_like(depth), where=alpha > 0)
