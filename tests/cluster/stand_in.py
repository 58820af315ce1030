"""An episode and a crew that stand in for the real ones: a shot is a small file, made as slowly as it is told."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from cluster.crew import Crew
from jobs.episode import Camera, Cue, Episode, PerformerRef, Plate, Project, Role, Scene, Shot
from jobs.errors import BadInput, RightsRefused

FRAMES = 6


def digest_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def episode(*, scenes: int = 2, shots: int = 4, cast: tuple[str, ...] = ("ada", "bo"), id: str = "s01e01") -> Episode:
    """``scenes`` scenes of ``shots`` shots each; the cast takes turns."""
    roles = {
        name: Role(name=name, performer=PerformerRef(id=f"house/{name}", version=1, digest=digest_of(name)))
        for name in cast
    }
    made = []
    for scene in range(scenes):
        takes = []
        for shot in range(shots):
            name = cast[(scene + shot) % len(cast)]
            takes.append(
                Shot(
                    id=f"{id}/s{scene:02}/{shot:04}",
                    first=1,
                    last=FRAMES,
                    camera=Camera(preset="close-up", on=(name,)),
                    cues=(Cue(role=name, direction="calm"),),
                )
            )
        made.append(Scene(id=f"s{scene:02}", plate=Plate(colour=(0, 0, 0)), light="noir", shots=tuple(takes)))
    return Episode(
        id=id,
        title="Stand-in",
        fps=Fraction(24),
        width=64,
        height=36,
        project=Project(id="p", genres=("drama",), territories=("worldwide",), media=("streaming",)),
        cast=roles,
        scenes=tuple(made),
    )


def key(episode: Episode, scene: Scene, shot: Shot) -> str:
    return hashlib.sha256(repr((episode.id, scene.id, shot)).encode()).hexdigest()


@dataclass
class StandIn:
    """A performer that is only its name."""

    digest: str
    bytes: int = 1000


def load(path: Path) -> StandIn:
    return StandIn(digest_of(path.name))


def locate(performer: PerformerRef) -> Path:
    return Path("/performers") / performer.id.split("/")[1]


def permit(_episode: Episode, _shot: Shot) -> None:
    return None


def refuse(_episode: Episode, shot: Shot) -> None:
    raise RightsRefused(f"{shot.id}: no consent")


def shoot(shot, scene, episode, performers, out: Path, *, take_key, threads, on_frame, seconds=0.0):
    """Writes the same bytes for the same key; ``seconds`` for the whole shot."""
    with open(out, "wb") as file:
        for frame in range(shot.frames):
            time.sleep(seconds / shot.frames)
            file.write(f"{take_key} {frame}\n".encode())
            on_frame(frame + 1)
    return {"frames": shot.frames, "seconds": seconds}


def once(marker: Path) -> bool:
    """True for the first caller only, whatever process it is in."""
    try:
        with open(os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY), "w") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    return True


def shoot_and_tell_who(*args, **kwargs):
    return {**shoot(*args, **kwargs, seconds=0.1), "pid": os.getpid()}


def shoot_and_die_once(*args, marker: Path, **kwargs):
    if once(marker):
        os.kill(os.getpid(), signal.SIGKILL)
    return shoot(*args, **kwargs)


def shoot_and_hang_once(*args, marker: Path, **kwargs):
    if once(marker):
        time.sleep(3600)
    return shoot(*args, **kwargs)


def shoot_and_wait_once(*args, marker: Path, seconds: float, **kwargs):
    """Like hanging, but it ends, as a thread cannot be killed."""
    if once(marker):
        time.sleep(seconds)
    return shoot(*args, **kwargs)


def shoot_but_not(shot, *args, bad: str, **kwargs):
    """``bad``: a shot id that cannot be rendered anywhere."""
    if shot.id == bad:
        raise BadInput(f"{shot.id} has a face curve that is not a number")
    return shoot(shot, *args, **kwargs)


def crew(shoot: Callable = shoot, permit: Callable = permit, **kwargs) -> Crew:
    return Crew(key=key, shoot=partial(shoot, **kwargs) if kwargs else shoot, load=load, permit=permit, locate=locate)
