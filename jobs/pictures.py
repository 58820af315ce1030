"""Plates: whether an image or a video can be opened, within sizes that do not exhaust memory."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

SMALLEST, LARGEST = 16, 16_384  # pixels along a side
MOST_PIXELS = 64_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
CONTAINERS = {b"\x1aE\xdf\xa3": "matroska,webm"}  # by the first four bytes; MP4 and MOV have "ftyp" after them


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Size of a picture in pixels."""

    width: int
    height: int


def _check_size(width: int, height: int) -> PictureFacts:
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST) or width * height > MOST_PIXELS:
        most = f"{MOST_PIXELS // 1_000_000} million in all"
        raise ValueError(f"is {width}x{height} pixels; use {SMALLEST} to {LARGEST} a side and {most}")
    return PictureFacts(width, height)


def check_image(path: Path) -> PictureFacts:
    """Size of a PNG, JPEG or WebP image that decodes to its end. Raises ``ValueError`` in words."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are checked here
            with Image.open(path, formats=FORMATS) as image:
                facts = _check_size(*image.size)
                image.load()
    except Image.UnidentifiedImageError:
        raise ValueError("is not a PNG, JPEG or WebP image") from None
    except Image.DecompressionBombError:
        raise ValueError(f"has more than {MOST_PIXELS // 1_000_000} million pixels") from None
    except (OSError, SyntaxError, EOFError, struct.error, zlib.error, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"cannot be decoded ({str(error) or type(error).__name__})") from None
    return facts


def check_video(path: Path) -> PictureFacts:
    """Size of an MP4, MOV, MKV or WebM whose first frame decodes. Raises ``ValueError`` in words.

    The container is taken from the file's own first bytes, so that a playlist cannot name other files.
    """
    import av

    with path.open("rb") as file:
        head = file.read(12)
    container = "mov,mp4,m4a,3gp,3g2,mj2" if head[4:8] == b"ftyp" else CONTAINERS.get(head[:4])
    if container is None:
        raise ValueError("is not an MP4, MOV, MKV or WebM video")
    try:
        with av.open(str(path), format=container.split(",")[0], options={"protocol_whitelist": "file"}) as video:
            if not video.streams.video:
                raise ValueError("has no picture")
            stream = video.streams.video[0]
            facts = _check_size(stream.codec_context.width, stream.codec_context.height)
            if next(video.decode(stream), None) is None:
                raise ValueError("has no frames")
    except av.FFmpegError as error:
        raise ValueError(f"cannot be decoded ({error.strerror})") from None
    return facts
