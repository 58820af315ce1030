"""What this machine can do, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30
MEMORY_NEEDED = 4 * GIB  # what the pilot may take at most
DISK_NEEDED = 2 * GIB
PACKAGES = (
    ("ray", "hosts and shards"),
    ("numba", "the rasteriser"),
    ("av", "video and sound"),
    ("dlib-bin", "the judge's eye for faces"),
    ("pocketsphinx", "lips that follow speech"),
    ("c2pa-python", "signed masters"),
    ("sqlalchemy", "the ledger"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    what: str
    state: str  # "good", "limited" (works, less well) or "missing" (will not work)
    detail: str
    mend: str = ""  # what to type or do; empty where there is nothing to mend


def examine(home: Path, house: Path) -> list[Finding]:
    """Look at everything; ``home`` is Greenroom's own folder, ``house`` the folder of the house performers."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _machine,
        lambda: _home(home),
        lambda: _performers(house),
        _codecs,
        _gpu,
    )
    return [finding for look in looks for finding in look()]


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if (3, 11) <= sys.version_info < (3, 13):
        yield Finding(what="Python", state="good", detail=version)
    else:
        yield Finding(
            what="Python",
            state="missing",
            detail=f"{version}, but 3.11 or 3.12 is needed",
            mend="install python3.11, then: rm -rf .venv && make demo PYTHON=python3.11",
        )


def _packages() -> Iterator[Finding]:
    for name, purpose in PACKAGES:
        try:
            yield Finding(what=name, state="good", detail=f"{importlib.metadata.version(name)} ({purpose})")
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                what=name,
                state="missing",
                detail=f"not installed ({purpose})",
                mend=f"pip install -c constraints.txt {name}",
            )


def _machine() -> Iterator[Finding]:
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding(
        what="processor",
        state="good" if cores >= 2 else "limited",
        detail=f"{cores} cores, {platform.machine()}",
        mend="" if cores >= 2 else "two cores or more render twice as fast",
    )
    memory = psutil.virtual_memory()
    enough = memory.available >= MEMORY_NEEDED
    yield Finding(
        what="memory",
        state="good" if enough else "limited",
        detail=f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free",
        mend="" if enough else "free 4 GiB, or render smaller pictures",
    )
    shared = Path("/dev/shm")
    if shared.is_dir():
        free = shutil.disk_usage(shared).free
        yield Finding(
            what="shared memory",
            state="good" if free >= GIB // 4 else "limited",
            detail=f"{free / GIB:.1f} GiB free in /dev/shm (Ray's object store)",
            mend="" if free >= GIB // 4 else "in a container: --shm-size=1g",
        )


def _home(home: Path) -> Iterator[Finding]:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        yield Finding(
            what="home",
            state="missing",
            detail=f"{existing} cannot be written to",
            mend="set GREENROOM_HOME to a folder that can",
        )
        return
    free = shutil.disk_usage(existing).free
    yield Finding(
        what="home",
        state="good" if free >= DISK_NEEDED else "limited",
        detail=f"{home}, {free / GIB:.1f} GiB free",
        mend="" if free >= DISK_NEEDED else "free 2 GiB there, or set GREENROOM_HOME to a larger disk",
    )
    keys = home / "keys"
    if keys.is_dir():
        open_ones = [path.name for path in keys.iterdir() if path.stat().st_mode & 0o077]
        if open_ones or keys.stat().st_mode & 0o077:
            yield Finding(
                what="keys",
                state="missing",
                detail=f"others may read {', '.join(open_ones) or keys}",
                mend=f"chmod 700 {keys} && find {keys} -type f -exec chmod 600 {{}} +",
            )
        else:
            yield Finding(what="keys", state="good", detail=f"{keys}, readable by you alone")


def _performers(house: Path) -> Iterator[Finding]:
    found = sorted(path.parts[-3] for path in house.glob("*/*/performer.safetensors"))
    if found:
        yield Finding(what="house performers", state="good", detail=", ".join(found))
    else:
        yield Finding(
            what="house performers", state="missing", detail=f"none under {house}", mend="make bake, or clone again"
        )


def _codecs() -> Iterator[Finding]:
    try:
        import av
    except ImportError:
        return  # reported with the packages
    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    yield Finding(
        what="encoders",
        state="missing" if missing else "good",
        detail=f"PyAV lacks {', '.join(missing)}" if missing else "H.264 (libx264) and AAC",
        mend="pip install --force-reinstall --only-binary=:all: av" if missing else "",
    )


def _gpu() -> Iterator[Finding]:
    if shutil.which("nvidia-smi") is None:
        yield Finding(what="GPU", state="limited", detail="none seen: performers are rendered on the processor")
        return
    import subprocess

    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    if answer.returncode != 0:
        yield Finding(
            what="GPU",
            state="limited",
            detail=f"nvidia-smi fails: {answer.stderr.strip() or answer.stdout.strip()}",
            mend="mend the driver; until then the processor renders",
        )
        return
    names = "; ".join(answer.stdout.strip().splitlines())
    yield Finding(what="GPU", state="limited", detail=f"{names}: seen, but this version renders on the processor")


def print_findings(findings: list[Finding], console) -> None:
    """One line a finding, with what mends it below."""
    marks = {"good": "[green]good[/]   ", "limited": "[yellow]limited[/]", "missing": "[red]missing[/]"}
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        console.print(f"{marks[finding.state]}  {finding.what:{width}}  {finding.detail}")
        if finding.mend:
            console.print(f"{'':{width + 11}}[bold]{finding.mend}[/]")
    missing = sum(finding.state == "missing" for finding in findings)
    console.print(f"\n{missing} things are missing." if missing else "\nThis machine can render.")
