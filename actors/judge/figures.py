"""The judge's figures: what each one means, in the words of the report, and what a take must reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SAMPLES_PER_SECOND = 2
LEAST_HEIGHT = 120  # pixels, from which a face must be found
MOST_ANGLE = 30.0  # degrees from the lens up to which a face must be found


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity."""

    name: str
    title: str
    unit: str
    definition: str
    at_most: float | None = None  # the gate: a take beyond it is not delivered
    at_least: float | None = None

    def fails(self, value: float) -> bool:
        return (self.at_most is not None and value > self.at_most) or (
            self.at_least is not None and value < self.at_least
        )


FIGURES = (
    Figure(
        name="identity_distance",
        title="identity distance",
        unit="",
        definition="largest over sampled faces of the L2 distance between the face's dlib descriptor and the nearest "
        "in its performer's own gallery; two frames a second; faces from 120 px high and up to 30 degrees off the lens",
        at_most=0.45,
    ),
    Figure(
        name="identity_margin",
        title="identity margin",
        unit="",
        definition="smallest over the same faces of the distance to the nearest other performer's gallery less the "
        "distance to the own one",
        at_least=0.1,
    ),
    Figure(
        name="face_rate",
        title="faces found",
        unit="",
        definition="share of faces that must be in the sampled frames (by geometry: unhidden, inside the picture, "
        "from 120 px high, up to 30 degrees off the lens) that dlib's detector finds",
        at_least=0.98,
    ),
    Figure(
        name="warp_error",
        title="warp error",
        unit="code values",
        definition="mean difference in luma between sampled frames and the frame before them, moved by the renderer's "
        "exact motion, where a point is seen in both; every second pixel each way, smoothed by 2 x 2, grain included",
        at_most=12.0,
    ),
    Figure(
        name="lip_gap",
        title="lips at M, B, P",
        unit="mm",
        definition="largest gap between the inner lips, where they are furthest apart, in the middle of each "
        "aligned M, B and P longer than 50 ms, on the rendered geometry",
        at_most=0.8,
    ),
)


def failures(quality: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a take with these figures is held: one sentence each.

    What is missing with a reason passes, but for likeness where a face was expected.
    """
    said = []
    for figure in FIGURES:
        value = quality.get(figure.name)
        reason = quality.get("why", {}).get(figure.name)
        if value is None:
            if reason is None or (figure.name == "identity_distance" and quality.get("faces_expected", 0) > 0):
                said.append(f"{figure.title} could not be measured: {reason or 'no reason is given'}")
        elif figure.fails(value) or value != value:
            limit = f"at most {figure.at_most:g}" if figure.at_most is not None else f"at least {figure.at_least:g}"
            said.append(f"{figure.title} is {value:.3g}, must be {limit}")
    return tuple(said)
