"""What the farm itself costs: ledger cycles, one decision, and the overhead of a render. Prints, asserts nothing.

python -m tests.bench.bench_farm
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from cluster.breakdown import breakdown
from cluster.events import ShotStarted, TakeCommitted
from cluster.farm import render_episode
from cluster.settings import Settings
from jobs import ledger_takes, ledger_work
from jobs.dispatch import Host, Waiting, choose
from jobs.ledger import Ledger
from jobs.ledger_leader import lead
from tests.cluster import stand_in


def ledger_cycles(home: Path) -> None:
    """Leases and commits, each of them synced to disk."""
    episode = stand_in.episode(scenes=10, shots=20)
    manifests = breakdown(episode, stand_in.crew())
    with Ledger.open(home / "ledger.sqlite") as ledger:
        ledger_work.submit(ledger, episode, manifests, 1.0)
        leader = lead(ledger, "bench", 1.0, 1e9)
        wall, cpu = time.perf_counter(), time.process_time()
        for manifest in manifests:
            lease = ledger_takes.lease_shot(ledger, leader, manifest.shot_id, "h", 2.0, 30.0)
            ledger_takes.commit_take(ledger, leader, lease, 3.0, sha256="a" * 64, size=1, facts={"seconds": 1.0})
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    cycles = len(manifests)
    print(f"ledger: {cycles / wall:.0f} lease-and-commit cycles a second, {cpu / cycles * 1e3:.1f} ms CPU each")


def decision() -> None:
    """One free host among 1,000, 10,000 shots of 24 performers waiting."""
    performers = [f"{index:064x}" for index in range(24)]
    queue = [
        Waiting(shot_id=str(index), project="p", queued_at=float(index), needs={performers[index % 24]: 10**8})
        for index in range(10_000)
    ]
    hosts = [Host(id=f"h{index}", shot_id="x", project="p") for index in range(999)] + [Host(id="free")]
    times = []
    for _ in range(5):
        started = time.process_time()
        choose(queue, hosts, 1e4)
        times.append(time.process_time() - started)
    print(f"dispatch: one assignment in {min(times) * 1e3:.0f} ms CPU with 1,000 hosts and 10,000 shots")


def overhead(home: Path, seconds: float = 1.0, shots: int = 10) -> None:
    """Wall time of a render beyond what its hosts were busy, and how long it takes until the first shot starts."""
    marks: list[float] = []  # the first shot started; then, each commit
    started = time.perf_counter()

    def note(event) -> None:
        if isinstance(event, TakeCommitted) or (isinstance(event, ShotStarted) and not marks):
            marks.append(time.perf_counter())

    result = render_episode(
        stand_in.episode(scenes=2, shots=shots),
        settings=Settings(home=home, hosts=2, threads=1),
        crew=stand_in.crew(seconds=seconds),
        progress=note,
    ).complete()
    ended = time.perf_counter()
    busy, wall = sum(take.render_seconds for take in result.takes) / 2, marks[-1] - marks[0]
    print(f"farm: {marks[0] - started:.1f} s until the first shot, {ended - marks[-1]:.1f} s to stop")
    print(f"farm: {wall:.1f} s for {busy:.1f} s of work on each of 2 hosts, {wall / busy - 1:.1%} overhead")
    again = time.perf_counter()
    render_episode(
        stand_in.episode(scenes=2, shots=shots), settings=Settings(home=home), crew=stand_in.crew(seconds=seconds)
    ).complete()
    print(f"farm: {time.perf_counter() - again:.2f} s when everything is cached")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        ledger_cycles(Path(folder) / "a")
        decision()
        overhead(Path(folder) / "b")
