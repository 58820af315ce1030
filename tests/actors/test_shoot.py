"""A real shot in a small picture: house performers, lights, rasteriser, judge and encoder together."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.body.performer import Performer
from actors.shoot import REST, _in_view, _share_inside, rehearse, shoot
from actors.watermark import Watermark
from jobs.catalogue import Catalogue, house_folder
from jobs.episode import Camera, Cue, Episode, Mark, Move, Plate, Project, Role, Scene, Shot

KEY = "5f" * 32
CATALOGUE = Catalogue((house_folder(),))


@pytest.fixture(scope="module")
def performers() -> dict[str, Performer]:
    return {name: Performer.load(CATALOGUE.find(f"house/{name}").path) for name in ("ada", "kofi")}


def episode(shot: Shot, *, width: int = 320, height: int = 180) -> Episode:
    marks = {"ada": Mark(x=-0.6, z=0.0, heading=60.0), "kofi": Mark(x=0.6, z=0.0, heading=-60.0)}
    plate = Plate(colour=(0.2, 0.25, 0.3))
    scene = Scene(id="s010", plate=plate, light="studio-soft", marks=marks, shots=(shot,))
    cast = {name: Role(name=name, performer=CATALOGUE.find(f"house/{name}").ref) for name in ("ada", "kofi")}
    project = Project(id="t", genres=("drama",), territories=("worldwide",), media=("streaming",))
    return Episode(
        id="e", title="E", fps=Fraction(24), width=width, height=height, project=project, cast=cast, scenes=(scene,)
    )


def close_up(frames: int = 4, **changes) -> Shot:
    cues = (Cue(role="ada", direction="joyful", look_at="camera"), Cue(role="kofi", direction="sad", look_at="ada"))
    shot = Shot(
        id="e/s010/0010", first=0, last=frames - 1, camera=Camera(preset="close-up", on=("ada",), lens=85.0), cues=cues
    )
    return replace(shot, **changes)


def shot_of(made: Episode, performers, out: Path, **options):
    shot, scene = made.shots[0], made.scenes[0]
    watermark = Watermark(b"k" * 32)
    return shoot(shot, scene, made, performers, out, take_key=KEY, watermark=watermark, **options)


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def test_a_take_has_exactly_its_frames_and_tells_what_it_took(performers, tmp_path: Path) -> None:
    done = []
    facts = shot_of(episode(close_up()), performers, tmp_path / "take.mp4", on_frame=done.append, galleries={})
    assert len(frames_of(tmp_path / "take.mp4")) == facts.frames == 4 and done == [1, 2, 3, 4]
    assert {"perform", "pose", "shade", "raster", "finish", "encode", "judge"} <= set(facts.stages)
    assert facts.frames_on_screen == {"ada": 4, "kofi": 0}
    assert facts.quality["frames_sampled"] == 1


def test_the_same_shot_is_the_same_bytes_on_any_number_of_threads(performers, tmp_path: Path) -> None:
    made = episode(close_up())
    for threads in (1, 2):
        shot_of(made, performers, tmp_path / f"{threads}.mp4", threads=threads)
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


def test_a_stopped_shot_leaves_nothing_behind(performers, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shot_of(episode(close_up()), performers, tmp_path / "take.mp4", on_frame=stop)
    assert list(tmp_path.iterdir()) == []


def test_another_direction_is_another_face(performers) -> None:
    made = episode(close_up(frames=24))
    sad = (Cue(role="ada", direction="deeply sad", look_at="camera"),)
    other = episode(close_up(frames=24, cues=sad))
    joy, _, _ = rehearse(made.shots[0], made.scenes[0], made, performers)
    grief, _, _ = rehearse(other.shots[0], other.scenes[0], other, performers)
    assert np.abs(joy["ada"].shapes.mean(0) - grief["ada"].shapes.mean(0)).max() > 0.2


def test_who_is_beside_the_picture_is_not_drawn(performers) -> None:
    made = episode(close_up())
    _, lenses, staging = rehearse(made.shots[0], made.scenes[0], made, performers)
    landmarks = {role: performers[role].landmarks(*REST[:3], staging.root(role)) for role in ("ada", "kofi")}
    assert _in_view(landmarks["ada"], lenses[0])
    means = performers["kofi"].posed(*REST[:3], staging.root("kofi")).means
    assert _share_inside(means, lenses[0]) == 0.0


def test_a_two_shot_with_a_move_shows_both_all_along(performers, tmp_path: Path) -> None:
    camera = Camera(preset="two-shot", on=("ada", "kofi"), move=Move(orbit=-30.0, dolly=0.1))
    made = episode(close_up(frames=6, camera=camera))
    facts = shot_of(made, performers, tmp_path / "take.mp4")
    assert facts.frames_on_screen == {"ada": 6, "kofi": 6}
    first, *_, last = frames_of(tmp_path / "take.mp4")
    assert np.abs(first.astype(int) - last).mean() > 3.0


def test_performers_stand_out_from_the_plate_and_nothing_is_blown_out(performers, tmp_path: Path) -> None:
    shot_of(episode(close_up(frames=1)), performers, tmp_path / "take.mp4")
    (picture,) = frames_of(tmp_path / "take.mp4")
    middle = picture[60:120, 120:200].reshape(-1, 3).mean(0)  # her face: warmer than the plate
    assert middle[0] > middle[2] + 15
    assert (picture.min(axis=2) > 250).mean() < 0.01
