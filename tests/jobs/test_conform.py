import resource
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.encode import Encoder, TakeWriter
from jobs.conform import DeliveryUnwritable, MasterFile, TakeMismatch, conform, file_sha256
from jobs.episode import Camera, Episode, Plate, Project, Scene, Shot
from jobs.sound import RATE, sample_at

COUNTS = (13, 30, 1, 7)
FLASH = 23  # the frame that is white, and when the click is heard


def episode(fps: Fraction = Fraction(24)) -> Episode:
    shots = tuple(
        Shot(id=f"e1/s010/{n:04d}", first=1, last=count, camera=Camera(preset="close-up", on=("ada",)), cues=())
        for n, count in enumerate(COUNTS)
    )
    scenes = (
        Scene(id="s010", plate=Plate(colour=(0, 0, 0)), light="noir", shots=shots[:2]),
        Scene(id="s020", plate=Plate(colour=(0, 0, 0)), light="noir", shots=shots[2:]),
    )
    project = Project(id="p", genres=(), territories=(), media=())
    return Episode(id="e1", title="Clap", fps=fps, width=160, height=96, project=project, cast={}, scenes=scenes)


def takes(folder: Path, shown: Episode, preset: str = "veryfast") -> dict[str, Path]:
    paths = {}
    first = 0
    for shot in shown.shots:
        paths[shot.id] = folder / f"{shot.id.replace('/', '_')}.mp4"
        with TakeWriter(paths[shot.id], 160, 96, shown.fps, encoder=Encoder(preset=preset)) as take:
            for index in range(first, first + shot.frames):
                frame = np.full((96, 160, 3), 230 if index == FLASH else 20 + index, np.uint8)
                frame[:, : 3 * (index % 50)] //= 2
                take.write(frame)
        first += shot.frames
    return paths


def clap(shown: Episode) -> np.ndarray:
    sound = np.zeros((sample_at(shown.frames / shown.fps), 2), np.float32)
    at = sample_at(FLASH / shown.fps)
    sound[at : at + 24] = 0.7
    return sound


def conformed(folder: Path, shown: Episode, paths: Mapping[str, Path]) -> MasterFile:
    keys = {shot.id: f"{n:x}" * 64 for n, shot in enumerate(shown.shots)}
    return conform(shown, paths, keys, folder / "out", sound=clap(shown), sign=None)


def pictures(path: Path) -> list[tuple[Fraction, np.ndarray]]:
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        return [(frame.pts * stream.time_base, frame.to_ndarray()) for frame in file.decode(stream)]


def heard(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        frames = list(file.decode(audio=0))
    assert frames[0].pts == 0
    return np.concatenate([frame.to_ndarray() for frame in frames], 1)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)])
def test_the_click_is_heard_with_its_frame_and_the_lengths_are_exact(tmp_path: Path, fps: Fraction) -> None:
    shown = episode(fps)
    master = conformed(tmp_path, shown, takes(tmp_path, shown))
    path = tmp_path / "out" / "master.mp4"
    seen = pictures(path)
    assert [time for time, _ in seen] == [index / fps for index in range(51)]
    flash = next(time for time, picture in seen if picture[:96, 150:].mean() > 150)
    click = int(np.abs(heard(path)[0]).argmax())
    assert abs(click / RATE - flash) < 0.002
    with av.open(str(path)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        assert video.frames == 51 == master.frames
        assert video.duration * video.time_base == 51 / fps == master.seconds
        assert abs(audio.duration * audio.time_base - 51 / fps) <= Fraction(1, RATE)
        assert (audio.sample_rate, audio.layout.name, audio.codec.name) == (RATE, "stereo", "aac")
        assert video.start_time == 0 == audio.start_time


def test_the_picture_is_joined_without_encoding_it_again(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    conformed(tmp_path, shown, paths)
    joined = [picture for _, picture in pictures(tmp_path / "out" / "master.mp4")]
    parts = [picture for shot in shown.shots for _, picture in pictures(paths[shot.id])]
    assert len(joined) == len(parts) and all(map(np.array_equal, joined, parts))


def test_the_index_stands_before_the_media_and_the_colours_are_tagged(tmp_path: Path) -> None:
    shown = episode()
    conformed(tmp_path, shown, takes(tmp_path, shown))
    data = (tmp_path / "out" / "master.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    colr = data.index(b"colrnclx")  # ISO/IEC 14496-12 12.1.5
    assert data[colr + 8 : colr + 15] == bytes([0, 1, 0, 1, 0, 1, 0])


def test_every_shot_is_delivered_with_its_own_part_of_the_sound(tmp_path: Path) -> None:
    shown = episode()
    conformed(tmp_path, shown, takes(tmp_path, shown))
    shots = sorted(path.name for path in (tmp_path / "out" / "shots").iterdir())
    assert shots == ["s010.0000.mp4", "s010.0001.mp4", "s010.0002.mp4", "s010.0003.mp4"]
    second = tmp_path / "out" / "shots" / "s010.0001.mp4"
    assert len(pictures(second)) == 30
    assert abs(int(np.abs(heard(second)[0]).argmax()) / RATE - 10 / 24) < 0.002
    assert np.abs(heard(tmp_path / "out" / "shots" / "s010.0000.mp4")).max() < 0.05


def test_the_same_takes_give_the_same_master(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    one = conformed(tmp_path / "a", shown, paths)
    assert one == conformed(tmp_path / "b", shown, paths)
    assert one.sha256 == file_sha256(tmp_path / "b" / "out" / "master.mp4")
    assert [(shot.first, shot.frames) for shot in one.shots] == [(0, 13), (13, 30), (43, 1), (44, 7)]


def test_a_take_of_the_wrong_length_is_refused_and_nothing_half_written_stays(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    paths[shown.shots[1].id] = paths[shown.shots[3].id]
    with pytest.raises(TakeMismatch, match=r"shot e1/s010/0001 .* has 7 frames, not 30"):
        conformed(tmp_path, shown, paths)
    assert [path.name for path in (tmp_path / "out").rglob("*.mp4")] == ["s010.0000.mp4"]


def test_takes_of_different_encoders_are_not_joined(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    (tmp_path / "other").mkdir()
    other = takes(tmp_path / "other", shown, "slow")
    paths[shown.shots[1].id] = other[shown.shots[1].id]
    with pytest.raises(TakeMismatch, match="other settings"):
        conformed(tmp_path, shown, paths)


def test_a_take_of_another_size_or_no_video_at_all_is_refused(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    with pytest.raises(TakeMismatch, match="is 160x96, not 320x96"):
        conformed(tmp_path, replace(shown, width=320), paths)
    paths[shown.shots[0].id].write_bytes(b"not a film")
    with pytest.raises(TakeMismatch, match="cannot be opened"):
        conformed(tmp_path, shown, paths)


def test_a_folder_without_room_is_told_and_nothing_half_written_stays(tmp_path: Path) -> None:
    shown = episode()
    paths = takes(tmp_path, shown)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(DeliveryUnwritable, match="run the same command again: every take is kept"):
            conformed(tmp_path, shown, paths)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "out").rglob("*.mp4")) == []
    conformed(tmp_path, shown, paths)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    shown = episode()
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(DeliveryUnwritable, match="choose another folder"):
        conformed(tmp_path, shown, takes(tmp_path, shown))
