import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from actors.encode import Mark, TakeWriter
from actors.watermark import Watermark, payload
from jobs.certificates import Identity, identity
from jobs.conform import conform
from jobs.episode import Camera, Episode, Plate, Project, Scene, Shot
from jobs.ledger_records import Master
from jobs.provenance import claims, sign
from jobs.sound import sample_at
from serve.verify import NoSuchFile, Verification, verify

WIDTH, HEIGHT = 640, 360
SECRET = b"watermark key of a test farm, 32"
KEYS = {"e1/s010/0010": "0123456789abcdef" * 4, "e1/s010/0020": "fedcba9876543210" * 4}


@dataclass(frozen=True)
class Farm:
    """A delivered episode and what an installation knows about it: its keys, its ledger."""

    path: Path
    who: Identity
    record: Master

    def verify(self, path: Path, **other) -> Verification:
        at_hand: dict = {
            "authority": self.who.authority,
            "key": SECRET,
            "known": lambda sha256: self.record if sha256 == self.record.sha256 else None,
            "named": lambda episode: self.record if episode == self.record.episode_id else None,
            "taken": {key[:12]: ("e1", shot) for shot, key in KEYS.items()}.get,
        }
        return verify(path, **(at_hand | other))


def episode() -> Episode:
    shots = tuple(
        Shot(id=shot, first=1, last=24, camera=Camera(preset="close-up", on=("ada",)), cues=()) for shot in KEYS
    )
    return Episode(
        id="e1",
        title="The Test",
        fps=Fraction(24),
        width=WIDTH,
        height=HEIGHT,
        project=Project(id="p", genres=(), territories=(), media=()),
        cast={},
        scenes=(Scene(id="s010", plate=Plate(colour=(0, 0, 0)), light="noir", shots=shots),),
    )


def frames(shot: int, count: int) -> list[np.ndarray]:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ramp = 50 + 100 * (y / HEIGHT if shot else x / WIDTH)
    discs = [np.hypot(x - 200 - 200 * shot - 3 * i, y - 150) < 90 for i in range(count)]
    return [np.clip(ramp + 60 * disc, 0, 255)[..., None].repeat(3, 2).astype(np.uint8) for disc in discs]


def taken(folder: Path, marks: dict[str, str | None]) -> dict[str, Path]:
    paths = {}
    for index, (shot, key) in enumerate(marks.items()):
        paths[shot] = folder / f"{index}.mp4"
        mark = Mark(Watermark(SECRET), payload(key)) if key else None
        with TakeWriter(paths[shot], WIDTH, HEIGHT, Fraction(24), mark=mark) as take:
            for frame in frames(index, 24):
                take.write(frame)
    return paths


def delivered(folder: Path, marks: dict[str, str | None]) -> Farm:
    who = identity(folder / "keys" / "c2pa", datetime.now(UTC))
    what = claims(episode(), {}, KEYS, "0.1.0")
    sound = np.zeros((sample_at(Fraction(2)), 2), np.float32)

    def signing(plain: Path, signed: Path, title: str) -> None:
        shots = [shot for shot in KEYS if title.endswith(shot)]
        only = claims(episode(), {}, KEYS, "0.1.0", only=shots[0]) if shots else what
        sign(plain, signed, only, who, title)

    out = folder / "out"
    master = conform(episode(), taken(folder, marks), KEYS, out, sound=sound, sign=signing)
    record = Master(
        episode_id="e1", sha256=master.sha256, size=master.bytes, path=str(out), takes=dict(KEYS), made_at=0.0
    )
    return Farm(out / "master.mp4", who, record)


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Farm:
    return delivered(tmp_path_factory.mktemp("farm"), dict(KEYS))


def outcomes(found: Verification) -> dict[str, str]:
    return {check.name: check.outcome for check in found.checks}


def why(found: Verification, name: str) -> str:
    return next(check.why for check in found.checks if check.name == name)


def changed(farm: Farm, folder: Path, change: Callable[[bytearray], object]) -> Path:
    data = bytearray(farm.path.read_bytes())
    change(data)
    path = folder / "changed.mp4"
    path.write_bytes(data)
    return path


def test_a_master_passes_all_three_checks_and_names_its_episode(farm: Farm) -> None:
    found = farm.verify(farm.path)
    assert outcomes(found) == {"ledger": "passed", "provenance": "passed", "watermark": "passed"}
    assert found.genuine and (found.episode, found.title) == ("e1", "The Test")
    assert [stretch.read for stretch in found.stretches] == [key[:12] for key in KEYS.values()]
    assert why(found, "watermark") == "2 of 2 shots carry the mark of the take they claim"


def test_every_one_of_200_flipped_bits_is_found(farm: Farm, tmp_path: Path) -> None:
    rng = random.Random(20270115)
    size = farm.path.stat().st_size
    # twenty of them in the first kilobyte, where the boxes are that content credentials do not hash
    places = [rng.randrange(1024) for _ in range(20)] + [rng.randrange(size) for _ in range(180)]
    for place in places:
        bit = 1 << rng.randrange(8)
        path = changed(farm, tmp_path, lambda data, place=place, bit=bit: data.__setitem__(place, data[place] ^ bit))
        found = farm.verify(path, key=None)
        assert not found.genuine, place
        assert outcomes(found)["ledger"] != "passed"


def test_a_master_robbed_of_its_credentials_is_still_named_and_not_genuine(farm: Farm, tmp_path: Path) -> None:
    manifest = farm.path.read_bytes().index(bytes.fromhex("d8fec3d61b0e483c92975828877ec481"))
    found = farm.verify(changed(farm, tmp_path, lambda data: data.__setitem__(manifest, data[manifest] ^ 1)))
    assert outcomes(found) == {"ledger": "failed", "provenance": "not made", "watermark": "passed"}
    assert found.episode == "e1" and not found.genuine


def test_a_flipped_bit_says_that_the_file_differs_from_the_delivered_master(farm: Farm, tmp_path: Path) -> None:
    found = farm.verify(changed(farm, tmp_path, lambda data: data.__setitem__(-3000, data[-3000] ^ 4)))
    assert outcomes(found)["ledger"] == outcomes(found)["provenance"] == "failed"
    assert "differs from the master of e1" in why(found, "ledger")
    assert found.episode == "e1"


@pytest.mark.parametrize("cut", [1, 100, 5000, 100_000])
def test_a_file_cut_short_is_found(farm: Farm, tmp_path: Path, cut: int) -> None:
    size = farm.path.stat().st_size
    path = changed(farm, tmp_path, lambda data: data.__delitem__(slice(max(100, size - cut), size)))
    assert not farm.verify(path).genuine


@pytest.mark.parametrize("box", [b"\0\0\0\x08free", b"\0\0\0\x0cuuidabcd", b"\0"])
def test_anything_appended_is_found(farm: Farm, tmp_path: Path, box: bytes) -> None:
    path = changed(farm, tmp_path, lambda data: data.extend(box))
    assert not farm.verify(path).genuine
    assert not farm.verify(path, known=None, named=None).genuine


def test_an_empty_or_foreign_file_is_not_genuine(farm: Farm, tmp_path: Path) -> None:
    for content in (b"", b"hello", bytes(5000)):
        path = tmp_path / "foreign.mp4"
        path.write_bytes(content)
        assert not farm.verify(path).genuine


def test_without_a_ledger_or_keys_the_checks_say_that_they_were_not_made(farm: Farm) -> None:
    found = farm.verify(farm.path, known=None, named=None, key=None)
    assert outcomes(found) == {"ledger": "not made", "provenance": "passed", "watermark": "not made"}
    assert found.genuine
    alone = farm.verify(farm.path, known=None, named=None, key=None, authority=None)
    assert outcomes(alone)["provenance"] == "not made" and not alone.genuine


def test_a_copy_encoded_again_is_known_by_its_watermark_alone(farm: Farm, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    with av.open(str(farm.path)) as file, av.open(str(copy), "w") as again:
        stream = again.add_stream("libx264", rate=24, options={"crf": "28", "preset": "veryfast"})
        stream.width, stream.height = WIDTH, HEIGHT
        for frame in file.decode(video=0):
            frame.pict_type = 0
            again.mux(stream.encode(frame))
        again.mux(stream.encode(None))
    found = farm.verify(copy)
    assert outcomes(found) == {"ledger": "failed", "provenance": "not made", "watermark": "passed"}
    assert found.episode == "e1" and not found.genuine  # ours, but not what was delivered
    assert [stretch.read for stretch in found.stretches] == [key[:12] for key in KEYS.values()]
    assert outcomes(farm.verify(copy, taken=None))["watermark"] == "not made"


def test_a_single_shot_is_genuine_though_the_ledger_holds_only_masters(farm: Farm) -> None:
    found = farm.verify(farm.path.parent / "shots" / "s010.0020.mp4")
    assert outcomes(found) == {"ledger": "not made", "provenance": "passed", "watermark": "passed"}


def test_a_master_whose_picture_carries_no_mark_fails_the_watermark(tmp_path: Path) -> None:
    unmarked = delivered(tmp_path, dict.fromkeys(KEYS))
    found = unmarked.verify(unmarked.path)
    assert outcomes(found) == {"ledger": "passed", "provenance": "passed", "watermark": "failed"}


def test_a_shot_that_carries_another_take_is_named(tmp_path: Path) -> None:
    swapped = delivered(tmp_path, dict(zip(KEYS, reversed(KEYS.values()), strict=True)))
    found = swapped.verify(swapped.path)
    assert outcomes(found)["watermark"] == "failed"
    assert "another take in e1/s010/0010, e1/s010/0020" in why(found, "watermark")


def test_the_ledger_may_disagree_with_what_a_file_claims(farm: Farm) -> None:
    other = replace(farm.record, takes=dict.fromkeys(KEYS, "9" * 64))
    assert outcomes(farm.verify(farm.path, known=lambda sha256: other))["watermark"] == "failed"


def test_a_file_that_is_not_there_is_bad_input(farm: Farm, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match="there is no such file"):
        farm.verify(tmp_path / "none.mp4")
