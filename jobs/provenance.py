"""What a master says about itself, signed: C2PA content credentials (C2PA 2.1) inside the MP4."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from jobs.certificates import Identity
from jobs.episode import Episode
from jobs.errors import FarmError

EPISODE_LABEL = "org.greenroom.episode"
CONTAINER_LABEL = "org.greenroom.container"

# IPTC digital source types, https://cv.iptc.org/newscodes/digitalsourcetype/
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # C2PA 2.1, A.5.1: the uuid box that holds the manifest
_UNHASHED = (b"ftyp", b"free", b"skip", b"mfra")  # boxes that C2PA's own hash leaves out


class SigningFailed(FarmError):
    """A file could not be given its content credentials."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)

    def __str__(self) -> str:
        return "{} could not be signed: {}; see that the disk has room and that the keys are whole".format(*self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformerClaim:
    """A digital performer who can be seen, and what allows it."""

    role: str
    performer: str  # "house/ada@1"
    digest: str  # sha256 of the performer's package
    consent: str | None  # reference of the consent record


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotClaim:
    """A shot and the take it was made from."""

    id: str
    key: str  # take key, hex
    first: int  # frame of this file, 0-based
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Everything that is signed about a file."""

    episode: str
    title: str
    engine: str  # version of Greenroom
    source_type: str  # IPTC digital source type, the whole address
    performers: tuple[PerformerClaim, ...]
    shots: tuple[ShotClaim, ...]


State = Literal["trusted", "untrusted", "invalid", "absent", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a file's content credentials say, and whether they hold."""

    state: State  # untrusted: intact, but not signed by the authority that was asked for
    problems: tuple[str, ...] = ()
    claims: Claims | None = None  # None where they cannot be read
    signer: str | None = None  # common name


def source_type(looks: set[str]) -> str:
    """The IPTC term that is true of an episode finished with these looks.

    Performers are computed (splats moved by curves), and cut together with recorded or synthetic voices and plates:
    a composite with synthetic elements. A look that a generative model draws makes it a composite with trained
    algorithmic media.
    """
    return _SOURCE_TYPES + ("compositeSynthetic" if looks <= {"splat"} else "compositeWithTrainedAlgorithmicMedia")


def claims(
    episode: Episode,
    consents: Mapping[str, str | None],
    keys: Mapping[str, str],
    engine: str,
    *,
    only: str | None = None,
) -> Claims:
    """What is claimed of an episode's master, or of the file of one shot (``only``, its id).

    ``consents`` maps roles to the references of their consent records, ``keys`` shot ids to take keys.
    """
    shots, first, roles = [], 0, set()
    for shot in episode.shots:
        if only in (None, shot.id):
            shots.append(ShotClaim(id=shot.id, key=keys[shot.id], first=first, frames=shot.frames))
            first += shot.frames
            roles |= {cue.role for cue in shot.cues} | set(shot.camera.on) | {shot.camera.over}
    return Claims(
        episode=episode.id,
        title=episode.title,
        engine=engine,
        source_type=source_type({shot.look for shot in episode.shots if only in (None, shot.id)}),
        performers=tuple(
            PerformerClaim(
                role=name,
                performer=f"{role.performer.id}@{role.performer.version}",
                digest=role.performer.digest,
                consent=consents.get(name),
            )
            for name, role in episode.cast.items()
            if name in roles
        ),
        shots=tuple(shots),
    )


def sign(source: Path, target: Path, what: Claims, who: Identity, title: str) -> None:
    """Write ``source`` with content credentials to ``target``. Raises SigningFailed."""
    from c2pa import Builder, C2paError, C2paSignerInfo, Context, Settings, Signer

    manifest = {
        "claim_generator_info": [{"name": "Greenroom", "version": what.engine}],
        "title": title,
        "format": "video/mp4",
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": what.source_type,
                            "description": "Digital performers, rendered by software; no camera recorded them.",
                        }
                    ]
                },
            },
            {"label": EPISODE_LABEL, "data": asdict(what)},
            {"label": CONTAINER_LABEL, "data": {"sha256": container_sha256(source)}},
        ],
    }
    settings = Settings.from_dict(
        {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
    )
    try:
        with (
            Context(settings=settings) as context,
            Signer.from_info(C2paSignerInfo(b"es256", who.chain, who.key, None)) as signer,
            Builder(manifest, context=context) as builder,
            source.open("rb") as plain,
            target.open("w+b") as signed,
        ):
            builder.sign(signer, "video/mp4", plain, signed)
    except C2paError as error:
        raise SigningFailed(source, str(error)) from error


def verify_file(path: Path, authority: bytes | None) -> Credentials:
    """Read and check a file's content credentials against an authority's certificate (PEM), or against none."""
    from c2pa import C2paError, Context, Reader, Settings

    wanted: dict = {"verify": {"verify_trust": authority is not None, "remote_manifest_fetch": False}}
    if authority is not None:
        wanted["trust"] = {"trust_anchors": authority.decode()}
    try:
        with (
            Context(settings=Settings.from_dict(wanted)) as context,
            path.open("rb") as file,
            Reader("video/mp4", file, context=context) as reader,
        ):
            found = json.loads(reader.json())
    except C2paError as error:
        if isinstance(error, C2paError.ManifestNotFound):
            return Credentials(state="absent", problems=("the file carries no content credentials",))
        return Credentials(state="unreadable", problems=(str(error),))
    manifest = found.get("manifests", {}).get(found.get("active_manifest"))
    if manifest is None:
        return Credentials(state="unreadable", problems=("the content credentials name a manifest that is not there",))
    problems = [
        f"{status['code']}: {status.get('explanation', '')}"
        for status in found.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
        if status["code"] != "signingCredential.untrusted"
    ]
    said = {assertion["label"]: assertion["data"] for assertion in manifest.get("assertions", [])}
    if CONTAINER_LABEL in said and said[CONTAINER_LABEL].get("sha256") != container_sha256(path):
        problems.append("boxes of the file that are not picture or sound were changed, added or taken away")
    state: State = "trusted" if found.get("validation_state") == "Trusted" else "untrusted"
    if problems or found.get("validation_state") not in ("Trusted", "Valid", "Invalid"):
        state = "invalid"
    return Credentials(
        state=state,
        problems=tuple(problems),
        claims=_claims(said.get(EPISODE_LABEL)),
        signer=manifest.get("signature_info", {}).get("common_name"),
    )


def container_sha256(path: Path) -> str:
    """A hash of what C2PA's leaves out: the order and size of the boxes, and the content of those it skips.

    Top-level boxes of ISO/IEC 14496-12 4.2; the box of the manifest itself is passed over.
    """
    digest = hashlib.sha256()
    end = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at < end:
            file.seek(at)
            head = file.read(32)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            start = 8
            if size == 1:
                size, start = int.from_bytes(head[8:16], "big"), 16
            if size == 0 or at + size > end or size < start:
                size = end - at  # reaches to the end, or the file is cut short
            if not (kind == b"uuid" and head[start : start + 16] == _C2PA_BOX):
                digest.update(kind + size.to_bytes(8, "big"))
                if kind in _UNHASHED:
                    file.seek(at)
                    digest.update(file.read(size))
            at += size
    return digest.hexdigest()


def _claims(said: dict | None) -> Claims | None:
    if said is None:
        return None
    try:
        return Claims(
            episode=said["episode"],
            title=said["title"],
            engine=said["engine"],
            source_type=said["source_type"],
            performers=tuple(PerformerClaim(**performer) for performer in said["performers"]),
            shots=tuple(ShotClaim(**shot) for shot in said["shots"]),
        )
    except (KeyError, TypeError):
        return None  # written by another version, or by someone else under our label
