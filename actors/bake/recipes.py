"""The house performers: four invented people, as traits."""

from __future__ import annotations

from actors.bake.identity import Recipe

ADA = Recipe(
    name="ada", gender=1.0, age=0.72, muscle=0.5, weight=0.46, height=0.5, cupsize=0.45, caucasian=0.85, asian=0.1,
    african=0.05,
    shape={
        "head/head-oval": 0.6, "head/head-scale-vert-incr": 0.15, "forehead/forehead-scale-vert-incr": 0.25,
        "nose/nose-scale-vert-incr": 0.2, "nose/nose-point-up": 0.25, "nose/nose-width2-decr": 0.25,
        "nose/nose-hump-incr": 0.12, "cheek/*-cheek-bones-incr": 0.5, "cheek/*-cheek-volume-decr": 0.2,
        "mouth/mouth-scale-horiz-incr": 0.2, "mouth/mouth-lowerlip-volume-incr": 0.3,
        "mouth/mouth-upperlip-volume-incr": 0.25, "chin/chin-triangle": 0.35, "chin/chin-width-decr": 0.2,
        "eyes/*-eye-scale-incr": 0.25, "eyes/*-eye-corner2-up": 0.25, "asym/asym-brown-1-l": 0.25,
        "asym/asym-mouth-1-r": 0.2, "asym/asym-nose-1-l": 0.12,
    },
)  # fmt: skip

KOFI = Recipe(
    name="kofi", gender=0.0, age=0.84, muscle=0.62, weight=0.6, height=0.6, african=1.0,
    shape={
        "head/head-square": 0.45, "head/head-scale-horiz-incr": 0.15, "forehead/forehead-temple-incr": 0.3,
        "nose/nose-width3-incr": 0.35, "nose/nose-scale-horiz-incr": 0.2, "nose/nose-volume-incr": 0.3,
        "cheek/*-cheek-volume-incr": 0.25, "cheek/*-cheek-bones-incr": 0.35, "chin/chin-width-incr": 0.4,
        "chin/chin-prominent-incr": 0.25, "chin/chin-bones-incr": 0.4, "mouth/mouth-scale-horiz-incr": 0.25,
        "eyes/*-eye-bag-incr": 0.25, "eyes/*-eye-eyefold-down": 0.25, "ears/*-ear-scale-incr": 0.2,
        "neck/neck-scale-horiz-incr": 0.25, "asym/asym-brown-2-l": 0.3, "asym/asym-nose-2-r": 0.2,
        "asym/asym-jaw-1-l": 0.15,
    },
)  # fmt: skip

MEI = Recipe(
    name="mei", gender=1.0, age=0.93, muscle=0.42, weight=0.48, height=0.38, cupsize=0.4, firmness=0.4, asian=1.0,
    shape={
        "head/head-round": 0.6, "head/head-scale-vert-decr": 0.15, "cheek/*-cheek-bones-incr": 0.3,
        "cheek/*-cheek-volume-incr": 0.15, "nose/nose-scale-depth-decr": 0.2, "nose/nose-curve-concave": 0.3,
        "nose/nose-width2-incr": 0.2, "mouth/mouth-scale-horiz-decr": 0.15, "mouth/mouth-upperlip-height-decr": 0.15,
        "chin/chin-height-decr": 0.15, "chin/chin-width-decr": 0.15, "eyes/*-eye-epicanthus-in": 0.5,
        "eyes/*-eye-eyefold-down": 0.2, "eyes/*-eye-bag-incr": 0.25, "ears/*-ear-lobe-incr": 0.5,
        "asym/asym-brown-1-r": 0.25, "asym/asym-eye-1-l": 0.15, "asym/asym-mouth-2-l": 0.2,
    },
)  # fmt: skip

LUCA = Recipe(
    name="luca", gender=0.08, age=0.655, muscle=0.55, weight=0.42, height=0.58, caucasian=1.0,
    shape={
        "head/head-rectangular": 0.4, "head/head-scale-horiz-decr": 0.2, "forehead/forehead-nubian-decr": 0.2,
        "nose/nose-hump-incr": 0.4, "nose/nose-scale-depth-incr": 0.3, "nose/nose-scale-vert-incr": 0.2,
        "nose/nose-width1-decr": 0.2, "cheek/*-cheek-bones-incr": 0.4, "cheek/*-cheek-inner-decr": 0.3,
        "chin/chin-cleft-incr": 0.35, "chin/chin-prominent-incr": 0.2, "chin/chin-bones-incr": 0.3,
        "mouth/mouth-lowerlip-volume-incr": 0.35, "mouth/mouth-cupidsbow-incr": 0.3,
        "eyes/*-eye-trans-in": 0.15, "eyes/*-eye-corner2-down": 0.15, "eyebrows/eyebrows-trans-down": 0.3,
        "asym/asym-nose-3-l": 0.25, "asym/asym-brown-1-l": 0.2, "asym/asym-jaw-2-r": 0.15,
    },
)  # fmt: skip

HOUSE = {recipe.name: recipe for recipe in (ADA, KOFI, MEI, LUCA)}
