import os
import pickle
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from jobs.call_sheet import SheetFaults, read_call_sheet
from jobs.catalogue import Catalogue
from jobs.episode import Mark, Plate
from tests.jobs.sheet_example import NOW, SHEET, changed, make_episode, make_house, read, write_sheet, write_wav

PILOT = Path(__file__).parents[2] / "jobs/pilot/pilot.yaml"


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    return make_house(tmp_path_factory.mktemp("performers"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return make_episode(tmp_path_factory.mktemp("episode"))


def faults(folder: Path, house: Path, sheet) -> list[str]:
    """Every fault, without the file's folder."""
    with pytest.raises(SheetFaults) as caught:
        read(folder, house, sheet)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_a_valid_sheet_becomes_an_episode(folder: Path, house: Path) -> None:
    episode = read(folder, house)
    assert (episode.id, episode.fps, episode.width, episode.height) == ("s01e01", 24, 640, 360)
    assert [shot.id for shot in episode.shots] == [
        "s01e01/s010/0010",
        "s01e01/s010/0020",
        "s01e01/s020/0010",
        "s01e01/s030/0010",
    ]
    assert [(shot.first, shot.frames) for shot in episode.shots] == [(0, 54), (0, 48), (0, 36), (0, 1)]
    assert episode.cast["ada"].performer.id == "house/ada"
    assert episode.cast["bo"].performer.version == 1
    assert episode.deadline is not None and episode.deadline.isoformat() == "2027-01-15T09:00:00+00:00"
    line = episode.shots[0].cues[0].line
    assert line is not None and line.seconds == 1.5 and line.at == 0.25
    assert line.audio.path == folder / "audio/ada.wav"


def test_the_packaged_pilot_is_accepted_quickly(house: Path) -> None:
    read_call_sheet(PILOT, Catalogue([house]), now=NOW)  # imports what opens images
    started = time.process_time()
    episode = read_call_sheet(PILOT, Catalogue([house]), now=NOW)
    assert time.process_time() - started < 0.3
    assert len(episode.shots) >= 8


def test_an_episode_crosses_a_process_boundary(folder: Path, house: Path) -> None:
    episode = read(folder, house)
    assert pickle.loads(pickle.dumps(episode)) == episode


def test_a_role_that_faces_another_is_turned_towards_its_mark(folder: Path, house: Path) -> None:
    marks = read(folder, house).scenes[0].marks
    assert marks["ada"].heading == pytest.approx(82.875, abs=1e-3)  # +X is 90 degrees
    assert marks["bo"] == Mark(x=0.4, z=0.1, heading=-62.0)


def test_a_colour_plate_may_be_hex_or_numbers(folder: Path, house: Path) -> None:
    assert read(folder, house).scenes[2].plate == Plate(colour=(0x20 / 255, 0x30 / 255, 0x40 / 255))
    sheet = changed("scenes.2.plate", {"colour": [0, 0.5, 1]})
    assert read(folder, house, sheet).scenes[2].plate == Plate(colour=(0.0, 0.5, 1.0))


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        (25, Fraction(25)),
        ("24000/1001", Fraction(24000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_frame_rates_are_exact(folder: Path, house: Path, written, rate: Fraction) -> None:
    assert read(folder, house, changed("fps", written)).fps == rate


def test_seconds_become_the_nearest_whole_frame(folder: Path, house: Path) -> None:
    for seconds, frames in ((2.1, 50), (0.0625, 2), (0.0624, 1), (600, 14400)):
        sheet = changed("scenes.0.shots.1.seconds", seconds)
        assert read(folder, house, sheet).shots[1].frames == frames


def test_a_shot_without_a_length_lasts_as_long_as_its_longest_line_and_half_a_second(house: Path, tmp_path) -> None:
    make_episode(tmp_path)
    write_wav(tmp_path / "audio/bo.wav", 2.0)
    sheet = changed("scenes.0.shots.0.cues.1.line", {"audio": "audio/bo.wav", "at": 1.0}, changed("fps", "24000/1001"))
    assert read(tmp_path, house, sheet).shots[0].frames == 84  # 3.5 s at 23.976 are 83.9 frames


MARK = "scenes.0.marks.ada"
SHOT = "scenes.0.shots.0"
CUE = SHOT + ".cues.0"
WRONG = [  # path, value, what must be told
    ("greenroom", 2, "greenroom: format 2 is not known: use greenroom: 1"),
    ("greenroom", "1", "greenroom: must be a whole number, not the text '1'"),
    ("episode", "S01", "episode: 'S01' is not an id: use a-z"),
    ("episode", "../x", "episode: '../x' is not an id"),
    ("episode", 5, 'episode: must be text, not the number 5: write it in quotes: "5"'),
    ("title", "", "title: is empty"),
    ("title", "a\x07b", "title: holds the control character U+0007"),
    ("title", "a\nb", "title: holds a line break or a tab: write it on one line"),
    ("title", "a" * 300, "title: more than 200 characters"),
    ("title", ..., "'title' is missing: for example title: The Green Room"),
    ("fps", 0, "fps: 0 frames per second: use 1 to 120"),
    ("fps", 121, "fps: 121 frames per second: use 1 to 120"),
    ("fps", "24/0", "fps: '24/0' is not a frame rate"),
    ("fps", "fast", "fps: 'fast' is not a frame rate: write a number or a fraction like 24000/1001"),
    ("fps", float("nan"), "fps: must be a number or a fraction like 24000/1001, not nan"),
    ("fps", -24, "fps: '-24' is not a frame rate"),
    ("fps", 24.123456, "fps: 24.123456 frames per second is no usual rate"),
    ("fps", True, "fps: must be a number or a fraction like 24000/1001, not true"),
    ("resolution", [1281, 720], "resolution[0]: 1281 pixels is odd: H.264 needs even sizes: use 1280 or 1282"),
    ("resolution", [1280, 10], "resolution[1]: 10 pixels: use 90 to 8192"),
    ("resolution", [1280, 100000], "resolution[1]: 100000 pixels: use 90 to 8192"),
    ("resolution", [1280], "resolution: needs 2 entries"),
    ("resolution", [1280, 720.5], "resolution[1]: must be a whole number, not the number 720.5"),
    ("deadline", "2027-01-15T09:00:00", "deadline: '2027-01-15T09:00:00' has no time zone: write it like 2027-01-15"),
    ("deadline", "soon", "deadline: 'soon' is not a date and time"),
    ("deadline", "9999-12-31T23:59:59-14:00", "deadline: '9999-12-31T23:59:59-14:00' is not a date and time"),
    ("deadline", "2207-01-15T09:00:00Z", "is more than ten years away: is the year right?"),
    ("project.genres", [], "project.genres: is empty"),
    ("project.genres", ["horor"], "project.genres[0]: unknown genre 'horor': did you mean 'horror'?"),
    ("project.territories", ["de"], "project.territories[0]: unknown territory 'de': did you mean 'DE'?"),
    ("project.media", "web", "project.media: must be a list, not the text 'web'"),
    ("cast.ada.performer", "house/ade", "unknown performer 'house/ade': did you mean 'house/ada'?"),
    ("cast.ada.performer", "house/ada@9", "performer 'house/ada' has no version 9: there is house/ada@1"),
    ("cast.ada.performer", "Ada", "cast.ada.performer: 'Ada' does not name a performer"),
    ("cast.ada.performer", "../ada", "'../ada' does not name a performer"),
    ("cast.ada.age", 70, "cast.ada.age: 'age' is not supported yet"),
    ("cast.ada", "house/ada", "cast.ada: must be a mapping (key: value), not the text 'house/ada'"),
    ("cast.camera", {"performer": "house/mei"}, "cast.camera: 'camera' cannot name a role: look_at has a meaning"),
    ("cast", {}, "cast: is empty"),
    ("cast", [1], "cast: must be a mapping (key: value), not a list"),
    ("scenes", {}, "scenes: must be a list, not a mapping"),
    ("scenes.3", 5, "scenes[3]: must be a mapping (key: value), not the number 5"),
    ("scenes", [], "scenes: is empty"),
    ("scenes.1.id", "s010", "scenes[1].id: a second scene 's010': the first is in line"),
    ("scenes.0.plate", {}, "scenes[0].plate: is empty: give one of image, video, splats, colour"),
    ("scenes.0.plate.colour", "#000000", "scenes[0].plate: has image and colour: give one"),
    ("scenes.2.plate.colour", [0, 0, 2], "scenes[2].plate.colour: is not a colour"),
    ("scenes.2.plate.colour", [0, 0, float("nan")], "scenes[2].plate.colour: is not a colour"),
    ("scenes.1.plate.splats", "dinner", "scenes[1].plate.splats: unknown set 'dinner': did you mean 'diner'?"),
    ("scenes.0.plate.image", "plates/lofft.png", "'plates/lofft.png' does not exist: did you mean 'plates/loft.png'?"),
    ("scenes.0.plate.image", "../loft.png", "'../loft.png' leaves the folder of the call sheet"),
    ("scenes.0.plate.image", "/etc/passwd", "'/etc/passwd' must be relative to the call sheet"),
    ("scenes.0.plate.image", "plates", "'plates' is not a file"),
    ("scenes.0.plate.image", "audio/ada.wav", "'audio/ada.wav' is not a image: use .png"),
    ("scenes.0.plate.image", "a" * 500, "cannot be read (File name too long)"),
    ("scenes.0.light.preset", "windowleft", "unknown light 'windowleft': did you mean 'window-left'?"),
    ("scenes.0.light.hdri", "x.hdr", "scenes[0].light.hdri: 'hdri' is not supported yet: use preset"),
    ("scenes.0.light.exposure", float("inf"), "scenes[0].light.exposure: must be a finite number"),
    ("scenes.0.light.exposure", 99, "scenes[0].light.exposure: must be at most 8.0, not 99"),
    (MARK + ".at", [0, float("nan")], "scenes[0].marks.ada.at[1]: must be a finite number"),
    (MARK + ".at", [0.4, 0.2], "scenes[0].marks.bo.at: 'bo' stands 0.10 m from 'ada': keep 0.25 m between them"),
    (MARK + ".facing", "boo", "scenes[0].marks.ada.facing: 'boo' has no mark in this scene: did you mean 'bo'?"),
    (MARK + ".facing", "ada", "scenes[0].marks.ada.facing: a role cannot face itself"),
    (MARK + ".facing", 1e300, "scenes[0].marks.ada.facing: must be degrees or the name of a role"),
    ("scenes.0.marks.adda", {"at": [3, 3]}, "scenes[0].marks.adda: unknown role 'adda': did you mean 'ada'?"),
    ("scenes.0.shots.1.id", "0010", "scenes[0].shots[1].id: a second shot '0010': the first is in line"),
    ("scenes.0.shots.1.seconds", 0, "scenes[0].shots[1].seconds: must be more than 0.0, not 0"),
    ("scenes.0.shots.1.seconds", -3, "scenes[0].shots[1].seconds: must be more than 0.0, not -3"),
    ("scenes.0.shots.1.seconds", 601, "scenes[0].shots[1].seconds: must be at most 600.0, not 601"),
    ("scenes.0.shots.1.seconds", 0.01, "scenes[0].shots[1].seconds: is shorter than a frame at 24"),
    ("scenes.0.shots.1.seconds", ..., "scenes[0].shots[1]: nothing says how long the shot is: give seconds, frames"),
    ("scenes.0.shots.1.frames", 48, "scenes[0].shots[1].frames: seconds and frames are both given: keep one"),
    ("scenes.1.shots.0.frames", 0, "scenes[1].shots[0].frames: must be at least 1, not 0"),
    ("scenes.1.shots.0.frames", -5, "scenes[1].shots[0].frames: must be at least 1, not -5"),
    ("scenes.1.shots.0.frames", 14401, "scenes[1].shots[0].frames: the shot lasts 600 s; 600 s is the most"),
    ("scenes.1.shots.0.frames", 1.5, "scenes[1].shots[0].frames: must be a whole number"),
    ("scenes.1.shots.0.seed", -1, "scenes[1].shots[0].seed: must be at least 0, not -1"),
    (SHOT + ".takes", 2, "scenes[0].shots[0].takes: 2 takes are not supported yet"),
    (SHOT + ".look", "splats", "scenes[0].shots[0].look: unknown look 'splats': did you mean 'splat'?"),
    (SHOT + ".frames", 40, "scenes[0].shots[0].cues[0].line: the line ends 0.08 s after the shot"),
    (SHOT + ".frames", 2, "the line starts at 0.25 s, when the shot of 0.08 s is over: the shot needs 1.75 s"),
    (SHOT + ".cues", [], "scenes[0].shots[0].cues: is empty"),
    (SHOT + ".camera.preset", "closeup", "unknown framing 'closeup': did you mean 'close-up'?"),
    (SHOT + ".camera.on", "adda", "scenes[0].shots[0].camera.on: unknown role 'adda': did you mean 'ada'?"),
    (SHOT + ".camera.on", ["ada", "bo"], "camera.on: a close-up frames 1, not 2: name one role, or use preset: two-"),
    (SHOT + ".camera.over", "bo", "camera.over: a close-up has no shoulder in front: use preset: over-the-shoulder"),
    (SHOT + ".camera.lens", 5000, "camera.lens: must be at most 300.0, not 5000"),
    (SHOT + ".camera.move.orbit", float("nan"), "camera.move.orbit: must be a finite number"),
    (SHOT + ".camera.movee", {}, "camera.movee: unknown key 'movee': did you mean 'move'?"),
    ("scenes.0.shots.1.camera.over", ..., "shots[1].camera: 'over' is missing: name the role whose shoulder"),
    ("scenes.0.shots.1.camera.over", "bo", "shots[1].camera.over: 'bo' is also framed by 'on'"),
    ("scenes.1.shots.0.camera.on", ["ada", "ada"], "camera.on[1]: 'ada' is named twice: name two roles"),
    ("scenes.1.shots.0.camera.on", ["ada"], "camera.on: a two-shot frames 2, not 1: name two roles"),
    ("scenes.2.shots.0.camera.on", "bo", "scenes[2].shots[0].camera.on: 'bo' is not in this shot: add a cue"),
    (CUE + ".role", "adda", "scenes[0].shots[0].cues[0].role: unknown role 'adda': did you mean 'ada'?"),
    (
        "scenes.2.shots.0.cues",
        [{"role": "ada"}, {"role": "ada"}],
        "cues[1].role: a second cue for 'ada' in this shot: join them",
    ),
    (CUE + ".look_at", "up there", "cues[0].look_at: unknown target 'up there'"),
    (CUE + ".look_at", "ada", "cues[0].look_at: a role cannot look at itself"),
    ("scenes.2.shots.0.cues.0.look_at", "bo", "cues[0].look_at: 'bo' is not in this shot: add a cue: {role: bo}"),
    (CUE + ".direction", 3, "cues[0].direction: must be text, not the number 3"),
    (CUE + ".line.at", -1, "cues[0].line.at: must be at least 0.0, not -1"),
    (CUE + ".line.at", float("inf"), "cues[0].line.at: must be a finite number"),
    (CUE + ".line.audio", "audio/none.wav", "cues[0].line.audio: 'audio/none.wav' does not exist"),
    (CUE + ".line", "hello", "cues[0].line: must be a mapping (key: value), not the text 'hello'"),
    (CUE + ".face", "mocap/idle.bvh", "'mocap/idle.bvh' is not a table of face curves: use .csv"),
]


@pytest.mark.parametrize(
    ("path", "value", "told"), WRONG, ids=[f"{path}={str(value)[:30]}" for path, value, _ in WRONG]
)
def test_what_is_wrong_is_told_in_plain_words(folder: Path, house: Path, path: str, value, told: str) -> None:
    found = faults(folder, house, changed(path, value))
    assert any(told in fault for fault in found), found
    assert len(found) == 1, f"one slip, one fault: {found}"


def test_every_fault_is_told_at_once_with_its_line_and_column(folder: Path, house: Path) -> None:
    text = yaml.safe_dump(SHEET, sort_keys=False).replace("fps: 24", "fps: 0").replace("role: bo\n", "role: boo\n", 1)
    text = text.replace("preset: noir", "preset: nuar").replace("title:", "titel:")
    found = faults(folder, house, text)
    lines = text.splitlines()
    assert [fault.partition(": ")[2].partition(":")[0] for fault in found] == [
        "'title' is missing",
        "titel",
        "fps",
        "scenes[0].shots[0].cues[1].role",
        "scenes[1].light.preset",
    ]
    line, column = (int(number) for number in found[-1].split(":")[1:3])
    assert lines[line - 1][column - 1 :] == "nuar"
    assert found[3].startswith(f"pilot.yaml:{1 + next(i for i, text in enumerate(lines) if 'role: boo' in text)}:")


def test_faults_cross_a_process_boundary(folder: Path, house: Path) -> None:
    with pytest.raises(SheetFaults) as caught:
        read(folder, house, changed("fps", 0))
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.exit_code == 2


TEXTS = [  # YAML that is refused as such
    ("a: &x [*x]\n", "aliases (*x) are not read"),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge keys are not read"),
    ("a: 1\na: 2\n", "pilot.yaml:2:1: a: a second 'a': the first is in line 1"),
    ("a:\n\tb: 1\n", "pilot.yaml:2:1: not YAML: a tab where YAML allows none: indent with spaces"),
    ("a: !!python/object/apply:os.system ['true']\n", "tags ('!!python/object/apply:os.system') are not read"),
    ("a: 1\n---\nb: 2\n", "a second document"),
    ("a: 'never closed\n", "not YAML: a quote is opened and never closed"),
    ("? {a: 1}\n: 2\n", "a list or mapping as a key"),
    ("- 1\n", "must be a mapping (key: value), not a list"),
    ("", "must be a mapping (key: value), not nothing"),
    ("a: " + "[" * 100 + "]" * 100, "nested more than 24 deep"),
    ("a: \x00\n", "pilot.yaml:1:4: character U+0000 is not allowed"),
    ("a: [" + "1," * 210_000 + "]", "more than 200000 values"),
]


@pytest.mark.parametrize(("text", "told"), TEXTS, ids=[text[:20] for text, _ in TEXTS])
def test_yaml_that_cannot_be_a_sheet_is_refused(folder: Path, house: Path, text: str, told: str) -> None:
    found = faults(folder, house, text)
    assert any(told in fault for fault in found), found


def test_an_alias_bomb_is_refused_in_no_time(folder: Path, house: Path) -> None:
    text = 'a: &a ["lol"]\n' + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
    )
    started = time.process_time()
    assert any("aliases (*a) are not read" in fault for fault in faults(folder, house, text))
    assert time.process_time() - started < 1.0


def test_bytes_that_are_not_utf_8_are_pointed_at(folder: Path, house: Path) -> None:
    (folder / "latin.yaml").write_bytes("greenroom: 1\ntitle: Café\n".encode("latin-1"))
    with pytest.raises(SheetFaults, match=r"latin.yaml:2:11: byte 0xe9 is not UTF-8: save it as UTF-8"):
        read_call_sheet(folder / "latin.yaml", Catalogue([house]), now=NOW)


def test_a_huge_sheet_is_refused_unread(folder: Path, house: Path) -> None:
    (folder / "huge.yaml").write_bytes(b"# padding\n" * 300_000)
    with pytest.raises(SheetFaults, match="larger than 2 MiB"):
        read_call_sheet(folder / "huge.yaml", Catalogue([house]), now=NOW)


def test_a_sheet_that_is_not_there_names_the_one_that_is(folder: Path, house: Path) -> None:
    write_sheet(folder, SHEET)
    with pytest.raises(SheetFaults, match=r"cannot be read \(No such file or directory\): did you mean 'pilot.yaml'"):
        read_call_sheet(folder / "pilto.yaml", Catalogue([house]), now=NOW)


def test_a_pipe_is_not_waited_for(folder: Path, house: Path) -> None:
    pipe = folder / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(SheetFaults, match="is not a file"):
        read_call_sheet(pipe, Catalogue([house]), now=NOW)
    pipe.unlink()


def test_words_that_old_yaml_takes_for_booleans_are_words(folder: Path, house: Path) -> None:
    sheet = changed("cast.no", {"performer": "house/mei"})
    text = yaml.safe_dump(sheet, sort_keys=False).replace("'no'", "no").replace("'on':", "on:")
    assert "no" in read(folder, house, text).cast


def test_numbers_padded_with_zeros_are_words(folder: Path, house: Path) -> None:
    text = yaml.safe_dump(SHEET, sort_keys=False).replace("id: '0010'", "id: 0010").replace("id: '0020'", "id: 0080")
    assert [shot.id for shot in read(folder, house, text).shots][:2] == ["s01e01/s010/0010", "s01e01/s010/0080"]


def test_a_sheet_made_to_be_slow_is_answered_soon(folder: Path, house: Path) -> None:
    cast = ",".join(f"k{number}: {{performer: house/adx}}" for number in range(20_000))
    scenes = "{marks: {zzz: {at: [0, 0]}}}," * 5_000
    started = time.process_time()
    faults(folder, house, f"cast: {{{cast}}}\nscenes: [{scenes}]\n")
    faults(folder, house, "scenes: [" + "{}," * 90_000 + "]")
    assert time.process_time() - started < 5.0


def test_many_faults_are_told_up_to_a_limit(folder: Path, house: Path) -> None:
    sheet = {**SHEET, **{f"key{number}": 1 for number in range(5000)}}
    assert len(faults(folder, house, sheet)) == 500


def test_importing_the_reader_loads_nothing_heavy() -> None:
    heavy = "av cv2 numba ray torch sqlalchemy dlib scipy"
    code = (
        "import sys, jobs.call_sheet, jobs.rights, jobs.take_key; print(*set(sys.argv[1:]).intersection(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *heavy.split()], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_json_schema_can_be_printed() -> None:
    from jobs.sheet_schema import SheetPart

    schema = SheetPart.model_json_schema()
    assert {"greenroom", "episode", "fps", "cast", "scenes"} <= set(schema["required"])
    assert "preset" in schema["$defs"]["CameraPart"]["required"]
