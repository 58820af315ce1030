"""How each house performer's skin looks: the numbers a look-dev artist would turn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceRecipe:
    """One complexion; pigments as ``actors.bake.skin_tone`` understands them, lengths in metres."""

    melanin: float
    blood: float
    carotene: float = 1.0
    roughness: float = 0.46  # of the cheeks; forehead, nose and chin are a little glossier
    flush: float = 0.5  # 0..1 redness of cheeks, nose, ears and chin
    mottle: float = 1.0  # factor on all large and small unevenness
    socket: float = 0.4  # 0..1 how dark the skin round the eyes is
    freckles: float = 0.0  # 0..1 how many of the places for a freckle hold one
    spots: float = 0.0  # 0..1 age spots
    papules: float = 0.0  # 0..1 small dark raised spots on cheekbones and temples
    moles: tuple[tuple[float, float, float], ...] = ()  # millimetres left of the nose, above the eyes, radius
    lip_blood: float = 0.045
    lip_melanin: float = 1.0  # factor on the melanin of the skin
    lip_inner: float = 0.6  # factor more on the wet part of the lower lip
    stubble: float = 0.0  # 0..1 shadow of shaved hair
    stubble_colour: tuple[float, float, float] = (0.030, 0.028, 0.030)  # linear Rec.709
    scalp: tuple[float, float, float] = (0.03, 0.02, 0.015)  # what shows between the hairs' roots
    pores: float = 1.0  # factor on the fine relief
    age: float = 0.0  # 0..1 depth of all lines below
    forehead: float = 0.0  # 0..1 share of age in each set of lines
    frown: float = 0.0
    crow: float = 0.0
    bags: float = 0.0
    nasolabial: float = 0.0
    marionette: float = 0.0
    lip_lines: float = 0.0
    neck: float = 0.0


FACES = {
    "ada": FaceRecipe(
        melanin=0.029, blood=0.0115, carotene=1.30, roughness=0.45, flush=0.68, socket=0.42, freckles=0.10,
        moles=((27.0, -33.0, 1.0), (-13.0, -78.0, 0.7), (-44.0, -12.0, 0.6)), lip_blood=0.054, lip_melanin=0.9,
        scalp=(0.05, 0.034, 0.024), pores=0.9, age=0.30, forehead=0.35, frown=0.35, crow=0.5, bags=0.8, nasolabial=0.9,
        marionette=0.2, neck=0.6,
    ),
    "kofi": FaceRecipe(
        melanin=0.245, blood=0.0110, carotene=1.0, roughness=0.47, flush=0.30, mottle=0.85, socket=0.34, papules=0.5,
        moles=((37.0, -27.0, 1.1),), lip_blood=0.046, lip_melanin=0.92, lip_inner=0.42, stubble=0.25,
        stubble_colour=(0.018, 0.016, 0.016), scalp=(0.030, 0.019, 0.013), pores=1.25, age=0.70, forehead=1.0,
        frown=0.9, crow=0.8, bags=0.9, nasolabial=1.0, marionette=0.5, lip_lines=0.1, neck=0.8,
    ),
    "mei": FaceRecipe(
        melanin=0.033, blood=0.0092, carotene=1.60, roughness=0.49, flush=0.55, mottle=1.15, socket=0.50, freckles=0.05,
        spots=0.75, moles=((-31.0, -30.0, 1.3), (18.0, -84.0, 1.0)), lip_blood=0.042, lip_melanin=1.0,
        scalp=(0.16, 0.12, 0.095), pores=1.0, age=1.0, forehead=0.75, frown=0.55, crow=1.0, bags=0.95, nasolabial=0.9,
        marionette=0.8, lip_lines=0.9, neck=1.0,
    ),
    "luca": FaceRecipe(
        melanin=0.021, blood=0.0118, carotene=1.15, roughness=0.43, flush=0.60, mottle=1.0, socket=0.30, freckles=0.55,
        moles=((-24.0, -62.0, 0.9), (35.0, -52.0, 0.7)), lip_blood=0.048, lip_melanin=0.85, stubble=0.34,
        stubble_colour=(0.040, 0.034, 0.032), scalp=(0.05, 0.033, 0.022), pores=1.0, age=0.14, forehead=0.2, crow=0.3,
        bags=0.8, nasolabial=0.6,
    ),
}  # fmt: skip


def face_recipe(name: str) -> FaceRecipe:
    """The skin of the house performer ``name``."""
    return FACES[name]
