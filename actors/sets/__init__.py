"""Sets that ship with Greenroom, built from splats when they are first asked for."""

from __future__ import annotations

from functools import lru_cache

from actors.sets.paint import SetPieces
from jobs.presets import SETS


@lru_cache(maxsize=len(SETS))
def build(name: str) -> SetPieces:
    """The set ``name`` of ``jobs.presets.SETS``, the same bytes every time; kept in memory."""
    from actors.sets import diner, garden, loft

    return {"loft": loft.build, "diner": diner.build, "garden": garden.build}[name]()
