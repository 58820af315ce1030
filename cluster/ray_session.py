"""Ray on this machine, or a cluster that is already there.

Ray's processes are tied to the *thread* that starts them (the kernel kills them when it ends), so one thread starts
Ray, stays for as long as it is used, and stops it. Starting takes some seconds; meanwhile the caller plans.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster.settings import Settings
from jobs.errors import FarmError
from jobs.staging import Staging, sweep

NAMESPACE = "greenroom"
SPARE_CPUS = 1  # beside those of the hosts: for Ray Data's tasks
ROOT = Path(__file__).resolve().parent.parent  # where our packages are imported from


class RayWillNotStart(FarmError):
    """Ray could not be started or reached."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)

    def __str__(self) -> str:
        address, why = self.args
        if address:
            return (
                f"the Ray cluster {address} cannot be used: {why}; check GREENROOM_ADDRESS (or RAY_ADDRESS) and the "
                "cluster's token, or unset it to render on this machine alone"
            )
        return (
            f"Ray does not start on this machine: {why}; it needs about 1 GB of free memory and a writable "
            f"{tempfile.gettempdir()}: `greenroom doctor` looks"
        )


class RaySession:
    """Ray, from ``start`` until ``close``; a Ray that was already initialised is used and left as it is."""

    def __init__(self, settings: Settings, cpus: int) -> None:
        self._settings = settings
        self._cpus = cpus  # for hosts
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._failure: FarmError | None = None
        self._thread = threading.Thread(target=self._run, name="ray session", daemon=True)
        self.own = True  # False: somebody else's Ray

    def start(self) -> RaySession:
        """Returns at once."""
        self._thread.start()
        return self

    def wait(self) -> None:
        """Until Ray can be used. Raises RayWillNotStart."""
        if not self._ready.wait(self._settings.start_seconds):
            raise RayWillNotStart(self._settings.address, f"no answer within {self._settings.start_seconds:.0f} s")
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Stops Ray, if it is ours; safe to call twice, and while it is still starting."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(self._settings.start_seconds)

    def _run(self) -> None:
        """Ray's start has time limits of its own, which a busy machine can miss once: it gets a second attempt.

        Each attempt has its own thread, so that the kernel removes what a failed one leaves behind.
        """
        for _ in range(1 if self._settings.address else 2):
            self._failure = None
            attempt = threading.Thread(target=self._attempt, name="ray", daemon=True)
            attempt.start()
            attempt.join()
            if self._failure is None or self._stop.is_set():
                break
        self._ready.set()

    def _attempt(self) -> None:
        with contextlib.ExitStack() as stack:
            try:
                self._connect(stack)
            except Exception as error:  # Ray raises bare ones when it cannot start
                self._failure = RayWillNotStart(self._settings.address, str(error) or type(error).__name__)
                return
            self._ready.set()
            self._stop.wait()

    def _connect(self, stack: contextlib.ExitStack) -> None:
        _prepare_environment(loopback=not self._settings.address)
        import ray
        import ray._private.worker

        ray._private.worker.print_to_stdstream = _keep_off_the_console

        if ray.is_initialized():
            self.own = False
            return
        quiet = {"logging_level": logging.ERROR, "log_to_driver": False, "configure_logging": True}
        if self._settings.address:
            self.own = False
            _reach(self._settings.address)
            ray.init(address=self._settings.address, namespace=NAMESPACE, **quiet)
            stack.callback(ray.shutdown)
            return
        ray._private.ray_constants.ENABLE_RAY_CLUSTER = False  # in case Ray was imported before the environment was set
        folder = stack.enter_context(_short_folder()).folder
        ray.init(
            address="local",
            namespace=NAMESPACE,
            num_cpus=self._cpus + SPARE_CPUS,
            object_store_memory=self._settings.object_store,
            include_dashboard=False,
            _temp_dir=str(folder),
            **quiet,
        )
        stack.callback(ray.shutdown)


def _reach(address: str) -> None:
    """Raises OSError at once where nobody listens; Ray itself would try for half a minute."""
    host, separator, port = address.rpartition("://")[2].rpartition(":")
    if separator and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def _short_folder() -> Staging:
    """Ray puts sockets below its folder, whose path must stay under 107 bytes; removed when the session ends."""
    base = Path(tempfile.gettempdir())
    if len(str(base)) > 16:
        base = Path("/tmp")
    parent = base / f"greenroom-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    if parent.stat().st_uid != os.getuid():
        raise OSError(f"{parent} belongs to somebody else")
    sweep(parent)
    return Staging.claim(parent, letters=8)


def _prepare_environment(*, loopback: bool) -> None:
    """What Ray and its processes read when they start: where our packages are, whom to listen to, whom not to tell."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if str(ROOT) not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *paths])
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # or Ray prints a notice about it
    if loopback:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # Ray's name for: listen on 127.0.0.1 only


def _keep_off_the_console(data: Mapping[str, Any], ignore_prefix: bool) -> None:
    """Ray prints deaths of workers to our standard output, which is for answers; the dispatcher reports them."""
    for line in data.get("lines", ()):
        logging.getLogger("greenroom.ray").info(line)


def cluster_size() -> tuple[int, int]:
    """(CPUs, GPUs) of the Ray that is in use."""
    import ray

    resources = ray.cluster_resources()
    return int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
