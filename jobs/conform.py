"""Joins the takes of an episode with its sound into the master, without encoding the picture again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from jobs.episode import Episode
from jobs.errors import FarmError
from jobs.sound import RATE, sample_at

AUDIO_BITS = 192_000  # a second, AAC-LC stereo
_MUXER = {"movflags": "+faststart", "movie_timescale": "240000"}  # ticks that divide frames and samples alike

Sign = Callable[[Path, Path, str], None]  # unsigned file, where the signed one goes, its title


class TakeMismatch(FarmError):
    """A take cannot be part of its episode as it is."""

    def __init__(self, shot_id: str, path: Path, why: str) -> None:
        super().__init__(shot_id, path, why)

    def __str__(self) -> str:
        return "the take of shot {} ({}) {}; remove it from the store and render the shot again".format(*self.args)


class DeliveryUnwritable(FarmError):
    """What an episode ends in cannot be written where it was asked for."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return (
            "{} cannot be written: {}; free some space there or choose another folder, and run the same command again: "
            "every take is kept"
        ).format(*self.args)


@contextlib.contextmanager
def delivering(path: Path) -> Iterator[None]:
    """Around everything that writes a delivery: the system's errors become DeliveryUnwritable."""
    try:
        yield
    except OSError as error:
        raise DeliveryUnwritable(str(path), error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterShot:
    """Where a shot lies in the master, and the take it was made from."""

    id: str
    key: str  # take key, hex
    first: int  # frame of the master, 0-based
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterFile:
    """A delivered episode."""

    episode: str
    title: str
    sha256: str  # of the whole file, hex
    bytes: int
    width: int
    height: int
    fps: Fraction
    frames: int
    shots: tuple[MasterShot, ...]

    @property
    def seconds(self) -> Fraction:
        return self.frames / self.fps


def shot_name(shot_id: str) -> str:
    """The file name of a shot, without its episode: "s01e01/s010/0010" is "s010.0010" (ids have no dot)."""
    return ".".join(shot_id.split("/")[1:]) or shot_id


def conform(
    episode: Episode,
    takes: Mapping[str, Path],
    keys: Mapping[str, str],
    out: Path,
    *,
    sound: np.ndarray,
    sign: Sign | None,
) -> MasterFile:
    """Write out/master.mp4 and out/shots/<shot>.mp4; each appears under its name only when it is whole and signed.

    ``takes`` and ``keys`` map shot ids to files and take keys; ``sound`` is jobs.sound.bed's [samples, 2].
    Raises TakeMismatch, DeliveryUnwritable.
    """
    total = sample_at(episode.frames / episode.fps)
    assert sound.shape == (total, 2), (sound.shape, total)
    with delivering(out):
        (out / "shots").mkdir(parents=True, exist_ok=True)
    shots = []
    first = 0
    for shot in episode.shots:
        shots.append(MasterShot(id=shot.id, key=keys[shot.id], first=first, frames=shot.frames))
        part = sound[sample_at(first / episode.fps) : sample_at((first + shot.frames) / episode.fps)]
        path = out / "shots" / f"{shot_name(shot.id)}.mp4"
        _deliver(path, episode, shots[-1:], takes, part, sign, f"{episode.title}: {shot.id}")
        first += shot.frames
    path = out / "master.mp4"
    _deliver(path, episode, shots, takes, sound, sign, episode.title)
    return MasterFile(
        episode=episode.id,
        title=episode.title,
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        width=episode.width,
        height=episode.height,
        fps=episode.fps,
        frames=episode.frames,
        shots=tuple(shots),
    )


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _deliver(
    path: Path,
    episode: Episode,
    shots: list[MasterShot],
    takes: Mapping[str, Path],
    sound: np.ndarray,
    sign: Sign | None,
    title: str,
) -> None:
    joined, signed = (path.with_name(f".{path.stem}.{os.getpid()}.{step}.mp4") for step in ("joined", "signed"))
    try:
        with delivering(path):
            _join(joined, episode, shots, takes, sound, title)
            if sign is not None:
                sign(joined, signed, title)
            os.replace(signed if sign is not None else joined, path)
    finally:
        joined.unlink(missing_ok=True)
        signed.unlink(missing_ok=True)


def _join(
    path: Path,
    episode: Episode,
    shots: list[MasterShot],
    takes: Mapping[str, Path],
    sound: np.ndarray,
    title: str,
) -> None:
    import av

    with av.open(str(path), "w", format="mp4", options=_MUXER) as master:
        master.flags |= av.container.Flags.bitexact.value
        master.metadata["title"] = title
        with _opened(takes[shots[0].id], shots[0]) as take:
            template = take.streams.video[0]
            picture = master.add_stream_from_template(template)
            picture.time_base = template.time_base
            header = bytes(template.codec_context.extradata or b"")
        voice = master.add_stream("aac", rate=RATE, layout="stereo")
        voice.bit_rate = AUDIO_BITS
        heard = _audio(voice, sound)
        packet = next(heard, None)
        start = shots[0].first
        for shot in shots:
            for seen in _picture(takes[shot.id], shot, episode, header):
                due = (shot.first - start + seen.pts) / episode.fps
                seen.pts = seen.dts = shot.first - start + seen.pts
                seen.time_base, seen.duration, seen.stream = 1 / episode.fps, 1, picture
                while packet is not None and packet.pts * packet.time_base <= due:
                    master.mux(packet)
                    packet = next(heard, None)
                master.mux(seen)
        while packet is not None:
            master.mux(packet)
            packet = next(heard, None)


def _picture(path: Path, shot: MasterShot, episode: Episode, header: bytes) -> Iterator:
    """The take's packets in order, pts counted in frames from its start."""
    with _opened(path, shot) as take:
        stream = take.streams.video[0]
        size = (stream.codec_context.width, stream.codec_context.height)
        if size != (episode.width, episode.height):
            raise TakeMismatch(shot.id, path, f"is {size[0]}x{size[1]}, not {episode.width}x{episode.height}")
        if bytes(stream.codec_context.extradata or b"") != header:
            raise TakeMismatch(shot.id, path, "was encoded with other settings than the shot before")
        count = 0
        for packet in take.demux(stream):
            if not packet.size:
                continue  # PyAV's end marker
            if packet.pts * packet.time_base != count / episode.fps or packet.pts != packet.dts:
                raise TakeMismatch(shot.id, path, f"has frame {count} at a wrong time")
            if count == 0 and not packet.is_keyframe:
                raise TakeMismatch(shot.id, path, "does not start with a keyframe")
            packet.pts = packet.dts = count
            count += 1
            yield packet
        if count != shot.frames:
            raise TakeMismatch(shot.id, path, f"has {count} frames, not {shot.frames}")


def _opened(path: Path, shot: MasterShot):
    """The take's container."""
    import av

    try:
        take = av.open(str(path))
    except av.error.FFmpegError as error:
        raise TakeMismatch(shot.id, path, f"cannot be opened ({error.strerror})") from error
    if not take.streams.video:
        raise TakeMismatch(shot.id, path, "has no picture")
    return take


def _audio(stream, sound: np.ndarray) -> Iterator:
    """The sound's AAC packets; the encoder's delay becomes the edit list that the muxer writes."""
    import av

    size = 1024
    for start in range(0, len(sound), size):
        chunk = np.ascontiguousarray(sound[start : start + size].T)
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)
