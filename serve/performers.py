"""``greenroom performer``: who can be cast, and what they allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cluster.production import Production
from jobs.catalogue import PerformerEntry
from jobs.consent import BadConsent, Consent, verify

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerFacts:
    """One version of one performer, and what their record allows now."""

    entry: PerformerEntry
    consent: Consent | None
    standing: str  # "in force", or why not

    def plain(self) -> dict[str, Any]:
        entry, card = self.entry, self.entry.card
        return {
            "performer": f"{entry.ref.id}@{entry.ref.version}",
            "id": entry.ref.id,
            "version": entry.ref.version,
            "name": entry.name,
            "description": card.description if card else None,
            "pronouns": card.pronouns if card else None,
            "born": list(card.born) if card else None,
            "digest": entry.ref.digest,
            "package": str(entry.path),
            "bytes": entry.bytes,
            "portrait": str(entry.portrait_path) if entry.portrait_path else None,
            "consent": self.standing,
            "terms": self.consent.terms.model_dump(mode="json") if self.consent else None,
        }


def performers(production: Production, now: datetime) -> list[PerformerFacts]:
    """Everyone, by id and version."""
    return [_facts(entry, production, now) for entry in production.catalogue.entries()]


def performer(who: str, production: Production, now: datetime) -> PerformerFacts:
    """The one named. Raises UnknownPerformer."""
    return _facts(production.catalogue.find(who), production, now)


def _facts(entry: PerformerEntry, production: Production, now: datetime) -> PerformerFacts:
    try:
        consent = verify(entry, production.trust)
    except BadConsent as error:
        return PerformerFacts(entry=entry, consent=None, standing=str(error))
    standing = "in force"
    if consent.package_sha256 != entry.ref.digest:
        standing = "given for another package"
    elif now < consent.terms.starts:
        standing = f"not before {consent.terms.valid_from}"
    elif now >= consent.terms.ends:
        standing = f"expired {consent.terms.expires}"
    return PerformerFacts(entry=entry, consent=consent, standing=standing)


def print_performers(found: list[PerformerFacts], console: Console) -> None:
    """A table."""
    from rich.table import Table

    table = Table("performer", "name", "consent", "refuses", "until", "size", box=None, pad_edge=False)
    for one in found:
        terms = one.consent.terms if one.consent else None
        table.add_row(
            f"{one.entry.ref.id}@{one.entry.ref.version}",
            one.entry.name,
            f"[green]{one.standing}[/]" if one.standing == "in force" else f"[red]{one.standing}[/]",
            ", ".join(terms.genres.refused) if terms else "",
            terms.expires[:10] if terms else "",
            f"{one.entry.bytes / 1e6:.1f} MB",
        )
    console.print(table)


def print_performer(found: PerformerFacts, console: Console) -> None:
    """Everything about one performer."""
    from rich.markup import escape

    entry, card = found.entry, found.entry.card
    console.print(f"[bold]{escape(entry.name)}[/]  {entry.ref.id}@{entry.ref.version}")
    if card:
        console.print(f"{card.description} {card.pronouns}, born {card.born[0]}-{card.born[1]}.", markup=False)
    rows = {"package": str(entry.path), "digest": entry.ref.digest, "size": f"{entry.bytes / 1e6:.1f} MB"}
    if entry.portrait_path:
        rows["portrait"] = str(entry.portrait_path)
    rows["consent"] = found.standing
    if found.consent:
        terms = found.consent.terms
        rows |= {
            "holder": terms.holder,
            "genres": ", ".join(terms.genres.allowed)
            + (f"; not {', '.join(terms.genres.refused)}" if terms.genres.refused else ""),
            "territories": ", ".join(terms.territories),
            "media": ", ".join(terms.media),
            "valid": f"{terms.valid_from[:10]} to {terms.expires[:10]}",
            "training": "permitted" if terms.training else "not permitted",
            "signed by": found.consent.signature.key,
            "notes": terms.notes,
        }
    for name, value in rows.items():
        if value:
            console.print(f"  {name:12} {value}", markup=False)
