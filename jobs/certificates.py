"""The certificates that masters are signed with: an authority of this installation's own, made on first use."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jobs.errors import FarmError

AUTHORITY_DAYS = 3650
SIGNER_DAYS = 730
RENEW_DAYS = 30  # a signer with less time left is replaced

_AUTHORITY, _AUTHORITY_KEY, _SIGNER = "ca.pem", "ca.key", "signer.pem"


class DamagedCertificates(FarmError):
    """The folder of signing certificates cannot be used as it is."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        path, why = self.args
        return (
            f"{path}: {why}. Put the file back from a copy; or move the folder {path.parent} away, and the next render "
            f"makes a new authority (masters signed before are then checked with the old {_AUTHORITY})"
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a master is signed by."""

    chain: bytes  # PEM, the signer's certificate first, then the authority's
    key: bytes  # PEM, PKCS 8, ECDSA on P-256
    authority: bytes  # PEM


def identity(folder: Path, now: datetime) -> Identity:
    """The signing identity kept in ``folder``, made there if the folder does not exist; ``now`` is aware.

    The folder is 0700 and appears whole; its files are 0600. Raises DamagedCertificates.
    """
    if not folder.exists():
        _found(folder, now)
    authority = _certificate(folder / _AUTHORITY)
    authority_key = _key(folder / _AUTHORITY_KEY)
    if authority_key.public_key() != authority.public_key():
        raise DamagedCertificates(folder / _AUTHORITY_KEY, f"does not belong to {_AUTHORITY}")
    signer = _certificate(folder / _SIGNER)
    signer_key = _key(folder / _SIGNER)
    if signer_key.public_key() != signer.public_key():
        raise DamagedCertificates(folder / _SIGNER, "holds a key and a certificate that do not belong together")
    try:
        signer.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise DamagedCertificates(folder / _SIGNER, f"was not issued by {_AUTHORITY}") from error
    if authority.not_valid_after_utc <= now:
        raise DamagedCertificates(folder / _AUTHORITY, f"expired on {authority.not_valid_after_utc:%Y-%m-%d}")
    if signer.not_valid_after_utc < now + timedelta(days=RENEW_DAYS):
        signer_key, signer = _issue(authority, authority_key, now)
        _write(folder / _SIGNER, _pem(signer_key) + _pem(signer))
    return Identity(_pem(signer) + _pem(authority), _pem(signer_key), _pem(authority))


def authority(folder: Path) -> bytes | None:
    """The authority's certificate, PEM; None where nothing was ever signed. Raises DamagedCertificates."""
    return _pem(_certificate(folder / _AUTHORITY)) if folder.exists() else None


def _found(folder: Path, now: datetime) -> None:
    """Make a new authority; where two processes do so at once, the first one's stays."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}")
    fresh.mkdir(mode=0o700)
    try:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Greenroom authority {secrets.token_hex(4)}")
        public = key.public_key()
        certificate = (
            x509.CertificateBuilder(name, name, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(key, hashes.SHA256())
        )
        signer_key, signer = _issue(certificate, key, now)
        _write(fresh / _AUTHORITY, _pem(certificate))
        _write(fresh / _AUTHORITY_KEY, _pem(key))
        _write(fresh / _SIGNER, _pem(signer_key) + _pem(signer))
        try:
            os.rename(fresh, folder)
        except OSError:
            if not folder.exists():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _issue(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A signer's key and certificate after the profile of C2PA 2.1, 14.5.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    until = min(now + timedelta(days=SIGNER_DAYS), authority.not_valid_after_utc)
    certificate = (
        x509.CertificateBuilder(authority.subject, _name("Greenroom"), public, x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return key, certificate


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Greenroom"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(thing: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise DamagedCertificates(path, "is not a PEM certificate") from error


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(_read(path), None)
    except (ValueError, TypeError) as error:
        raise DamagedCertificates(path, "holds no PEM private key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise DamagedCertificates(path, "holds a key that is not ECDSA on P-256")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedCertificates(path, error.strerror or "cannot be read") from error


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    os.replace(partial, path)
