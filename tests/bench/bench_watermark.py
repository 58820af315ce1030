"""Milliseconds a 1280x720 frame costs between finished sRGB and the encoder: python -m tests.bench.bench_watermark."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from actors.encode import Mark, TakeWriter
from actors.watermark import Watermark, payload
from actors.watermark_kernels import luma_and_chroma, round_luma

HEIGHT, WIDTH = 720, 1280


def fastest(call: Callable[[], object], repeats: int = 20) -> float:
    """The least of several runs, in milliseconds; the first compiles and is not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def main() -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ramp = 60 + 80 * x / WIDTH + 30 * np.sin(y / 40)
    frames = [
        np.clip(np.roll(ramp, 4 * i, 1)[..., None] + rng.normal(0, 1.5, (HEIGHT, WIDTH, 1)) + (8, 0, -8), 0, 255)
        .astype(np.uint8)
        for i in range(8)
    ]  # fmt: skip
    luma, out = np.empty((HEIGHT, WIDTH), np.float32), np.empty((HEIGHT, WIDTH), np.uint8)
    cb, cr = np.empty((2, HEIGHT // 2, WIDTH // 2), np.uint8)
    watermark = Watermark(bytes(32))
    bits = payload("0123456789abcdef" * 4)
    pattern = watermark.pattern(HEIGHT, WIDTH, bits)
    print(f"sRGB to 4:2:0        {fastest(lambda: luma_and_chroma(frames[0], luma, cb, cr)):6.2f} ms a frame")
    print(f"rounding, no mark    {fastest(lambda: round_luma(luma, out)):6.2f} ms a frame")
    print(f"rounding with mark   {fastest(lambda: watermark.embed(luma, pattern, out)):6.2f} ms a frame")
    print(f"reading              {fastest(lambda: watermark.read([out]), 5):6.2f} ms a frame")
    print(f"pattern of a take    {fastest(lambda: watermark.pattern(HEIGHT, WIDTH, bits), 3):6.2f} ms a take")
    with (
        tempfile.TemporaryDirectory() as folder,
        TakeWriter(Path(folder) / "take.mp4", WIDTH, HEIGHT, Fraction(24), mark=Mark(watermark, bits)) as writer,
    ):
        start = time.process_time()
        for index in range(48):
            writer.write(frames[index % 8])
        print(f"all of TakeWriter    {1000 * (time.process_time() - start) / 48:6.2f} ms a frame, H.264 included")


if __name__ == "__main__":
    main()
