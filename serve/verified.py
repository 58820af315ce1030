"""``greenroom verify``: the three checks of ``serve.verify`` with what this installation knows."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cluster.production import Production
from jobs import certificates, ledger_records, ledger_work
from jobs.ledger import Ledger
from serve.verify import Verification, verify

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {"passed": "[green]passed[/]  ", "failed": "[red]failed[/]  ", "not made": "[yellow]not made[/]"}


def verified(file: Path, production: Production) -> Verification:
    """Check ``file``; what is not at hand (a ledger, keys) is said in the check that wanted it."""
    settings = production.settings
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger.open(settings.ledger)) if settings.ledger.exists() else None
        marked = (settings.keys / "watermark.pem").exists()
        return verify(
            file,
            authority=certificates.authority(production.certificates),
            key=production.watermark_key if marked else None,
            known=(lambda sha256: ledger_records.find_master(ledger, sha256)) if ledger else None,
            named=(lambda episode: ledger_records.latest_master(ledger, episode)) if ledger else None,
            taken=(lambda prefix: ledger_work.shot_of_take(ledger, prefix)) if ledger else None,
        )


def plain(found: Verification) -> dict[str, Any]:
    """The answer for scripts."""
    return {
        "file": str(found.path),
        "sha256": found.sha256,
        "genuine": found.genuine,
        "episode": found.episode,
        "title": found.title,
        "checks": [asdict(check) for check in found.checks],
        "signer": found.credentials.signer,
        "performers": [asdict(claim) for claim in found.credentials.claims.performers]
        if found.credentials.claims
        else [],
        "watermarks": [asdict(stretch) for stretch in found.stretches],
    }


def print_verified(found: Verification, console: Console) -> None:
    """The verdict, the three checks, and the shots that the watermark names."""
    from rich.markup import escape

    verdict = "[bold green]genuine[/]" if found.genuine else "[bold red]not genuine[/]"
    named = escape(f"{found.title or ''} ({found.episode})") if found.episode else "no episode is named"
    console.print(f"{verdict}  {escape(str(found.path))}: {named}")
    for check in found.checks:
        console.print(f"  {MARKS[check.outcome]}  {check.name:10}  {escape(check.why)}")
    for stretch in found.stretches:
        read = f"take {stretch.read}" if stretch.read else "no mark"
        what = stretch.shot or "unknown shot"
        console.print(f"            frames {stretch.first:5d}-{stretch.first + stretch.frames - 1:<5d}  {what}  {read}")
