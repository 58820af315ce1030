"""A render that is killed at any moment and started again finishes, and renders no committed take twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import psutil
import pytest

from cluster.farm import render_episode
from cluster.hosts import ThreadHosts
from cluster.ray_session import ROOT
from cluster.settings import Settings
from jobs import ledger_audit, ledger_work
from jobs.ledger import Ledger
from jobs.states import EpisodeState, ShotState
from jobs.store import Blob, FolderStore
from tests.cluster import stand_in


class Driver:
    """A render in its own process group, with everything it starts findable by a mark in the environment."""

    def __init__(self, home: Path, seconds: float, shots: int) -> None:
        self.mark = uuid.uuid4().hex
        self.log = home.parent / f"{self.mark}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.cluster.drive", str(home), str(seconds), str(shots)],
                cwd=ROOT,
                env={**os.environ, "FARM_MARK": self.mark},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, seconds: float = 60) -> None:
        limit = time.monotonic() + seconds
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < limit, self.said()
            time.sleep(0.02)

    def family(self) -> list[psutil.Process]:
        """Living processes that it started, itself included."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("FARM_MARK") == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def named(self, name: str) -> list[psutil.Process]:
        found = []
        for process in self.family():
            try:
                if name in " ".join(process.cmdline()[:1]):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def finish(self, seconds: float = 120) -> str:
        assert self.process.wait(seconds) == 0, self.said()
        return self.said().splitlines()[-1]

    def gone(self, seconds: float) -> bool:
        """Whether nothing of it is left within so many seconds."""
        limit = time.monotonic() + seconds
        while self.family():
            if time.monotonic() > limit:
                return False
            time.sleep(0.2)
        return True


def check(home: Path, kills: int, shots: int, hosts: int = 2) -> None:
    """Everything is committed exactly once, sound, and the log tells so."""
    episode = stand_in.episode(shots=shots)
    store = FolderStore(home / "store")
    with Ledger.open(home / "ledger.sqlite") as ledger:
        assert ledger_work.episode_state(ledger, episode.id) is EpisodeState.RENDERED
        assert all(row["state"] == ShotState.DONE for row in ledger_work.shots(ledger, episode.id))
        with ledger.read() as connection:
            ledger_audit.verify(connection)
            commits = Counter(row["subject"] for row in ledger_audit.entries(connection, verb="take.committed"))
            leases = Counter(row["subject"] for row in ledger_audit.entries(connection, verb="take.leased"))
        keys = [stand_in.key(episode, scene, shot) for scene in episode.scenes for shot in scene.shots]
        takes = ledger_work.committed(ledger, keys)
    assert commits == Counter({shot.id: 1 for shot in episode.shots})
    assert sum(leases.values()) - len(leases) <= kills * hosts  # only what was in flight was begun again
    assert len(takes) == len(keys)
    assert all(store.damage(Blob(take.sha256, take.size), deep=True) is None for take in takes.values())
    store.sweep()
    assert list(store.incoming.iterdir()) == []


def test_a_killed_and_an_interrupted_render_leave_no_process_and_the_next_one_finishes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Driver(home, seconds=0.5, shots=4)
    first.wait_for("TakeCommitted")
    first.kill()
    assert first.gone(30), [process.cmdline() for process in first.family()]
    second = Driver(home, seconds=0.5, shots=4)
    second.wait_for("ShotStarted")
    os.killpg(second.process.pid, signal.SIGINT)  # as a terminal does on Ctrl-C
    second.process.wait(60)
    assert second.said().splitlines()[-1] == "KeyboardInterrupt"
    assert second.gone(30), [process.cmdline() for process in second.family()]
    with Ledger.open(home / "ledger.sqlite") as ledger:
        states = {row["state"] for row in ledger_work.shots(ledger, "s01e01")}
    assert states <= {ShotState.DONE, ShotState.QUEUED}  # the leases were given back
    settings = Settings(home=home, hosts=2, threads=1)
    episode = stand_in.episode(shots=4)
    third = render_episode(episode, settings=settings, crew=stand_in.crew(), hosts=ThreadHosts()).complete()
    assert any(take.cached for take in third.takes)  # what the killed ones committed
    check(home, kills=2, shots=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_twenty_kills_at_seeded_moments_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    home, chance, kills = tmp_path / "home", random.Random(seed), 5
    for _ in range(kills):
        driver = Driver(home, seconds=0.3, shots=40)
        victim = chance.choice(["driver", "driver", "group", "host", "raylet", "early"])
        if victim != "early":
            driver.wait_for("ShotStarted")
        time.sleep(chance.uniform(0.0, 1.5))
        print("seed", seed, "kills", victim)
        if victim == "group":
            os.killpg(driver.process.pid, signal.SIGKILL)
        elif victim in ("driver", "early"):
            driver.kill()
        else:
            for process in driver.named("PerformerHost" if victim == "host" else "raylet")[:1]:
                process.kill()
            time.sleep(chance.uniform(0.5, 3.0))  # it may go on, or end by itself
            driver.kill()
        driver.process.wait()
        assert driver.gone(20), [process.cmdline() for process in driver.family()]
    Driver(home, seconds=0.05, shots=40).finish()
    check(home, kills=2 * kills, shots=40)
