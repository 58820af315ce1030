"""The layout of a block of Gaussians that are shaded together.

Their numbers are kept row by row, so that they stay in the first cache and the arithmetic on them becomes vector
instructions; rows are parts of one flat array at constant distances, which lets the compiler see that they are apart.
"""

from __future__ import annotations

BLOCK = 128  # Gaussians in a block

ROW_NAMES = (
    "normal x", "normal y", "normal z",  # or the tangent of a strand
    "place x", "place y", "place z",  # metres
    "view x", "view y", "view z",  # towards the eye; made unit length by the first step
    "n . v",
    "red", "green", "blue",  # albedo
    "open",  # baked ambient visibility
    "clear",  # the part of the key that shadows leave
    "turn cosine", "turn sine",  # of the points at which shadows are looked up
    "diffuse x", "diffuse y", "diffuse z",  # the normal that diffuse light sees
    "wrap red", "wrap green", "wrap blue",
    "reflectance",  # at normal incidence
    "alpha a", "alpha b", "mix",  # the two specular lobes
    "dim",  # of diffuse light
    "edge",  # redness of shadow edges
    "out red", "out green", "out blue",
)  # fmt: skip
ROWS = len(ROW_NAMES)


def row(name: str) -> int:
    """Where a row begins in the flat block."""
    return ROW_NAMES.index(name) * BLOCK


NORMAL, PLACE, VIEW, NV, ALBEDO = row("normal x"), row("place x"), row("view x"), row("n . v"), row("red")
OPEN, CLEAR, TURN, DIFFUSE, WRAP = row("open"), row("clear"), row("turn cosine"), row("diffuse x"), row("wrap red")
REFLECTANCE, ALPHA, MIX, DIM, EDGE, OUT = (
    row("reflectance"), row("alpha a"), row("mix"), row("dim"), row("edge"), row("out red"),
)  # fmt: skip
SECOND, THIRD = BLOCK, 2 * BLOCK  # from a row to the next two
