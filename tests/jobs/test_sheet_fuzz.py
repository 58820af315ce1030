"""Call sheets with random slips: nothing but their faults is raised."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.call_sheet import SheetFaults, read_call_sheet
from jobs.catalogue import Catalogue
from tests.jobs.sheet_example import NOW, SHEET, make_episode, make_house


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    return make_house(tmp_path_factory.mktemp("performers"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return make_episode(tmp_path_factory.mktemp("episode"))


def mutated(text: str, rng: random.Random) -> bytes:
    """``text`` with a few seeded slips: bytes, lines, words and values."""
    lines = text.splitlines(keepends=True)
    values = ["-1", "0", "1e999", ".nan", "null", "[]", "{}", "''", "true", "ada", "*a", "&a x", "!!int 3", "é", "\t"]
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        kind = rng.randrange(7)
        if kind == 0:
            lines[at] = ""
        elif kind == 1:
            lines.insert(at, lines[rng.randrange(len(lines))])
        elif kind == 2:
            lines[at] = lines[at].partition(":")[0] + ": " + rng.choice(values) + "\n"
        elif kind == 3:
            lines[at] = " " * rng.randrange(5) + lines[at]
        elif kind == 4 and lines[at]:
            place = rng.randrange(len(lines[at]))
            lines[at] = lines[at][:place] + chr(rng.randrange(1, 0x250)) + lines[at][place + 1 :]
        elif kind == 5:
            lines[at] = lines[at].replace("- ", "", 1) if "- " in lines[at] else "- " + lines[at]
        else:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
    data = bytearray("".join(lines).encode())
    if data and rng.random() < 0.2:
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


VALUES = [
    None, True, 0, -1, 10**30, 1.5, float("nan"), float("inf"), "", "ada", "camera", "0010", "a\nb", "\x07", "é" * 3000,
    [], [1], ["ada", "ada", "bo"], {}, {"ada": 1}, {"ada": {"at": [0, 0]}}, [[[[]]]], {"role": "bo"}, [{"role": "bo"}],
]  # fmt: skip


def restructured(rng: random.Random) -> bytes:
    """``SHEET`` with a few values anywhere in it replaced, taken out or copied elsewhere."""
    sheet: Any = copy.deepcopy(SHEET)
    for _ in range(rng.randint(1, 4)):
        places = [sheet]
        for place in places:  # grows while it is walked
            places += [v for v in (place.values() if isinstance(place, dict) else place) if isinstance(v, (dict, list))]
        place = rng.choice([place for place in places if place] or [sheet])
        key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
        if rng.random() < 0.2:
            del place[key]
        elif rng.random() < 0.2:
            place[key] = copy.deepcopy(rng.choice(places))
        else:
            place[key] = copy.deepcopy(rng.choice(VALUES))
        if not sheet:
            break
    return yaml.safe_dump(sheet, sort_keys=False).encode()


def fuzz(folder: Path, house: Path, seeds: range) -> int:
    """How many mutations were refused; anything but ``SheetFaults`` fails."""
    text = yaml.safe_dump(SHEET, sort_keys=False)
    catalogue = Catalogue([house])
    path = folder / "fuzz.yaml"
    refused = 0
    for seed in seeds:
        rng = random.Random(seed)
        path.write_bytes(restructured(rng) if seed % 2 else mutated(text, rng))
        try:
            read_call_sheet(path, catalogue, now=NOW)
        except SheetFaults as error:
            refused += 1
            assert error.faults and all(fault.line >= 1 and fault.column >= 1 and fault.what for fault in error.faults)
            assert "\n" not in "".join(str(fault) for fault in error.faults)
    return refused


def test_a_damaged_sheet_raises_nothing_but_its_faults(folder: Path, house: Path) -> None:
    assert 500 < fuzz(folder, house, range(1000)) < 1000


@pytest.mark.slow
def test_very_many_damaged_sheets_raise_nothing_but_their_faults(folder: Path, house: Path) -> None:
    assert fuzz(folder, house, range(1000, 25_000)) > 15_000
