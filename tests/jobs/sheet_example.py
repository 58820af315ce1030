"""A small valid episode on disk, and the catalogue it casts from."""

from __future__ import annotations

import copy
import math
import struct
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from jobs.call_sheet import read_call_sheet
from jobs.catalogue import Catalogue
from jobs.episode import Episode

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

CSV = (
    "Timecode,BlendshapeCount,JawOpen,EyeBlinkLeft,HeadYaw\n00:00:00:00.1,61,0.5,0.1,0.0\n00:00:00:01.1,61,0.4,0,0.1\n"
)
BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 5 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.033333
0 90 0 0 0 0 0 0 0
0 90 0 1 2 3 4 5 6
"""
SHEET: dict[str, Any] = {
    "greenroom": 1,
    "episode": "s01e01",
    "title": "The Green Room",
    "fps": 24,
    "resolution": [640, 360],
    "deadline": "2027-01-15T09:00:00Z",
    "project": {"id": "gr-s01", "genres": ["drama"], "territories": ["worldwide"], "media": ["streaming"]},
    "cast": {"ada": {"performer": "house/ada"}, "bo": {"performer": "house/kofi@1"}},
    "scenes": [
        {
            "id": "s010",
            "plate": {"image": "plates/loft.png"},
            "light": {"preset": "window-left", "exposure": 0.5},
            "marks": {"ada": {"at": [-0.4, 0.0], "facing": "bo"}, "bo": {"at": [0.4, 0.1], "facing": -62}},
            "shots": [
                {
                    "id": "0010",
                    "camera": {"preset": "close-up", "on": "ada", "lens": 75, "move": {"dolly": 0.15}},
                    "cues": [
                        {
                            "role": "ada",
                            "line": {"audio": "audio/ada.wav", "text": "You were never late before.", "at": 0.25},
                            "direction": "act with subdued sadness",
                            "look_at": "bo",
                            "face": "curves/ada.csv",
                            "mocap": "mocap/idle.bvh",
                        },
                        {"role": "bo", "look_at": "down"},
                    ],
                    "look": "splat",
                    "takes": 1,
                },
                {
                    "id": "0020",
                    "seconds": 2.0,
                    "camera": {"preset": "over-the-shoulder", "on": "bo", "over": "ada"},
                    "cues": [{"role": "bo", "direction": "angry"}, {"role": "ada"}],
                },
            ],
        },
        {
            "id": "s020",
            "plate": {"splats": "diner"},
            "light": {"preset": "noir"},
            "shots": [
                {
                    "id": "0010",
                    "frames": 36,
                    "seed": 7,
                    "camera": {"preset": "two-shot", "on": ["ada", "bo"], "move": {"orbit": 20, "pedestal": 0.1}},
                    "cues": [{"role": "ada"}, {"role": "bo"}],
                }
            ],
        },
        {
            "id": "s030",
            "plate": {"colour": "#203040"},
            "light": {"preset": "studio-soft"},
            "shots": [
                {
                    "id": "0010",
                    "frames": 1,
                    "camera": {"preset": "medium-close-up", "on": ["ada"]},
                    "cues": [{"role": "ada"}],
                }
            ],
        },
    ],
}


def write_wav(path: Path, seconds: float, rate: int = 16_000) -> Path:
    """A hum."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        count = round(seconds * rate)
        file.writeframes(b"".join(struct.pack("<h", int(2000 * math.sin(i * 0.05))) for i in range(count)))
    return path


def write_png(path: Path, width: int = 64, height: int = 36) -> Path:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (40, 60, 80)).save(path)
    return path


def make_house(folder: Path) -> Path:
    """Packages of four performers; their content is not a real package, and nothing here opens it."""
    for name in ("ada", "kofi", "mei", "luca"):
        (folder / "house" / name / "1").mkdir(parents=True)
        (folder / "house" / name / "1" / "performer.safetensors").write_bytes(b"package of " + name.encode())
    return folder / "house"


def make_episode(folder: Path) -> Path:
    """The folder of ``SHEET`` with its media; the sheet itself is written by ``write_sheet``."""
    write_wav(folder / "audio/ada.wav", 1.5)
    write_png(folder / "plates/loft.png")
    for name, text in (("curves/ada.csv", CSV), ("mocap/idle.bvh", BVH)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    return folder


def changed(path: str, value: Any, sheet: dict[str, Any] = SHEET) -> dict[str, Any]:
    """``sheet`` with the value at a dotted path replaced: ``changed("scenes.0.id", "x")``; ... takes it out."""
    sheet = copy.deepcopy(sheet)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = sheet
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return sheet


def write_sheet(folder: Path, sheet: Any) -> Path:
    path = folder / "pilot.yaml"
    path.write_text(sheet if isinstance(sheet, str) else yaml.safe_dump(sheet, sort_keys=False, allow_unicode=True))
    return path


def read(folder: Path, house: Path, sheet: Any = SHEET) -> Episode:
    return read_call_sheet(write_sheet(folder, sheet), Catalogue([house]), now=NOW)
