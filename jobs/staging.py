"""Folders of one process for what is not finished yet: locked while it lives, swept once it is dead."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from pathlib import Path
from typing import IO


class Staging:
    """A private folder; gone with ``close``, or with the first sweep after its process died."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.folder = folder
        self._lock = lock  # the kernel frees it when the process dies

    @staticmethod
    def claim(parent: Path, letters: int = 32) -> Staging:
        """A fresh folder in ``parent``, which is made if missing. Raises OSError."""
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            folder = parent / uuid.uuid4().hex[:letters]
            lock = open(f"{folder}.lock", "w")  # noqa: SIM115
            fcntl.flock(lock, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.stat(lock.name).st_ino == os.fstat(lock.fileno()).st_ino:
                    break
            lock.close()  # a sweeper came between the two calls; take another name
        folder.mkdir()
        return Staging(folder, lock)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        Path(self._lock.name).unlink(missing_ok=True)
        self._lock.close()

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep(parent: Path) -> int:
    """Removes the folders of dead processes in ``parent``; returns how many. Raises OSError."""
    swept = 0
    for name in sorted(parent.glob("*.lock")):
        try:
            lock = open(name, "r+")  # noqa: SIM115
        except FileNotFoundError:
            continue  # its process just closed it
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its process lives
            shutil.rmtree(name.with_suffix(""), ignore_errors=True)
            name.unlink(missing_ok=True)
            swept += 1
    return swept
