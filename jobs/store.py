"""The content-addressed folder store: a blob's name is the SHA-256 of its bytes.

A blob appears under its final name by one atomic rename, after its bytes were synced and its hash was checked. What
is being written lives in ``incoming/``, in a folder locked by its process; folders of dead processes are swept.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import FarmError
from jobs.staging import Staging, sweep

CHUNK = 1 << 20  # bytes
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class StoreError(FarmError):
    """The store cannot keep or give what it should: no fault of the shot."""


class StoreFull(StoreError):
    """No space is left for a take."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)

    def __str__(self) -> str:
        return (
            "no space left at {}: {}; free some space (or point GREENROOM_HOME at a larger disk) and run the same "
            "command again: finished takes are kept"
        ).format(*self.args)


class StoreReadOnly(StoreError):
    """The store's folder may not be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)

    def __str__(self) -> str:
        return (
            "{} cannot be written: {}; give this user the right to write there (or set GREENROOM_HOME to a folder "
            "that may be written) and run the same command again: finished takes are kept"
        ).format(*self.args)


class StoreUnusable(StoreError):
    """The store's disk reports an error that is neither full nor read-only."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)

    def __str__(self) -> str:
        return "the store failed at {}: {}; check the disk, then run the same command again".format(*self.args)


class BlobDamaged(StoreError):
    """A blob is missing, or its bytes are not those it is named after."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)

    def __str__(self) -> str:
        return "the stored blob {} is damaged: {}; its shot has to be rendered again".format(*self.args)


@dataclass(frozen=True, slots=True)
class Blob:
    """What a store has kept."""

    sha256: str
    size: int  # bytes


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the operating system's complaints about writing at ``path`` into errors a person can mend."""
    try:
        yield
    except OSError as error:
        where, reason = str(error.filename or path), os.strerror(error.errno) if error.errno else str(error)
        if error.errno in FULL:
            raise StoreFull(where, reason) from error
        if error.errno in READ_ONLY:
            raise StoreReadOnly(where, reason) from error
        if error.errno in (errno.EIO, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ESTALE):
            raise StoreUnusable(where, reason) from error
        raise


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Blobs in a folder, ``ab/cdef...``; a value that may be sent to other processes."""

    root: Path

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    def path(self, sha256: str) -> Path:
        """Where a blob lies, whether it is there or not."""
        return self.root / sha256[:2] / sha256[2:]

    def staging(self) -> Staging:
        """A folder on the store's own filesystem to write into. Raises StoreError."""
        with writing(self.incoming):
            return Staging.claim(self.incoming)

    def sweep(self) -> int:
        """Removes what dead processes left in ``incoming/``; returns how many folders."""
        with writing(self.incoming):
            return sweep(self.incoming)

    def put(self, source: Path, *, expect: str | None = None) -> Blob:
        """Keeps a copy of ``source`` (moved, when it lies in ``incoming/``) and returns its address.

        Raises BlobDamaged when the bytes are not ``expect`` (hex SHA-256), StoreFull, StoreReadOnly, StoreUnusable;
        then nothing stands under a final name.
        """
        with contextlib.ExitStack() as stack, writing(self.root):
            if self.incoming not in source.parents:
                folder = stack.enter_context(self.staging()).folder
                source = Path(shutil.copyfile(source, folder / "blob"))
            with open(source, "rb") as file:
                os.fsync(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = os.fstat(file.fileno()).st_size
            if expect is not None and digest != expect:
                raise BlobDamaged(str(source), f"its hash is {digest}, not {expect}")
            os.chmod(source, 0o444)  # a blob never changes
            final = self.path(digest)
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, final)
            _sync_folder(final.parent)
        return Blob(digest, size)

    def damage(self, blob: Blob, *, deep: bool = False) -> str | None:
        """What is wrong with a kept blob; None: nothing. ``deep`` reads it and checks its hash, else its size only."""
        path = self.path(blob.sha256)
        try:
            size = path.stat().st_size
            if size != blob.size:
                return f"it has {size} bytes instead of {blob.size}"
            if deep and sha256_of(path) != blob.sha256:
                return "its bytes do not match its hash"
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        return None

    def get(self, blob: Blob, *, deep: bool = False) -> Path:
        """The file of a blob. Raises BlobDamaged when it is missing or damaged."""
        why = self.damage(blob, deep=deep)
        if why is not None:
            raise BlobDamaged(str(self.path(blob.sha256)), why)
        return self.path(blob.sha256)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
