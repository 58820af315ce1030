"""A cue becomes a performance: speech, emotion, eyes and body, frame by frame."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import numpy as np

from actors.perform import accents, blinks, expression, eyes, lips, posture, timing, visemes
from actors.perform.curves import face_curves
from actors.perform.direction import Reading, understood
from actors.perform.mocap import motion
from actors.perform.speech import Phone, loudness, phones, read_audio
from actors.perform.style import Style
from actors.performance import JAW_GAIN, JAW_SHAPES, SHAPE, Performance
from jobs.episode import Cue
from jobs.errors import BadInput

_NARROWEST = 0.26  # how far lids may cover an eye that neither blinks nor is tired, 1 is shut


class NothingToLookAt(BadInput):
    """A cue looks at something that is not in its scene."""

    def __init__(self, role: str, look_at: str, known: tuple[str, ...]) -> None:
        super().__init__(role, look_at, known)

    def __str__(self) -> str:
        role, look_at, known = self.args
        return f"role {role!r} looks at {look_at!r}, which is not in the scene; known here: {', '.join(known)}"


def perform(
    cue: Cue,
    *,
    frames: int,
    fps: Fraction,
    seed: int,
    targets: Mapping[str, tuple[float, float]],
    default_look_at: str,
    heard: tuple[Phone, ...] = (),
) -> Performance:
    """What the cue's role does in ``frames`` frames; the same for the same arguments on every machine.

    ``targets``: per role or "camera", the (yaw, pitch) in radians at which this performer's eyes see it from rest, in
    the performer's own frame. ``default_look_at``: where a cue looks that does not say. ``heard``: what the partner
    says, in seconds of the shot (``shifted``). Raises NothingToLookAt, UnreadableAudio, TextDoesNotMatch and what
    ``face_curves`` and ``motion`` raise.
    """
    fine = 2 * max(0, round(60 / fps)) + 1  # samples per frame, odd, so that one is the frame's middle
    step = float(1 / (fps * fine))
    times = (np.arange(frames * fine) + 0.5) * step
    seconds = float(frames / fps)
    rng = [np.random.default_rng([seed, zlib.crc32(cue.role.encode()), channel]) for channel in range(9)]
    person = np.random.default_rng(zlib.crc32(cue.role.encode()))  # what stays the same in every shot
    side, lean = float(person.choice([-1.0, 1.0])), float(person.uniform(-1, 1))

    reading = understood(cue.direction)
    weights, restraint = _course(rng[0], reading, times, seconds)
    style = Style(weights, restraint)

    said: tuple[Phone, ...] = ()
    loud = np.zeros(len(times))
    if cue.line is not None:
        said = phones(cue.line.audio.path, cue.line.text)
        loud = loudness(read_audio(cue.line.audio.path), times - cue.line.at)
        said = shifted(said, cue.line.at)
    own = accents.phrases(said)
    others = accents.phrases(heard)
    talk = _talking(own, times, step)

    beats = accents.stresses(said, loud, step)
    nodding, flashes = accents.reactions(rng[1], seconds, others, talk, step) if not own or others else ([], [])
    spoken = visemes.mouth(said, times, loud, style.mean("effort")) if said else np.zeros((len(times), 52))
    spoken = timing.smoothed(spoken, step, 0.015)
    felt = _felt(rng[2], weights, restraint, times, step, own, lean)
    raised = 0.30 * accents.raises(times, beats) + 0.34 * accents.raises(times, flashes)
    raised *= np.clip(style.gesture, 0.5, 1.4) * (1 - 0.6 * weights[:, expression.NAMES.index("anger")].clip(0, 1))
    for name in ("browOuterUpLeft", "browOuterUpRight", "browInnerUp"):
        felt[:, SHAPE[name]] += raised * (1 - 0.6 * felt[:, SHAPE[name]])
    _idle(rng[3], felt, times, style, talk)
    shapes = expression.with_speech(np.clip(felt, 0, 1), spoken, talk)
    shapes = visemes.bitten(shapes, visemes.biting(said, times, step * fine))
    shapes = lips.sealed(lips.uncrossed(shapes), visemes.closing(said, times, step * fine))

    look_at = cue.look_at or default_look_at
    partner = targets.get(default_look_at, (0.0, 0.0))
    try:
        home = eyes.place(look_at, targets, partner, side)
    except KeyError:
        raise NothingToLookAt(cue.role, look_at, (*sorted(targets), "down", "up", "away")) from None
    fixations = eyes.plan(
        rng[4], seconds, home, face=look_at in targets and look_at != "camera", aversion=style.mean("aversion"),
        down=style.mean("down"), side=side, speaking=own,
    )  # fmt: skip
    sight = eyes.line_of_sight(times, fixations)
    turn = eyes.head_turn(times, fixations, style.mean("tempo"))
    lungs = posture.breath(rng[5], times, style, own)
    nod = 0.052 * accents.nods(times, beats) * style.gesture + 0.040 * accents.nods(times, nodding) * style.gesture
    shift = 0.030 * accents.shifts(rng[1], times, beats or nodding) * style.gesture[:, None]
    joints = posture.joints(rng[6], times, style, lungs=lungs, turn=turn, nod=nod, shift=shift, side=side)
    sway = posture.sway(rng[7], times, style, lungs)

    middle = slice((fine - 1) // 2, None, fine)
    shapes, joints, sway, sight, times = shapes[middle], joints[middle], sway[middle], sight[middle], times[middle]
    if cue.mocap is not None:
        recorded = motion(cue.mocap.path, times)
        joints = _added(joints, recorded)
    gaze = eyes.gaze_in_head(sight, posture.head_rotation(joints)) + eyes.drift(rng[8], times)
    invitations = [(end + 0.05, 0.55) for _, end in own] + [(end + 0.25, 0.3) for _, end in others]
    for before, after in pairwise(fixations):
        size = np.hypot(after.yaw - before.yaw, after.pitch - before.pitch)
        invitations.append((after.start + 0.03, float(np.clip(4.0 * size - 0.3, 0, 0.8))))
    refractory = 0.95 - 0.45 * float(np.clip(weights[:, expression.NAMES.index("anxiety")].mean(), 0, 1))
    blinking = blinks.blink_times(rng[8], seconds, style.mean("blinks"), invitations, refractory)
    closed = blinks.lids(times, blinking, float(1 / fps))
    tired = weights[middle, expression.NAMES.index("fatigue")].clip(0, 1)
    _lids(shapes, gaze, closed, _NARROWEST + 0.24 * tired)
    shapes[:, JAW_SHAPES] /= JAW_GAIN  # the acting thinks in the shapes that lips.gap is measured with
    if cue.face is not None:
        recorded_face = face_curves(cue.face.path, times)
        shapes, gaze = recorded_face.shapes.copy(), recorded_face.gaze
    _eye_looks(shapes, gaze)
    return Performance(
        np.clip(shapes, 0, 1).astype(np.float32),
        joints.astype(np.float32),
        gaze.astype(np.float32),
        sway.astype(np.float32),
    )


def shifted(said: tuple[Phone, ...], at: float) -> tuple[Phone, ...]:
    """The phones of a line that starts ``at`` seconds into the shot, in seconds of the shot."""
    return tuple(Phone(phone.name, phone.start + at, phone.end + at) for phone in said)


def _course(
    rng: np.random.Generator, reading: Reading, times: np.ndarray, seconds: float
) -> tuple[np.ndarray, np.ndarray]:
    """Emotion weights [T, E] and restraint [T] over the shot.

    A shot begins inside the emotion (0.8), which comes to its height within a second and breathes from there. A turn
    happens around the middle.
    """
    start, end = np.array(reading.start.weights), np.array(reading.end.weights)
    turn = timing.smoothstep((times / seconds - 0.30) / 0.34)[:, None]
    weights = start + (end - start) * turn
    rise = 0.80 + 0.20 * timing.smoothstep((times - 0.1) / min(0.9, 0.5 * seconds))
    wander = 1 + 0.05 * timing.noise(rng, times, 0.15, 0.8)
    held = reading.start.restraint + (reading.end.restraint - reading.start.restraint) * turn[:, 0]
    return np.maximum(weights * (rise * wander)[:, None], 0.0), held


def _talking(own: list[tuple[float, float]], times: np.ndarray, step: float) -> np.ndarray:
    """How far the mouth belongs to speech, [T] 0..1, from a little before each phrase to a little after it."""
    talk = np.zeros(len(times))
    for start, end in own:
        talk[(times > start - 0.09) & (times < end + 0.07)] = 1.0
    return timing.smoothed(talk, step, 0.06) if own else talk


def _felt(
    rng: np.random.Generator,
    weights: np.ndarray,
    restraint: np.ndarray,
    times: np.ndarray,
    step: float,
    own: list[tuple[float, float]],
    lean: float,
) -> np.ndarray:
    """The felt face [T, 52], a little uneven; what is held back leaks out once, for a third of a second."""
    felt = expression.face(weights, restraint)
    if restraint.max() >= 0.3 and weights.max() > 0.25 and times[-1] > 1.0:
        low, high = (own[-1][1], times[-1]) if own and times[-1] - own[-1][1] > 0.5 else (0.35, times[-1] - 0.3)
        moment = rng.uniform(low + 0.1, max(high - 0.3, low + 0.15))
        leak = timing.pulse(times, moment, 0.10, 0.12, 0.22)  # micro-expression, Ekman & Friesen 1969
        free = expression.face(1.25 * weights, np.zeros_like(restraint))
        felt = felt + (0.85 * leak)[:, None] * np.maximum(free - felt, 0.0)
    return expression.uneven(timing.smoothed(felt, step, 0.03), lean, timing.noise(rng, times, 0.1, 0.6))


def _idle(rng: np.random.Generator, felt: np.ndarray, times: np.ndarray, style: Style, talk: np.ndarray) -> None:
    """Life in a face that does nothing in particular, in place: small wanders of brows, lids and a relaxed mouth."""
    quiet = 1 - talk
    for names, size, low, high in (
        (("browInnerUp",), 0.035, 0.15, 1.2), (("browOuterUpLeft", "browOuterUpRight"), 0.025, 0.1, 0.9),
        (("eyeSquintLeft", "eyeSquintRight"), 0.03, 0.15, 1.0),
        (("mouthPressLeft", "mouthPressRight"), 0.030, 0.15, 0.8),
        (("mouthSmileLeft", "mouthSmileRight"), 0.018, 0.1, 0.6), (("mouthShrugLower",), 0.03, 0.15, 0.8),
    ):  # fmt: skip
        wander = size * np.maximum(timing.noise(rng, times, low, high) + 0.4, 0)
        for name in names:
            felt[:, SHAPE[name]] += wander * (quiet if name.startswith("mouth") else 1.0)
    chin = style.tremor * 0.05 * np.maximum(timing.noise(rng, times, 5.0, 8.0), 0) * quiet
    felt[:, SHAPE["mouthShrugLower"]] += chin


def _lids(shapes: np.ndarray, gaze: np.ndarray, closed: np.ndarray, narrowest: np.ndarray) -> None:
    """Lids that follow the eyes, hang with the mood (never beyond ``narrowest`` [F]) and close to blink, in place."""
    blink, wide = eyes.lid_coupling(gaze[:, 1])
    for number, sidename in enumerate(("Left", "Right")):
        shut = closed[:, number]
        hang = np.clip(shapes[:, SHAPE["eyeBlink" + sidename]] + blink, 0, 0.62)
        squint = shapes[:, SHAPE["eyeSquint" + sidename]]
        looked = 0.26 * np.clip(-gaze[:, 1] / np.radians(30), 0, 1) - 0.30 * shapes[:, SHAPE["eyeWide" + sidename]]
        over = np.maximum(hang + 0.34 * squint + looked - narrowest, 0)  # an iris stays in sight
        spared = over / np.maximum(hang + 0.34 * squint, 1e-6)
        hang = hang * np.maximum(1 - spared, 0)
        shapes[:, SHAPE["eyeSquint" + sidename]] = squint * np.maximum(1 - spared, 0)
        shapes[:, SHAPE["eyeBlink" + sidename]] = hang + (1 - hang) * shut
        up = np.minimum(shapes[:, SHAPE["eyeWide" + sidename]] + wide, 1.0)
        shapes[:, SHAPE["eyeWide" + sidename]] = up * (1 - shut)
        shapes[:, SHAPE["eyeSquint" + sidename]] *= 1 - 0.65 * shut
    brow = 0.06 * closed.mean(axis=1)  # the brows dip a little with the lids
    for name in ("browDownLeft", "browDownRight"):
        shapes[:, SHAPE[name]] = np.minimum(shapes[:, SHAPE[name]] + brow, 1.0)


def _eye_looks(shapes: np.ndarray, gaze: np.ndarray) -> None:
    """Sets ARKit's eyeLook* from the gaze, for reference, in place; 1 is 30 degrees."""
    yaw, pitch = gaze[:, 0] / np.radians(30), gaze[:, 1] / np.radians(30)
    for sidename, sign in (("Left", 1), ("Right", -1)):
        shapes[:, SHAPE["eyeLookOut" + sidename]] = np.clip(sign * yaw, 0, 1)
        shapes[:, SHAPE["eyeLookIn" + sidename]] = np.clip(-sign * yaw, 0, 1)
        shapes[:, SHAPE["eyeLookUp" + sidename]] = np.clip(pitch, 0, 1)
        shapes[:, SHAPE["eyeLookDown" + sidename]] = np.clip(-pitch, 0, 1)


def _added(joints: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Joint rotations [F, 6, 3] with recorded ones [F, 6, 3] applied on top."""
    from actors.perform import rotation

    return rotation.vector(rotation.matrix(recorded) @ rotation.matrix(joints))
