"""The lips of the house performers, measured on their own meshes while they speak the pilot's lines."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import yaml

from actors.body.performer import Performer
from actors.perform import closures, lips, perform
from actors.perform.speech import RATE, phones, read_audio
from actors.performance import JAW_GAIN, JAW_SHAPES, SHAPE
from jobs.episode import Cue, Line, Media

ROOT = Path(__file__).parents[3]
PILOT = ROOT / "jobs" / "pilot"
FPS = Fraction(24)


def _cues(role: str) -> list[Cue]:
    sheet = yaml.safe_load((PILOT / "pilot.yaml").read_text())
    said = [c for scene in sheet["scenes"] for shot in scene["shots"] for c in shot["cues"] if c["role"] == role]
    cues = []
    for cue in said:
        if "line" in cue:
            path = PILOT / cue["line"]["audio"]
            media = Media(path=path, sha256="0" * 64)
            line = Line(audio=media, text=cue["line"]["text"], seconds=len(read_audio(path)) / RATE)
            cues.append(Cue(role=role, line=line, direction=cue["direction"]))
    return cues


@pytest.mark.parametrize("role", ["ada", "kofi"])
def test_the_lips_meet_on_every_m_b_p_of_the_pilot_and_open_between(role: str) -> None:
    performer = Performer.load(ROOT / "actors" / "house" / role / "1" / "performer.safetensors")
    counted = 0
    for cue in _cues(role):
        frames = int(cue.line.seconds * FPS)
        played = perform(cue, frames=frames, fps=FPS, seed=0, targets={"camera": (0, 0)}, default_look_at="camera")
        for frame in closures(phones(cue.line.audio.path, cue.line.text), FPS):
            assert 1e3 * performer.lip_gap(played.shapes[frame]) < 0.8
            counted += 1
        widest = max(range(frames), key=lambda f: lips.gap(played.shapes[f]))
        assert 1e3 * performer.lip_gap(played.shapes[widest]) > 4
    assert counted >= 4


@pytest.mark.parametrize("role", ["ada", "kofi"])
def test_the_gap_that_the_acting_counts_on_is_that_of_the_mesh(role: str) -> None:
    performer = Performer.load(ROOT / "actors" / "house" / role / "1" / "performer.safetensors")
    for shape, amount in (("jawOpen", 0.2), ("jawOpen", 0.5), ("mouthFunnel", 0.5)):
        shapes = np.zeros(52, np.float32)
        shapes[SHAPE[shape]] = amount
        played = shapes.copy()
        played[JAW_SHAPES] /= JAW_GAIN
        assert 1e3 * performer.lip_gap(played) == pytest.approx(lips.gap(shapes), abs=1.6)
