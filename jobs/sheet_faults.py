"""What is wrong with a call sheet, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobs.errors import BadInput
from jobs.nearest import shown

MOST = 500  # faults told of one sheet; more would only be the same one again
PLAIN = re.compile(r"[\w-]{1,64}\Z")  # keys shown without quotes

Path = tuple[str | int, ...]  # of a value in the sheet: ("scenes", 0, "shots", 2)


def dotted(path: Path) -> str:
    """``scenes[0].shots[2].camera``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong; ordered as it stands in the file."""

    file: str
    line: int  # from 1
    column: int  # from 1
    where: str  # dotted path; empty: the file as a whole
    what: str
    hint: str = ""

    def __str__(self) -> str:
        parts = (f"{self.file}:{self.line}:{self.column}", self.where, self.what, self.hint)
        return ": ".join(part for part in parts if part)


class SheetFaults(BadInput):
    """A call sheet with faults: all of them, as far as ``MOST`` goes."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults]
        if len(lines) >= MOST:
            lines.append(f"only the first {MOST} faults are shown")
        return "\n".join(lines)
