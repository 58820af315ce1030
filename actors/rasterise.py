"""Gaussians to pixels on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from actors.gaussians import Gaussians
from actors.lens import Lens
from actors.raster_kernels import (
    CHANNEL,
    RECORD,
    TILE_H,
    TILE_W,
    blend,
    count_tiles,
    fill_tiles,
    project,
    sort_by_depth,
)

CHUNKS = 8  # pieces of work per thread, so that a busy neighbour on one core does not stall the frame


@dataclass(frozen=True, slots=True)
class Layers:
    """One rendered view; the arrays belong to the rasteriser and are overwritten by its next render."""

    blended: np.ndarray  # [H, W, 4] float32, premultiplied: linear Rec.709, and depth in metres along the view axis
    alpha: np.ndarray  # [H, W] float32, 0..1

    @property
    def rgb(self) -> np.ndarray:
        """[H, W, 3] float32, premultiplied, linear Rec.709."""
        return self.blended[..., :3]

    @property
    def depth(self) -> np.ndarray:
        """[H, W] float32, metres along the view axis, mean over what is seen; 0 where alpha is 0; a new array."""
        depth = np.zeros_like(self.alpha)
        np.divide(self.blended[..., 3], self.alpha, out=depth, where=self.alpha > 0)
        return depth


class Rasteriser:
    """Renders clouds of Gaussians, reusing its buffers from frame to frame; one per thread of control.

    ``threads`` changes the speed and no byte of the result.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._capacity = 0
        self._lists = np.empty(0, np.int32)
        self._images: dict[tuple[str, int, int], np.ndarray] = {}

    def render(self, cloud: Gaussians, lens: Lens, *, near: float = 0.05) -> Layers:
        """What ``lens`` sees of ``cloud``. ``near`` is in metres; nothing is drawn behind it."""
        count = len(cloud)
        width, height = lens.width, lens.height
        self._reserve(count)
        splats, keys, box = self._splats[:count], self._keys[:count], self._box[:count]
        view = np.ascontiguousarray(lens.view, np.float32)
        numbers = (np.float32(lens.fx), np.float32(lens.fy), np.float32(lens.cx), np.float32(lens.cy))

        def project_slice(piece: int, pieces: int) -> None:
            project(
                count * piece // pieces, count * (piece + 1) // pieces,
                cloud.means, cloud.quats, cloud.scales, cloud.opacities, cloud.colours,
                view, *numbers, width, height, np.float32(near), splats, keys, box,
            )  # fmt: skip

        self._spread(project_slice)
        visible = sort_by_depth(keys, self._order, self._spare_keys, self._spare_order)
        starts = self._list_tiles(visible, box, width, height)
        blended, alpha = self._blend("colour", starts, splats, width, height)
        self._last = (starts, splats, width, height)
        return Layers(blended, alpha)

    def blend(self, features: np.ndarray) -> np.ndarray:
        """``features`` [N, K], K <= 4, of the cloud that was rendered last, blended with the weights of its colours.

        [H, W, K] float32, premultiplied; it belongs to the rasteriser like the layers.
        """
        starts, splats, width, height = self._last
        count, channels = features.shape
        assert count == len(splats) and channels <= 4, features.shape
        splats[:, CHANNEL : CHANNEL + channels] = features
        return self._blend("features", starts, splats, width, height)[0][..., :channels]

    def _list_tiles(self, visible: int, box: np.ndarray, width: int, height: int) -> np.ndarray:
        """Where each tile's list of splats begins, [tiles + 1] int32; the lists themselves are in ``self._lists``."""
        shape = (-(-height // TILE_H), -(-width // TILE_W))
        per_tile = np.empty(shape, np.int32)
        count_tiles(self._order, visible, box, per_tile)
        starts = np.zeros(per_tile.size + 1, np.int32)
        np.cumsum(per_tile.ravel(), out=starts[1:])
        if len(self._lists) < starts[-1]:
            self._lists = np.empty(int(starts[-1] * 1.3), np.int32)
        fill_tiles(self._order, visible, box, starts[:-1].reshape(shape).copy(), self._lists)
        return starts

    def _blend(self, name, starts, splats, width, height) -> tuple[np.ndarray, np.ndarray]:
        out = self._image(name, height, width, 4)
        alpha = self._image(name + " alpha", height, width)
        self._spread(lambda piece, pieces: blend(piece, pieces, starts, self._lists, splats, width, height, out, alpha))
        return out, alpha

    def _spread(self, work: Callable[[int, int], None]) -> None:
        """Run ``work(piece, pieces)`` for every piece, on all threads."""
        if self._pool is None:
            work(0, 1)
            return
        pieces = CHUNKS * self._threads
        for done in [self._pool.submit(work, piece, pieces) for piece in range(pieces)]:
            done.result()

    def _reserve(self, count: int) -> None:
        if count <= self._capacity:
            return
        self._capacity = count + count // 8
        self._splats = _aligned((self._capacity, RECORD))
        self._box = np.empty((self._capacity, 4), np.int16)
        self._keys, self._spare_keys = (np.empty(self._capacity, np.uint32) for _ in range(2))
        self._order, self._spare_order = (np.empty(self._capacity, np.int32) for _ in range(2))

    def _image(self, name: str, height: int, width: int, *channels: int) -> np.ndarray:
        key = (name, height, width)
        if key not in self._images:
            self._images = {k: v for k, v in self._images.items() if k[1:] == key[1:]}  # forget other sizes
            self._images[key] = np.zeros((height, width, *channels), np.float32)
        return self._images[key]


def _aligned(shape: tuple[int, ...]) -> np.ndarray:
    """An uninitialised float32 array that starts on a cache line."""
    count = int(np.prod(shape))
    memory = np.empty(count + 16, np.float32)
    start = (-memory.ctypes.data % 64) // 4
    return memory[start : start + count].reshape(shape)
