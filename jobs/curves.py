"""Face curves: the CSV of Live Link Face, one row a frame, one column an ARKit coefficient."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

from jobs.nearest import did_you_mean, shown

MOST_ROWS = 72_000  # ten minutes at 120 frames per second
SIDED = (
    "EyeBlink", "EyeLookDown", "EyeLookIn", "EyeLookOut", "EyeLookUp", "EyeSquint", "EyeWide", "MouthSmile",
    "MouthFrown", "MouthDimple", "MouthStretch", "MouthPress", "MouthLowerDown", "MouthUpperUp", "BrowDown",
    "BrowOuterUp", "CheekSquint", "NoseSneer",
)  # fmt: skip
SINGLE = (
    "JawForward", "JawLeft", "JawRight", "JawOpen", "MouthClose", "MouthFunnel", "MouthPucker", "MouthLeft",
    "MouthRight", "MouthRollLower", "MouthRollUpper", "MouthShrugLower", "MouthShrugUpper", "BrowInnerUp",
    "CheekPuff", "TongueOut",
)  # fmt: skip
COEFFICIENTS = frozenset((*SINGLE, *(f"{name}{side}" for name in SIDED for side in ("Left", "Right"))))  # the 52
HEAD = tuple(f"{part}{axis}" for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll"))
TIMES = ("Timecode", "Time", "Seconds", "Timestamp")  # one of them says when a row is
KNOWN = (*sorted(COEFFICIENTS), *HEAD, *TIMES, "BlendshapeCount")
SPELLED = {name.lower(): name for name in KNOWN}
TIMECODE = re.compile(r"\d{1,2}[:;]\d{1,2}[:;]\d{1,2}[:;]\d{1,3}(\.\d{1,9})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class CurveFacts:
    """What a table of curves holds."""

    columns: tuple[str, ...]  # as Live Link Face spells them: "JawOpen"
    rows: int


def check(path: Path) -> CurveFacts:
    """The columns and rows of a table in which every number is finite. Raises ``ValueError`` in words."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _check(csv.reader(file, strict=True))
    except UnicodeDecodeError:
        raise ValueError("is not a text file in UTF-8") from None
    except csv.Error as error:
        raise ValueError(f"is not a CSV table ({error})") from None


def _check(rows) -> CurveFacts:
    columns = tuple(SPELLED.get(name.strip().lower(), name.strip()) for name in next(rows, ()))
    for name in columns:
        if name not in KNOWN:
            raise ValueError(f"has an unknown column {shown(name)}: {did_you_mean(name, KNOWN) or 'use ARKit names'}")
    if len(set(columns)) < len(columns):
        raise ValueError("names a column twice")
    if not COEFFICIENTS.intersection(columns):
        raise ValueError("has no column of an ARKit coefficient in its first line")
    if not set(TIMES).intersection(columns):
        raise ValueError("has no column 'Timecode' or 'Time'")
    numbers = [index for index, name in enumerate(columns) if name not in ("Timecode", "BlendshapeCount")]
    timecode = columns.index("Timecode") if "Timecode" in columns else None
    count = 0
    for row in rows:
        if not row:
            continue
        count += 1
        if count > MOST_ROWS:
            raise ValueError(f"has more than {MOST_ROWS} rows")
        if len(row) != len(columns):
            raise ValueError(f"has {len(row)} fields in line {rows.line_num}; the first line names {len(columns)}")
        if timecode is not None and not TIMECODE.match(row[timecode]):
            raise ValueError(f"has the timecode {shown(row[timecode])} in line {rows.line_num}, not hh:mm:ss:ff")
        for index in numbers:
            if not _finite(row[index]):
                raise ValueError(f"has {shown(row[index])} for {columns[index]} in line {rows.line_num}")
    if count == 0:
        raise ValueError("has no rows below its column names")
    return CurveFacts(columns, count)


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
