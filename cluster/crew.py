"""What the farm is told to work with: how a shot is keyed, allowed, weighed and rendered.

Everything here crosses to Ray's processes, so each member is a function of a module (or a partial of one), and
``locate`` alone stays with the dispatcher.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.host import Permit, Shoot
from actors.residency import Resident
from jobs.episode import Episode, PerformerRef, Scene, Shot


def frames_of(_episode: Episode, _scene: Scene, shot: Shot) -> float:
    """The plainest estimate of a shot's cost: a tenth of a second a frame."""
    return shot.frames * 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    key: Callable[[Episode, Scene, Shot], str]  # the take key, hex
    shoot: Shoot  # actors.shoot.shoot, or one that behaves like it
    load: Callable[[Path], Resident]  # a package file -> a performer
    permit: Permit  # raises RightsRefused; asked again on the host when a shot starts
    locate: Callable[[PerformerRef], Path]  # where a performer's package lies
    cost: Callable[[Episode, Scene, Shot], float] = frames_of  # estimated seconds on one host
