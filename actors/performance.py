"""What a performer does, frame by frame: the dense result of all cues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ARKIT_SHAPES = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
    "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
SHAPE = {name: index for index, name in enumerate(ARKIT_SHAPES)}

# How much further a performer's jawOpen parts the lips, and mouthClose closes them, than the MakeHuman shapes they are
# made from: so that what is commanded in ARKit's units is what a reader of ARKit's coefficients sees.
JAW_GAIN = 1.3
JAW_SHAPES = [SHAPE["jawOpen"], SHAPE["mouthClose"]]

JOINTS = ("torso", "chest", "neck", "head", "left_clavicle", "right_clavicle")
JOINT = {name: index for index, name in enumerate(JOINTS)}


@dataclass(frozen=True, slots=True)
class Performance:
    """F frames of one role; "left" is the performer's own left."""

    shapes: np.ndarray  # [F, 52] float32, 0..1, order ARKIT_SHAPES; ARKit's eyeLook* move the lids, gaze the eyes
    joints: np.ndarray  # [F, 6, 3] float32, rotation vectors in radians, order JOINTS, axes of the performer
    gaze: np.ndarray  # [F, 2] float32, radians in the head's frame: yaw (positive to the performer's left), pitch (up)
    sway: np.ndarray  # [F, 3] float32, metres the whole body moves off its mark, axes of the performer

    def __len__(self) -> int:
        return len(self.shapes)
