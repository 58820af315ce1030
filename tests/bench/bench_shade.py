"""Times light, shadow and grade: ``python -m tests.bench.bench_shade``.

The performer is a house performer in close-up and in a two-shot; one thread. Processor time, the least of several.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import count as count_up
from pathlib import Path

import numpy as np

from actors.backdrop import Backdrop
from actors.body.performer import Performer
from actors.grade import finish
from actors.lens import Lens, look_at
from actors.light import rig
from actors.rasterise import Layers
from actors.shade import shade
from actors.shadow import shadow_of
from jobs.episode import Plate

HOUSE = Path(__file__).parents[2] / "actors" / "house"
WIDTH, HEIGHT = 1280, 720


def least(rounds: int, work) -> float:
    """Least processor milliseconds of ``work()``, after one warm-up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def lens(distance: float) -> Lens:
    focal = 50 / 36 * WIDTH
    view = look_at(np.array([0.3 * distance, 1.55, distance]), np.array([0.0, 1.55, 0.0]))
    return Lens(view, focal, focal, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)


def main() -> None:
    package = sorted(HOUSE.glob("*/1/performer.safetensors"))[0]
    performer = Performer.load(package)
    still = np.zeros(52, np.float32), np.zeros((6, 3), np.float32), np.zeros(2, np.float32), np.eye(4, dtype=np.float32)
    posed = performer.posed(*still)
    count = len(posed.means)
    lit = rig("window-left", 0.0, 0.0)
    shadow = shadow_of([posed], lit.key)
    out, opacities = np.empty((count, 3), np.float32), np.empty(count, np.float32)
    print(f"{package.parts[-3]}, {count} Gaussians")
    print(f"shadow map           {least(20, lambda: shadow_of([posed], lit.key)):6.1f} ms")
    for name, distance in (("close-up", 0.75), ("two-shot", 1.6)):
        shading = partial(shade, posed, lit, lens(distance), shadow, out, opacities)
        took = least(20, shading)
        print(f"shade, {name:9}     {took:6.1f} ms   {100 * (opacities == 0).mean():.0f} % dropped")
    noise = np.random.default_rng(0).random((HEIGHT, WIDTH, 4)).astype(np.float32)
    layers = Layers(noise, np.ascontiguousarray(noise[..., 3]))
    behind = np.random.default_rng(1).random((HEIGHT, WIDTH, 3)).astype(np.float32)
    frame = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    print(f"finish               {least(20, lambda: finish(layers, behind, seed=1, frame=1, out=frame)):6.1f} ms")
    for name in ("loft", "diner", "garden"):
        backdrop = Backdrop.load(Plate(splats=name))
        print(f"backdrop {name:8}    {least(20, partial(_from_a_new_place, backdrop, count_up())):6.1f} ms")


def _from_a_new_place(backdrop: Backdrop, step: Iterator[int]) -> None:
    backdrop.image(lens(1.5 + 0.001 * next(step)), 0)


if __name__ == "__main__":
    main()
