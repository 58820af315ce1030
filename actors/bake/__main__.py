"""``python -m actors.bake [name ...]``: bake house performers into actors/house."""

from __future__ import annotations

import sys
from pathlib import Path

from actors.bake.bake import VERSION, bake
from actors.bake.recipes import HOUSE


def main(names: list[str]) -> None:
    """Bake those performers, all of them if none is named."""
    gallery = "--no-gallery" not in names
    house = Path(__file__).resolve().parents[1] / "house"
    for name in [name for name in names if not name.startswith("--")] or list(HOUSE):
        made = bake(HOUSE[name], house / name / str(VERSION), gallery=gallery)
        print(
            f"{name}: {made.bytes / 1e6:.2f} MB, {made.skin} skin + {made.solid} solid + {made.strand} strand splats,"
            f" {made.seconds:.1f} s, {made.digest[:16]}"
        )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
