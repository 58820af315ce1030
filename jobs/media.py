"""Files that an episode uses: found inside its folder, opened, and pinned by their content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobs import bvh, curves, pictures, recording, splat_file
from jobs.episode import Media
from jobs.errors import BadInput
from jobs.nearest import nearest, shown

MIB = 1 << 20


class BadMedia(BadInput):
    """A file of the episode cannot be used: which, why, and how to mend it."""

    def __init__(self, name: str, what: str, hint: str = "") -> None:
        self.name, self.what, self.hint = name, what, hint
        super().__init__(name, what, hint)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.name, self.what, self.hint) if part)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is used for."""

    name: str
    suffixes: tuple[str, ...]
    most_bytes: int
    check: Callable[[Path], object]  # facts of the file; ValueError says in words what is wrong with it


AUDIO = Kind("recording", (".wav", ".flac"), 512 * MIB, recording.read_facts)
IMAGE = Kind("image", (".png", ".jpg", ".jpeg", ".webp"), 128 * MIB, pictures.check_image)
VIDEO = Kind("video", (".mp4", ".mov", ".m4v", ".mkv", ".webm"), 8192 * MIB, pictures.check_video)
SPLATS = Kind("splat file", (".ply", ".splat"), 2048 * MIB, splat_file.check)
CURVES = Kind("table of face curves", (".csv",), 64 * MIB, curves.check)
MOCAP = Kind("BVH file", (".bvh",), 64 * MIB, bvh.check)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file that was opened, and what its header says."""

    media: Media
    facts: object


class MediaFolder:
    """The folder of one call sheet; no file outside of it can be used."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))
        self._known: dict[tuple[str, str], Pinned | BadMedia] = {}

    def pin(self, name: str, kind: Kind) -> Pinned:
        """The file ``name``, relative to the folder, checked to be of ``kind``. Raises ``BadMedia``."""
        found = self._known.get((name, kind.name))
        if found is None:
            try:
                found = self._pin(name, kind)
            except BadMedia as error:
                found = error
            self._known[name, kind.name] = found
        if isinstance(found, BadMedia):
            raise BadMedia(*found.args)
        return found

    def _pin(self, name: str, kind: Kind) -> Pinned:
        said = shown(name, 120)
        if os.path.isabs(name) or "\\" in name or (len(name) > 1 and name[1] == ":"):
            raise BadMedia(said, "must be relative to the call sheet, with '/'", "put it beside the call sheet")
        try:
            path = Path(os.path.realpath(self._root / name))
            if not path.is_relative_to(self._root):
                raise BadMedia(said, "leaves the folder of the call sheet", "copy it into that folder")
            facts = os.stat(path)
            if not stat.S_ISREG(facts.st_mode):
                raise BadMedia(said, "is not a file", "name the file itself")
            if path.suffix.lower() not in kind.suffixes:
                raise BadMedia(said, f"is not a {kind.name}", f"use {' or '.join(kind.suffixes)}")
            if facts.st_size == 0:
                raise BadMedia(said, "is empty", "export it again")
            if facts.st_size > kind.most_bytes:
                raise BadMedia(
                    said, f"is {facts.st_size / MIB:.0f} MiB; a {kind.name} may have {kind.most_bytes // MIB} MiB"
                )
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Pinned(Media(path=path, sha256=digest), kind.check(path))
        except FileNotFoundError:
            raise BadMedia(said, "does not exist", self._meant(name)) from None
        except OSError as error:
            raise BadMedia(said, f"cannot be read ({error.strerror or error})", "check the file") from None
        except ValueError as error:
            raise BadMedia(said, str(error), "export it again") from None

    def _meant(self, name: str) -> str:
        """The file that was probably meant: a like name in the same folder, or the same name elsewhere."""
        wanted = Path(name)
        folder = self._root / wanted.parent
        if folder.is_dir() and folder.resolve().is_relative_to(self._root):
            there = [entry.name for entry in list(folder.iterdir())[:2000] if entry.is_file()]
            found = nearest(wanted.name, there)
            if found:
                return f"did you mean {shown(str(wanted.parent / found), 120)}?"
        return f"it was looked for in {self._root}"
