"""Ends a host's process when its dispatcher is gone, so that nothing keeps computing for nobody."""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import dataclass

LOOK_SECONDS = 1.0  # how often the dispatcher is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Leash:
    """Who holds a host, and how long it lives without a word from there."""

    node: str  # the dispatcher's machine
    pid: int  # the dispatcher's process on it
    born: float  # when that process started, so that a reused pid is not taken for it
    seconds: float  # of silence before the host ends itself

    @staticmethod
    def of_this_process(seconds: float) -> Leash:
        import psutil

        return Leash(node=socket.gethostname(), pid=os.getpid(), born=psutil.Process().create_time(), seconds=seconds)

    def tie(self) -> Tie:
        """Starts watching, from this process, which is not the dispatcher's."""
        assert (self.node, self.pid) != (socket.gethostname(), os.getpid()), "a dispatcher would end itself"
        return Tie(self)

    def holds(self, silence: float) -> bool:
        """False: the dispatcher is gone, or silent for too long."""
        import psutil

        if silence > self.seconds:
            return False
        if self.node != socket.gethostname():
            return True
        try:
            return abs(psutil.Process(self.pid).create_time() - self.born) < 1.0
        except psutil.NoSuchProcess:
            return False


class Tie:
    """A thread that watches one leash."""

    def __init__(self, leash: Leash) -> None:
        self._leash = leash
        self._heard = time.monotonic()
        threading.Thread(target=self._watch, name="leash", daemon=True).start()

    def touch(self) -> None:
        """The dispatcher was heard."""
        self._heard = time.monotonic()

    def _watch(self) -> None:
        while self._leash.holds(time.monotonic() - self._heard):
            time.sleep(LOOK_SECONDS)
        os._exit(3)  # also out of a kernel that never returns; what is committed is safe
