"""The ticket a host works by: signed, expiring, for one take of one shot.

Hosts never open the ledger. A ticket carries the fencing token, everything the shot needs, and an Ed25519 signature;
a host has only the public key, and unpickles nothing whose signature does not hold.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.episode import Episode, Scene, Shot
from jobs.errors import FarmError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class TicketRefused(FarmError):
    """A host will not work by this ticket."""

    def __init__(self, why: str) -> None:
        super().__init__(why)

    def __str__(self) -> str:
        return (
            "the host refused a ticket: {}; tickets are made by the dispatcher that started the host, so run the "
            "render again; if it persists, check that the clocks of the machines agree"
        ).format(*self.args)


class KeyUnusable(FarmError):
    """The key that signs tickets cannot be read or made."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return (
            "the ticket key {} cannot be used: {}; remove the file to have a new one made (nothing else depends on "
            "it), and check that its folder may be written"
        ).format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One take to make."""

    id: str  # unique: one ticket, one result
    take_key: str
    host_id: str  # who may work by it
    token: int  # fencing token of the shot's lease
    expires_at: float  # seconds since the epoch; has to be started before
    shot: Shot
    scene: Scene
    episode: Episode
    packages: Mapping[str, Path]  # performer digest -> package file


@dataclass(frozen=True, slots=True)
class SignedTicket:
    """A pickled ticket and the signature over exactly these bytes."""

    body: bytes
    signature: bytes  # Ed25519


def sign(ticket: Ticket, key: Ed25519PrivateKey) -> SignedTicket:
    body = pickle.dumps(ticket, protocol=pickle.HIGHEST_PROTOCOL)
    return SignedTicket(body, key.sign(body))


def open_ticket(signed: SignedTicket, public_key: bytes, host_id: str, now: float) -> Ticket:
    """The ticket, once its signature, addressee and date hold. ``public_key``: 32 raw bytes. Raises TicketRefused."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, signed.body)
    except InvalidSignature as error:
        raise TicketRefused("its signature does not hold") from error
    ticket: Ticket = pickle.loads(signed.body)  # signed by our own dispatcher
    if ticket.host_id != host_id:
        raise TicketRefused(f"it is for {ticket.host_id}, not for {host_id}")
    if now > ticket.expires_at:
        raise TicketRefused(f"it expired {now - ticket.expires_at:.0f} s ago")
    return ticket


def ticket_key(folder: Path) -> Ed25519PrivateKey:
    """The dispatcher's signing key in ``folder``, made on first use (file mode 0600). Raises KeyUnusable."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = folder / "ticket.pem"
    try:
        if not path.exists():
            _make_key(path)
        path.chmod(0o600)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyUnusable(str(path), error.strerror or str(error)) from error
    except ValueError as error:
        raise KeyUnusable(str(path), "it is not a private key in PEM form") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(str(path), "it is not an Ed25519 key")
    return key


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that hosts check signatures with."""
    return key.public_key().public_bytes_raw()


def _make_key(path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process made one first: use that
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
