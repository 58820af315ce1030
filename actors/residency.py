"""Performers kept loaded, up to a budget of bytes; those in use are pinned."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from jobs.episode import PerformerRef
from jobs.errors import FarmError


class Resident(Protocol):
    """What residency asks of a loaded performer."""

    digest: str  # sha256 hex of its package
    bytes: int  # memory it takes


class PerformerChanged(FarmError):
    """A package file is not the one the episode was pinned to."""

    def __init__(self, performer: str, path: str, found: str, wanted: str) -> None:
        super().__init__(performer, path, found, wanted)

    def __str__(self) -> str:
        return (
            "the package of {} at {} has digest {:.12}, but the episode was submitted with {:.12}: put the original "
            "package back, or submit the episode again to use the new one"
        ).format(*self.args)


class CastTooLarge(FarmError):
    """The performers of one shot do not fit the host's memory budget together."""

    def __init__(self, needed: int, budget: int) -> None:
        super().__init__(needed, budget)

    def __str__(self) -> str:
        needed, budget = self.args
        return (
            f"the performers of this shot need {needed / 1e6:.0f} MB, but a host may use {budget / 1e6:.0f} MB: "
            "raise GREENROOM_RAM_BUDGET or run fewer hosts (GREENROOM_HOSTS)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidencyFacts:
    """What a host did to have its performers there."""

    loads: int = 0
    hits: int = 0  # asked for and already loaded
    evictions: int = 0
    load_seconds: float = 0.0
    bytes: int = 0  # loaded now
    resident: tuple[tuple[str, int], ...] = ()  # (digest, bytes), least recently used first


class Residency:
    """A least-recently-used cache of performers, counted in bytes."""

    def __init__(self, load: Callable[[Path], Resident], budget: int) -> None:
        self._load = load
        self._budget = budget  # bytes
        self._loaded: OrderedDict[str, Resident] = OrderedDict()  # least recently used first
        self._pins: Counter[str] = Counter()
        self._facts = ResidencyFacts()

    @contextlib.contextmanager
    def hold(self, performer: PerformerRef, package: Path) -> Iterator[Resident]:
        """The performer, loaded if need be and pinned until the block ends.

        Its size is known only once it is loaded, so the budget is exceeded for the moment of loading. Raises
        PerformerChanged and CastTooLarge.
        """
        digest = performer.digest
        if digest in self._loaded:
            self._loaded.move_to_end(digest)
            self._facts = replace(self._facts, hits=self._facts.hits + 1)
        else:
            self._fetch(performer, package)
        self._pins[digest] += 1
        try:
            self._shrink()
            yield self._loaded[digest]
        finally:
            self._pins[digest] -= 1
            if not self._pins[digest]:
                del self._pins[digest]

    @property
    def facts(self) -> ResidencyFacts:
        loaded = tuple((digest, performer.bytes) for digest, performer in list(self._loaded.items()))
        return replace(self._facts, bytes=sum(size for _, size in loaded), resident=loaded)

    def _fetch(self, performer: PerformerRef, package: Path) -> None:
        started = time.perf_counter()
        loaded = self._load(package)
        if loaded.digest != performer.digest:
            raise PerformerChanged(performer.id, str(package), loaded.digest, performer.digest)
        self._loaded[performer.digest] = loaded
        seconds = self._facts.load_seconds + time.perf_counter() - started
        self._facts = replace(self._facts, loads=self._facts.loads + 1, load_seconds=seconds)

    def _shrink(self) -> None:
        size = sum(performer.bytes for performer in self._loaded.values())
        for digest in [digest for digest in self._loaded if digest not in self._pins]:
            if size <= self._budget:
                return
            size -= self._loaded.pop(digest).bytes
            self._facts = replace(self._facts, evictions=self._facts.evictions + 1)
        if size > self._budget:
            raise CastTooLarge(size, self._budget)
