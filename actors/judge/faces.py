"""Faces in pictures: found, and turned into 128 numbers that tell people apart.

dlib's HOG detector, five-point alignment and ResNet descriptor (King 2017, dlib 19.3; models public domain, from
the package face-recognition-models, loaded as files: the package itself is not imported).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from jobs.errors import FarmError

CROP = 2.2  # side of the searched square over the height of the face
CROP_PIXELS = 300  # the square is scaled to this before it is searched: a face of about 140 px


class JudgeIncomplete(FarmError):
    """The models that the judge needs are not installed."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)

    def __str__(self) -> str:
        return "the judge cannot find {}: pip install -c constraints.txt face-recognition-models".format(*self.args)


@dataclass(frozen=True, slots=True)
class FoundFace:
    """One face in a picture."""

    x: float  # pixels, centre of the detector's box
    y: float
    size: float  # pixels, side of the box
    descriptor: np.ndarray  # [128] float32


def find_face(image: np.ndarray, x: float, y: float, height: float) -> FoundFace | None:
    """The face nearest to (x, y) in ``image`` [H, W, 3] uint8, about ``height`` pixels high; None if there is none."""
    import cv2

    side = CROP * height
    scale = CROP_PIXELS / side
    to_crop = np.array([[scale, 0, -scale * (x - side / 2)], [0, scale, -scale * (y - side / 2)]], np.float32)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    if scale < 1:  # warpAffine does not average: shrink what is needed first
        x0, x1 = (int(np.clip(v, 0, image.shape[1])) for v in (x - side / 2, x + side / 2))
        y0, y1 = (int(np.clip(v, 0, image.shape[0])) for v in (y - side / 2, y + side / 2))
        if x1 - x0 < 8 or y1 - y0 < 8:
            return None
        size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
        crop = cv2.resize(image[y0:y1, x0:x1], size, interpolation=interpolation)
        left, top = float(x0), float(y0)
    else:
        crop = cv2.warpAffine(image, to_crop, (CROP_PIXELS, CROP_PIXELS), flags=interpolation)
        left, top = x - side / 2, y - side / 2
    crop = np.ascontiguousarray(crop)
    boxes = _models().detector(crop, 0)
    if not boxes:
        return None
    middle = ((x - left) * scale, (y - top) * scale)
    box = min(boxes, key=lambda b: (b.center().x - middle[0]) ** 2 + (b.center().y - middle[1]) ** 2)
    landmarks = _models().landmarks(crop, box)
    descriptor = np.array(_models().descriptor.compute_face_descriptor(crop, landmarks), np.float32)
    return FoundFace(left + box.center().x / scale, top + box.center().y / scale, box.width() / scale, descriptor)


@dataclass(frozen=True, slots=True)
class _Models:
    detector: object
    landmarks: object
    descriptor: object


@lru_cache(maxsize=1)
def _models() -> _Models:
    import dlib

    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise JudgeIncomplete("the package face-recognition-models")
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    shape, resnet = (
        folder / name for name in ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")
    )
    for path in (shape, resnet):
        if not path.is_file():
            raise JudgeIncomplete(str(path))
    return _Models(
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(shape)),
        dlib.face_recognition_model_v1(str(resnet)),
    )
