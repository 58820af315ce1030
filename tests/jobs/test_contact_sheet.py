from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from actors.encode import TakeWriter
from jobs.contact_sheet import UnreadableTake, contact_sheet, jpeg, moments, stills, timecode
from jobs.episode import Camera, Cue, Episode, PerformerRef, Plate, Project, Role, Scene, Shot


def episode(
    shots: int = 3, width: int = 320, height: int = 180, direction: str = "act with subdued sadness"
) -> Episode:
    made = tuple(
        Shot(
            id=f"e/s010/{n:04d}",
            first=1,
            last=30,
            camera=Camera(preset="close-up", on=("ada",)),
            cues=(Cue(role="ada", direction=direction),),
        )
        for n in range(shots)
    )
    return Episode(
        id="e",
        title="A title",
        fps=Fraction(24),
        width=width,
        height=height,
        project=Project(id="p", genres=(), territories=(), media=()),
        cast={"ada": Role(name="ada", performer=PerformerRef(id="house/ada", version=1, digest="d" * 64))},
        scenes=(Scene(id="s010", plate=Plate(splats="loft"), light="window-left", shots=made),),
    )


def test_stills_are_exactly_the_frames_that_were_asked_for(tmp_path: Path) -> None:
    with TakeWriter(tmp_path / "take.mp4", 160, 96, Fraction(24000, 1001)) as take:
        for index in range(60):
            take.write(np.full((96, 160, 3), 4 * index, np.uint8))
    for frame, picture in zip((0, 23, 24, 37, 59), stills(tmp_path / "take.mp4", [0, 23, 24, 37, 59]), strict=True):
        assert picture.shape == (96, 160, 3)
        assert abs(float(picture.mean()) - 4 * frame) < 2


def test_a_frame_that_is_not_there_and_a_file_that_is_no_film_are_named(tmp_path: Path) -> None:
    with TakeWriter(tmp_path / "take.mp4", 160, 96, Fraction(24)) as take:
        take.write(np.zeros((96, 160, 3), np.uint8))
    with pytest.raises(UnreadableTake, match="there is no frame 5"):
        stills(tmp_path / "take.mp4", [5])
    (tmp_path / "words.mp4").write_bytes(b"words")
    with pytest.raises(UnreadableTake, match=r"words\.mp4"):
        stills(tmp_path / "words.mp4", [0])


def test_first_middle_and_last_of_a_shot() -> None:
    assert moments(episode().shots[0]) == (0, 14, 29)


def test_timecode_counts_frames_within_the_second() -> None:
    assert timecode(65 * 24 + 12, Fraction(24)) == "01:05:12"
    assert timecode(24, Fraction(24000, 1001)) == "00:01:00"


def test_every_still_is_on_the_sheet_in_its_place(tmp_path: Path) -> None:
    shown = episode(3)
    colours = {shot.id: [(60 * n + 50, 40 + 80 * k, 90) for k in range(3)] for n, shot in enumerate(shown.shots)}
    pictures = {shot: [np.full((180, 320, 3), c, np.uint8) for c in three] for shot, three in colours.items()}
    out = contact_sheet(shown, pictures, tmp_path / "contact_sheet.jpg")
    sheet = np.asarray(Image.open(out).convert("RGB")).astype(int)
    centres = []
    for three in colours.values():
        for colour in three:
            found = np.abs(sheet - colour).max(-1) < 8
            assert 20_000 < found.sum() < 60_000  # a frame is 292 x 164 pixels
            centres.append(np.argwhere(found).mean(0))
    rows, columns = np.array(centres).round().astype(int).T
    assert list(columns[:3]) == sorted(columns[:3]) and np.ptp(rows[:6]) <= 1 < rows[6] - rows[0]
    assert [path.name for path in tmp_path.iterdir()] == ["contact_sheet.jpg"]


def test_long_directions_end_inside_their_cell(tmp_path: Path) -> None:
    shown = episode(2, direction="very " * 200)
    black = {shot.id: [np.zeros((180, 320, 3), np.uint8)] * 3 for shot in shown.shots}
    sheet = np.asarray(Image.open(contact_sheet(shown, black, tmp_path / "sheet.jpg")).convert("L"))
    assert sheet.shape[1] == 1920 and sheet.shape[0] < 700
    assert sheet[180:, 940:980].max() < 60  # the gutter between the columns stays dark


def test_a_thumbnail_keeps_the_shape_of_its_picture() -> None:
    import io

    assert Image.open(io.BytesIO(jpeg(np.zeros((720, 1280, 3), np.uint8), 320))).size == (320, 180)
