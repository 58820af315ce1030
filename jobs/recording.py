"""Headers of recordings: how long a wav or flac file is."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # WAVE_FORMAT_*
RATES = range(8000, 192_001)


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What the header of a recording says."""

    channels: int
    rate: int  # Hz
    samples: int  # per channel

    @property
    def seconds(self) -> Fraction:
        return Fraction(self.samples, self.rate)


def read_facts(path: Path) -> RecordingFacts:
    """Length and format of a wav (PCM or float) or flac file. Raises ``ValueError`` in words."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"RIFF":
        facts = _wav(path)
    elif magic == b"fLaC":
        facts = _flac(path)
    else:
        raise ValueError("is neither a wav nor a flac recording")
    if facts.channels not in (1, 2):
        raise ValueError(f"has {facts.channels} channels; use mono or stereo")
    if facts.rate not in RATES:
        raise ValueError(f"has a sample rate of {facts.rate} Hz; use 8000 to 192000")
    if facts.samples == 0:
        raise ValueError("has no samples")
    return facts


def _wav(path: Path) -> RecordingFacts:
    """RIFF WAVE: https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html"""
    size = path.stat().st_size
    form = None
    with path.open("rb") as file:
        if file.read(12)[8:] != b"WAVE":
            raise ValueError("is a RIFF file, but not a wav recording")
        while True:
            head = file.read(8)
            if len(head) < 8:
                raise ValueError("has no samples" if form else "has no format chunk")
            name, length = head[:4], struct.unpack("<I", head[4:])[0]
            start = file.tell()
            if name == b"fmt ":
                form = _format(file.read(min(length, 40)))
            elif name == b"data":
                break
            file.seek(start + length + length % 2)
        if form is None:
            raise ValueError("has no format chunk before its samples")
        code, channels, rate, block, bits = form
        if start + length > size:
            missing = (start + length - size) / length
            raise ValueError(f"is cut off: {missing:.0%} of its samples are missing")
        if (code, bits) not in ((PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)):
            raise ValueError(f"is stored as format {code} with {bits} bits; use PCM or float")
        if channels == 0 or block != channels * bits // 8:
            raise ValueError("has a format chunk that contradicts itself")
        if code == FLOAT:
            _check_finite(file.read(length - length % block), bits)
    return RecordingFacts(channels, rate, length // block)


def _format(chunk: bytes) -> tuple[int, int, int, int, int]:
    """Format code, channels, rate in Hz, bytes per sample of all channels, bits of one."""
    if len(chunk) < 16:
        raise ValueError("has a format chunk that is cut off")
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", chunk[:16])
    if code == EXTENSIBLE and len(chunk) >= 26:
        code = struct.unpack("<H", chunk[24:26])[0]
    return code, channels, rate, block, bits


def _check_finite(data: bytes, bits: int) -> None:
    import numpy as np

    samples = np.frombuffer(data, "<f4" if bits == 32 else "<f8")
    if not np.isfinite(samples).all():
        raise ValueError("holds samples that are not finite numbers")


def _flac(path: Path) -> RecordingFacts:
    """STREAMINFO (RFC 9639, section 8.2), then the whole stream is decoded: a cut file has a whole header."""
    import av

    with path.open("rb") as file:
        head = file.read(42)
    if len(head) < 42 or head[4] & 0x7F != 0:
        raise ValueError("is a flac file without stream information")
    bits = int.from_bytes(head[18:26], "big")  # rate 20, channels 3, sample size 5, samples 36
    facts = RecordingFacts(((bits >> 41) & 7) + 1, bits >> 44, bits & ((1 << 36) - 1))
    try:
        with av.open(str(path), format="flac") as container:
            decoded = sum(frame.samples for frame in container.decode(audio=0))
    except (av.FFmpegError, IndexError):
        raise ValueError("is damaged: it cannot be decoded to its end") from None
    if facts.samples == 0:
        facts = RecordingFacts(facts.channels, facts.rate, decoded)
    if decoded != facts.samples:
        raise ValueError(f"is damaged: {decoded} of {facts.samples} samples can be decoded")
    return facts
