"""Who is seen for how long, and by what right: the statement that performers are paid from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jobs.episode import Episode

DEFINITION = (
    "A performer is on screen in a frame when at least a hundredth of the Gaussians it is made of lies inside the "
    "picture; one who is hidden by another counts too. Seconds are frames divided by the frame rate."
)


def usage(
    episode: Episode,
    visible: Mapping[str, Mapping[str, int] | None],
    consents: Mapping[str, str | None],
    master_sha256: str,
    now: datetime,
    *,
    definition: str = DEFINITION,
) -> dict[str, Any]:
    """What usage.json says: seconds on screen for each performer, per shot and in all.

    ``visible`` maps shot ids to frames in which each role can be seen (None: not counted, and said so);
    ``consents`` maps roles to references of consent records. One performer in two roles is one performer.
    """
    performers: dict[str, dict[str, Any]] = {}
    for name, role in episode.cast.items():
        entry = performers.setdefault(
            f"{role.performer.id}@{role.performer.version}",
            {
                "performer": role.performer.id,
                "version": role.performer.version,
                "digest": role.performer.digest,
                "roles": [],
                "consents": [],
                "frames": 0,
                "seconds": 0.0,
                "shots": [],
            },
        )
        entry["roles"].append(name)
        consent = consents.get(name)
        if consent is not None and consent not in entry["consents"]:
            entry["consents"].append(consent)
    uncounted = [shot.id for shot in episode.shots if visible.get(shot.id) is None]
    for shot in episode.shots:
        for name, frames in (visible.get(shot.id) or {}).items():
            assert 0 <= frames <= shot.frames, (shot.id, name, frames)
            if not frames:
                continue
            performer = episode.cast[name].performer
            entry = performers[f"{performer.id}@{performer.version}"]
            seconds = round(float(frames / episode.fps), 3)
            entry["shots"].append({"shot": shot.id, "role": name, "frames": frames, "seconds": seconds})
            entry["frames"] += frames
    for entry in performers.values():
        entry["seconds"] = round(float(entry["frames"] / episode.fps), 3)
        if uncounted:
            entry["frames"] = entry["seconds"] = None
            entry["why"] = f"visibility was not counted in {', '.join(uncounted)}"
    return {
        "episode": episode.id,
        "title": episode.title,
        "project": episode.project.id,
        "territories": list(episode.project.territories),
        "media": list(episode.project.media),
        "master_sha256": master_sha256,
        "made_at": now.isoformat(),
        "frame_rate": str(episode.fps),
        "definition": definition,
        "performers": list(performers.values()),
    }
