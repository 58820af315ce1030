"""Signing keys: Ed25519, made on first use, readable by their owner only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jobs.errors import FarmError

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")


class BadKey(FarmError):
    """A key file cannot be used."""

    def __init__(self, path: str, what: str, hint: str) -> None:
        super().__init__(path, what, hint)

    def __str__(self) -> str:
        return "key {} {}: {}".format(*self.args)


def key_id(public: bytes) -> str:
    """The short name of a public key (32 bytes): the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` by the key (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; its representation shows nothing of it."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self.private.sign(message)


def signing_key(home: Path, name: str) -> SigningKey:
    """The key ``name`` in ``<home>/keys``, made now if there is none. Raises ``BadKey``."""
    assert NAME.match(name), f"{name!r} is not a key's name"
    folder = home / "keys"
    path = folder / f"{name}.pem"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o022:
            raise BadKey(str(folder), "can be written to by others", f"run: chmod 700 {folder}")
        if not path.exists():
            _make(path)
        return SigningKey(name, _read(path))
    except OSError as error:
        raise BadKey(str(path), f"cannot be used ({error.strerror})", "check the folder and its owner") from None


def _make(path: Path) -> None:
    """Write a new key under its name all at once; when another process was faster, its key stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)


def _read(path: Path) -> Ed25519PrivateKey:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
            raise BadKey(str(path), "can be read by others", f"run: chmod 600 {path}, and replace it if it leaked")
        pem = file.read(64 << 10)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(str(path), "is damaged or not an Ed25519 key", "restore it, or delete it to have a new one made")
    return key
