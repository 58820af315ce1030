"""Recorded face curves: CSV as Live Link Face writes it, one column per ARKit shape, brought to the frames of a shot.

The header names the shapes in any order and case ("EyeBlinkLeft"). Time comes from a column "Timecode"
(hh:mm:ss:ff, or hh:mm:ss:ff.fraction; the frame rate is the smallest usual one that the frame numbers fit) or from a
column of seconds ("Time", "Seconds"). The gaze is read from the eyeLook* shapes, of which 1 is 30 degrees; columns of
head and eye rotation are left alone, since their axes differ between recorders.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.performance import ARKIT_SHAPES, SHAPE
from jobs.errors import BadInput

LARGEST = 64 << 20  # bytes
MOST_ROWS = 200_000


class UnusableCurves(BadInput):
    """A file of face curves cannot be performed."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{}: {}; expected a CSV as Live Link Face exports it".format(*self.args)


@dataclass(frozen=True, slots=True)
class FaceCurves:
    """A recorded face at the frames of a shot."""

    shapes: np.ndarray  # [F, 52] 0..1, order ARKIT_SHAPES
    gaze: np.ndarray  # [F, 2] radians in the head's frame: yaw positive to the performer's left, pitch up


def face_curves(path: Path, times: np.ndarray) -> FaceCurves:
    """The curves at ``times`` [F] (seconds from their first row), held at their ends; raises UnusableCurves."""
    moments, shapes = _read(path)
    resampled = np.stack([np.interp(times, moments, column) for column in shapes.T], axis=1)
    look = {name: resampled[:, SHAPE[name]] for name in ARKIT_SHAPES if name.startswith("eyeLook")}
    yaw = (look["eyeLookOutLeft"] - look["eyeLookInLeft"] + look["eyeLookInRight"] - look["eyeLookOutRight"]) / 2
    up = (look["eyeLookUpLeft"] + look["eyeLookUpRight"] - look["eyeLookDownLeft"] - look["eyeLookDownRight"]) / 2
    return FaceCurves(resampled, np.radians(30) * np.stack([yaw, up], axis=1))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(seconds from the first row [n], shapes [n, 52])."""
    where = str(path)
    if not path.is_file():
        raise UnusableCurves(where, "no such file")
    if path.stat().st_size > LARGEST:
        raise UnusableCurves(where, f"larger than {LARGEST >> 20} MiB")
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.reader(lines)
            header = [name.strip().lower() for name in next(rows, [])]
            table = [row for row, _ in zip(rows, range(MOST_ROWS + 1), strict=False) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableCurves(where, f"not a CSV of text ({error})") from error
    if len(table) > MOST_ROWS:
        raise UnusableCurves(where, f"more than {MOST_ROWS} rows")
    columns = {name: header.index(name.lower()) for name in ARKIT_SHAPES if name.lower() in header}
    if not columns:
        raise UnusableCurves(where, "its header names none of the 52 ARKit shapes")
    if not table:
        raise UnusableCurves(where, "it has no rows")
    shapes = np.zeros((len(table), 52))
    for number, row in enumerate(table):
        for name, column in columns.items():
            try:
                shapes[number, SHAPE[name]] = float(row[column])
            except (ValueError, IndexError):
                raise UnusableCurves(where, f"line {number + 2} has no number for {name}") from None
    if not np.isfinite(shapes).all():
        raise UnusableCurves(
            where, f"line {int(np.argwhere(~np.isfinite(shapes))[0, 0]) + 2} has a value that is not finite"
        )
    moments = _moments(where, header, table)
    if (np.diff(moments) <= 0).any():
        keep = np.concatenate([[True], np.diff(np.maximum.accumulate(moments)) > 0])  # repeated rows of a dropped frame
        moments, shapes = moments[keep], shapes[keep]
    return moments, np.clip(shapes, 0, 1)


def _moments(where: str, header: list[str], table: list[list[str]]) -> np.ndarray:
    """Seconds from the first row, [n]."""
    for name in ("time", "seconds", "timestamp"):
        if name in header:
            column = header.index(name)
            try:
                seconds = np.array([float(row[column]) for row in table])
            except (ValueError, IndexError):
                raise UnusableCurves(where, f"column {name!r} holds something that is not a number") from None
            return seconds - seconds[0]
    if "timecode" not in header:
        raise UnusableCurves(where, "it has neither a column 'Timecode' nor 'Time'")
    column = header.index("timecode")
    try:
        parts = np.array([[float(part) for part in row[column].replace(";", ":").split(":")] for row in table])
    except (ValueError, IndexError):
        raise UnusableCurves(where, "a timecode is not hh:mm:ss:ff") from None
    if parts.ndim != 2 or parts.shape[1] != 4 or not np.isfinite(parts).all():
        raise UnusableCurves(where, "a timecode is not hh:mm:ss:ff")
    highest = np.floor(parts[:, 3].max())
    rate = next((rate for rate in (24, 25, 30, 60, 120, 240) if highest < rate), None)
    if len(parts) < rate if rate else True:  # too short to have shown its highest frame number
        rate = 60 if highest < 60 else 240
    seconds = parts[:, 0] * 3600 + parts[:, 1] * 60 + parts[:, 2] + parts[:, 3] / rate
    seconds = np.where(seconds < seconds[0] - 43_200, seconds + 86_400, seconds)  # past midnight
    return seconds - seconds[0]
