"""What the dispatcher asks of whatever runs its hosts: Ray processes, or threads of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from actors.host import HostPlan, PerformedTake, PerformerHost, Pulse
from cluster.slots import Slot
from jobs.ticket import SignedTicket


@dataclass(frozen=True, slots=True)
class Pulsed:
    """A host answered; the first one says that it is ready."""

    host_id: str
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class Performed:
    host_id: str
    take: PerformedTake


@dataclass(frozen=True, slots=True)
class Refused:
    """The host lives, but the shot raised an error."""

    host_id: str
    ticket_id: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class Lost:
    """The host's process is gone."""

    host_id: str
    why: str


Report = Pulsed | Performed | Refused | Lost


class Hosts(Protocol):
    """Starts hosts, hands them tickets, brings back reports. Not thread-safe: one dispatcher calls it."""

    def start(self, plan: HostPlan, slot: Slot) -> None:
        """Begins to start a host; its first pulse follows."""

    def send(self, host_id: str, ticket_id: str, ticket: SignedTicket) -> None: ...

    def poll(self, seconds: float) -> list[Report]:
        """What happened; waits at most so long for something to happen."""

    def acknowledge(self, host_id: str, ticket_id: str) -> None: ...

    def kill(self, host_id: str) -> None:
        """Ends the host's process at once; no report follows."""

    def close(self) -> None:
        """Ends all hosts."""


class ThreadHosts:
    """Hosts as threads of this process: for tests, and to look into a shot with a debugger."""

    def __init__(self, make: Callable[[HostPlan], PerformerHost] = PerformerHost) -> None:
        self._make = make
        self._hosts: dict[str, PerformerHost] = {}
        self._work: dict[str, tuple[str, Future]] = {}
        self._threads = ThreadPoolExecutor(64, thread_name_prefix="host")
        self._pulse_at = 0.0

    def start(self, plan: HostPlan, slot: Slot) -> None:
        self._hosts[plan.id] = self._make(plan)
        self._pulse_at = 0.0

    def send(self, host_id: str, ticket_id: str, ticket: SignedTicket) -> None:
        self._work[host_id] = (ticket_id, self._threads.submit(self._hosts[host_id].perform, ticket))

    def poll(self, seconds: float) -> list[Report]:
        wait([future for _, future in self._work.values()], timeout=seconds, return_when="FIRST_COMPLETED")
        if not self._work:
            time.sleep(min(seconds, 0.01))
        reports: list[Report] = []
        for host_id, (ticket_id, future) in list(self._work.items()):
            if not future.done():
                continue
            del self._work[host_id]
            error = future.exception()
            reports.append(Performed(host_id, future.result()) if error is None else Refused(host_id, ticket_id, error))
        if time.monotonic() >= self._pulse_at:
            self._pulse_at = time.monotonic() + 0.05
            reports += [Pulsed(host_id, host.pulse()) for host_id, host in self._hosts.items()]
        return reports

    def acknowledge(self, host_id: str, ticket_id: str) -> None:
        self._hosts[host_id].acknowledge(ticket_id)

    def kill(self, host_id: str) -> None:
        self._hosts.pop(host_id, None)
        self._work.pop(host_id, None)  # the thread goes on; nobody listens

    def close(self) -> None:
        for host_id in list(self._hosts):
            self.kill(host_id)
        self._threads.shutdown(wait=False, cancel_futures=True)
