"""Consent records: what a performer agreed to, signed by a key of the trust list.

A record is ``consent.json`` beside the package. Its signature is Ed25519 over ``DOMAIN`` and the canonical JSON of
everything but the signature itself: keys sorted, no spaces, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from jobs.catalogue import PerformerEntry
from jobs.consent_terms import GENRES, MEDIA, TERRITORIES
from jobs.errors import RightsRefused
from jobs.keys import SigningKey, signed_by
from jobs.trust import Trust

FORMAT = 1
DOMAIN = b"greenroom consent 1\n"  # so that no signature under anything else passes for consent
MOST_BYTES = 64 << 10
ANY = "any"  # of genres: all that are not refused


class BadConsent(RightsRefused):
    """There is no consent record that counts: whose, which rule it breaks, and why."""

    def __init__(self, performer: str, clause: str, why: str) -> None:
        self.performer, self.clause, self.why = performer, clause, why
        super().__init__(performer, clause, why)

    def __str__(self) -> str:
        return "the consent record of {0} {2} (clause {1})".format(*self.args)


def _one_of(words: tuple[str, ...]) -> Any:
    def known(value: str) -> str:
        if value not in words:
            raise ValueError(f"{value[:40]!r} is not a known word")
        return value

    return Annotated[str, AfterValidator(known)]


def _in_utc(value: str) -> str:
    parsed = datetime.fromisoformat(value)
    if parsed.utcoffset() is None:
        raise ValueError("a date needs a time zone")
    try:
        parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("the date is out of range") from None
    return value


Moment = Annotated[str, Field(max_length=40), AfterValidator(_in_utc)]  # ISO 8601
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


class GenreTerms(BaseModel):
    """Genres agreed to. A word that stands in both lists is refused."""

    model_config = STRICT
    allowed: list[_one_of((ANY, *GENRES))] = Field(min_length=1)
    refused: list[_one_of(GENRES)] = []


class Terms(BaseModel):
    """What the holder of the rights agreed to."""

    model_config = STRICT
    holder: str = Field(min_length=1, max_length=200)  # who may give consent
    fictional: bool  # the performer portrays nobody who lives or lived
    genres: GenreTerms
    territories: list[_one_of(TERRITORIES)] = Field(min_length=1)
    media: list[_one_of(MEDIA)] = Field(min_length=1)
    valid_from: Moment
    expires: Moment
    training: bool  # whether models may be trained on the performer
    notes: str = Field(default="", max_length=2000)

    @property
    def starts(self) -> datetime:
        return datetime.fromisoformat(self.valid_from)

    @property
    def ends(self) -> datetime:
        return datetime.fromisoformat(self.expires)


class Signature(BaseModel):
    """Who signed, and the signature."""

    model_config = STRICT
    key: str = Field(pattern=r"^[0-9a-f]{16}$")  # id of the key
    ed25519: str = Field(pattern=r"^[0-9a-f]{128}$")


class Consent(BaseModel):
    """A consent record."""

    model_config = STRICT
    greenroom_consent: int = Field(ge=FORMAT, le=FORMAT)
    performer: str  # id: "house/ada"
    version: int = Field(ge=1)
    package_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    terms: Terms
    signature: Signature

    def reference(self) -> str:
        """SHA-256 of the whole record, hex: what reports and provenance name it by."""
        return hashlib.sha256(_canonical(self.model_dump())).hexdigest()


def _canonical(record: dict) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def signed_bytes(record: dict) -> bytes:
    """What the signature of a record is made over."""
    return DOMAIN + _canonical({name: value for name, value in record.items() if name != "signature"})


def sign_consent(entry: PerformerEntry, terms: Terms, key: SigningKey) -> Path:
    """Write the record of ``terms`` for this version of a performer beside its package, and return its path."""
    record: dict[str, Any] = {
        "greenroom_consent": FORMAT,
        "performer": entry.ref.id,
        "version": entry.ref.version,
        "package_sha256": entry.ref.digest,
        "terms": terms.model_dump(),
    }
    record["signature"] = {"key": key.id, "ed25519": key.sign(signed_bytes(record)).hex()}
    text = json.dumps(Consent.model_validate(record).model_dump(), indent=2, ensure_ascii=False) + "\n"
    handle, temporary = tempfile.mkstemp(dir=entry.consent_path.parent, prefix=".consent-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o644)
            file.write(text)
        os.replace(temporary, entry.consent_path)
    except OSError:
        os.unlink(temporary)
        raise
    return entry.consent_path


def verify(entry: PerformerEntry, trust: Trust) -> Consent:
    """The consent record of ``entry``, its signature and digest checked; dates are not. Raises ``BadConsent``."""
    name = f"{entry.ref.id}@{entry.ref.version}"

    def bad(clause: str, why: str) -> BadConsent:
        return BadConsent(name, clause, why)

    try:
        with entry.consent_path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise bad("record", f"is missing: it should be {entry.consent_path}") from None
    except OSError as error:
        raise bad("record", f"cannot be read ({error.strerror})") from None
    if len(data) > MOST_BYTES:
        raise bad("record", f"is larger than {MOST_BYTES >> 10} KiB")
    try:
        record = json.loads(data, object_pairs_hook=_once)
        consent = Consent.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise bad("record", f"is malformed at {where or 'its start'}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise bad("record", f"is not JSON ({str(error).splitlines()[0]})") from None
    keys = [key for key in trust.find(consent.signature.key) if key.covers(consent.performer)]
    if not keys:
        raise bad("signature.key", f"is signed by key {consent.signature.key}, which is not trusted for {name}")
    if not signed_by(keys[0].public, bytes.fromhex(consent.signature.ed25519), signed_bytes(record)):
        raise bad("signature.ed25519", "was changed after it was signed")
    if (consent.performer, consent.version) != (entry.ref.id, entry.ref.version):
        raise bad("performer", f"is for {consent.performer}@{consent.version}")
    if consent.package_sha256 != entry.ref.digest:
        told = f"is for the package {consent.package_sha256[:12]}…, not {entry.ref.digest[:12]}…"
        raise bad("package_sha256", told)
    return consent


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
