"""Call sheets: from the file that asks for an episode to the episode, or to everything that is wrong with it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jobs.catalogue import Catalogue
from jobs.episode import Episode
from jobs.media import MediaFolder
from jobs.nearest import did_you_mean
from jobs.sheet_faults import Fault, SheetFaults
from jobs.sheet_resolve import resolve
from jobs.sheet_schema import read_parts
from jobs.sheet_yaml import MOST_BYTES, read_tree

__all__ = ["Fault", "SheetFaults", "read_call_sheet"]


def read_call_sheet(path: Path, catalogue: Catalogue, *, now: datetime) -> Episode:
    """The episode that the call sheet at ``path`` asks for; ``now`` has a time zone.

    Files are named relative to the sheet and stay inside its folder; every one is opened and pinned by its content.
    Raises ``SheetFaults`` with all that is wrong.
    """
    assert now.tzinfo is not None, "now needs a time zone"
    tree = read_tree(_bytes(path), str(path))
    sheet = read_parts(tree)
    episode = resolve(sheet, tree, MediaFolder(path.parent), catalogue, now) if sheet is not None else None
    if tree.faults:
        raise SheetFaults(sorted(tree.faults))
    assert episode is not None
    return episode


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise SheetFaults([Fault(str(path), 1, 1, "", "is not a file", "name the call sheet itself")])
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        hint = ""
        if isinstance(error, FileNotFoundError) and path.parent.is_dir():
            hint = did_you_mean(path.name, [entry.name for entry in path.parent.glob("*.y*ml")])
        raise SheetFaults([Fault(str(path), 1, 1, "", f"cannot be read ({error.strerror})", hint)]) from None
