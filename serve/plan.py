"""``greenroom plan``: what a render would do, before it does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cluster.farm import plan_episode
from cluster.production import Production
from cluster.slots import cores, divide, memory
from jobs.episode import Episode

if TYPE_CHECKING:
    from rich.console import Console

START_SECONDS = 8.0  # Ray and the hosts, measured on two cores
DELIVER_SECONDS = 5.0  # joining, signing, reporting


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShot:
    """One shot of a plan."""

    id: str
    frames: int
    seconds: float  # of video
    performers: tuple[str, ...]
    take_key: str
    cached: bool
    cost: float  # seconds of work on one host; 0 where the take is in the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One episode's plan."""

    sheet: Path
    episode: str
    title: str
    hosts: int
    shots: tuple[PlannedShot, ...]
    basis: str  # what the costs rest on
    wall_seconds: float

    @property
    def missing(self) -> tuple[PlannedShot, ...]:
        return tuple(shot for shot in self.shots if not shot.cached)

    def plain(self) -> dict[str, Any]:
        return {
            "sheet": str(self.sheet),
            "episode": self.episode,
            "title": self.title,
            "hosts": self.hosts,
            "shots": [
                {name: getattr(shot, name) for name in PlannedShot.__slots__} | {"performers": list(shot.performers)}
                for shot in self.shots
            ],
            "cached_shots": len(self.shots) - len(self.missing),
            "host_seconds": sum(shot.cost for shot in self.missing),
            "wall_seconds": self.wall_seconds,
            "basis": self.basis,
        }


def plan_sheets(episodes: Sequence[tuple[Path, Episode]], production: Production, hosts: int) -> list[Plan]:
    """One plan for each episode, as if each were rendered alone; ``hosts`` 0: those of this machine."""
    if hosts == 0:
        hosts = len(divide(production.settings, cores=cores(), gpus=0, memory=memory()))
    return [_plan(sheet, episode, production, hosts) for sheet, episode in episodes]


def _plan(sheet: Path, episode: Episode, production: Production, hosts: int) -> Plan:
    manifests, takes = plan_episode(episode, settings=production.settings, crew=production.crew())
    names = {role.performer.digest: f"{role.performer.id}@{role.performer.version}" for role in episode.cast.values()}
    shots = tuple(
        PlannedShot(
            id=manifest.shot_id,
            frames=manifest.frames,
            seconds=float(manifest.frames / episode.fps),
            performers=tuple(names[digest] for digest in manifest.performers),
            take_key=manifest.take_key,
            cached=manifest.take_key in takes,
            cost=0.0 if manifest.take_key in takes else manifest.cost,
        )
        for manifest in manifests
    )
    return Plan(
        sheet=sheet,
        episode=episode.id,
        title=episode.title,
        hosts=hosts,
        shots=shots,
        basis="a tenth of a second a frame",
        wall_seconds=_wall_seconds([shot.cost for shot in shots if not shot.cached], hosts),
    )


def _wall_seconds(costs: Sequence[float], hosts: int) -> float:
    """Until the last of ``hosts`` is done, longest shots first, with starting and delivering."""
    if not costs:
        return DELIVER_SECONDS
    busy = [0.0] * hosts
    for cost in sorted(costs, reverse=True):
        busy[busy.index(min(busy))] += cost
    return START_SECONDS + max(busy) + DELIVER_SECONDS


def print_plan(plan: Plan, console: Console) -> None:
    """A table of the shots and when it would be done."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("shot", "frames", "seconds", "performers", "take", "cost", box=None, pad_edge=False)
    for shot in plan.shots:
        state = "[green]in the store[/]" if shot.cached else "to render"
        cost = "" if shot.cached else f"{shot.cost:.1f} s"
        table.add_row(shot.id, str(shot.frames), f"{shot.seconds:.2f}", ", ".join(shot.performers), state, cost)
    console.print(f"[bold]{escape(plan.title)}[/]  {plan.episode}  ({escape(str(plan.sheet))})")
    console.print(table)
    done = datetime.now().astimezone() + timedelta(seconds=plan.wall_seconds)
    work = sum(shot.cost for shot in plan.missing)
    console.print(
        f"{len(plan.missing)} of {len(plan.shots)} shots to render, {work:.0f} s of work on "
        f"{plan.hosts} hosts ({plan.basis}): about {plan.wall_seconds:.0f} s, done at {done:%H:%M:%S} if started now"
    )
