"""Who the house performers are, and what their makers agreed to. All four are invented."""

from __future__ import annotations

from jobs.catalogue import Card
from jobs.consent import ANY, GenreTerms, Terms
from jobs.consent_terms import MEDIA, WORLDWIDE

HOLDER = "The Greenroom maintainers"
FICTION = "A fictional person, made by a recipe from CC0 body data; no living or dead person was a model for it. "

CARDS = {
    "ada": Card(
        name="Ada",
        description="Auburn bob, fine features; dry wit with a bruise under it.",
        pronouns="she/her",
        born=(1987, 1994),
        fictional=True,
    ),
    "kofi": Card(
        name="Kofi",
        description="Close-cropped, greying beard, broad build; warmth behind bravado.",
        pronouns="he/him",
        born=(1970, 1980),
        fictional=True,
    ),
    "mei": Card(
        name="Mei",
        description="Silver hair in a bun, lively eyes; has seen it all and enjoyed most of it.",
        pronouns="she/her",
        born=(1955, 1964),
        fictional=True,
    ),
    "luca": Card(
        name="Luca",
        description="Tousled brown hair, stubble; eager, easily wounded.",
        pronouns="he/him",
        born=(1998, 2005),
        fictional=True,
    ),
}


def _terms(*, refused: tuple[str, ...] = (), media: tuple[str, ...] = MEDIA, expires: str, notes: str) -> Terms:
    return Terms(
        holder=HOLDER,
        fictional=True,
        genres=GenreTerms(allowed=[ANY], refused=list(refused)),
        territories=[WORLDWIDE],
        media=list(media),
        valid_from="2026-01-01T00:00:00+00:00",
        expires=expires,
        training=False,
        notes=FICTION + notes,
    )


def house_terms() -> dict[str, Terms]:
    """The terms of each house performer, by the last part of its id."""
    usual = "2036-12-31T23:59:59+00:00"
    return {
        "ada": _terms(expires=usual, notes="May be cast in anything."),
        "kofi": _terms(refused=("horror",), expires=usual, notes="Not in horror: it keeps one clause of refusal real."),
        "mei": _terms(expires="2041-12-31T23:59:59+00:00", notes="May be cast for longer than the others."),
        "luca": _terms(
            refused=("commercial",),
            media=tuple(medium for medium in MEDIA if medium != "advertising"),
            expires=usual,
            notes="Sells nothing: no advertising, no commercials.",
        ),
    }
