"""Times the CPU rasteriser: ``python -m tests.bench.bench_rasterise``.

The scene is a head-like shell: flat Gaussians on a sphere that fills half of a 1280x720 picture.
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np

from actors.gaussians import Gaussians
from actors.lens import Lens, look_at
from actors.rasterise import Rasteriser


def shell(count: int) -> Gaussians:
    """A sphere of radius 0.12 m covered by ``count`` flat, nearly opaque Gaussians."""
    k = np.arange(count) + 0.5
    polar, azimuth = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k
    normal = np.stack([np.cos(azimuth) * np.sin(polar), np.cos(polar), np.sin(azimuth) * np.sin(polar)], axis=1)
    spacing = 0.12 * np.sqrt(4 * np.pi / count)
    quats = np.concatenate([1 + normal[:, 2:], -normal[:, 1:2], normal[:, :1], np.zeros((count, 1))], axis=1)
    scales = np.tile([0.8 * spacing, 0.8 * spacing, 0.1 * spacing], (count, 1))
    colours = 0.5 + 0.5 * normal
    arrays = (0.12 * normal, quats, scales, np.full(count, 0.95), colours)
    return Gaussians(*(np.ascontiguousarray(a, np.float32) for a in arrays))


def lens_720p() -> Lens:
    view = look_at(np.array([0.0, 0.0, 0.9]), np.zeros(3))
    return Lens(view, 2400.0, 2400.0, 640.0, 360.0, 1280, 720)


def best_of(rounds: int, work) -> float:
    """Shortest wall time of ``work()`` in seconds, after one warm-up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    lens = lens_720p()
    for count in (50_000, 150_000, 300_000):
        cloud = shell(count)
        for threads in (1, 2):
            rasteriser = Rasteriser(threads)
            seconds = best_of(7, partial(rasteriser.render, cloud, lens))
            covered = float((rasteriser.render(cloud, lens).alpha > 0.5).mean())
            print(f"{count:7d} Gaussians over {covered:.0%} of 720p, {threads} threads: {1e3 * seconds:6.1f} ms")


if __name__ == "__main__":
    main()
