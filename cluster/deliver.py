"""Delivery: takes become a signed master with sound, its shots, contact sheet, report and usage statement."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from actors.judge.figures import FIGURES
from cluster.farm import EpisodeResult
from cluster.production import Production
from cluster.slots import cores
from jobs import certificates, ledger_records, rights
from jobs.conform import MasterFile, conform, delivering
from jobs.contact_sheet import contact_sheet, moments, stills
from jobs.episode import Episode
from jobs.ledger import Ledger
from jobs.ledger_records import Master, OnScreen
from jobs.provenance import claims, sign, source_type
from jobs.report import Render, ShotFacts, write_report
from jobs.sound import bed
from jobs.usage import usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was delivered, and what it took."""

    out: Path
    master: MasterFile
    wall_seconds: float
    rendered_shots: int
    cached_shots: int

    @property
    def seconds_per_video_second(self) -> float:
        return self.wall_seconds / float(self.master.seconds)


def deliver(
    episode: Episode, result: EpisodeResult, out: Path, production: Production, *, started: float, loads: int
) -> Delivery:
    """Write everything into ``out``; ``started`` is the monotonic second at which the work began.

    Consent is checked once more. Raises NotConsented, TakeMismatch, SigningFailed, DamagedCertificates.
    """
    now = datetime.now(UTC)
    allowed = rights.statement(episode, production.catalogue, production.trust, now)
    consents = {role: said["consent"] for role, said in allowed.items()}
    takes = {take.shot_id: take for take in result.takes}
    keys = {shot_id: take.take_key for shot_id, take in takes.items()}
    who = certificates.identity(production.certificates, now)
    engine = version("greenroom")
    master = conform(
        episode,
        {shot_id: take.path for shot_id, take in takes.items()},
        keys,
        out,
        sound=bed(episode),
        sign=partial(_signed, episode=episode, consents=consents, keys=keys, engine=engine, who=who),
    )
    statement = usage(
        episode,
        {shot_id: take.facts["frames_on_screen"] for shot_id, take in takes.items()},
        consents,
        master.sha256,
        now,
    )
    with delivering(out):
        _write(out / "usage.json", json.dumps(statement, indent=2, ensure_ascii=False) + "\n")
    _record(episode, master, statement, keys, out, production, now)
    pictures = {shot.id: stills(takes[shot.id].path, moments(shot)) for shot in episode.shots}
    contact_sheet(episode, pictures, out / "contact_sheet.jpg")
    wall = time.monotonic() - started
    write_report(
        Render(
            episode=episode,
            master=master,
            shots=[_facts(shot, takes[shot.id], allowed) for shot in episode.shots],
            wall_seconds=wall,
            performer_loads=loads,
            engine=engine,
            made_at=now,
            provenance={
                "standard": "C2PA content credentials, signed by this installation's own authority",
                "digital source type": source_type({shot.look for shot in episode.shots}),
                "watermark": f"the first 48 bits of each take key in every frame, key {production.watermark_id}",
            },
            usage=statement,
            machine={"processor": platform.processor() or platform.machine(), "cores": cores()},
        ),
        FIGURES,
        pictures,
        out,
    )
    cached = sum(take.cached for take in result.takes)
    return Delivery(out=out, master=master, wall_seconds=wall, rendered_shots=len(takes) - cached, cached_shots=cached)


def _signed(source: Path, target: Path, title: str, *, episode, consents, keys, engine, who) -> None:
    """Sign the master, or the file of one shot, whose title is "title: shot id"."""
    only = title.removeprefix(f"{episode.title}: ") if title != episode.title else None
    sign(source, target, claims(episode, consents, keys, engine, only=only), who, title)


def _facts(shot, take, allowed: Mapping[str, Any]) -> ShotFacts:
    roles = {cue.role for cue in shot.cues}
    return ShotFacts(
        shot=shot,
        key=take.take_key,
        take=take.sha256,
        attempt=take.attempt,
        cached=take.cached,
        host=take.host_id,
        render_seconds=take.render_seconds,
        stages=take.facts["stages"],
        quality=take.facts["quality"],
        rights={role: said for role, said in allowed.items() if role in roles},
    )


def _record(episode: Episode, master: MasterFile, statement, keys, out: Path, production: Production, now) -> None:
    """The ledger knows the master by its hash, and who is owed for what."""
    by_performer = {(entry["performer"], entry["version"]): entry for entry in statement["performers"]}
    seen = []
    for name, role in episode.cast.items():
        entry = by_performer[(role.performer.id, role.performer.version)]
        frames = sum(part["frames"] for part in entry["shots"] if part["role"] == name)
        seen.append(OnScreen(role=name, performer=role.performer, seconds=float(frames / episode.fps)))
    record = Master(
        episode_id=episode.id,
        sha256=master.sha256,
        size=master.bytes,
        path=str((out / "master.mp4").absolute()),
        takes=keys,
        made_at=now.timestamp(),
    )
    with Ledger.open(production.settings.ledger) as ledger:
        ledger_records.record_master(ledger, record, seen)


def _write(path: Path, text: str) -> None:
    partial_path = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial_path.write_text(text)
    os.replace(partial_path, path)
