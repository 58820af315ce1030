import json
import stat
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from actors.encode import TakeWriter
from jobs.certificates import DamagedCertificates, Identity, authority, identity
from jobs.episode import Camera, Cue, Episode, PerformerRef, Plate, Project, Role, Scene, Shot
from jobs.provenance import claims, container_sha256, sign, source_type, verify_file

NOW = datetime.now(UTC)  # content credentials are checked against the machine's own clock


def episode() -> Episode:
    ref = PerformerRef(id="house/ada", version=1, digest="d" * 64)
    shots = tuple(
        Shot(
            id=f"e1/s010/{n:04d}",
            first=1,
            last=5,
            camera=Camera(preset="close-up", on=("ada",)),
            cues=(Cue(role="ada"),),
        )
        for n in range(2)
    )
    scene = Scene(id="s010", plate=Plate(colour=(0, 0, 0)), light="noir", shots=shots)
    return Episode(
        id="e1",
        title="Grün & true",
        fps=Fraction(24),
        width=160,
        height=96,
        project=Project(id="p", genres=(), territories=(), media=()),
        cast={"ada": Role(name="ada", performer=ref), "bo": Role(name="bo", performer=ref)},
        scenes=(scene,),
    )


CLAIMS = claims(
    episode(), {"ada": "consent-ada-1"}, {"e1/s010/0000": "a" * 64, "e1/s010/0001": "b" * 64}, "0.1.0"
)  # fmt: skip


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity(tmp_path_factory.mktemp("home") / "keys" / "c2pa", NOW)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, who: Identity) -> Path:
    folder = tmp_path_factory.mktemp("signed")
    with TakeWriter(folder / "plain.mp4", 160, 96, Fraction(24)) as take:
        for index in range(10):
            take.write(np.full((96, 160, 3), 20 * index, np.uint8))
    sign(folder / "plain.mp4", folder / "signed.mp4", CLAIMS, who, "Grün & true")
    return folder / "signed.mp4"


def test_a_signed_file_gives_back_every_claim(signed: Path, who: Identity) -> None:
    credentials = verify_file(signed, who.authority)
    assert (credentials.state, credentials.problems, credentials.signer) == ("trusted", (), "Greenroom")
    assert credentials.claims == CLAIMS
    assert CLAIMS.performers[0].consent == "consent-ada-1"
    assert [performer.role for performer in CLAIMS.performers] == ["ada"]  # bo is cast, but in no shot


def test_the_manifest_says_that_the_picture_is_synthetic(signed: Path) -> None:
    from c2pa import Reader

    with signed.open("rb") as file, Reader("video/mp4", file) as reader:
        manifest = json.loads(reader.json())
    active = manifest["manifests"][manifest["active_manifest"]]
    actions = next(a["data"]["actions"] for a in active["assertions"] if a["label"] == "c2pa.actions.v2")
    assert [action["action"] for action in actions] == ["c2pa.created"]
    assert actions[0]["digitalSourceType"].endswith("/digitalsourcetype/compositeSynthetic")
    assert active["title"] == "Grün & true"


def test_a_generative_look_changes_the_source_type() -> None:
    assert source_type({"splat"}).endswith("/compositeSynthetic")
    assert source_type({"splat", "refined"}).endswith("/compositeWithTrainedAlgorithmicMedia")


def test_a_signature_of_another_authority_is_not_trusted(signed: Path, tmp_path: Path) -> None:
    other = identity(tmp_path / "c2pa", NOW)
    assert verify_file(signed, other.authority).state == "untrusted"
    assert verify_file(signed, None).state == "untrusted"


def test_a_file_without_credentials_says_so(signed: Path) -> None:
    assert verify_file(signed.with_name("plain.mp4"), None).state == "absent"


def test_signing_moves_boxes_but_keeps_what_the_container_hash_sees(signed: Path) -> None:
    assert container_sha256(signed) == container_sha256(signed.with_name("plain.mp4"))


@pytest.mark.parametrize("box", [b"\0\0\0\x08free", b"\0\0\0\x10skipabcdefgh", b"\0\0\0\x10uuidabcdefgh", b"x"])
def test_appended_boxes_are_found_without_a_ledger(signed: Path, who: Identity, tmp_path: Path, box: bytes) -> None:
    longer = tmp_path / "longer.mp4"
    longer.write_bytes(signed.read_bytes() + box)
    assert verify_file(longer, who.authority).state in ("invalid", "unreadable")


@pytest.mark.parametrize("offset", range(0, 24))
def test_any_flip_in_the_file_type_box_is_found_without_a_ledger(
    signed: Path, who: Identity, tmp_path: Path, offset: int
) -> None:
    data = bytearray(signed.read_bytes())
    assert data[4:8] == b"ftyp"
    data[offset] ^= 1
    path = tmp_path / "flipped.mp4"
    path.write_bytes(data)
    assert verify_file(path, who.authority).state in ("invalid", "unreadable", "absent")


def test_keys_are_for_their_owner_only_and_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys" / "c2pa"
    one = identity(folder, NOW)
    assert identity(folder, NOW) == one
    assert authority(folder) == one.authority
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert [file.name for file in folder.parent.iterdir()] == ["c2pa"]


def test_a_signer_that_is_about_to_expire_is_replaced_under_the_same_authority(tmp_path: Path) -> None:
    one = identity(tmp_path / "c2pa", NOW)
    later = identity(tmp_path / "c2pa", NOW + timedelta(days=720))
    assert later.authority == one.authority and later.key != one.key


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "signer.pem"])
@pytest.mark.parametrize("damage", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None])
def test_damaged_keys_are_named_with_how_to_mend_them(tmp_path: Path, name: str, damage: bytes | None) -> None:
    folder = tmp_path / "c2pa"
    identity(folder, NOW)
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage)
    with pytest.raises(DamagedCertificates, match=rf"{name}.*move the folder .* away"):
        identity(folder, NOW)


def test_a_key_of_another_authority_is_noticed(tmp_path: Path) -> None:
    identity(tmp_path / "one", NOW)
    identity(tmp_path / "two", NOW)
    (tmp_path / "one" / "ca.key").write_bytes((tmp_path / "two" / "ca.key").read_bytes())
    with pytest.raises(DamagedCertificates, match="does not belong"):
        identity(tmp_path / "one", NOW)
