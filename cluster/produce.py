"""A whole episode: rendered, judged, retaken where it must be, delivered or held. Start reading here."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from actors.judge.figures import failures
from cluster.deliver import Delivery, deliver
from cluster.events import Event, Warned
from cluster.farm import EpisodeResult, render_episode
from cluster.production import Production
from jobs import rights
from jobs.conform import delivering, shot_name
from jobs.episode import Episode
from jobs.errors import HeldByGate

RETAKES = 1  # with another seed each, for a take that the judge does not pass


class ShotsHeld(HeldByGate):
    """Some takes did not pass the gate, nor did their retakes; nothing was delivered."""

    def __init__(self, held: Mapping[str, tuple[str, ...]], folder: str) -> None:
        super().__init__(dict(held), folder)

    def __str__(self) -> str:
        held, folder = self.args
        lines = [f"  {shot}: {'; '.join(whys)}" for shot, whys in held.items()]
        text = f"{len(held)} shots are held for a person to look at, their takes are in {folder}:"
        return "\n".join([text, *lines, "  change their cues, camera or light and render again"])


def produce(
    episode: Episode,
    out: Path,
    production: Production,
    progress: Callable[[Event], None] = lambda event: None,
    cancelled: threading.Event | None = None,
) -> Delivery:
    """Render ``episode`` and deliver it to the folder ``out``; what is in the store is not rendered again.

    Raises ShotsHeld, RightsRefused and whatever ``render_episode`` and ``deliver`` raise. Nothing is half-written:
    repeat the call to go on.
    """
    started = time.monotonic()
    with delivering(out):  # found out now, not after the render
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    rights.check(episode, production.catalogue, production.trust, datetime.now(UTC))
    loads, rendered = 0, set()
    with ExitStack() as ray:  # kept between a take and its retake
        for retakes in range(RETAKES + 1):
            result = render_episode(
                episode,
                settings=production.settings,
                crew=production.crew(),
                progress=progress,
                cancelled=cancelled,
                keep=ray,
            ).complete()
            loads += result.performer_loads
            rendered |= {take.shot_id for take in result.takes if not take.cached}
            held = gate(result)
            if not held or retakes == RETAKES:
                break
            for shot_id, whys in held.items():
                progress(Warned(text=f"{shot_id} is taken again with another seed: {'; '.join(whys)}"))
            episode = reseeded(episode, set(held))
    if held:
        with delivering(out):
            raise ShotsHeld(held, str(_shelve(result, held, out / "held")))
    takes = tuple(replace(take, cached=take.shot_id not in rendered) for take in result.takes)  # also of earlier passes
    shutil.rmtree(out / "held", ignore_errors=True)
    return deliver(episode, replace(result, takes=takes), out, production, started=started, loads=loads)


def gate(result: EpisodeResult) -> dict[str, tuple[str, ...]]:
    """Shots whose takes do not pass, with the reasons."""
    found = {take.shot_id: failures(take.facts["quality"]) for take in result.takes}
    return {shot_id: whys for shot_id, whys in found.items() if whys}


def reseeded(episode: Episode, shot_ids: set[str]) -> Episode:
    """The episode with the next seed for these shots."""
    scenes = tuple(
        replace(
            scene,
            shots=tuple(replace(shot, seed=shot.seed + 1) if shot.id in shot_ids else shot for shot in scene.shots),
        )
        for scene in episode.scenes
    )
    return replace(episode, scenes=scenes)


def _shelve(result: EpisodeResult, held: Mapping[str, tuple[str, ...]], folder: Path) -> Path:
    """Copies of the held takes, to be looked at."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for take in result.takes:
        if take.shot_id in held:
            shutil.copyfile(take.path, folder / f"{shot_name(take.shot_id)}.mp4")
    return folder
