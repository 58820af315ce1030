"""The groom of each house performer: head hair, brows, lashes and beard as strand Gaussians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actors.bake import groom_face, groom_scalp
from actors.bake.groom_face import Beard, Brow, Lash
from actors.bake.groom_head import Head
from actors.bake.groom_lash import lid_lines
from actors.bake.groom_scalp import Scalp
from actors.bake.groom_strand import Paint, joined

if TYPE_CHECKING:
    from actors.bake.bind import Splats
    from actors.bake.mesh import Mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class Groom:
    """All the hair of one performer."""

    scalp: Scalp
    brow: Brow
    lash: Lash
    beard: Beard | None = None


AUBURN = Paint(root=(0.080, 0.023, 0.011), tip=(0.165, 0.056, 0.025))
BLACK = Paint(
    root=(0.016, 0.013, 0.012), tip=(0.022, 0.018, 0.016), spread=0.4, grey=(0.075, 0.072, 0.070), greying=0.22
)
SILVER = Paint(root=(0.27, 0.27, 0.28), tip=(0.40, 0.40, 0.41), greying=0.45, spread=0.4, grey=(0.52, 0.52, 0.52))
BROWN = Paint(root=(0.038, 0.020, 0.011), tip=(0.066, 0.036, 0.019))

GROOMS = {
    "ada": Groom(
        scalp=Scalp(style="bob", strands=1750, paint=AUBURN),
        brow=Brow(
            paint=Paint(root=(0.055, 0.022, 0.013), tip=(0.075, 0.032, 0.019)), hairs=240, width=0.0038, arch=0.0046
        ),
        lash=Lash(upper=70, lower=34, length=0.0056, colour=(0.026, 0.015, 0.010)),
    ),
    "kofi": Groom(
        scalp=Scalp(style="crop", strands=7000, paint=BLACK, receding=0.10, radius=0.00027, gloss=0.6, under=1.1),
        brow=Brow(
            paint=Paint(
                root=(0.014, 0.011, 0.009),
                tip=(0.018, 0.015, 0.013),
                grey=(0.085, 0.082, 0.079),
                greying=0.28,
                spread=0.4,
            ),
            hairs=200,
            width=0.0041,
            length=0.0076,
            arch=0.0026,
            unruly=0.2,
            radius=0.00014,
        ),
        lash=Lash(upper=76, lower=30, length=0.0056),
        beard=Beard(
            paint=Paint(
                root=(0.012, 0.010, 0.009), tip=(0.014, 0.012, 0.011), grey=(0.090, 0.087, 0.084), greying=0.34
            ),
            hairs=4600,
            length=0.0055,
            coiled=True,
            radius=0.00025,
        ),
    ),
    "mei": Groom(
        scalp=Scalp(style="bun", strands=2500, paint=SILVER, radius=0.00028, under=0.8, nape=0.09),
        brow=Brow(
            paint=Paint(root=(0.075, 0.068, 0.064), tip=(0.11, 0.10, 0.10), greying=0.15),
            hairs=190,
            width=0.0036,
            length=0.0074,
            arch=0.0030,
        ),
        lash=Lash(upper=60, lower=20, length=0.0048),
    ),
    "luca": Groom(
        scalp=Scalp(style="tousled", strands=3600, paint=BROWN),
        brow=Brow(
            paint=Paint(root=(0.034, 0.020, 0.013), tip=(0.048, 0.029, 0.019)),
            hairs=270,
            width=0.0045,
            length=0.0092,
            arch=0.0030,
            unruly=0.16,
        ),
        lash=Lash(upper=85, lower=34, length=0.0064),
        beard=Beard(
            paint=Paint(root=(0.030, 0.018, 0.012), tip=(0.032, 0.020, 0.013)),
            hairs=3400,
            length=0.0014,
            shade=0.10,
            patchy=0.25,
            cheek=-0.004,
            radius=0.00010,
        ),
    ),
}


def build(mesh: Mesh, name: str, rng: np.random.Generator) -> Splats:
    """All hair of performer ``name`` on ``mesh`` in its neutral rest frame."""
    recipe = GROOMS[name]
    head = Head(mesh, rng)
    parts = [
        groom_scalp.build(head, recipe.scalp, rng),
        groom_face.brows(head, recipe.brow, rng),
        groom_face.lashes(lid_lines(mesh, head, recipe.lash, rng), recipe.lash, rng),
    ]
    if recipe.beard is not None:
        lips = head.vertices[mesh.regions["lips"] > 0.5]
        parts.append(groom_face.beard(head, recipe.beard, lips, rng))
    return joined(parts)
