"""One shot, from cues to a finished take: perform, pose, light, rasterise, grade, mark, encode.

Frames are made one after the other and handed to the encoder while the next one is drawn, so memory does not grow
with the length of the shot.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from actors.backdrop import Backdrop
from actors.encode import Encoder, Mark, TakeWriter
from actors.gaussians import Gaussians
from actors.grade import GRADES, finish
from actors.judge.judge import Judge
from actors.judge.lips import lip_gaps
from actors.lens import Lens
from actors.light import Rig, rig
from actors.perform.perform import perform
from actors.perform.speech import Phone, phones
from actors.perform.visemes import closures
from actors.performance import Performance
from actors.rasterise import Layers, Rasteriser
from actors.shade import shade
from actors.shadow import shadow_of
from actors.staging import Staging, stage
from actors.watermark import Watermark, payload
from jobs.episode import Cue, Episode, Scene, Shot
from jobs.take_key import roles_on_stage

if TYPE_CHECKING:
    from actors.body.performer import Performer, Posed

REST = (np.zeros(52, np.float32), np.zeros((6, 3), np.float32), np.zeros(2, np.float32), np.eye(4, dtype=np.float32))
TORSO = ("left_shoulder", "right_shoulder", "sternum")
ON_SCREEN = 0.01  # share of a performer that must be inside the picture to be on screen
REACH = 0.24  # metres around the head and each of these within which all of a clothed performer is


@dataclass(frozen=True, slots=True)
class TakeFacts:
    """What it took to shoot a take."""

    frames: int
    seconds: float  # wall time
    stages: Mapping[str, float]  # seconds by stage: perform, pose, shade, raster, finish, encode (overlaps the rest)
    frames_on_screen: Mapping[str, int]  # role -> frames in which the role is in the picture
    quality: Mapping[str, object]  # the judge's figures, None with a reason where there is none


@dataclass(frozen=True, slots=True)
class Frame:
    """All that is known of one frame on its way to the encoder; arrays are valid until the next frame."""

    index: int  # 0 for the first of the shot
    lens: Lens
    cast: Mapping[str, Posed]  # the roles that are drawn
    cloud: Gaussians
    slices: Mapping[str, slice]  # where each role's Gaussians are in the cloud
    landmarks: Mapping[str, Mapping[str, np.ndarray]]  # of every role, drawn or not: name -> [3] metres, world
    layers: Layers
    blend: Callable[[np.ndarray], np.ndarray]  # features [N, K] with the weights of this frame
    image: np.ndarray  # [H, W, 3] uint8 sRGB


class Stopwatch:
    """Adds up where the time goes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Everything since the last lap was ``stage``."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def shoot(
    shot: Shot,
    scene: Scene,
    episode: Episode,
    performers: Mapping[str, Performer],
    out: Path,
    *,
    take_key: str,
    watermark: Watermark | None,
    encoder: Encoder = Encoder(),  # noqa: B008 - frozen
    threads: int = 1,
    on_frame: Callable[[int], None] = lambda done: None,
    galleries: Mapping[str, np.ndarray] | None = None,
) -> TakeFacts:
    """Render ``shot`` with the roles' ``performers`` to the file ``out`` and tell what it took.

    ``on_frame`` is called with the number of finished frames and may raise to stop the shot; then nothing is left
    under ``out``. ``galleries`` are the descriptors of performers that the judge compares with (id ->
    [G, 128]), besides those of the cast; None: the take is not judged.
    """
    started = time.perf_counter()
    watch = Stopwatch()
    performances, lenses, staging = rehearse(shot, scene, episode, performers)
    studio = _Studio(shot, scene, episode.fps, performers, staging, performances, threads)
    watch.lap("perform")
    mark = Mark(watermark, payload(take_key)) if watermark else None
    critic = None
    if galleries is not None:
        cast = {role: performers[role].id for role in performances}
        critic = Judge(
            frames=shot.frames,
            fps=episode.fps,
            cast=cast,
            galleries={**galleries, **{performers[role].id: performers[role].gallery for role in performances}},
            lip_gaps=[
                gap
                for cue in shot.cues
                for gap in lip_gaps(performers[cue.role], performances[cue.role], _closures(cue, episode.fps))
            ],
        )
    on_screen = dict.fromkeys(performers, 0)
    encoding = 0.0
    images = [np.empty((episode.height, episode.width, 3), np.uint8) for _ in range(2)]
    with (  # the press ends before the writer closes, whatever stops the shot
        TakeWriter(out, episode.width, episode.height, episode.fps, encoder=encoder, mark=mark) as writer,
        ThreadPoolExecutor(1) as press,
    ):
        pending: Future[float] | None = None
        for index, lens in enumerate(lenses):
            frame = studio.draw(index, lens, images[index % 2], watch)
            for role in frame.cast:
                on_screen[role] += _share_inside(frame.cast[role].means, lens) >= ON_SCREEN
            if critic is not None:
                critic.see(frame)
                watch.lap("judge")
            if pending is not None:
                encoding += pending.result()
                watch.lap("wait for encoder")
            pending = press.submit(_timed, writer.write, frame.image)
            on_frame(index + 1)
        encoding += pending.result()
    watch.lap("wait for encoder")
    figures = critic.figures() if critic is not None else {}
    watch.lap("judge")
    stages = {**watch.seconds, "encode": encoding}
    seconds = time.perf_counter() - started
    return TakeFacts(shot.frames, seconds, stages, on_screen, figures)


def rehearse(
    shot: Shot, scene: Scene, episode: Episode, performers: Mapping[str, Performer]
) -> tuple[dict[str, Performance], list[Lens], Staging]:
    """What every role does in ``shot``, the camera of each frame, and the floor plan they share."""
    staging = stage(scene, {role: performers[role].landmarks(*REST) for role in roles_on_stage(scene, shot)})
    last = max(1, shot.frames - 1)
    lenses = [staging.lens(shot, index / last, episode.width, episode.height) for index in range(shot.frames)]
    spoken = {cue.role: _phones_in_shot(cue) for cue in shot.cues}
    performances = {}
    for order, cue in enumerate(shot.cues):
        heard = [phone for role, said in spoken.items() if role != cue.role for phone in said]
        partners = [other.role for other in shot.cues if other.role != cue.role]
        performances[cue.role] = perform(
            cue,
            frames=shot.frames,
            fps=episode.fps,
            seed=shot.seed * 1009 + order,
            targets=staging.targets(cue.role, lenses[len(lenses) // 2]),
            default_look_at=partners[0] if partners else "camera",
            heard=tuple(sorted(heard, key=lambda phone: phone.start)),
        )
    return performances, lenses, staging


def _phones_in_shot(cue: Cue) -> tuple[Phone, ...]:
    if cue.line is None:
        return ()
    found = phones(cue.line.audio.path, cue.line.text)
    return tuple(Phone(phone.name, phone.start + cue.line.at, phone.end + cue.line.at) for phone in found)


class _Studio:
    """Everything that stays from frame to frame of one shot."""

    def __init__(
        self,
        shot: Shot,
        scene: Scene,
        fps: Fraction,
        performers: Mapping[str, Performer],
        staging: Staging,
        performances: Mapping[str, Performance],
        threads: int,
    ) -> None:
        self._shot, self._performers, self._staging, self._performances = shot, performers, staging, performances
        self._rig: Rig = rig(scene.light, scene.exposure, staging.light_heading(shot))
        self._drawn = staging.drawn(shot)
        self._posed: dict[str, Posed] = {}  # arrays to write the next frame to
        self._backdrop = Backdrop.load(
            scene.plate,
            anchor=np.mean([[mark.x, 0.0, mark.z] for mark in staging.marks.values()], axis=0),
            heading=math.degrees(math.atan2(*staging.side)),
            surround=self._rig.surround,
            fps=fps,
        )
        self._grade = GRADES[scene.light]
        self._rasteriser = Rasteriser(threads)
        sets = self._backdrop.cloud
        room = sum(len(performers[role]) for role in performances) + (len(sets) if sets is not None else 0)
        self._buffer = Gaussians(
            np.empty((room, 3), np.float32),
            np.empty((room, 4), np.float32),
            np.empty((room, 3), np.float32),
            np.empty(room, np.float32),
            np.empty((room, 3), np.float32),
        )
        self._first = 0
        if sets is not None:
            self._first = len(sets)
            self._write(slice(0, len(sets)), sets.means, sets.quats, sets.scales, sets.opacities, sets.colours)

    def draw(self, index: int, lens: Lens, out: np.ndarray, watch: Stopwatch) -> Frame:
        """Frame ``index``, 0 for the first, seen by ``lens``, written to ``out`` [H, W, 3] uint8."""
        cast: dict[str, Posed] = {}
        landmarks = {}
        for role in self._drawn:
            performer, act = self._performers[role], self._performances[role]
            root = self._staging.root(role, act.sway[index])
            pose = (act.shapes[index], act.joints[index], act.gaze[index], root)
            landmarks[role] = performer.landmarks(*pose)
            if _in_view(landmarks[role], lens):
                posed = self._posed[role] = performer.posed(*pose, out=self._posed.get(role))
                if _share_inside(posed.means, lens) > 0:
                    cast[role] = posed
        watch.lap("pose")
        at, slices = self._first, {}
        for role, posed in cast.items():
            shadow = shadow_of(
                [posed], self._rig.key
            )  # each casts on themselves alone: nobody stands in another's light
            watch.lap("shadow")
            part = slices[role] = slice(at, at + len(posed.means))
            colours, opacities = self._buffer.colours[part], self._buffer.opacities[part]
            shade(posed, self._rig, lens, shadow, out=colours, opacities=opacities)
            self._write(part, posed.means, posed.quats, posed.scales)
            at = part.stop
            watch.lap("shade")
        cloud = Gaussians(*(getattr(self._buffer, name)[:at] for name in Gaussians.__slots__))
        layers = self._rasteriser.render(cloud, lens)
        watch.lap("raster")
        finish(layers, self._backdrop.image(lens, index), seed=self._shot.seed, frame=index, grade=self._grade, out=out)
        watch.lap("finish")
        return Frame(index, lens, cast, cloud, slices, landmarks, layers, self._rasteriser.blend, out)

    def _write(self, part, means, quats, scales, opacities=None, colours=None) -> None:
        self._buffer.means[part], self._buffer.quats[part], self._buffer.scales[part] = means, quats, scales
        if opacities is not None:
            self._buffer.opacities[part], self._buffer.colours[part] = opacities, colours


def _in_view(landmarks: Mapping[str, np.ndarray], lens: Lens) -> bool:
    """Whether any part of a performer with these landmarks ([3] metres, world) can be in the picture."""
    centres = np.array([(landmarks["head_top"] + landmarks["chin"]) / 2] + [landmarks[name] for name in TORSO])
    x, y, z = lens.view[:3, :3] @ centres.T + lens.view[:3, 3:4]
    slack = REACH * max(lens.fx, lens.fy)
    near = np.maximum(z, 0.05)
    across, down = lens.fx * x + lens.cx * near, lens.fy * y + lens.cy * near
    inside = (
        (z > -REACH)
        & (-slack < across) & (across < lens.width * near + slack)
        & (-slack < down) & (down < lens.height * near + slack)
    )  # fmt: skip
    return bool(inside.any())


def _share_inside(means: np.ndarray, lens: Lens) -> float:
    """How much of a performer is inside the picture, 0..1, by the centres of every 64th Gaussian."""
    places = means[::64] @ lens.view[:3, :3].T + lens.view[:3, 3]
    depth = np.maximum(places[:, 2], 1e-3)
    x, y = lens.fx * places[:, 0] / depth + lens.cx, lens.fy * places[:, 1] / depth + lens.cy
    inside = (places[:, 2] > 0.05) & (x >= 0) & (x < lens.width) & (y >= 0) & (y < lens.height)
    return float(inside.mean())


def _closures(cue: Cue, fps: Fraction) -> tuple[int, ...]:
    """The frames in which the cue's role must have closed lips."""
    if cue.line is None or cue.face is not None:  # recorded curves decide about the mouth themselves
        return ()
    return closures(phones(cue.line.audio.path, cue.line.text), fps, cue.line.at)


def _timed(work: Callable[[np.ndarray], None], frame: np.ndarray) -> float:
    start = time.perf_counter()
    work(frame)
    return time.perf_counter() - start
