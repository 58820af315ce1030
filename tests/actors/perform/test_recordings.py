"""Recorded faces and bodies take the place of, or add to, what is performed."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from actors.perform.curves import UnusableCurves, face_curves
from actors.perform.mocap import UnusableMotion, motion
from actors.perform.perform import perform
from actors.performance import JOINT, SHAPE
from jobs.episode import Cue, Media

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT mixamorig:Spine
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT mixamorig:Head
    {
      OFFSET 0 10 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      End Site
      {
        OFFSET 0 5 0
      }
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.5
0 90 0 0 0 0 0 10 0 0 0 30
0 90 0 0 0 0 0 10 0 0 0 -30
"""


def test_live_link_curves_are_resampled_to_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    rows = [f"00:00:{r // 60:02d}:{r % 60:02d}.000,61,{r / 120}" for r in range(121)]
    path.write_text("Timecode,BlendShapeCount,JawOpen\n" + "\n".join(rows))
    curves = face_curves(path, np.array([0.0, 0.5, 1.0, 9.0]))
    assert curves.shapes[:, SHAPE["jawOpen"]] == pytest.approx([0, 0.25, 0.5, 1.0])
    assert curves.shapes[:, SHAPE["mouthSmileLeft"]].max() == 0


def test_the_gaze_comes_from_the_eyes_of_the_curves(tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    path.write_text("time,eyeLookOutLeft,eyeLookInRight,eyeLookDownLeft,eyeLookDownRight\n0,0.5,0.5,0.2,0.2\n")
    curves = face_curves(path, np.array([0.0]))
    assert curves.gaze[0] == pytest.approx([np.radians(15), -np.radians(6)])


def test_curves_replace_the_face_with_its_blinks(tmp_path: Path) -> None:
    path = tmp_path / "face.csv"
    path.write_text("time,jawOpen,mouthSmileLeft\n0,0.4,0.7\n9,0.4,0.7\n")
    cue = Cue(role="ada", direction="furious", face=Media(path=path, sha256="0" * 64))
    played = perform(cue, frames=96, fps=Fraction(24), seed=0, targets={"camera": (0, 0)}, default_look_at="camera")
    assert np.allclose(played.shapes[:, SHAPE["jawOpen"]], 0.4)
    assert np.allclose(played.shapes[:, SHAPE["mouthSmileLeft"]], 0.7)
    assert played.shapes[:, SHAPE["eyeBlinkLeft"]].max() == 0
    assert np.ptp(played.joints) > 0.01  # the body still acts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names none"),
        ("Timecode,JawOpen\n", "no rows"),
        ("Timecode,JawOpen\n00:00:00:00,x\n", "line 2 has no number for jawOpen"),
        ("Timecode,JawOpen\nnow,0.5\n", "hh:mm:ss:ff"),
        ("JawOpen\n0.5\n", "neither"),
        ("time,jawOpen\n0,nan\n", "not finite"),
        ("time,jawOpen\nlater,0\n", "not a number"),
    ],
)
def test_curves_that_cannot_be_used_are_refused_with_a_reason(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "face.csv"
    path.write_text(text)
    with pytest.raises(UnusableCurves, match=why):
        face_curves(path, np.zeros(1))


def test_curves_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "face.csv"
    path.write_text("time,jawOpen\n" + "\n".join(f"{i},0" for i in range(12)))
    monkeypatch.setattr("actors.perform.curves.MOST_ROWS", 10)
    with pytest.raises(UnusableCurves, match="more than 10 rows"):
        face_curves(path, np.zeros(1))
    monkeypatch.setattr("actors.perform.curves.LARGEST", 5)
    with pytest.raises(UnusableCurves, match="larger than"):
        face_curves(path, np.zeros(1))


def test_motion_turns_the_joints_it_names(tmp_path: Path) -> None:
    path = tmp_path / "body.bvh"
    path.write_text(BVH)
    joints = motion(path, np.array([0.0, 0.25, 0.5, 3.0]))
    assert joints[:, JOINT["head"], 1] == pytest.approx(np.radians([30, 0, -30, -30]), abs=1e-9)
    assert joints[:, JOINT["torso"], 0] == pytest.approx(np.radians([10] * 4))
    assert not joints[:, JOINT["neck"]].any()


def test_motion_is_added_to_the_performance_and_the_eyes_make_up_for_it(tmp_path: Path) -> None:
    path = tmp_path / "body.bvh"
    path.write_text(BVH)
    media = Media(path=path, sha256="0" * 64)
    plain, moved = (
        perform(Cue(role="ada", mocap=m), frames=24, fps=Fraction(24), seed=0, targets={"camera": (0, 0)},
                default_look_at="camera")
        for m in (None, media)
    )  # fmt: skip
    turned = moved.joints[:, JOINT["head"], 1] - plain.joints[:, JOINT["head"], 1]
    assert turned[0] > np.radians(25)
    assert moved.gaze[0, 0] < plain.gaze[0, 0] - np.radians(20)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no HIERARCHY"),
        (BVH.replace("MOTION", "STILL"), "no HIERARCHY and MOTION"),
        (BVH.replace("Frames: 2", "Frames: two"), "cannot be read"),
        (BVH.replace("Frames: 2", "Frames: 3"), "not 3 lines of 12"),
        (BVH.replace("0 0 0 30", "0 0 0 inf"), "not 2 lines of 12 numbers"),
        (BVH.replace("0 0 0 30", "0 0 0 x"), "not a number"),
        (BVH.replace("Spine", "Tail").replace("Head", "Tip"), "none of its joints"),
        (BVH.replace("Frames: 2", "Frames: 900000"), "more than"),
    ],
)
def test_motion_that_cannot_be_used_is_refused_with_a_reason(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "body.bvh"
    path.write_text(text)
    with pytest.raises(UnusableMotion, match=why):
        motion(path, np.zeros(1))
