"""The breakdown on Ray Data: scenes are sharded into shots, and each shot's row is worked out where there is room.

Besides its manifest, each row says whether the blob its take key is joined to is sound: it is read and hashed there.
"""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cluster.breakdown import manifest
from cluster.crew import Crew
from jobs.episode import Episode
from jobs.manifest import Manifest
from jobs.store import Blob, FolderStore


@dataclass(frozen=True, slots=True)
class ShotRow:
    manifest: Manifest
    damage: str | None  # of the blob its key is joined to; None: sound, or there is none


def ray_breakdown(
    episode: Episode, crew: Crew, store: FolderStore, cached: Mapping[str, Blob], workers: int
) -> tuple[ShotRow, ...]:
    """The rows of an episode in playing order; ``cached``: take key -> blob."""
    import ray.data

    for name in ("ray.data", "ray.data._internal.execution.streaming_executor"):
        logging.getLogger(name).setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    shots = len(episode.shots)
    scenes = [{"scene": index} for index in range(len(episode.scenes))]
    rows = (
        ray.data.from_items(scenes, override_num_blocks=max(1, min(len(scenes), workers)))
        .flat_map(functools.partial(_shots_of, episode=episode))
        .repartition(target_num_rows_per_block=max(1, math.ceil(shots / (2 * max(workers, 1)))))
        .map(functools.partial(_row, episode=episode, crew=crew, store=store, cached=dict(cached)))
        .take_all()
    )
    return tuple(sorted((_shot_row(row) for row in rows), key=lambda row: row.manifest.position))


def _shots_of(row: dict[str, Any], episode: Episode) -> list[dict[str, Any]]:
    before = sum(len(scene.shots) for scene in episode.scenes[: row["scene"]])
    return [
        {"scene": row["scene"], "shot": index, "position": before + index}
        for index in range(len(episode.scenes[row["scene"]].shots))
    ]


def _row(
    row: dict[str, Any], episode: Episode, crew: Crew, store: FolderStore, cached: Mapping[str, Blob]
) -> dict[str, Any]:
    scene = episode.scenes[row["scene"]]
    found = manifest(episode, scene, scene.shots[row["shot"]], row["position"], crew)
    blob = cached.get(found.take_key)
    damage = store.damage(blob, deep=True) if blob else None
    return {**asdict(found), "performers": list(found.performers), "damage": damage or ""}


def _shot_row(row: Mapping[str, Any]) -> ShotRow:
    values = {name: value for name, value in row.items() if name != "damage"}
    return ShotRow(Manifest(**{**values, "performers": tuple(row["performers"])}), row["damage"] or None)
