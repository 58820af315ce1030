"""Whose signature under a consent record counts, and for which performers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.errors import FarmError
from jobs.keys import key_id

SHIPPED = Path(__file__).parent


class BadTrustList(FarmError):
    """A file of the trust list cannot be used."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "trust list {} {}: mend it, or take it out".format(*self.args)


class TrustedKey(BaseModel):
    """A public key and what it may sign for."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(min_length=1, max_length=200)  # whose key it is
    ed25519: str = Field(pattern=r"^[0-9a-f]{64}$")  # 32 bytes
    performers: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}/([a-z0-9_-]{1,64})?$")  # an id, or "house/" for all

    @property
    def public(self) -> bytes:
        return bytes.fromhex(self.ed25519)

    @property
    def id(self) -> str:
        return key_id(self.public)

    def covers(self, performer: str) -> bool:
        """Whether it may sign for the performer of this id."""
        return performer.startswith(self.performers) if self.performers.endswith("/") else performer == self.performers


class TrustFile(BaseModel):
    """One file of the trust list."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    greenroom_trust: int = Field(ge=1, le=1)  # version of this format
    keys: list[TrustedKey]


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that count."""

    keys: tuple[TrustedKey, ...]

    def find(self, key: str) -> tuple[TrustedKey, ...]:
        """The entries of the key with this id: one for every range of performers it may sign for."""
        return tuple(entry for entry in self.keys if entry.id == key)


def load_trust(home: Path | None = None, shipped: Path = SHIPPED) -> Trust:
    """The keys that ship with Greenroom and those in ``<home>/trust/*.json``. Raises ``BadTrustList``."""
    folders = [shipped] if home is None else [shipped, home / "trust"]
    return Trust(tuple(key for folder in folders for path in sorted(folder.glob("*.json")) for key in _read(path)))


def _read(path: Path) -> list[TrustedKey]:
    try:
        return TrustFile.model_validate(json.loads(path.read_bytes()[: 1 << 20])).keys
    except OSError as error:
        raise BadTrustList(str(path), f"cannot be read ({error.strerror})") from None
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadTrustList(str(path), f"is not one ({str(error).splitlines()[0]})") from None


def write_trust(path: Path, keys: list[TrustedKey]) -> None:
    """Write one file of the trust list."""
    text = TrustFile(greenroom_trust=1, keys=keys).model_dump_json(indent=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
