import multiprocessing
import stat
from pathlib import Path

import pytest

from jobs.keys import BadKey, key_id, signed_by, signing_key


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_on_first_use_and_kept(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "home", "house")
    assert signing_key(tmp_path / "home", "house").public == first.public
    assert signing_key(tmp_path / "home", "other").public != first.public
    assert first.id == key_id(first.public) and len(first.id) == 16


def test_a_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    signing_key(tmp_path, "house")
    assert mode(tmp_path / "keys") == 0o700
    assert mode(tmp_path / "keys/house.pem") == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["house.pem"]


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = signing_key(tmp_path, "house")
    secret = (tmp_path / "keys/house.pem").read_text().splitlines()[1]
    assert secret not in repr(key) and key.private.private_bytes_raw().hex() not in repr(key)


def test_a_signature_holds_for_its_message_and_key_only(tmp_path: Path) -> None:
    one, two = signing_key(tmp_path, "one"), signing_key(tmp_path, "two")
    signature = one.sign(b"yes")
    assert signed_by(one.public, signature, b"yes")
    assert not signed_by(one.public, signature, b"no")
    assert not signed_by(two.public, signature, b"yes")
    assert not signed_by(one.public, b"short", b"yes")
    assert not signed_by(b"short", signature, b"yes")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, bits: int) -> None:
    signing_key(tmp_path, "house")
    (tmp_path / "keys/house.pem").chmod(bits)
    with pytest.raises(BadKey, match=r"can be read by others: run: chmod 600"):
        signing_key(tmp_path, "house")


def test_a_key_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    signing_key(tmp_path, "house")
    (tmp_path / "keys").chmod(0o777)
    with pytest.raises(BadKey, match=r"can be written to by others: run: chmod 700"):
        signing_key(tmp_path, "house")


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_key_says_how_to_mend_it(tmp_path: Path, content: bytes) -> None:
    signing_key(tmp_path, "house")
    (tmp_path / "keys/house.pem").write_bytes(content)
    with pytest.raises(BadKey, match=r"is damaged or not an Ed25519 key: restore it, or delete it"):
        signing_key(tmp_path, "house")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signing_key(tmp_path, "house")
    (tmp_path / "keys/house.pem").write_bytes(pem)
    with pytest.raises(BadKey, match="not an Ed25519 key"):
        signing_key(tmp_path, "house")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(BadKey, match="cannot be used"):
        signing_key(tmp_path / "home", "house")


def _public(home: str) -> bytes:
    return signing_key(Path(home), "house").public


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert len(set(pool.map(_public, [str(tmp_path)] * 16, chunksize=1))) == 1
