"""How a machine or cluster is divided into hosts."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from cluster.settings import Settings

HOST_BYTES = 800 << 20  # memory a host process needs besides its performers


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for one host."""

    index: int
    threads: int
    gpus: float  # 0: a CPU host
    budget: int  # bytes for performers


def cores() -> int:
    """CPU cores this process may use: its affinity, and the quota of its control group."""
    count = len(os.sched_getaffinity(0))
    try:
        quota, period = open("/sys/fs/cgroup/cpu.max").read().split()  # noqa: SIM115
    except (OSError, ValueError):
        return count
    if quota == "max":
        return count
    return max(1, min(count, math.ceil(int(quota) / int(period))))


def memory() -> int:
    """Bytes of memory that are free to use now."""
    import psutil

    free = psutil.virtual_memory().available
    try:
        limit = open("/sys/fs/cgroup/memory.max").read().strip()  # noqa: SIM115
        used = int(open("/sys/fs/cgroup/memory.current").read())  # noqa: SIM115
    except (OSError, ValueError):
        return free
    return free if limit == "max" else max(0, min(free, int(limit) - used))


def divide(settings: Settings, *, cores: int, gpus: int, memory: int) -> tuple[Slot, ...]:
    """One host per GPU, or one per group of about sqrt(cores) cores: 2 -> 2 x 1 thread, 16 -> 4 x 4.

    Fewer, with the same cores between them, when memory (bytes) is short; at least one.
    """
    if settings.hosts:
        count = settings.hosts
    elif gpus:
        count = gpus
    else:
        group = settings.threads or max(1, math.isqrt(cores))
        count = max(1, cores // group)
        count = max(1, min(count, memory // HOST_BYTES))
    threads = settings.threads or max(1, cores // count)
    budget = settings.ram_budget or max(256 << 20, memory // 8 // count)
    share = min(1.0, gpus / count) if gpus else 0.0
    return tuple(Slot(index=index, threads=threads, gpus=share, budget=budget) for index in range(count))
