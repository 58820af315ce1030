"""The performers at hand: which versions there are, where their packages lie, and what their cards say.

A folder holds ``<name>/<version>/performer.safetensors`` with ``consent.json``, ``portrait.jpg`` and ``card.json``
beside it; the name of the folder is the first half of the performer's id: ``house/ada``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.episode import PerformerRef
from jobs.errors import BadInput, FarmError
from jobs.nearest import did_you_mean, nearest, shown

PACKAGE, CONSENT, PORTRAIT, CARD = "performer.safetensors", "consent.json", "portrait.jpg", "card.json"
REFERENCE = re.compile(r"([a-z0-9][a-z0-9_-]{0,63}/[a-z0-9][a-z0-9_-]{0,63})(?:@([1-9][0-9]{0,8}))?\Z")
VERSION = re.compile(r"[1-9][0-9]{0,8}\Z")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")


class UnknownPerformer(BadInput):
    """No performer of that name, or not in that version."""

    def __init__(self, wanted: str, what: str, hint: str) -> None:
        self.wanted, self.what, self.hint = wanted, what, hint
        super().__init__(wanted, what, hint)

    def __str__(self) -> str:
        return f"{self.what}: {self.hint}" if self.hint else self.what


class BadPackage(FarmError):
    """A performer's files cannot be read."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{} {}: put the performer's folder back as it was delivered".format(*self.args)


class Card(BaseModel):
    """What a performer's ``card.json`` tells a person who casts."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(min_length=1, max_length=100)
    description: str = Field(max_length=500)
    pronouns: str = Field(max_length=40)
    born: tuple[int, int] = Field(strict=False)  # years, from and to: how old they are played
    fictional: bool  # nobody living is portrayed


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerEntry:
    """One version of one performer, and where its files are."""

    ref: PerformerRef
    path: Path  # of the package
    bytes: int  # of the package
    consent_path: Path  # whether it is there is for jobs.rights to say
    portrait_path: Path | None
    card: Card | None

    @property
    def name(self) -> str:
        """The name to show: the card's, or else the last part of the id."""
        return self.card.name if self.card else self.ref.id.partition("/")[2]


def house_folder() -> Path:
    """Where the performers that ship with Greenroom lie."""
    found = importlib.util.find_spec("actors")  # found, not imported: it pulls in numba
    if found is None or not found.submodule_search_locations:
        raise BadPackage("actors", "is not installed")
    return Path(found.submodule_search_locations[0]) / "house"


class Catalogue:
    """Every performer below some folders. Digests are remembered until a package changes."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(Path(folder) for folder in folders)
        self._digests: dict[Path, tuple[int, int, str]] = {}  # package -> size, mtime in ns, sha256

    def versions(self) -> dict[str, tuple[int, ...]]:
        """Ids and the versions of each, oldest first."""
        found: dict[str, set[int]] = {}
        for performer, version, _ in self._packages():
            found.setdefault(performer, set()).add(version)
        return {performer: tuple(sorted(versions)) for performer, versions in sorted(found.items())}

    def find(self, wanted: str) -> PerformerEntry:
        """The entry of "house/ada@1", or of the latest version when none is given. Raises ``UnknownPerformer``."""
        match = REFERENCE.match(wanted)
        if match is None:
            hint = self._nearest(wanted.rpartition("@")[0] or wanted) or "write it like house/ada or house/ada@1"
            raise UnknownPerformer(wanted, f"{shown(wanted)} does not name a performer", hint)
        performer, version = match[1], int(match[2]) if match[2] else None
        there = {number: path for found, number, path in self._packages() if found == performer}
        if not there:
            raise UnknownPerformer(wanted, f"unknown performer {performer!r}", self._nearest(performer))
        if version is None:
            version = max(there)
        if version not in there:
            hint = "there is " + ", ".join(f"{performer}@{number}" for number in sorted(there))
            raise UnknownPerformer(wanted, f"performer {performer!r} has no version {version}", hint)
        return self._entry(performer, version, there[version])

    def entries(self) -> tuple[PerformerEntry, ...]:
        """Every version of every performer, by id and version."""
        found = {(performer, version): path for performer, version, path in self._packages()}
        return tuple(self._entry(performer, version, found[performer, version]) for performer, version in sorted(found))

    def _nearest(self, performer: str) -> str:
        """A hint. Last parts are compared: the first, "house/", would make all of them look alike."""
        known = self.versions()
        if not known:
            return f"there are no performers in {', '.join(str(folder) for folder in self._folders) or 'no folder'}"
        by_name = {identity.rpartition("/")[2]: identity for identity in known}
        found = nearest(performer.rpartition("/")[2], by_name)
        return f"did you mean {by_name[found]!r}?" if found else did_you_mean("", known)

    def _packages(self) -> Iterator[tuple[str, int, Path]]:
        """Id, version and package path of all there are; the first folder wins where two hold the same."""
        seen = set()
        for folder in self._folders:
            for package in sorted(folder.glob(f"*/*/{PACKAGE}")):
                name, version = package.parts[-3], package.parts[-2]
                if not (NAME.match(name) and VERSION.match(version) and package.is_file()):
                    continue
                key = (f"{folder.name}/{name}", int(version))
                if key not in seen:
                    seen.add(key)
                    yield (*key, package)

    def _entry(self, performer: str, version: int, package: Path) -> PerformerEntry:
        folder = package.parent
        digest, size = self._digest(package)
        portrait = folder / PORTRAIT
        return PerformerEntry(
            ref=PerformerRef(id=performer, version=version, digest=digest),
            path=package,
            bytes=size,
            consent_path=folder / CONSENT,
            portrait_path=portrait if portrait.is_file() else None,
            card=_read_card(folder / CARD),
        )

    def _digest(self, package: Path) -> tuple[str, int]:
        try:
            with package.open("rb") as file:
                facts = os.fstat(file.fileno())
                size, changed, digest = self._digests.get(package, (-1, -1, ""))
                if (size, changed) != (facts.st_size, facts.st_mtime_ns):
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    self._digests[package] = (facts.st_size, facts.st_mtime_ns, digest)
        except OSError as error:
            raise BadPackage(str(package), f"cannot be read ({error.strerror})") from None
        return digest, facts.st_size


def _read_card(path: Path) -> Card | None:
    try:
        return Card.model_validate(json.loads(path.read_bytes()[: 64 << 10]))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadPackage(str(path), f"cannot be read ({error.strerror})") from None
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadPackage(str(path), f"is not a performer's card ({str(error).splitlines()[0]})") from None
