"""``greenroom check``: every fault of call sheets, whether they are allowed, and which words of direction are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cluster.production import Production
from jobs import rights
from jobs.call_sheet import read_call_sheet
from jobs.episode import Episode
from jobs.rights import NotConsented
from jobs.sheet_faults import Fault, SheetFaults

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found out about one call sheet."""

    sheet: Path
    episode: Episode | None  # None where there are faults
    faults: tuple[Fault, ...]
    refusals: tuple[rights.Refusal, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return SheetFaults.exit_code if self.faults else NotConsented.exit_code if self.refusals else 0

    def plain(self) -> dict[str, Any]:
        episode = self.episode
        return {
            "sheet": str(self.sheet),
            "episode": episode.id if episode else None,
            "shots": len(episode.shots) if episode else None,
            "frames": episode.frames if episode else None,
            "faults": [asdict(fault) for fault in self.faults],
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "warnings": list(self.warnings),
        }


def check_sheets(sheets: Sequence[Path], production: Production, now: datetime) -> list[Checked]:
    """One answer for each sheet, in order."""
    return [_check(sheet, production, now) for sheet in sheets]


def _check(sheet: Path, production: Production, now: datetime) -> Checked:
    try:
        episode = read_call_sheet(sheet, production.catalogue, now=now)
    except SheetFaults as found:
        return Checked(sheet=sheet, episode=None, faults=found.faults, refusals=(), warnings=())
    refusals: tuple[rights.Refusal, ...] = ()
    try:
        rights.check(episode, production.catalogue, production.trust, now)
    except NotConsented as refused:
        refusals = refused.refusals
    return Checked(sheet=sheet, episode=episode, faults=(), refusals=refusals, warnings=tuple(_not_understood(episode)))


def _not_understood(episode: Episode):
    """Directions with words that the acting does not know: it leaves them out."""
    from actors.perform.direction import understood

    for shot in episode.shots:
        for cue in shot.cues:
            unknown = understood(cue.direction).unknown
            if unknown:
                words = ", ".join(repr(word) for word in unknown)
                yield f"{shot.id}: {cue.role}: the direction {cue.direction!r} is played without {words}"


def print_checked(checked: Sequence[Checked], console: Console, errors: Console) -> None:
    """Faults as compilers print them; good sheets in one line each."""
    for answer in checked:
        for fault in answer.faults:
            errors.print(str(fault), style="red", markup=False)
        for refusal in answer.refusals:
            errors.print(f"{answer.sheet}: {refusal}", style="red", markup=False)
        for warning in answer.warnings:
            errors.print(f"{answer.sheet}: {warning}", style="yellow", markup=False)
        if answer.episode is not None and not answer.refusals:
            episode = answer.episode
            seconds = float(episode.frames / episode.fps)
            console.print(
                f"{answer.sheet}: good: {episode.title}, {len(episode.scenes)} scenes, {len(episode.shots)} shots, "
                f"{episode.frames} frames, {seconds:.1f} s",
                markup=False,
            )
