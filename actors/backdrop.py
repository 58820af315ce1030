"""What is behind the performers: a still, footage, a colour, or a set made of splats.

All of it is out of focus, as it would be behind a face, and out-of-focus light holds little detail: it is drawn at a
quarter of the frame's width, blurred by the circle of confusion of the lens, and enlarged. Set pieces near the cast
come as Gaussians instead (``cloud``), to be drawn in one cloud with them so that they occlude each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from actors.gaussians import Gaussians
from actors.grade import decode, unfilm
from actors.lens import Lens
from actors.rasterise import Rasteriser
from actors.sets import build
from actors.splat_file import read_splats
from jobs.episode import Plate
from jobs.errors import BadInput
from jobs.presets import SETS

ORIGIN, NEUTRAL = np.zeros(3), np.ones(3)
REDUCED = 4  # the frame's width over that of the blurred image
F_NUMBER = 2.8
SENSOR = 0.036  # metres wide
PLATE_SHARPNESS = 0.45  # of the lens's blur that a plate gets: footage has its own depth of field
PLATE_LEVEL = 0.80  # plates are printed a third of a stop down, so that faces stay the brightest
PLATE_DISTANCE = 4.0  # metres behind the cast that plates move as if they were
PLATE_SWEEP = 80.0  # degrees to either side that a camera may turn before it reaches a plate's edge
NEAR_CAST = 1.1  # metres from the anchor within which set pieces are drawn together with the cast
CLEAR_OF_LENS = 0.6  # metres before the camera that set pieces are left out
MOST_PIXELS = 64_000_000  # of a still


class UnreadablePlate(BadInput):
    """A still or footage that cannot be decoded."""

    def __init__(self, path: str, fault: str) -> None:
        super().__init__(path, fault)

    def __str__(self) -> str:
        return f"plate {self.args[0]} cannot be used: {self.args[1]}; give a JPEG, PNG or a video file that plays"


class Backdrop:
    """The background of one scene, from any of its cameras."""

    def __init__(self, anchor: np.ndarray, heading: float) -> None:
        self._anchor = np.asarray(anchor, np.float64)
        self._heading = math.radians(heading)
        self._picture: Callable[[int], np.ndarray] | None = None  # frame -> [h, w, 3] float32 linear
        self._colour: np.ndarray | None = None
        self._far: Gaussians | None = None
        self._near: Gaussians | None = None
        self._rasteriser: Rasteriser | None = None
        self._last: tuple[bytes, np.ndarray] | None = None

    @staticmethod
    def load(
        plate: Plate,
        *,
        anchor: np.ndarray = ORIGIN,
        heading: float = 0.0,
        surround: np.ndarray = NEUTRAL,
        fps: Fraction = Fraction(24),
    ) -> Backdrop:
        """The backdrop of ``plate`` around ``anchor`` [3] (metres), seen by cameras on the side of ``heading``.

        ``heading`` is in degrees about +Y (0: cameras are on +Z). ``surround`` [3] tints what sets reflect
        (``Rig.surround``). Raises ``UnreadablePlate``, ``BrokenSplats``.
        """
        backdrop = Backdrop(anchor, heading)
        if plate.image is not None:
            still = _still(plate.image.path)
            backdrop._picture = lambda frame: still
        elif plate.video is not None:
            backdrop._picture = _Footage(plate.video.path, fps)
        elif plate.colour is not None:
            backdrop._colour = unfilm(decode(np.asarray(plate.colour))).astype(np.float32)
        elif isinstance(plate.splats, str):
            assert plate.splats in SETS, plate.splats
            pieces = build(plate.splats)
            colours = pieces.reflected * np.asarray(surround, np.float32) + pieces.emitted
            backdrop._place(Gaussians(pieces.means, pieces.quats, pieces.scales, pieces.opacities, colours))
        elif plate.splats is not None:
            backdrop._place(read_splats(plate.splats.path))
        return backdrop

    @property
    def cloud(self) -> Gaussians | None:
        """Set pieces close to the cast, in the world; None if there are none."""
        return self._near

    def image(self, lens: Lens, frame: int) -> np.ndarray:
        """What ``lens`` sees behind the cast, [H, W, 3] float32 linear; valid until the next call."""
        key = lens.view.tobytes() + np.array([lens.fx, lens.width, lens.height]).tobytes()
        moving = isinstance(self._picture, _Footage)
        if self._last is not None and self._last[0] == key and not moving:
            return self._last[1]
        if self._colour is not None:
            found = _pool_of_light(self._colour, lens.width, lens.height)
        elif self._picture is not None:
            found = self._window(self._picture(frame), lens)
        else:
            found = self._render(lens)
        self._last = (key, found)
        return found

    def _place(self, cloud: Gaussians) -> None:
        """Turn a set to the cameras' side and part it into what is near the cast and the rest."""
        c, s = math.cos(self._heading), math.sin(self._heading)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        means = (cloud.means @ turn.T + self._anchor * [1, 0, 1]).astype(np.float32)
        half = np.array([math.cos(self._heading / 2), 0, math.sin(self._heading / 2), 0])
        w, x, y, z = cloud.quats.T
        quats = np.stack(
            [
                half[0] * w - half[2] * y,
                half[0] * x + half[2] * z,
                half[0] * y + half[2] * w,
                half[0] * z - half[2] * x,
            ],
            1,
        ).astype(np.float32)
        placed = Gaussians(means, quats, cloud.scales, cloud.opacities, np.ascontiguousarray(cloud.colours, np.float32))
        away = np.hypot(means[:, 0] - self._anchor[0], means[:, 2] - self._anchor[2])
        near = (away < NEAR_CAST) & (means[:, 1] > 0.5) & (means[:, 1] < 2.3)
        self._near = _picked(placed, near) if near.any() else None
        self._far = _picked(placed, ~near)
        self._rasteriser = Rasteriser(1)

    def _render(self, lens: Lens) -> np.ndarray:
        import cv2

        assert self._far is not None and self._rasteriser is not None
        small = lens.scaled(1.0 / REDUCED)
        layers = self._rasteriser.render(self._far, small, near=CLEAR_OF_LENS)
        rgb = np.ascontiguousarray(layers.rgb)
        rgb /= np.maximum(layers.alpha, 0.05)[..., None]  # gaps between soft pieces are not black
        radius = self._blur(lens) / REDUCED
        blurred = cv2.filter2D(rgb, -1, _disc(radius), borderType=cv2.BORDER_REPLICATE)
        return cv2.resize(blurred, (lens.width, lens.height), interpolation=cv2.INTER_LINEAR)

    def _window(self, picture: np.ndarray, lens: Lens) -> np.ndarray:
        """The part of a plate that ``lens`` is turned to; a longer lens sees less of it, a step moves it."""
        import cv2

        height, width = picture.shape[:2]
        toward = lens.position - self._anchor
        distance = math.hypot(toward[0], toward[2])
        field = 2 * math.atan(lens.width / 2 / lens.fx)
        share = (field / math.radians(40.0)) ** 0.7 * (PLATE_DISTANCE + distance) / (PLATE_DISTANCE + 1.5) * 0.74
        share = min(max(share, 0.42), 0.92)
        # the largest window of the frame's shape that fits, then its share
        full = min(width, height * lens.width / lens.height)
        wide, tall = full * share, full * share * lens.height / lens.width
        forward = lens.view[2, :3].astype(np.float64)
        yaw = math.atan2(-forward[0], -forward[2]) - self._heading
        yaw = (yaw + math.pi) % (2 * math.pi) - math.pi  # positive: the camera has moved to its right and turned left
        across = min(max(-yaw / math.radians(PLATE_SWEEP), -1.0), 1.0)
        pitch = math.asin(min(max(forward[1], -1.0), 1.0))
        down = min(max(-pitch / math.radians(20.0) + 0.12, -1.0), 1.0)
        x = width / 2 + across * (width - wide) / 2
        y = height / 2 + down * (height - tall) / 2
        radius = self._blur(lens) * PLATE_SHARPNESS / REDUCED
        small = (round(lens.width / REDUCED), round(lens.height / REDUCED))
        scale = wide / small[0]
        matrix = np.array([[scale, 0, x - wide / 2 + scale / 2 - 0.5], [0, scale, y - tall / 2 + scale / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(picture, matrix, small, flags=flags, borderMode=cv2.BORDER_REFLECT)
        if radius > 0.4:
            cut = cv2.filter2D(cut, -1, _disc(radius), borderType=cv2.BORDER_REPLICATE)
        return cv2.resize(cut, (lens.width, lens.height), interpolation=cv2.INTER_LINEAR)  # cubic rings round lamps

    def _blur(self, lens: Lens) -> float:
        """Radius in pixels of the circle of confusion of what is far, with the cast in focus."""
        focal = SENSOR * lens.fx / lens.width
        focus = max(float(np.hypot(*(lens.position - self._anchor)[[0, 2]])), 0.5)
        diameter = focal * focal / (F_NUMBER * (focus - focal))
        return min(diameter / SENSOR * lens.width / 2, 0.03 * lens.width)


class _Footage:
    """Frames of a video by episode frame: streamed forward, started again at its end."""

    def __init__(self, path: Path, fps: Fraction) -> None:
        self._path, self._fps = path, fps
        self._frames = None
        self._next = 0  # number of the next frame that the stream gives
        self._picture: np.ndarray | None = None
        self._open()

    def __call__(self, frame: int) -> np.ndarray:
        """The picture at the time of ``frame`` of the episode, [h, w, 3] float32 linear."""
        wanted = int(Fraction(frame) / self._fps * self._rate + Fraction(1, 1000))
        if self._length:
            wanted %= self._length
        if wanted < self._next - 1:
            self._open()
        while self._next <= wanted:
            if not self._step():
                assert self._next > 0
                self._length = self._next  # now it is known
                self._open()
                wanted %= self._length
        assert self._picture is not None
        return self._picture

    def _open(self) -> None:
        import av

        try:
            container = av.open(str(self._path))
            stream = container.streams.video[0]
        except (av.FFmpegError, IndexError, OSError) as error:
            raise UnreadablePlate(str(self._path), f"no video in it ({error})") from error
        stream.thread_count = 1
        self._rate = Fraction(stream.average_rate or 24)
        if not hasattr(self, "_length"):
            self._length = 0  # frames; 0 until the end has been seen
        self._frames = container.decode(stream)
        self._next = 0
        if not self._step():
            raise UnreadablePlate(str(self._path), "no frame of it can be decoded")

    def _step(self) -> bool:
        import av

        try:
            frame = next(self._frames, None)
        except av.FFmpegError as error:
            raise UnreadablePlate(str(self._path), f"damaged at frame {self._next} ({error})") from error
        if frame is None:
            return False
        height = min(frame.height, 540)  # it will be out of focus
        width = max(2, round(frame.width * height / frame.height))
        self._picture = _light_of(frame.to_ndarray(width=width, height=height, format="rgb24"))
        self._next += 1
        return True


def _still(path: Path) -> np.ndarray:
    import cv2

    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise UnreadablePlate(str(path), f"it cannot be read ({error.strerror})") from error
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if picture is None:
        raise UnreadablePlate(str(path), "it is not an image")
    height, width = picture.shape[:2]
    if height * width > MOST_PIXELS:
        raise UnreadablePlate(str(path), f"it has {height * width / 1e6:.0f} megapixels, at most 64 are allowed")
    factor = min(1.0, 720 / height)  # it will be out of focus
    if factor < 1.0:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return _light_of(picture[..., ::-1])


def _light_of(picture: np.ndarray) -> np.ndarray:
    """Scene light [h, w, 3] float32 that prints as ``picture`` uint8 sRGB, a little darker."""
    table = (unfilm(decode(np.arange(256) / 255.0)) * PLATE_LEVEL).astype(np.float32)
    return table[picture]


def _pool_of_light(colour: np.ndarray, width: int, height: int) -> np.ndarray:
    """A backcloth with a lamp on it: brightest a little above the middle, a stop and a half down in the corners."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height - 0.42) * height / width
    square = x[None, :] ** 2 + y[:, None] ** 2
    return (1.25 / (1.0 + 5.0 * square))[..., None] ** 1.5 * colour


def _disc(radius: float) -> np.ndarray:
    """A flat disc kernel with a soft edge, sum 1: what a round aperture makes of a point."""
    reach = max(1, math.ceil(radius))
    k = np.arange(-reach, reach + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(k[:, None], k[None, :]), 0.0, 1.0)
    kernel[reach, reach] = max(kernel[reach, reach], 1e-3)
    return (kernel / kernel.sum()).astype(np.float32)


def _picked(cloud: Gaussians, chosen: np.ndarray) -> Gaussians:
    return Gaussians(*(getattr(cloud, f)[chosen] for f in ("means", "quats", "scales", "opacities", "colours")))
