import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import catalogue
from jobs.catalogue import BadPackage, Catalogue, UnknownPerformer, house_folder
from tests.jobs.sheet_example import make_house

CARD = {"name": "Ada", "description": "Dry wit.", "pronouns": "she/her", "born": [1987, 1994], "fictional": True}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return make_house(tmp_path)


def add(house: Path, name: str, version: str, content: bytes = b"package") -> Path:
    folder = house / name / version
    folder.mkdir(parents=True)
    (folder / "performer.safetensors").write_bytes(content)
    return folder


def test_a_performer_is_found_by_id_and_version(house: Path) -> None:
    entry = Catalogue([house]).find("house/ada@1")
    assert (entry.ref.id, entry.ref.version) == ("house/ada", 1)
    assert entry.path == house / "ada/1/performer.safetensors"
    assert entry.consent_path == house / "ada/1/consent.json"
    assert entry.bytes == len(b"package of ada")


def test_without_a_version_the_latest_is_found(house: Path) -> None:
    add(house, "ada", "2")
    add(house, "ada", "10")
    assert Catalogue([house]).find("house/ada").ref.version == 10
    assert Catalogue([house]).versions()["house/ada"] == (1, 2, 10)


def test_folders_that_are_no_versions_are_passed_over(house: Path) -> None:
    for version in ("draft", "01", "0", "-1", "3.5"):
        add(house, "ada", version)
    (house / "ada/7").mkdir()  # without a package
    assert Catalogue([house]).versions()["house/ada"] == (1,)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("house/ade", "unknown performer 'house/ade': did you mean 'house/ada'?"),
        ("house/ada@2", "performer 'house/ada' has no version 2: there is house/ada@1"),
        ("house/zzz", "unknown performer 'house/zzz': use one of house/ada, house/kofi, house/luca, house/mei"),
        ("house/../ada", "'house/../ada' does not name a performer"),
        ("ada", "'ada' does not name a performer: did you mean 'house/ada'?"),
        ("house/ada@latest", "'house/ada@latest' does not name a performer: did you mean 'house/ada'?"),
        ("", "'' does not name a performer"),
    ],
)
def test_an_unknown_performer_is_told_with_the_nearest_word(house: Path, wanted: str, told: str) -> None:
    with pytest.raises(UnknownPerformer) as caught:
        Catalogue([house]).find(wanted)
    assert told in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_empty_catalogue_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(UnknownPerformer, match="there are no performers in"):
        Catalogue([tmp_path / "nowhere"]).find("house/ada")


def test_the_digest_is_remembered_until_the_package_changes(house: Path, monkeypatch) -> None:
    hashed = []
    digest = catalogue.hashlib.file_digest
    monkeypatch.setattr(catalogue.hashlib, "file_digest", lambda *args: hashed.append(1) or digest(*args))
    known = Catalogue([house])
    first = known.find("house/ada").ref.digest
    assert known.find("house/ada").ref.digest == first and len(hashed) == 1
    package = house / "ada/1/performer.safetensors"
    package.write_bytes(b"another one")
    os.utime(package, ns=(0, 1))
    assert known.find("house/ada").ref.digest != first and len(hashed) == 2


def test_the_first_folder_wins_where_two_hold_the_same(house: Path, tmp_path: Path) -> None:
    add(tmp_path / "mine/house", "ada", "1", b"mine")
    entries = Catalogue([tmp_path / "mine/house", house]).entries()
    assert [entry.ref.id for entry in entries] == ["house/ada", "house/kofi", "house/luca", "house/mei"]
    assert entries[0].bytes == len(b"mine")


def test_a_card_and_a_portrait_are_read_when_they_are_there(house: Path) -> None:
    (house / "ada/1/card.json").write_text(json.dumps(CARD))
    (house / "ada/1/portrait.jpg").write_bytes(b"jpeg")
    known = Catalogue([house])
    ada, mei = known.find("house/ada"), known.find("house/mei")
    assert ada.card is not None and ada.card.born == (1987, 1994) and ada.name == "Ada"
    assert ada.portrait_path == house / "ada/1/portrait.jpg"
    assert (mei.card, mei.name, mei.portrait_path) == (None, "mei", None)


@pytest.mark.parametrize(
    "text", ["{", "[]", json.dumps({**CARD, "age": 3}), json.dumps({**CARD, "born": "1990"}), "[" * 9999]
)
def test_a_damaged_card_says_what_to_do(house: Path, text: str) -> None:
    (house / "ada/1/card.json").write_text(text)
    with pytest.raises(BadPackage, match=r"card\.json is not a performer's card"):
        Catalogue([house]).find("house/ada")


def test_the_house_folder_is_found_without_importing_the_engine() -> None:
    code = "import sys; from jobs.catalogue import house_folder; house_folder(); print('actors' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert house_folder().parts[-2:] == ("actors", "house")
