"""One picture that shows an episode at a glance: three frames of every shot, with what was asked of it."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jobs.conform import delivering
from jobs.episode import Episode, Shot
from jobs.errors import FarmError

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH = 1920  # pixels
MARGIN, GUTTER, GAP = 56, 48, 4
COLUMNS = 2
BACK, INK, QUIET, ACCENT, LINE = (15, 16, 18), (236, 232, 224), (146, 143, 136), (214, 168, 96), (44, 45, 48)


class UnreadableTake(FarmError):
    """A take's picture cannot be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{}: its picture cannot be decoded ({}); remove the take and render the shot again".format(*self.args)


@dataclass(frozen=True, slots=True)
class _Cell:
    """One shot, ready to be drawn."""

    shot: Shot
    start: int  # frame of the episode
    frames: list[Image.Image]
    notes: list[str]  # lines of direction, wrapped


def stills(path: Path, frames: Sequence[int]) -> list[np.ndarray]:
    """The pictures of the frames (0-based, ascending), each [H, W, 3] uint8 sRGB. Raises UnreadableTake."""
    import av

    found: dict[int, np.ndarray] = {}
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            rate = stream.average_rate
            for wanted in dict.fromkeys(frames):
                file.seek(int(wanted / rate / stream.time_base), stream=stream)  # the keyframe before it
                for frame in file.decode(stream):
                    if round(frame.pts * stream.time_base * rate) >= wanted:
                        rgb = frame.reformat(
                            format="rgb24",
                            src_colorspace="ITU709",
                            dst_colorspace="ITU709",
                            src_color_range="MPEG",
                            dst_color_range="JPEG",
                        )
                        found[wanted] = rgb.to_ndarray()
                        break
                else:
                    raise UnreadableTake(path, f"there is no frame {wanted}")
    except av.error.FFmpegError as error:
        raise UnreadableTake(path, error.strerror or "no video") from error
    return [found[frame] for frame in frames]


def moments(shot: Shot) -> tuple[int, int, int]:
    """First, middle and last frame of a shot, 0-based."""
    return 0, (shot.frames - 1) // 2, shot.frames - 1


def timecode(frame: int, fps: Fraction) -> str:
    """Minutes, seconds and frames of a frame: "01:05:12"."""
    base = round(fps)
    return f"{frame // (60 * base):02d}:{frame // base % 60:02d}:{frame % base:02d}"


def jpeg(picture: np.ndarray, width: int, quality: int = 82) -> bytes:
    """A picture [H, W, 3] uint8 as a JPEG of this width."""
    from PIL import Image

    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    stream = io.BytesIO()
    Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS).save(
        stream, "JPEG", quality=quality, optimize=True, progressive=True
    )
    return stream.getvalue()


def contact_sheet(episode: Episode, pictures: Mapping[str, Sequence[np.ndarray]], out: Path) -> Path:
    """Draw the sheet to ``out`` (JPEG); ``pictures`` maps shot ids to their three stills."""
    from PIL import Image, ImageDraw

    cell_width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GUTTER) // COLUMNS
    frame_width = (cell_width - 2 * GAP) // 3
    frame_height = round(frame_width * episode.height / episode.width)
    rows, start = [], 0
    for scene in episode.scenes:
        cells = []
        for shot in scene.shots:
            frames = [
                Image.fromarray(picture).resize((frame_width, frame_height), Image.Resampling.LANCZOS)
                for picture in pictures[shot.id]
            ]
            notes = [note for cue in shot.cues for note in _notes(cue, _font(19), cell_width)]
            cells.append(_Cell(shot, start, frames, notes))
            start += shot.frames
        rows.append((scene, [cells[i : i + COLUMNS] for i in range(0, len(cells), COLUMNS)]))

    def height_of(row: list[_Cell]) -> int:
        return frame_height + 58 + 27 * max(len(cell.notes) for cell in row) + 40

    height = 190 + sum(66 + sum(map(height_of, lines)) for _, lines in rows) + MARGIN - 16
    sheet = Image.new("RGB", (WIDTH, height), BACK)
    draw = ImageDraw.Draw(sheet)
    _heading(draw, episode)
    y = 190
    for scene, lines in rows:
        draw.text((MARGIN, y + 6), scene.id.upper(), font=_font(24), fill=ACCENT)
        told = f"{scene.light.replace('-', ' ')}, {_place(scene.plate)}"
        draw.text((MARGIN + draw.textlength(scene.id.upper(), font=_font(24)) + 18, y + 10), told, QUIET, _font(19))
        y += 50
        for line in lines:
            for column, cell in enumerate(line):
                _draw_cell(sheet, draw, cell, MARGIN + column * (cell_width + GUTTER), y, cell_width, episode.fps)
            y += height_of(line)
        y += 16
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with delivering(out):
            sheet.save(partial, "JPEG", quality=90, subsampling=0, optimize=True)
            os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)
    return out


def _heading(draw: ImageDraw.ImageDraw, episode: Episode) -> None:
    draw.text((MARGIN, 44), episode.title, font=_font(54), fill=INK)
    rate = f"{float(episode.fps):.5g} fps"
    facts = f"{episode.id}   {len(episode.shots)} shots   {float(episode.frames / episode.fps):.2f} s"
    draw.text((MARGIN, 120), f"{facts}   {episode.width} x {episode.height}   {rate}", font=_font(22), fill=QUIET)
    cast = "     ".join(
        f"{name.capitalize()}: {role.performer.id}@{role.performer.version}" for name, role in episode.cast.items()
    )
    width = draw.textlength(cast, font=_font(22))
    draw.text((max(MARGIN, WIDTH - MARGIN - width), 120), cast, font=_font(22), fill=QUIET)
    draw.line((MARGIN, 168, WIDTH - MARGIN, 168), fill=LINE, width=2)


def _draw_cell(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, cell: _Cell, x: int, y: int, width: int, fps: Fraction
) -> None:
    for index, frame in enumerate(cell.frames):
        sheet.paste(frame, (x + index * (frame.width + GAP), y))
    y += cell.frames[0].height + 14
    name = cell.shot.id.split("/")[-1]
    draw.text((x, y), name, font=_font(26), fill=INK)
    what = cell.shot.camera.preset.replace("-", " ")
    draw.text((x + draw.textlength(name, font=_font(26)) + 16, y + 6), what, font=_font(19), fill=QUIET)
    told = f"{timecode(cell.start, fps)}   {cell.shot.frames} frames   {float(cell.shot.frames / fps):.2f} s"
    draw.text((x + width - draw.textlength(told, font=_font(19)), y + 6), told, font=_font(19), fill=QUIET)
    y += 42
    for note in cell.notes:
        draw.text((x, y), note, font=_font(19), fill=INK)
        y += 27


def _notes(cue, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """What one role was asked, in lines that fit: "Ada: act with subdued sadness. "You came back." "."""
    parts = [
        cue.direction.rstrip(".") if cue.direction else "",
        f"“{cue.line.text}”" if cue.line and cue.line.text else "",
    ]
    said = ". ".join(part for part in parts if part)
    return _wrapped(f"{cue.role.capitalize()}: {said}", font, width, 2) if said else []


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) > width and line:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    if len(lines) > most:
        last = lines[most - 1]
        while last and font.getlength(last + "…") > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip(" ,.") + "…"]
    return lines


def _place(plate) -> str:
    if plate.image is not None:
        return f"before a still ({plate.image.path.name})"
    if plate.video is not None:
        return f"before footage ({plate.video.path.name})"
    if plate.splats is not None:
        return f"in the {plate.splats}" if isinstance(plate.splats, str) else f"in a scan ({plate.splats.path.name})"
    return "before a plain colour"


def _font(size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
