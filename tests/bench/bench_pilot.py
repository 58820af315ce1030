"""The whole pilot, everything included: ``python -m tests.bench.bench_pilot`` writes ``results/pilot.json``.

First run with an empty home, then the same again; wall time, memory of all processes together (proportional set size,
so that shared pages count once; sampled once a second), and how long ``greenroom --help`` takes.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

import psutil

RESULTS = Path(__file__).parent / "results"
COMMAND = [sys.executable, "-m", "serve.cli"]


def run(arguments: list[str], home: Path) -> tuple[float, float]:
    """Wall seconds and peak GiB of ``greenroom`` with these arguments and all processes it starts."""
    environment = {**os.environ, "GREENROOM_HOME": str(home)}
    started = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], env=environment, stdout=subprocess.DEVNULL)
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(1.0):
            peak = max(peak, tree_gib(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    ended.set()
    watcher.join()
    assert code == 0, f"greenroom {' '.join(arguments)} exited with {code}"
    return time.perf_counter() - started, peak


def tree_gib(pid: int) -> float:
    """GiB that a process and everything below it occupies."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
            except psutil.Error:  # it ended
                continue
    except psutil.NoSuchProcess:
        return 0.0
    return total / (1 << 30)


def help_seconds(rounds: int = 5) -> float:
    """The shortest of some runs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([*COMMAND, "--help"], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home, out = Path(scratch) / "home", Path(scratch) / "out"
        first, peak = run(["demo", "--out", str(out)], home)
        report = json.loads((out / "report.json").read_text())
        again, peak_again = run(["demo", "--out", str(out)], home)
    shots = report["shots"]
    seconds = report["video_seconds"]
    stages: dict[str, float] = {}
    for shot in shots:
        for stage, spent in shot["stages"].items():
            stages[stage] = round(stages.get(stage, 0.0) + spent, 2)
    result = {
        "what": "greenroom demo, empty home, then again",
        "greenroom": version("greenroom"),
        "machine": {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()},
        "video_seconds": seconds,
        "first_run_seconds": round(first, 2),
        "seconds_per_video_second": round(first / seconds, 3),
        "second_run_seconds": round(again, 2),
        "peak_gib": round(max(peak, peak_again), 2),
        "help_seconds": round(help_seconds(), 3),
        "stage_seconds": stages,
        "performer_loads": report["performer_loads"],
        "quality": {shot["id"]: shot["quality"] for shot in shots},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "pilot.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({name: value for name, value in result.items() if name != "quality"}, indent=2))


if __name__ == "__main__":
    main()
