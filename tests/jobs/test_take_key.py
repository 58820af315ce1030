import os
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest

from jobs import episode as nouns
from jobs.episode import Camera, Cue, Episode, Line, Mark, Media, Move, PerformerRef, Plate, Project, Role, Scene, Shot
from jobs.take_key import NOT_PIXELS, PIXELS, plain, roles_on_stage, take_key
from tests.jobs.sheet_example import changed, make_episode, make_house, read

DECIDED = [noun for noun in vars(nouns).values() if is_dataclass(noun) and noun is not Project]


def media(digit: str) -> Media:
    return Media(path=Path(f"/a/{digit}.bin"), sha256=digit * 64)


def person(name: str, digit: str) -> Role:
    return Role(name=name, performer=PerformerRef(id=f"house/{name}", version=1, digest=digit * 64))


ADA = Cue(role="ada", line=Line(audio=media("1"), text="Hello.", at=0.5, seconds=1.0), direction="sad", look_at="bo")
BO = Cue(role="bo", face=media("2"), mocap=media("3"))
SHOT = Shot(
    id="e/s1/1",
    first=0,
    last=47,
    camera=Camera(preset="over-the-shoulder", on=("ada",), over="bo", lens=55.0, move=Move(dolly=0.1)),
    cues=(ADA, BO),
)
OTHER = Shot(id="e/s1/2", first=0, last=9, camera=Camera(preset="close-up", on=("cy",)), cues=(Cue(role="cy"),))
SCENE = Scene(
    id="e/s1",
    plate=Plate(image=media("4")),
    light="noir",
    exposure=0.5,
    marks={"ada": Mark(x=-0.4, z=0.0, heading=80.0), "cy": Mark(x=2.0, z=0.0, heading=0.0)},
    shots=(SHOT, OTHER),
)
EPISODE = Episode(
    id="e",
    title="E",
    fps=Fraction(24),
    width=640,
    height=360,
    project=Project(id="p", genres=("drama",), territories=("worldwide",), media=("web",)),
    cast={"ada": person("ada", "a"), "bo": person("bo", "b"), "cy": person("cy", "c")},
    scenes=(SCENE,),
)
SETTINGS = {"encoder": {"codec": "h264", "crf": 18}, "engine": "7", "watermark": "k1"}


def key(episode: Episode = EPISODE, scene: Scene = SCENE, shot: Shot = SHOT, **settings) -> str:
    return take_key(episode, scene, shot, **{**SETTINGS, **settings})


def with_shot(**changes) -> dict:
    shot = replace(SHOT, **changes)
    return {"shot": shot, "scene": replace(SCENE, shots=(shot, OTHER))}


def with_cue(**changes) -> dict:
    return with_shot(cues=(replace(ADA, **changes), BO))


def with_line(**changes) -> dict:
    return with_cue(line=replace(ADA.line, **changes))


def with_camera(**changes) -> dict:
    return with_shot(camera=replace(SHOT.camera, **changes))


def with_move(**changes) -> dict:
    return with_camera(move=replace(SHOT.camera.move, **changes))


def with_scene(**changes) -> dict:
    return {"scene": replace(SCENE, **changes)}


def with_mark(**changes) -> dict:
    return with_scene(marks={**SCENE.marks, "ada": replace(SCENE.marks["ada"], **changes)})


def with_episode(**changes) -> dict:
    return {"episode": replace(EPISODE, **changes)}


def with_performer(**changes) -> dict:
    role = EPISODE.cast["ada"]
    return with_episode(cast={**EPISODE.cast, "ada": replace(role, performer=replace(role.performer, **changes))})


CHANGES: dict[tuple[type, str], dict] = {  # one change of every field of every noun
    (Media, "path"): with_line(audio=Media(path=Path("/elsewhere.wav"), sha256="1" * 64)),
    (Media, "sha256"): with_line(audio=Media(path=Path("/a/1.bin"), sha256="9" * 64)),
    (PerformerRef, "id"): with_performer(id="guests/ada"),
    (PerformerRef, "version"): with_performer(version=2),
    (PerformerRef, "digest"): with_performer(digest="9" * 64),
    (Role, "name"): with_episode(cast={**EPISODE.cast, "ada": replace(EPISODE.cast["ada"], name="Ada")}),
    (Role, "performer"): with_performer(digest="8" * 64),
    (Line, "audio"): with_line(audio=media("8")),
    (Line, "text"): with_line(text=None),
    (Line, "at"): with_line(at=0.51),
    (Line, "seconds"): with_line(seconds=1.1),
    (Cue, "role"): with_shot(cues=(ADA, replace(BO, role="cy"))),
    (Cue, "line"): with_cue(line=None),
    (Cue, "direction"): with_cue(direction="glad"),
    (Cue, "look_at"): with_cue(look_at=None),
    (Cue, "face"): with_cue(face=media("8")),
    (Cue, "mocap"): with_cue(mocap=media("8")),
    (Move, "dolly"): with_move(dolly=0.2),
    (Move, "orbit"): with_move(orbit=1.0),
    (Move, "pedestal"): with_move(pedestal=1.0),
    (Camera, "preset"): with_camera(preset="close-up"),
    (Camera, "on"): with_camera(on=("bo",)),
    (Camera, "over"): with_camera(over=None),
    (Camera, "lens"): with_camera(lens=56.0),
    (Camera, "move"): with_camera(move=Move()),
    (Plate, "image"): with_scene(plate=Plate(image=media("8"))),
    (Plate, "video"): with_scene(plate=Plate(video=media("4"))),
    (Plate, "splats"): with_scene(plate=Plate(splats="diner")),
    (Plate, "colour"): with_scene(plate=Plate(colour=(0.0, 0.0, 0.0))),
    (Mark, "x"): with_mark(x=-0.5),
    (Mark, "z"): with_mark(z=0.1),
    (Mark, "heading"): with_mark(heading=81.0),
    (Shot, "id"): with_shot(id="other/s9/7"),
    (Shot, "first"): with_shot(first=1),
    (Shot, "last"): with_shot(last=48),
    (Shot, "camera"): with_camera(lens=57.0),
    (Shot, "cues"): with_shot(cues=(BO, ADA)),
    (Shot, "look"): with_shot(look="refined"),
    (Shot, "seed"): with_shot(seed=1),
    (Scene, "id"): with_scene(id="e/s9"),
    (Scene, "plate"): with_scene(plate=Plate(splats="loft")),
    (Scene, "light"): with_scene(light="overcast"),
    (Scene, "exposure"): with_scene(exposure=0.6),
    (Scene, "marks"): with_scene(marks={**SCENE.marks, "bo": Mark(x=0.4, z=0.0, heading=0.0)}),
    (Scene, "shots"): with_scene(shots=(SHOT,)),
    (Episode, "id"): with_episode(id="f"),
    (Episode, "title"): with_episode(title="F"),
    (Episode, "fps"): with_episode(fps=Fraction(25)),
    (Episode, "width"): with_episode(width=642),
    (Episode, "height"): with_episode(height=362),
    (Episode, "project"): with_episode(project=replace(EPISODE.project, genres=("comedy",))),
    (Episode, "cast"): with_episode(cast={**EPISODE.cast, "ada": person("ada", "7")}),
    (Episode, "scenes"): with_episode(scenes=(SCENE, SCENE)),
    (Episode, "deadline"): with_episode(deadline=None),
}


def test_it_is_decided_of_every_field_whether_it_changes_pixels() -> None:
    for noun in DECIDED:
        names = [field.name for field in fields(noun)]
        decided = (*PIXELS[noun], *NOT_PIXELS.get(noun, ()))
        assert sorted(decided) == sorted(names), f"{noun.__name__}: put new fields into PIXELS or NOT_PIXELS"
        assert {(noun, name) for name in names} <= set(CHANGES), f"{noun.__name__}: add a change of every field"


@pytest.mark.parametrize(("noun", "name"), CHANGES, ids=[f"{noun.__name__}.{name}" for noun, name in CHANGES])
def test_a_field_changes_the_key_when_it_can_change_pixels_and_only_then(noun: type, name: str) -> None:
    assert (key(**CHANGES[noun, name]) != key()) == (name in PIXELS[noun])


def test_all_those_changes_give_different_keys() -> None:
    matter = [changes for (noun, name), changes in CHANGES.items() if name in PIXELS[noun]]
    assert len({key(**changes) for changes in matter}) == len(matter)


@pytest.mark.parametrize(
    "settings",
    [{"encoder": {"codec": "h264", "crf": 19}}, {"engine": "8"}, {"watermark": "k2"}, {"encoder": {"codec": "h264"}}],
)
def test_the_encoder_the_engine_and_the_watermark_change_the_key(settings: dict) -> None:
    assert key(**settings) != key()


def test_a_key_is_64_hex_digits_and_the_same_in_every_process() -> None:
    code = "from tests.jobs.test_take_key import key; print(key())"
    root = Path(__file__).parents[2]
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {key()} and len(key()) == 64 and int(key(), 16)


def test_who_is_not_in_the_shot_does_not_matter() -> None:
    cast = {**EPISODE.cast, "cy": person("cy", "9")}
    assert key(replace(EPISODE, cast=cast)) == key()
    moved = {**SCENE.marks, "cy": Mark(x=5.0, z=5.0, heading=90.0)}
    assert key(scene=replace(SCENE, marks=moved)) == key()


def test_the_order_in_which_a_scene_cues_its_roles_matters_because_they_are_placed_by_it() -> None:
    reverse = replace(OTHER, cues=(BO, ADA))
    assert roles_on_stage(SCENE, SHOT) == ("ada", "bo")
    assert roles_on_stage(replace(SCENE, shots=(reverse, SHOT)), SHOT) == ("bo", "ada")
    assert key(scene=replace(SCENE, shots=(reverse, SHOT))) != key()


def test_equal_numbers_have_one_spelling() -> None:
    assert plain((24, 24.0, -0.0, 0.5, Fraction(24), True)) == [24, 24, 0, 0.5, "24/1", True]


def keys_of(episode: Episode) -> dict[str, str]:
    return {s.id: take_key(episode, episode.scene_of(s), s, **SETTINGS) for s in episode.shots}


def test_changing_one_cue_changes_only_its_shot(tmp_path: Path) -> None:
    house, folder = make_house(tmp_path), make_episode(tmp_path / "episode")
    before = keys_of(read(folder, house))
    after = keys_of(read(folder, house, changed("scenes.0.shots.1.cues.0.direction", "calm")))
    assert {shot for shot in before if before[shot] != after[shot]} == {"s01e01/s010/0020"}


def test_renaming_the_folder_and_the_media_changes_nothing(tmp_path: Path) -> None:
    house, folder = make_house(tmp_path), make_episode(tmp_path / "episode")
    before = keys_of(read(folder, house))
    folder.rename(tmp_path / "moved")
    (tmp_path / "moved/audio/ada.wav").rename(tmp_path / "moved/audio/take_two.wav")
    sheet = changed("scenes.0.shots.0.cues.0.line.audio", "audio/take_two.wav")
    assert keys_of(read(tmp_path / "moved", house, sheet)) == before


def test_moving_a_shot_in_the_edit_changes_nothing(tmp_path: Path) -> None:
    house, folder = make_house(tmp_path), make_episode(tmp_path / "episode")
    before = keys_of(read(folder, house))
    sheet = changed("episode", "s01e02", changed("scenes.1.id", "s005"))
    sheet["scenes"].reverse()
    after = keys_of(read(folder, house, sheet))
    assert sorted(after.values()) == sorted(before.values())
