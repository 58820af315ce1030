"""The house performers: four invented people, as traits."""

from __future__ import annotations

from actors.bake.identity import Recipe

ADA = Recipe(
    name="ada", gender=1.0, age=0.70, muscle=0.5, weight=0.46, height=0.42, proportions=0.3, cupsize=0.45,
    caucasian=0.85, asian=0.1, african=0.05,
    shape={
        "head/head-oval": 0.35, "head/head-scale-vert-decr": 0.1, "head/head-scale-horiz-incr": 0.1,
        "nose/nose-point-up": 0.2, "nose/nose-width2-decr": 0.2, "nose/nose-hump-incr": 0.12,
        "nose/nose-scale-horiz-decr": 0.15, "cheek/*-cheek-bones-incr": 0.55, "cheek/*-cheek-volume-decr": 0.2,
        "mouth/mouth-scale-horiz-incr": 0.15, "mouth/mouth-lowerlip-volume-incr": 0.35,
        "mouth/mouth-upperlip-volume-incr": 0.3, "mouth/mouth-angles-up": 0.3, "chin/chin-triangle": 0.3,
        "chin/chin-width-decr": 0.15, "eyes/*-eye-scale-incr": 0.2, "eyes/*-eye-corner2-up": 0.3,
        "eyes/*-eye-height2-incr": 0.15, "eyebrows/eyebrows-angle-up": 0.25, "asym/asym-brown-1-l": 0.12,
        "asym/asym-mouth-1-r": 0.05, "asym/asym-nose-1-l": 0.08, "asym/asym-eye-1-l": 0.06,
    },
)  # fmt: skip

KOFI = Recipe(
    name="kofi", gender=0.0, age=0.80, muscle=0.6, weight=0.56, height=0.42, proportions=0.4, african=1.0,
    shape={
        "head/head-square": 0.3, "head/head-scale-vert-decr": 0.15, "forehead/forehead-temple-incr": 0.25,
        "nose/nose-width3-incr": 0.2, "nose/nose-scale-vert-decr": 0.1, "nose/nose-scale-depth-decr": 0.15,
        "cheek/*-cheek-bones-incr": 0.35, "chin/chin-width-incr": 0.3, "chin/chin-prominent-incr": 0.3,
        "chin/chin-bones-incr": 0.3, "mouth/mouth-scale-horiz-incr": 0.15, "mouth/mouth-angles-up": 0.45,
        "eyes/*-eye-bag-decr": 0.2, "eyes/*-eye-height2-incr": 0.3, "eyes/*-eye-eyefold-up": 0.2,
        "eyes/*-eye-scale-decr": 0.15, "ears/*-ear-scale-incr": 0.15, "neck/neck-scale-horiz-incr": 0.2,
        "eyebrows/eyebrows-trans-up": 0.2, "asym/asym-brown-2-l": 0.12, "asym/asym-jaw-1-l": 0.06,
        "asym/asym-nose-1-r": 0.08,
    },
)  # fmt: skip

MEI = Recipe(
    name="mei", gender=1.0, age=0.86, muscle=0.42, weight=0.46, height=0.40, proportions=0.4, cupsize=0.4, firmness=0.4,
    asian=1.0,
    shape={
        "head/head-round": 0.35, "cheek/*-cheek-bones-incr": 0.4, "cheek/*-cheek-volume-incr": 0.1,
        "nose/nose-scale-depth-decr": 0.1, "nose/nose-curve-concave": 0.15, "nose/nose-width2-incr": 0.1,
        "mouth/mouth-angles-up": 0.5, "mouth/mouth-scale-horiz-decr": 0.1, "chin/chin-height-incr": 0.1,
        "chin/chin-triangle": 0.2, "eyes/*-eye-epicanthus-in": 0.3, "eyes/*-eye-scale-incr": 0.35,
        "eyes/*-eye-height2-incr": 0.4, "eyes/*-eye-height1-incr": 0.25, "eyes/*-eye-corner2-up": 0.15,
        "eyes/*-eye-bag-decr": 0.2, "ears/*-ear-lobe-incr": 0.4, "eyebrows/eyebrows-trans-up": 0.3,
        "asym/asym-brown-1-r": 0.12, "asym/asym-eye-1-l": 0.06, "asym/asym-mouth-2-l": 0.05,
    },
)  # fmt: skip

LUCA = Recipe(
    name="luca", gender=0.06, age=0.655, muscle=0.55, weight=0.42, height=0.44, proportions=0.3, caucasian=1.0,
    shape={
        "head/head-rectangular": 0.25, "head/head-scale-vert-decr": 0.1, "nose/nose-hump-incr": 0.2,
        "nose/nose-scale-depth-incr": 0.1, "nose/nose-scale-vert-incr": 0.1, "nose/nose-width1-decr": 0.15,
        "cheek/*-cheek-bones-incr": 0.4, "cheek/*-cheek-inner-decr": 0.2, "chin/chin-cleft-incr": 0.3,
        "chin/chin-prominent-incr": 0.2, "chin/chin-bones-incr": 0.25, "mouth/mouth-lowerlip-volume-incr": 0.35,
        "mouth/mouth-upperlip-volume-incr": 0.2, "mouth/mouth-cupidsbow-incr": 0.3, "mouth/mouth-angles-up": 0.3,
        "eyes/*-eye-corner2-down": 0.1, "eyes/*-eye-scale-incr": 0.15, "eyes/*-eye-height2-incr": 0.15,
        "eyebrows/eyebrows-trans-down": 0.2, "asym/asym-nose-1-l": 0.1, "asym/asym-brown-1-l": 0.1,
        "asym/asym-jaw-2-r": 0.06, "asym/asym-mouth-1-l": 0.04,
    },
)  # fmt: skip

HOUSE = {recipe.name: recipe for recipe in (ADA, KOFI, MEI, LUCA)}
