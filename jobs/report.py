"""What a render did, as numbers for programs (report.json) and as a page for people (report.html)."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from jobs.conform import MasterFile, delivering, shot_name
from jobs.contact_sheet import jpeg, timecode
from jobs.episode import Episode, Shot

SCHEMA = 1  # of report.json


class Figure(Protocol):
    """How a figure of the judge is named, defined and gated; actors.judge.figures.Figure is one."""

    name: str
    title: str
    unit: str
    definition: str
    at_most: float | None
    at_least: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotFacts:
    """What is known about the take that a shot was delivered with."""

    shot: Shot
    key: str  # take key, hex
    take: str  # sha256 of the take's file, hex
    attempt: int
    cached: bool
    host: str
    render_seconds: float  # wall time on the host when it was rendered, whenever that was
    stages: Mapping[str, float]  # seconds by stage; some overlap
    quality: Mapping[str, Any]  # by Figure.name; None has its reason in quality["why"][name]
    rights: Mapping[str, Any]  # by role: consent reference and what was checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """One run of the farm that ended in a master."""

    episode: Episode
    master: MasterFile
    shots: Sequence[ShotFacts]
    wall_seconds: float
    performer_loads: int
    engine: str  # version of Greenroom
    made_at: datetime
    provenance: Mapping[str, Any]  # what was signed, by whom; shown as it is
    usage: Mapping[str, Any]  # jobs.usage.usage
    machine: Mapping[str, Any] = field(default_factory=dict)  # what it ran on; shown as it is


def report(render: Render, figures: Sequence[Figure]) -> dict[str, Any]:
    """The content of report.json."""
    episode = render.episode
    seconds = float(render.master.seconds)
    fresh = [facts for facts in render.shots if not facts.cached]
    fresh_seconds = float(sum(facts.shot.frames for facts in fresh) / episode.fps)
    return {
        "schema": SCHEMA,
        "episode": episode.id,
        "title": episode.title,
        "engine": render.engine,
        "made_at": render.made_at.isoformat(),
        "machine": dict(render.machine),
        "resolution": [episode.width, episode.height],
        "frame_rate": str(episode.fps),
        "frames": episode.frames,
        "wall_seconds": round(render.wall_seconds, 3),
        "video_seconds": round(seconds, 6),
        "seconds_per_video_second": round(render.wall_seconds / seconds, 4),
        "rendered_video_seconds": round(fresh_seconds, 6),
        "performer_loads": render.performer_loads,
        "cached_shots": len(render.shots) - len(fresh),
        "master": {"file": "master.mp4", "sha256": render.master.sha256, "bytes": render.master.bytes},
        "provenance": dict(render.provenance),
        "definitions": {
            figure.name: {
                "title": figure.title,
                "unit": figure.unit,
                "definition": figure.definition,
                "at_most": figure.at_most,
                "at_least": figure.at_least,
            }
            for figure in figures
        },
        "shots": [
            {
                "id": facts.shot.id,
                "key": facts.key,
                "frames": facts.shot.frames,
                "seconds": round(float(facts.shot.frames / episode.fps), 6),
                "cached": facts.cached,
                "render_seconds": round(facts.render_seconds, 3),
                "host": facts.host,
                "take": facts.take,
                "attempt": facts.attempt,
                "file": f"shots/{shot_name(facts.shot.id)}.mp4",
                "stages": {name: round(spent, 4) for name, spent in facts.stages.items()},
                "quality": _quality(facts.quality, figures),
                "rights": dict(facts.rights),
            }
            for facts in render.shots
        ],
    }


def write_report(
    render: Render, figures: Sequence[Figure], pictures: Mapping[str, Sequence[np.ndarray]], out: Path
) -> dict[str, Any]:
    """Write report.json and report.html into ``out`` and give the former's content.

    ``pictures`` maps shot ids to their stills [H, W, 3] uint8 sRGB, of which the middle one is the poster.
    """
    said = report(render, figures)
    posters = {shot: jpeg(_middle(stills), 480, 78) for shot, stills in pictures.items()}
    opening = next(
        (jpeg(_middle(pictures[shot.id]), 1280) for shot in render.episode.shots if shot.id in pictures), None
    )
    _write(out / "report.json", json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    _write(out / "report.html", page(render, said, figures, posters, opening))
    return said


def page(
    render: Render,
    said: Mapping[str, Any],
    figures: Sequence[Figure],
    posters: Mapping[str, bytes],
    opening: bytes | None,
) -> str:
    """The report as one HTML page that needs nothing but the films beside it; pictures are JPEGs."""
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["seconds"] = _seconds
    templates.filters["number"] = _number
    templates.filters["plain"] = _plain
    scenes, start, rows = [], 0, iter(said["shots"])
    for scene in render.episode.scenes:
        cards = []
        for shot in scene.shots:
            row = next(rows)
            cards.append(
                {
                    "shot": shot,
                    "row": row,
                    "name": shot.id.split("/")[-1],
                    "timecode": timecode(start, render.episode.fps),
                    "poster": _inline(posters[shot.id]) if shot.id in posters else None,
                    "stages": _stages(row["stages"]),
                    "figures": [_shown(figure, row["quality"]) for figure in figures],
                }
            )
            start += shot.frames
        scenes.append({"scene": scene, "cards": cards})
    spent: dict[str, float] = {}
    for row in said["shots"]:
        if not row["cached"]:
            for stage, time in row["stages"].items():
                spent[stage] = spent.get(stage, 0.0) + time
    return templates.get_template("report.html.j2").render(
        render=render,
        said=said,
        scenes=scenes,
        figures=[
            {"figure": figure, "gate": _gate(figure), "worst": _worst(figure, said["shots"])} for figure in figures
        ],
        stages=_stages(spent),
        poster=_inline(opening) if opening else None,
    )


def _quality(quality: Mapping[str, Any], figures: Sequence[Figure]) -> dict[str, Any]:
    """The judge's figures; one that it left out is null and says so."""
    said = dict(quality)
    why = dict(said.pop("why", {}))
    for figure in figures:
        if said.setdefault(figure.name, None) is None:
            why.setdefault(figure.name, "the judge did not measure it for this take")
    return {**said, "why": why}


def _shown(figure: Figure, quality: Mapping[str, Any]) -> dict[str, Any]:
    value = quality[figure.name]
    return {
        "figure": figure,
        "value": value,
        "why": quality["why"].get(figure.name),
        "passes": None if not isinstance(value, int | float) else not _fails(figure, value),
    }


def _worst(figure: Figure, shots: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The value furthest from the good side, and the shot that has it."""
    found = [
        (shot["quality"][figure.name], shot["id"])
        for shot in shots
        if isinstance(shot["quality"][figure.name], int | float)
    ]
    if not found:
        return {"value": None, "shot": None, "passes": None, "measured": 0}
    value, shot = (min if figure.at_least is not None else max)(found)
    return {"value": value, "shot": shot, "passes": not _fails(figure, value), "measured": len(found)}


def _fails(figure: Figure, value: float) -> bool:
    return (figure.at_most is not None and value > figure.at_most) or (
        figure.at_least is not None and value < figure.at_least
    )


def _gate(figure: Figure) -> str:
    if figure.at_most is not None:
        return f"at most {_number(figure.at_most)} {figure.unit}".strip()
    if figure.at_least is not None:
        return f"at least {_number(figure.at_least)} {figure.unit}".strip()
    return "not gated"


def _stages(stages: Mapping[str, float]) -> list[dict[str, Any]]:
    """Stages as shares of the longest, longest first."""
    longest = max(stages.values(), default=0.0)
    return [
        {"name": name, "seconds": spent, "share": spent / longest if longest > 0 else 0.0}
        for name, spent in sorted(stages.items(), key=lambda stage: -stage[1])
    ]


def _seconds(value: float) -> str:
    """ "1 min 12 s", "3.4 s", "0.08 s"."""
    if value >= 60:
        return f"{int(value // 60)} min {int(value % 60)} s"
    return f"{value:.1f} s" if value >= 1 else f"{value:.2f} s"


def _number(value: float) -> str:
    """At most three significant digits below a thousand."""
    if isinstance(value, bool | str):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _plain(value: Any) -> str:
    """A value as a person would write it: "drama, comedy", "expires: 2030-01-01; training: no"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {_plain(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)


def _middle(stills: Sequence[np.ndarray]) -> np.ndarray:
    return stills[len(stills) // 2]


def _inline(image: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(image).decode()


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with delivering(path):
            partial.write_text(text, encoding="utf-8")
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
