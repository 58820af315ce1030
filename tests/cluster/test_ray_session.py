import subprocess
import sys

import pytest

from cluster.ray_session import ROOT, RaySession, RayWillNotStart
from cluster.settings import Settings


def test_a_cluster_that_is_not_there_is_named_with_what_to_check(tmp_path) -> None:
    code = (
        "import sys; from cluster.ray_session import *; from pathlib import Path\n"
        "session = RaySession(Settings(home=Path(sys.argv[1]), address='127.0.0.1:1'), cpus=1).start()\n"
        "try: session.wait()\n"
        "except RayWillNotStart as error: print(error); sys.exit(42)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"RAY_gcs_rpc_server_connect_timeout_s": "1", "RAY_NUM_REDIS_GET_RETRIES": "1", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 42, done.stderr
    assert "127.0.0.1:1" in done.stdout and "GREENROOM_ADDRESS" in done.stdout


def test_a_start_that_fails_once_is_tried_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = RaySession(Settings(home=tmp_path), cpus=1)
    attempts = []

    def connect(stack) -> None:
        attempts.append(stack)
        if len(attempts) == 1:
            raise Exception("the current node timed out during startup")

    monkeypatch.setattr(session, "_connect", connect)
    session.start().wait()
    session.close()
    assert len(attempts) == 2


def test_a_start_that_fails_twice_is_told(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = RaySession(Settings(home=tmp_path), cpus=1)

    def connect(stack) -> None:
        raise Exception("no memory")

    monkeypatch.setattr(session, "_connect", connect)
    with pytest.raises(RayWillNotStart, match="no memory"):
        session.start().wait()
    session.close()
