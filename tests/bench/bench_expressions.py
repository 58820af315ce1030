"""Commanded against measured expressions: ``python -m tests.bench.bench_expressions``.

A table for each house performer: what mediapipe reads from a 720p close-up in studio-soft, the reading at rest taken
off, mean of two framings. ``!`` marks what is more than a quarter off.
"""

from __future__ import annotations

import numpy as np

from tests.actors.close_up import FRAME, HOUSE, close_up, performer
from tests.actors.readback import COMMAND, missing, read

LEVELS = (0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0)
FRAMINGS = (FRAME, 0.8 * FRAME)  # metres of picture height


def main() -> None:
    if (lack := missing()) is not None:
        print(f"not measured: {lack}")
        return
    print(f"{'':14}" + "".join(f"{level:>8}" for level in LEVELS))
    worst = dict.fromkeys(COMMAND, 0.0)
    for name in HOUSE:
        who = performer(name)
        rests = [read(close_up(who, frame=frame).image) for frame in FRAMINGS]
        for kind, shape in COMMAND.items():
            row = f"{name:6}{kind:8}"
            for level in LEVELS:
                seen = [
                    read(close_up(who, {shape: level}, frame=frame).image)[kind] - rest[kind]
                    for frame, rest in zip(FRAMINGS, rests, strict=True)
                ]
                value = float(np.mean(seen))
                worst[kind] = max(worst[kind], abs(value - level))
                row += f"{value:7.2f}{'!' if abs(value - level) > 0.25 else ' '}"
            print(row, flush=True)
    print("largest error: " + ", ".join(f"{kind} {value:.2f}" for kind, value in worst.items()))


if __name__ == "__main__":
    main()
