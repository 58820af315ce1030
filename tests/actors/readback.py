"""Reads a face's expression from a picture with mediapipe's face landmarker (52 ARKit coefficients)."""

from __future__ import annotations

import ctypes.util
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

MODEL = Path(sys.prefix) / "share" / "greenroom" / "face_landmarker_v2.task"
READ = {  # what is commanded -> the coefficients whose mean reads it
    "jaw": ("jawOpen",),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
}
COMMAND = {"jaw": "jawOpen", "smile": "mouthSmile", "blink": "eyeBlink"}  # without Left and Right: both


def missing() -> str | None:
    """What is not there that reading needs; None if all is."""
    if importlib.util.find_spec("mediapipe") is None:
        return "mediapipe is not installed: pip install 'greenroom[test]'"
    if not MODEL.is_file():
        return f"{MODEL} is missing: bash infra/test-setup.sh VENV"
    for library in ("EGL", "GLESv2"):
        if ctypes.util.find_library(library) is None:
            return f"lib{library} is missing: apt-get install libegl1 libgles2"
    return None


needs_mediapipe = pytest.mark.skipif(missing() is not None, reason=missing() or "")


def read_expression(image: np.ndarray) -> dict[str, float] | None:
    """The coefficients 0..1 of the largest face in ``image`` [H, W, 3] uint8 sRGB; None if there is none."""
    import mediapipe

    found = _landmarker().detect(mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(image)))
    if not found.face_blendshapes:
        return None
    return {category.category_name: float(category.score) for category in found.face_blendshapes[0]}


def read(image: np.ndarray) -> dict[str, float]:
    """The measured jaw, smile and blink of ``READ``."""
    scores = read_expression(image)
    assert scores is not None, "mediapipe finds no face"
    return {kind: float(np.mean([scores[name] for name in names])) for kind, names in READ.items()}


@lru_cache(maxsize=1)
def _landmarker():
    from mediapipe.tasks.python.core.base_options import BaseOptions
    from mediapipe.tasks.python.vision.face_landmarker import FaceLandmarker, FaceLandmarkerOptions

    options = FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(MODEL)), output_face_blendshapes=True, num_faces=1
    )
    return FaceLandmarker.create_from_options(options)
