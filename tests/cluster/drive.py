"""Renders the stand-in episode in a process of its own, so that tests can kill it: HOME SECONDS [SHOTS]."""

import sys
from pathlib import Path

from cluster.farm import render_episode
from cluster.settings import Settings
from tests.cluster import stand_in

if __name__ == "__main__":
    home, seconds, shots = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 4
    result = render_episode(
        stand_in.episode(shots=shots),
        settings=Settings(home=home, hosts=2, threads=1),
        crew=stand_in.crew(seconds=seconds),
        progress=lambda event: print(type(event).__name__, getattr(event, "shot_id", ""), flush=True),
    )
    result.complete()
    print("complete", sum(take.cached for take in result.takes), result.shots, flush=True)
