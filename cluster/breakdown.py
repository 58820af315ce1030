"""Scenes into shots: one manifest per shot. Plain functions; ``ray_breakdown`` runs them on many machines."""

from __future__ import annotations

from cluster.crew import Crew
from jobs.episode import Episode, Scene, Shot
from jobs.manifest import Manifest, roles_in


def scene_id(episode: Episode, scene: Scene) -> str:
    """Unique in the ledger: "s01e01/s010"."""
    return scene.id if scene.id.startswith(f"{episode.id}/") else f"{episode.id}/{scene.id}"


def manifest(episode: Episode, scene: Scene, shot: Shot, position: int, crew: Crew) -> Manifest:
    """``position``: of the shot in the episode, from 0."""
    digests = {episode.cast[role].performer.digest for role in roles_in(shot)}
    return Manifest(
        shot_id=shot.id,
        scene_id=scene_id(episode, scene),
        episode_id=episode.id,
        scene_position=episode.scenes.index(scene),
        position=position,
        frames=shot.frames,
        take_key=crew.key(episode, scene, shot),
        performers=tuple(sorted(digests)),
        cost=crew.cost(episode, scene, shot),
    )


def breakdown(episode: Episode, crew: Crew) -> tuple[Manifest, ...]:
    """The manifests of a whole episode in playing order."""
    pairs = [(scene, shot) for scene in episode.scenes for shot in scene.shots]
    return tuple(manifest(episode, scene, shot, place, crew) for place, (scene, shot) in enumerate(pairs))
