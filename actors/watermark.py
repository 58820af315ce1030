"""An invisible mark in the luma of every frame, from which a take is known again without its file's metadata.

Keyed direct-sequence spread spectrum (Cox, Kilian, Leighton, Shamoon 1997) with 256-ary orthogonal signalling
(Proakis, Digital Communications, 4.4): the frame is a grid of cells, 160 across whatever its size, so that the mark
survives rescaling. The key shuffles the cells among eight symbols and gives each a sign; a symbol of value v is the
v-th Walsh sequence over its cells. Eight symbols are 64 bits: 48 of the take key, 16 of a CRC over them. The pattern
stands still for a whole take, so that it cannot flicker, and is scaled by what the picture hides.
"""

from __future__ import annotations

import hashlib
from binascii import crc_hqx
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp, log, sqrt

import numpy as np

from actors.watermark_kernels import BLOCK, add_mark, block_gains
from jobs.errors import FarmError

COLUMNS = 160  # cells across the frame
SYMBOLS = 8
DATA_BITS = 48
LIMIT = 1e-9  # a reading is given only when chance would produce one this rarely

FLOOR = np.float32(0.8)  # luma codes of the mark's peak where the picture is flat
SLOPE = np.float32(0.30)  # codes more for each code of mean step between neighbours
CEILING = np.float32(3.5)
CUT = np.float32(3.0)  # luma codes of a pixel's departure from its surroundings that the reader believes


class FrameTooSmall(FarmError):
    """A frame has too few pixels to carry the mark."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)

    def __str__(self) -> str:
        return "a frame of {}x{} is too small for the watermark: it needs at least 160x90 pixels".format(*self.args)


def payload(take_key: str) -> int:
    """The 64 bits that stand for a take: the first 12 hex digits of its key, then their CRC-16/CCITT."""
    data = bytes.fromhex(take_key[: DATA_BITS // 4])
    assert len(data) == DATA_BITS // 8, take_key
    return int.from_bytes(data + crc_hqx(data, 0xFFFF).to_bytes(2, "big"), "big")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stretch of video says about the take it came from."""

    take: str | None  # first 12 hex digits of the take key; None: no mark that chance could not have made
    sigmas: float  # correlation with the code word (None: the likeliest), in standard deviations of no mark
    chance: float  # upper bound of the probability that an unmarked picture, or another key, reads like this
    frames: int

    @property
    def confidence(self) -> float:
        """1 - chance; 0 where nothing was read."""
        return 1.0 - self.chance if self.take is not None else 0.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a key makes of a grid."""

    bins: np.ndarray  # [cells] int64: symbol * 256 + position in the Walsh sequence
    signs: np.ndarray  # [cells] float32, -1 or 1


class Watermark:
    """Marks and reads frames with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._scratch: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def pattern(self, height: int, width: int, bits: int) -> np.ndarray:
        """The mark of one take, [height, width] int8 where 127 is its full strength."""
        if width < COLUMNS or height < COLUMNS * 9 // 16:
            raise FrameTooSmall(width, height)
        rows = _rows(height, width)
        layout = _layout(self._key, rows)
        values = np.frombuffer(bits.to_bytes(SYMBOLS, "big"), np.uint8)
        chips = _walsh()[values].reshape(-1)[layout.bins] * layout.signs
        smooth = _tents(rows, height).T @ chips.reshape(rows, COLUMNS) @ _tents(COLUMNS, width)
        return np.rint(smooth * np.float32(127.0)).astype(np.int8)

    def embed(self, luma: np.ndarray, pattern: np.ndarray, out: np.ndarray) -> None:
        """Mark one frame: luma [H, W] float32 in 16..235, pattern from ``pattern``, into out [H, W] uint8."""
        activity, gains = self._buffers(luma.shape)
        block_gains(luma, FLOOR, SLOPE, CEILING, activity, gains)
        add_mark(luma, pattern, gains, out)

    def read(self, frames: Iterable[np.ndarray]) -> Reading:
        """Read frames [H, W] of one take, uint8 or float luma, of any one size with the picture's full extent."""
        return self.decide(*gather(frames))

    def decide(self, evidence: np.ndarray, frames: int) -> Reading:
        """What the evidence of so many frames, as ``gather`` gives it, says under this key."""
        if not evidence.any():
            return Reading(None, 0.0, 1.0, frames)
        take, sigmas = _decode(evidence, _layout(self._key, len(evidence)))
        chance = exp(DATA_BITS * log(2.0) - sigmas * sigmas / 2.0) if take is not None else 1.0
        return Reading(take, sigmas, chance, frames)

    def _buffers(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        if shape not in self._scratch:
            down, across = -(-shape[0] // BLOCK), -(-shape[1] // BLOCK)
            self._scratch[shape] = (
                np.empty((down, across), np.float32),
                np.empty((down + 1, across + 1), np.float32),
            )
        return self._scratch[shape]


def gather(frames: Iterable[np.ndarray]) -> tuple[np.ndarray, int]:
    """The evidence for each cell, [rows, COLUMNS], of all frames together, and their number; it needs no key."""
    total, count = np.zeros((1, COLUMNS), np.float32), 0
    for frame in frames:
        total = total + _evidence(frame) if count else _evidence(frame)
        count += 1
    # what stands still in the picture piles up as much as the mark does: level it again
    return total / (_loudness(total, 5) + np.float32(1.0)), count


def _rows(height: int, width: int) -> int:
    return max(1, round(COLUMNS * height / width))


@lru_cache(maxsize=64)
def _layout(key: bytes, rows: int) -> _Layout:
    cells = rows * COLUMNS
    stream = hashlib.shake_256(b"greenroom watermark 1\0" + rows.to_bytes(4, "big") + key)
    words = np.frombuffer(stream.digest(cells * 9), np.uint8)
    order = np.argsort(words[: cells * 8].view("<u8"), kind="stable")
    place = np.empty(cells, np.int64)
    place[order] = np.arange(cells)
    bins = (place % SYMBOLS) * 256 + (place // SYMBOLS) % 256
    return _Layout(bins, np.where(words[cells * 8 :] & 1, np.float32(1.0), np.float32(-1.0)))


@cache
def _walsh() -> np.ndarray:
    """Sylvester's Hadamard matrix, [256, 256] float32 of -1 and 1."""
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < 256:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


@lru_cache(maxsize=64)
def _tents(cells: int, pixels: int) -> np.ndarray:
    """Linear interpolation from cell centres to pixel centres, [cells, pixels] float32; columns sum to 1."""
    at = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    at = np.clip(at, 0, cells - 1)
    return np.maximum(0.0, 1.0 - np.abs(at[None, :] - np.arange(cells)[:, None])).astype(np.float32)


def _evidence(frame: np.ndarray) -> np.ndarray:
    """What a frame says for and against each cell, [rows, COLUMNS]: its detail, made equally loud everywhere.

    Texture is louder than the mark, but loud only in places: what departs from its surroundings by more than the
    mark could is cut off before pixels are summed, as in the locally optimal detector for heavy-tailed noise
    (Hernandez, Amado, Perez-Gonzalez 2000).
    """
    height, width = frame.shape
    rows = _rows(height, width)
    down, across = _tents(rows, height), _tents(COLUMNS, width)
    picture = frame.astype(np.float32)
    departure = np.clip(picture - _local_mean(picture, max(3, round(2 * width / COLUMNS))), -CUT, CUT)
    cells = down @ (departure @ across.T)
    cells /= down.sum(1)[:, None] * across.sum(1)[None, :]
    detail = cells - _local_mean(cells, 3)
    return np.clip(detail / (_loudness(detail, 3) + np.float32(0.05)), -2.0, 2.0)


def _local_mean(cells: np.ndarray, side: int) -> np.ndarray:
    from scipy.ndimage import uniform_filter

    return uniform_filter(cells, side, mode="nearest")


def _loudness(cells: np.ndarray, side: int) -> np.ndarray:
    """Root mean square around each cell."""
    return np.sqrt(np.maximum(_local_mean(cells * cells, side), 0.0))


def _decode(evidence: np.ndarray, layout: _Layout) -> tuple[str | None, float]:
    """The likeliest code word whose CRC holds and which chance does not explain, and its standard deviations.

    For an unmarked picture the signs are independent of ``evidence``, so by Hoeffding's inequality one code word
    reaches z with probability <= exp(-z^2 / 2), and any of the 2^48 valid ones with at most 2^48 times that.
    """
    x = evidence.reshape(-1)
    folded = np.bincount(layout.bins, weights=x * layout.signs, minlength=SYMBOLS * 256).reshape(SYMBOLS, 256)
    scores = folded @ _walsh().T.astype(np.float64) / np.sqrt(np.square(x, dtype=np.float64).sum())
    needed = sqrt(2.0 * (DATA_BITS * log(2.0) - log(LIMIT)))  # 10.4
    likeliest = float(scores.max(1).sum())
    if likeliest < needed:
        return None, likeliest
    tops = np.argsort(-scores, axis=1, kind="stable")[:, :4]
    choices = np.indices((4,) * SYMBOLS).reshape(SYMBOLS, -1)  # every way to take one of each symbol's best four
    symbols = np.take_along_axis(tops, choices, axis=1)
    check = np.full(choices.shape[1], crc_hqx(bytes(DATA_BITS // 8), 0xFFFF), np.int64)
    for place in range(DATA_BITS // 8):
        check ^= _crc_parts()[place][symbols[place]]
    valid = np.flatnonzero(check == symbols[6] * 256 + symbols[7])
    totals = np.take_along_axis(scores, symbols[:, valid], axis=1).sum(0)
    if not len(valid) or totals.max() < needed:
        return None, likeliest
    best = int(np.argmax(totals))
    return bytes(symbols[: DATA_BITS // 8, valid[best]].astype(np.uint8)).hex(), float(totals[best])


@cache
def _crc_parts() -> np.ndarray:
    """What each byte of the data changes in the CRC, which is linear: [6, 256] int64."""
    size = DATA_BITS // 8
    parts = np.empty((size, 256), np.int64)
    for place in range(size):
        for value in range(256):
            data = bytearray(size)
            data[place] = value
            parts[place, value] = crc_hqx(bytes(data), 0)
    return parts
