import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from jobs.conform import MasterFile
from jobs.episode import Camera, Cue, Episode, PerformerRef, Plate, Project, Role, Scene, Shot
from jobs.report import Render, ShotFacts, report, write_report
from jobs.usage import usage

NOW = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Figure:
    name: str
    title: str
    definition: str
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None


FIGURES = (
    Figure("identity_distance", "identity distance", "L2 distance <of> descriptors", at_most=0.45),
    Figure("lip_gap", "lips at M, B, P", "largest gap in mm", "mm", at_most=0.8),
    Figure("face_rate", "faces found", "share of faces found", at_least=0.98),
)


def render(title: str = "The Plant", distances: Iterable[float | None] = (0.2, 0.3)) -> Render:
    shots = tuple(
        Shot(
            id=f"e/s010/{n:04d}",
            first=1,
            last=48,
            camera=Camera(preset="close-up", on=("ada",)),
            cues=(Cue(role="ada", direction="quietly & <slowly>"),),
        )
        for n in range(2)
    )
    ref = PerformerRef(id="house/ada", version=1, digest="d" * 64)
    episode = Episode(
        id="e",
        title=title,
        fps=Fraction(24),
        width=320,
        height=180,
        project=Project(id="p", genres=(), territories=(), media=()),
        cast={"ada": Role(name="ada", performer=ref)},
        scenes=(Scene(id="s010", plate=Plate(splats="loft"), light="noir", shots=shots),),
    )
    facts = [
        ShotFacts(
            shot=shot,
            key="a" * 64,
            take="b" * 64,
            attempt=0,
            cached=n == 1,
            host="host-0",
            render_seconds=3.0 + n,
            stages={"raster": 2.0, "encode": 0.5},
            quality={
                "identity_distance": distance,
                "lip_gap": None,
                "nearest_other": "house/bo",
                "why": {"lip_gap": "nobody says M, B or P"} | ({} if distance else {"identity_distance": "no face"}),
            },
            rights={"ada": {"consent": "consent-1", "genres": ["drama", "comedy"], "training": False}},
        )
        for n, (shot, distance) in enumerate(zip(shots, distances, strict=True))
    ]
    master = MasterFile(
        episode="e",
        title=title,
        sha256="c" * 64,
        bytes=1000,
        width=320,
        height=180,
        fps=Fraction(24),
        frames=96,
        shots=(),
    )
    counted = usage(episode, {shot.id: {"ada": 48} for shot in shots}, {"ada": "consent-1"}, "c" * 64, NOW)
    return Render(
        episode=episode,
        master=master,
        shots=facts,
        wall_seconds=6.0,
        performer_loads=1,
        engine="0.1.0",
        made_at=NOW,
        provenance={"signer": "Greenroom"},
        usage=counted,
        machine={"cores": 2},
    )


PICTURES = {f"e/s010/{n:04d}": [np.full((180, 320, 3), 80 * n, np.uint8)] * 3 for n in range(2)}


class Outline(HTMLParser):
    """Every start tag with its attributes, and the text outside style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)


def page(made: Render, out: Path) -> Outline:
    write_report(made, FIGURES, PICTURES, out)
    outline = Outline((out / "report.html").read_text(encoding="utf-8"))
    assert outline.open == []
    return outline


def test_the_numbers_are_those_of_the_agreed_schema() -> None:
    said = report(render(), FIGURES)
    assert (said["episode"], said["wall_seconds"], said["video_seconds"], said["performer_loads"]) == ("e", 6.0, 4.0, 1)
    assert said["seconds_per_video_second"] == 1.5
    assert (said["cached_shots"], said["rendered_video_seconds"]) == (1, 2.0)
    shot = said["shots"][0]
    assert {"id", "key", "frames", "cached", "render_seconds", "host", "take", "quality", "rights"} <= shot.keys()
    assert (shot["id"], shot["frames"], shot["cached"], shot["file"]) == (
        "e/s010/0000",
        48,
        False,
        "shots/s010.0000.mp4",
    )


def test_figures_that_were_not_computed_are_null_with_a_why() -> None:
    quality = report(render(), FIGURES)["shots"][0]["quality"]
    assert quality["lip_gap"] is None and quality["why"]["lip_gap"] == "nobody says M, B or P"
    assert quality["face_rate"] is None and "did not measure" in quality["why"]["face_rate"]
    assert "identity_distance" not in quality["why"] and quality["nearest_other"] == "house/bo"


def test_each_figure_carries_its_definition(tmp_path: Path) -> None:
    made = render()
    assert report(made, FIGURES)["definitions"]["lip_gap"]["definition"] == "largest gap in mm"
    text = " ".join(page(made, tmp_path).said)
    for figure in FIGURES:
        assert figure.definition in text


def test_the_page_needs_nothing_from_elsewhere_and_plays_what_lies_beside_it(tmp_path: Path) -> None:
    outline = page(render(), tmp_path)
    links = [v for _, attrs in outline.tags for k, v in attrs.items() if k in ("src", "href", "poster")]
    assert {"master.mp4", "shots/s010.0000.mp4", "shots/s010.0001.mp4", "usage.json"} <= set(links)
    assert all(re.match(r"(#|data:image/jpeg;base64,|[a-z_0-9./]+\.(mp4|json|jpg)$)", link) for link in links)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http://" not in html and "https://" not in html and "@import" not in html and "<script" not in html


def test_every_player_has_a_name_and_the_page_a_language_and_one_heading(tmp_path: Path) -> None:
    outline = page(render(), tmp_path)
    assert all(attrs.get("aria-label") for tag, attrs in outline.tags if tag == "video")
    assert [attrs["lang"] for tag, attrs in outline.tags if tag == "html"] == ["en"]
    assert [tag for tag, _ in outline.tags].count("h1") == 1
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_words_from_the_call_sheet_are_shown_and_not_executed(tmp_path: Path) -> None:
    outline = page(render(title='<script>alert("x")</script>'), tmp_path)
    assert "script" not in [tag for tag, _ in outline.tags]
    assert "quietly & <slowly>" in "".join(outline.said)


def test_a_figure_out_of_bounds_is_said_to_be(tmp_path: Path) -> None:
    assert "out of bounds" not in "".join(page(render(), tmp_path).said)
    assert "out of bounds" in "".join(page(render(distances=(0.2, 0.6)), tmp_path).said)


def test_a_missing_figure_is_shown_with_its_reason(tmp_path: Path) -> None:
    text = "".join(page(render(distances=(None, None)), tmp_path).said)
    assert "not measured" in text and "no face" in text


def test_rights_are_written_as_a_person_would(tmp_path: Path) -> None:
    assert "consent: consent-1; genres: drama, comedy; training: no" in "".join(page(render(), tmp_path).said)


def test_a_fully_cached_episode_has_a_report_too(tmp_path: Path) -> None:
    made = render()
    cached = replace(made, shots=[replace(facts, cached=True) for facts in made.shots])
    assert "2 of 2" in "".join(page(cached, tmp_path).said)
    assert report(cached, FIGURES)["rendered_video_seconds"] == 0


def test_json_on_disk_is_what_was_returned_and_holds_no_nan(tmp_path: Path) -> None:
    said = write_report(render(), FIGURES, PICTURES, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_report(render(distances=(float("nan"), 0.2)), FIGURES, PICTURES, tmp_path)
