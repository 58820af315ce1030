"""Hosts as Ray actors: one process each, killed when it hangs, never sending frames through Ray."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any

import ray
from ray import exceptions

from actors.host import HostPlan
from actors.ray_host import PULSE, HostActor
from cluster.hosts import Lost, Performed, Pulsed, Refused, Report
from cluster.slots import Slot
from jobs.errors import FarmError
from jobs.ticket import SignedTicket

PULSE_SECONDS = 0.25  # between two looks at a host


class RayLost(FarmError):
    """Ray itself is gone, with every host."""

    def __init__(self, why: str) -> None:
        super().__init__(why)

    def __str__(self) -> str:
        return (
            "Ray stopped while it was rendering: {}; committed takes are kept: run the same command again, and look "
            "for a process that ended it (out of memory?) if it happens twice"
        ).format(*self.args)


@dataclass
class _Process:
    actor: Any
    pulse: Any = None  # reference of the pulse that is under way
    pulse_at: float = 0.0  # when to ask next, monotonic seconds
    work: Any = None  # reference of the shot that is performed
    ticket_id: str | None = None
    pid: int | None = None  # on this machine


class RayHosts:
    """See ``cluster.hosts.Hosts``."""

    def __init__(self) -> None:
        self._processes: dict[str, _Process] = {}

    def start(self, plan: HostPlan, slot: Slot) -> None:
        resources = {"num_gpus": slot.gpus, "num_cpus": 0} if slot.gpus else {"num_cpus": slot.threads}
        self._processes[plan.id] = _Process(HostActor.options(**resources).remote(plan))

    def send(self, host_id: str, ticket_id: str, ticket: SignedTicket) -> None:
        process = self._processes[host_id]
        process.ticket_id = ticket_id
        process.work = process.actor.perform.remote(ticket)

    def poll(self, seconds: float) -> list[Report]:
        now = time.monotonic()
        for process in self._processes.values():
            if process.pulse is None and now >= process.pulse_at:
                process.pulse = process.actor.pulse.options(concurrency_group=PULSE).remote()
        waiting = {}
        for host_id, process in self._processes.items():
            waiting.update({ref: host_id for ref in (process.work, process.pulse) if ref is not None})
        if not waiting:
            time.sleep(min(seconds, PULSE_SECONDS))
            return []
        try:
            ready, _ = ray.wait(list(waiting), num_returns=len(waiting), timeout=0)
            if not ready:
                ready, _ = ray.wait(list(waiting), num_returns=1, timeout=seconds)
        except exceptions.RaySystemError as error:
            raise RayLost(str(error)) from error
        reports: list[Report] = []
        for ref in ready:
            host_id = waiting[ref]
            if host_id in self._processes:
                report = self._collect(host_id, self._processes[host_id], ref)
                reports.append(report)
                if isinstance(report, Lost):
                    self.kill(host_id)
        return reports

    def acknowledge(self, host_id: str, ticket_id: str) -> None:
        process = self._processes[host_id]
        process.actor.acknowledge.options(concurrency_group=PULSE).remote(ticket_id)

    def kill(self, host_id: str) -> None:
        process = self._processes.pop(host_id, None)
        if process is None:
            return
        with contextlib.suppress(exceptions.RayError, ValueError):
            ray.kill(process.actor, no_restart=True)
        if process.pid is not None:  # a wedged or stopped process does not answer Ray's request
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)

    def close(self) -> None:
        for host_id in list(self._processes):
            self.kill(host_id)

    def _collect(self, host_id: str, process: _Process, ref: Any) -> Report:
        """Fetches one finished reference."""
        is_work = ref == process.work
        ticket_id = process.ticket_id
        if is_work:
            process.work = process.ticket_id = None
        else:
            process.pulse, process.pulse_at = None, time.monotonic() + PULSE_SECONDS
        try:
            value = ray.get(ref)
        except exceptions.RayTaskError as error:
            if is_work:
                return Refused(host_id, ticket_id or "", error.cause or error)
            return Lost(host_id, f"its pulse failed: {error.cause}")
        except exceptions.OutOfMemoryError:
            return Lost(host_id, "the machine ran out of memory")
        except exceptions.RayActorError:
            return Lost(host_id, "its process died (it was killed, crashed, or ran out of memory)")
        except exceptions.LocalRayletDiedError as error:
            raise RayLost(str(error)) from error
        except exceptions.RayError as error:
            return Lost(host_id, _short(error))
        if is_work:
            return Performed(host_id, value)
        if value.node == socket.gethostname():
            process.pid = value.pid
        return Pulsed(host_id, value)


def _short(error: BaseException) -> str:
    """The first lines of Ray's long texts that say something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:300] or type(error).__name__
