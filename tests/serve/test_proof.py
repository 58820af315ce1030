"""The proof: the pilot survives twenty SIGKILLs at seeded moments and ends in a playable, verified master."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import av
import pytest

from jobs.ledger import Ledger
from jobs.ledger_audit import entries
from jobs.ledger_audit import verify as audit_length

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
SEED = 20_26


def small_pilot(folder: Path) -> Path:
    """A copy of the packaged pilot at half its size, so that the proof takes minutes."""
    shutil.copytree(ROOT / "jobs" / "pilot", folder, ignore=shutil.ignore_patterns("__pycache__"))
    sheet = folder / "pilot.yaml"
    text = sheet.read_text()
    assert "resolution: [1280, 720]" in text
    sheet.write_text(text.replace("resolution: [1280, 720]", "resolution: [640, 360]"))
    return sheet


@pytest.mark.slow
def test_twenty_kills_end_in_a_verified_master_and_no_take_is_rendered_twice(tmp_path: Path) -> None:
    sheet, home, out = small_pilot(tmp_path / "pilot"), tmp_path / "home", tmp_path / "out"
    environment = {**os.environ, "GREENROOM_HOME": str(home)}
    command = [sys.executable, "-m", "serve.cli", "render", str(sheet), "--out", str(out)]
    moments = random.Random(SEED)
    killed = 0
    while killed < KILLS:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=moments.uniform(0.5, 10.0))
        except subprocess.TimeoutExpired:
            whole_group = moments.random() < 0.5
            os.killpg(process.pid, signal.SIGKILL) if whole_group else process.kill()
            process.wait()
            killed += 1
            continue
        assert process.returncode == 0, "an undisturbed render failed"
        break  # done before the last kill
    last = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert last.returncode == 0, last.stdout + last.stderr
    assert killed == KILLS, f"the pilot was done after {killed} kills: kill sooner"

    verify = [sys.executable, "-m", "serve.cli", "verify", str(out / "master.mp4"), "--json"]
    answer = subprocess.run(verify, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert json.loads(answer.stdout)["genuine"], answer.stdout
    report = json.loads((out / "report.json").read_text())
    with av.open(str(out / "master.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == report["frames"]
    with Ledger.open(home / "ledger.sqlite") as ledger, ledger.read() as connection:
        takes = Counter(entry["detail"]["key"] for entry in entries(connection, verb="take.committed"))
        assert audit_length(connection) > len(takes)
    assert len(takes) >= len(report["shots"]) and set(takes.values()) == {1}, takes
