import pytest

from cluster.settings import Settings
from cluster.slots import cores, divide, memory

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cores", "hosts", "threads"), [(1, 1, 1), (2, 2, 1), (4, 2, 2), (8, 4, 2), (16, 4, 4), (64, 8, 8)]
)
def test_cores_are_shared_out_among_hosts(cores: int, hosts: int, threads: int) -> None:
    slots = divide(Settings(), cores=cores, gpus=0, memory=256 * GIB)
    assert [slot.threads for slot in slots] == [threads] * hosts


def test_each_gpu_gets_a_host() -> None:
    slots = divide(Settings(), cores=16, gpus=2, memory=64 * GIB)
    assert [(slot.gpus, slot.threads) for slot in slots] == [(1.0, 8), (1.0, 8)]


def test_little_memory_means_fewer_hosts_with_more_threads() -> None:
    (slot,) = divide(Settings(), cores=4, gpus=0, memory=1 * GIB)
    assert slot.threads == 4


def test_what_is_set_is_kept() -> None:
    slots = divide(Settings(hosts=3, threads=2, ram_budget=5), cores=2, gpus=0, memory=GIB)
    assert [(slot.index, slot.threads, slot.budget) for slot in slots] == [(0, 2, 5), (1, 2, 5), (2, 2, 5)]


def test_this_machine_has_something() -> None:
    assert cores() >= 1 and memory() > 0
