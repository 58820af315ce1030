"""Whether every performer agreed to what an episode asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.catalogue import Catalogue, UnknownPerformer
from jobs.consent import ANY, BadConsent, Consent, verify
from jobs.consent_terms import WORLDWIDE
from jobs.episode import Episode, Project, Role
from jobs.errors import RightsRefused
from jobs.trust import Trust


@dataclass(frozen=True, slots=True)
class Refusal:
    """One clause that does not cover the work."""

    role: str
    performer: str  # "house/kofi@1"
    clause: str  # place in the consent record: "genres.refused"
    why: str

    def __str__(self) -> str:
        return f"role {self.role!r}: {self.performer} {self.why} (clause {self.clause})"


class NotConsented(RightsRefused):
    """Roles whose performers did not agree to the work: every refusal, not only the first."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(self.refusals)

    def __str__(self) -> str:
        return "\n".join(str(refusal) for refusal in self.refusals)


def check(episode: Episode, catalogue: Catalogue, trust: Trust, now: datetime) -> None:
    """Return when the whole cast agreed to the work, now and until its deadline. Raises ``NotConsented``."""
    _consents(episode, catalogue, trust, now)


def statement(episode: Episode, catalogue: Catalogue, trust: Trust, now: datetime) -> dict[str, dict[str, Any]]:
    """Per role, what allows it: record, signer and terms, as plain values. Raises ``NotConsented``."""
    found = {}
    for role, consent in _consents(episode, catalogue, trust, now).items():
        ref, terms = episode.cast[role].performer, consent.terms
        found[role] = {
            "performer": f"{ref.id}@{ref.version}",
            "digest": ref.digest,
            "consent": consent.reference(),
            "holder": terms.holder,
            "fictional": terms.fictional,
            "signed_by": next(key.name for key in trust.find(consent.signature.key) if key.covers(ref.id)),
            "key": consent.signature.key,
            "genres": list(episode.project.genres),
            "territories": list(episode.project.territories),
            "media": list(episode.project.media),
            "valid_from": terms.valid_from,
            "expires": terms.expires,
            "training": terms.training,
        }
    return found


def _consents(episode: Episode, catalogue: Catalogue, trust: Trust, now: datetime) -> dict[str, Consent]:
    """The consent record of each role."""
    assert now.tzinfo is not None, "now needs a time zone"
    until = max(now, episode.deadline) if episode.deadline else now
    refusals: list[Refusal] = []
    consents = {}
    for name, role in episode.cast.items():
        performer = f"{role.performer.id}@{role.performer.version}"
        try:
            consents[name] = consent = _verified(role, performer, catalogue, trust)
        except BadConsent as error:
            refusals.append(
                Refusal(name, performer, error.clause, f"has no consent that counts: its record {error.why}")
            )
            continue
        refusals += [Refusal(name, performer, *found) for found in _uncovered(consent, episode.project, now, until)]
    if refusals:
        raise NotConsented(tuple(refusals))
    return consents


def _verified(role: Role, performer: str, catalogue: Catalogue, trust: Trust) -> Consent:
    try:
        entry = catalogue.find(performer)
    except UnknownPerformer as error:
        raise BadConsent(performer, "record", f"cannot be found ({error})") from None
    consent = verify(entry, trust)
    if consent.package_sha256 != role.performer.digest:
        pinned = role.performer.digest[:12]
        raise BadConsent(performer, "package_sha256", f"is not for the package {pinned}… that the episode pins")
    return consent


def _uncovered(consent: Consent, project: Project, now: datetime, until: datetime) -> Iterator[tuple[str, str]]:
    """Clause and reason of all that ``consent`` does not cover."""
    terms = consent.terms
    for genre in project.genres:
        if genre in terms.genres.refused:
            yield "genres.refused", f"does not consent to genre {genre!r}"
        elif ANY not in terms.genres.allowed and genre not in terms.genres.allowed:
            yield "genres.allowed", f"does not consent to genre {genre!r}"
    if WORLDWIDE not in terms.territories:
        for territory in project.territories:
            if territory not in terms.territories:
                yield "territories", f"does not consent to territory {territory!r}"
    for medium in project.media:
        if medium not in terms.media:
            yield "media", f"does not consent to medium {medium!r}"
    if now < terms.starts:
        yield "valid_from", f"consents only from {terms.valid_from}"
    if terms.ends <= now:
        yield "expires", f"consented until {terms.expires}, which has passed"
    elif terms.ends < until:
        yield "expires", f"consents until {terms.expires}, which is before the deadline, {until:%Y-%m-%d %H:%M} UTC"
