"""Writes a take: frames in, H.264 in an MP4 that can be joined to others without encoding it again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from types import TracebackType

import av
import numpy as np

from actors.watermark import Watermark
from actors.watermark_kernels import luma_and_chroma, round_luma
from jobs.errors import BadInput

BT709 = 1  # ITU-T H.273: ColourPrimaries, TransferCharacteristics and MatrixCoefficients all have value 1
LIMITED = 1  # AVCOL_RANGE_MPEG: luma 16..235, chroma 16..240


class OddFrame(BadInput):
    """4:2:0 video needs even sides."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)

    def __str__(self) -> str:
        return "frames of {}x{} cannot be encoded: make both sides even".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """How frames become H.264; every field changes the bytes of a take, so all enter its key."""

    crf: int = 16  # constant rate factor, 0 (lossless) to 51
    preset: str = "veryfast"
    tune: str = ""  # x264 tune; empty: none
    gop_seconds: int = 1  # longest distance between keyframes
    threads: int = 1  # x264's output depends on the number of its threads

    def options(self, fps: Fraction) -> dict[str, str]:
        """What libx264 is told: closed GOPs, no B-frames (decode order is display order, so cuts need no edit list)."""
        options = {
            "crf": str(self.crf),
            "preset": self.preset,
            "x264-params": f"keyint={ceil(fps * self.gop_seconds)}:min-keyint=1:open-gop=0:bframes=0:"
            f"threads={self.threads}:lookahead-threads=1:sliced-threads=0:force-cfr=1:stitchable=1:"
            "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv:chromaloc=0",
        }
        if self.tune:
            options["tune"] = self.tune
        return options


ENCODER = Encoder()


@dataclass(frozen=True, slots=True)
class Mark:
    """The watermark that a take carries."""

    watermark: Watermark
    payload: int  # 64 bits, see actors.watermark.payload


class TakeWriter:
    """Encodes frames one by one; the file appears under its name only when it is whole."""

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: Fraction,
        *,
        encoder: Encoder = ENCODER,
        mark: Mark | None = None,
    ) -> None:
        if width % 2 or height % 2:
            raise OddFrame(width, height)
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._mark = mark
        self._pattern = mark.watermark.pattern(height, width, mark.payload) if mark else None
        self._luma = np.empty((height, width), np.float32)
        self._planes = np.empty((height * 3 // 2, width), np.uint8)  # as PyAV wants yuv420p: Y, then Cb, then Cr
        self._y = self._planes[:height]
        chroma = self._planes[height:].reshape(2, height // 2, width // 2)
        self._cb, self._cr = chroma[0], chroma[1]
        self.frames = 0
        self._container = av.open(str(self._partial), "w", format="mp4", options={"movflags": "+faststart"})
        self._container.flags |= av.container.Flags.bitexact.value
        self._stream = self._container.add_stream("libx264", rate=fps, options=encoder.options(fps))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._tick = self._stream.codec_context.time_base = 1 / fps
        tag(self._stream.codec_context)

    def write(self, frame: np.ndarray) -> None:
        """Encode the next frame, [H, W, 3] uint8 sRGB, C-contiguous; the array may be reused afterwards."""
        assert frame.shape == (*self._luma.shape, 3) and frame.dtype == np.uint8, (frame.shape, frame.dtype)
        luma_and_chroma(np.ascontiguousarray(frame), self._luma, self._cb, self._cr)
        if self._mark is None:
            round_luma(self._luma, self._y)
        else:
            self._mark.watermark.embed(self._luma, self._pattern, self._y)
        picture = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        tag(picture)
        picture.pts, picture.time_base = self.frames, self._tick
        self.frames += 1
        self._container.mux(self._stream.encode(picture))

    def close(self) -> Path:
        """Finish the file and give it its name; if that fails, nothing is left. There must be a frame."""
        assert self.frames, "a take needs at least one frame"
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            os.replace(self._partial, self._path)
        finally:
            self._partial.unlink(missing_ok=True)
        return self._path

    def abandon(self) -> None:
        """Drop what was written."""
        try:
            self._container.close()
        except av.error.FFmpegError:
            pass  # a full disk, most likely: what could not be finished is not wanted
        finally:
            self._partial.unlink(missing_ok=True)

    def __enter__(self) -> TakeWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def tag(target: av.VideoFrame | av.video.codeccontext.VideoCodecContext) -> None:
    """Say that a frame or a codec is bt709 in limited range."""
    target.colorspace = BT709
    target.color_range = LIMITED
    target.color_trc = BT709
    target.color_primaries = BT709
