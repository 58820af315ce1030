"""One row per shot: what the breakdown of an episode says and the ledger keeps."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.episode import Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What dispatch and ledger must know of a shot, without the shot itself."""

    shot_id: str  # "s01e01/s010/0010"
    scene_id: str  # "s01e01/s010"
    episode_id: str
    scene_position: int  # in the episode, from 0
    position: int  # of the shot in the episode, from 0
    frames: int
    take_key: str  # sha256 hex over everything that can change a pixel
    performers: tuple[str, ...]  # package digests, sorted
    cost: float  # estimated seconds of work on one host


def roles_in(shot: Shot) -> tuple[str, ...]:
    """Every role whose performer a shot needs: cued, framed, or over whose shoulder it looks; sorted."""
    roles = {cue.role for cue in shot.cues} | set(shot.camera.on)
    if shot.camera.over is not None:
        roles.add(shot.camera.over)
    return tuple(sorted(roles))
