import pickle
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from actors.host import HostPlan, PerformerHost, plain_facts
from actors.leash import Leash
from actors.residency import CastTooLarge, PerformerChanged, Residency
from jobs.episode import PerformerRef
from jobs.errors import RightsRefused
from jobs.store import Blob, FolderStore, StoreFull
from jobs.ticket import Ticket, TicketRefused, public_bytes, sign, ticket_key
from tests.cluster import stand_in

EPISODE = stand_in.episode(scenes=1, shots=2)
ADA, BO = (EPISODE.cast[name].performer for name in ("ada", "bo"))


def ref(name: str) -> PerformerRef:
    return PerformerRef(id=f"house/{name}", version=1, digest=stand_in.digest_of(name))


class Shelf:
    """Loads stand-ins of 1000 bytes and remembers which."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, path: Path):
        self.loaded.append(path.name)
        return stand_in.load(path)


def use(residency: Residency, *names: str) -> None:
    for name in names:
        with residency.hold(ref(name), Path(name)) as performer:
            assert performer.digest == ref(name).digest


def test_a_performer_is_loaded_only_once() -> None:
    shelf = Shelf()
    residency = Residency(shelf, 10_000)
    use(residency, "ada", "ada", "bo", "ada")
    assert shelf.loaded == ["ada", "bo"]
    assert (residency.facts.loads, residency.facts.hits, residency.facts.evictions) == (2, 2, 0)
    assert residency.facts.bytes == 2000


def test_the_least_recently_used_performer_makes_room() -> None:
    shelf = Shelf()
    residency = Residency(shelf, 2500)
    use(residency, "ada", "bo", "ada", "cy", "ada", "bo")
    assert shelf.loaded == ["ada", "bo", "cy", "bo"]
    assert residency.facts.evictions == 2 and residency.facts.bytes == 2000


def test_a_performer_in_use_is_not_evicted() -> None:
    residency = Residency(Shelf(), 2500)
    with residency.hold(ref("ada"), Path("ada")) as ada:
        use(residency, "bo", "cy", "di")
        with residency.hold(ref("ada"), Path("ada")) as same:
            assert same is ada


def test_a_cast_that_does_not_fit_is_refused_and_leaves_nothing_pinned() -> None:
    residency = Residency(Shelf(), 1500)
    with residency.hold(ref("ada"), Path("ada")), pytest.raises(CastTooLarge, match="GREENROOM_RAM_BUDGET"):
        use(residency, "bo")
    use(residency, "bo")
    assert residency.facts.bytes == 1000


def test_a_package_that_changed_is_refused() -> None:
    residency = Residency(lambda path: stand_in.StandIn("f" * 64), 10_000)
    with pytest.raises(PerformerChanged, match="house/ada"):
        use(residency, "ada")
    assert residency.facts.bytes == 0


@pytest.fixture
def key(tmp_path: Path):
    return ticket_key(tmp_path / "keys")


@pytest.fixture
def plan(tmp_path: Path, key) -> HostPlan:
    return HostPlan(
        id="h1",
        shoot=stand_in.shoot,
        load=stand_in.load,
        permit=stand_in.permit,
        store=FolderStore(tmp_path / "store"),
        public_key=public_bytes(key),
        budget=10_000,
        threads=1,
    )


def ticket(id: str = "t1", shot: int = 0) -> Ticket:
    return Ticket(
        id=id,
        take_key="k" * 64,
        host_id="h1",
        token=3,
        expires_at=time.time() + 60,
        shot=EPISODE.shots[shot],
        scene=EPISODE.scenes[0],
        episode=EPISODE,
        packages={performer.digest: stand_in.locate(performer) for performer in (ADA, BO)},
    )


def test_a_take_ends_up_in_the_store_with_its_facts(plan: HostPlan, key) -> None:
    take = PerformerHost(plan).perform(sign(ticket(), key))
    blob = Blob(take.sha256, take.size)
    assert plan.store.get(blob, deep=True).read_text().startswith("k" * 64)
    assert (take.shot_id, take.host_id, take.token, take.frames, take.loads) == (EPISODE.shots[0].id, "h1", 3, 6, 1)
    assert take.facts == {"frames": 6, "seconds": 0.0}
    assert list(plan.store.incoming.iterdir()) == []


def test_a_result_is_kept_until_it_is_acknowledged(plan: HostPlan, key) -> None:
    host, signed = PerformerHost(plan), sign(ticket(), key)
    take = host.perform(signed)
    assert host.perform(signed) is take
    host.acknowledge("t1")
    assert host.perform(signed) is not take


def test_a_ticket_for_another_host_is_not_performed(plan: HostPlan, key) -> None:
    with pytest.raises(TicketRefused):
        PerformerHost(replace(plan, id="h2")).perform(sign(ticket(), key))


def test_rights_are_asked_again_before_anything_is_loaded(plan: HostPlan, key) -> None:
    host = PerformerHost(replace(plan, permit=stand_in.refuse))
    with pytest.raises(RightsRefused):
        host.perform(sign(ticket(), key))
    assert host.pulse().residency.loads == 0


def test_a_shot_that_fails_leaves_nothing_and_the_host_goes_on(plan: HostPlan, key) -> None:
    def fail(shot, scene, episode, performers, out, **_):
        out.write_bytes(b"half")
        raise ValueError("no")

    host = PerformerHost(replace(plan, shoot=fail))
    with pytest.raises(ValueError, match="no"):
        host.perform(sign(ticket(), key))
    assert list(plan.store.root.rglob("*")) == [plan.store.incoming]
    assert host.pulse().ticket_id is None


def test_a_full_disk_under_the_shot_is_a_fault_of_the_store(plan: HostPlan, key) -> None:
    def fill(shot, scene, episode, performers, out, **_):
        raise OSError(28, "No space left on device", str(out))

    with pytest.raises(StoreFull, match=r"take\.mp4"):
        PerformerHost(replace(plan, shoot=fill)).perform(sign(ticket(), key))


def test_the_pulse_beats_with_every_frame(plan: HostPlan, key) -> None:
    go, there = threading.Semaphore(0), threading.Semaphore(0)

    def slow(shot, scene, episode, performers, out, *, on_frame, **_):
        for frame in range(3):
            on_frame(frame + 1)
            there.release()
            go.acquire()
        out.write_bytes(b"x")
        return {}

    host = PerformerHost(replace(plan, shoot=slow))
    thread = threading.Thread(target=host.perform, args=(sign(ticket(), key),))
    thread.start()
    beats = []
    for _ in range(3):
        there.acquire()
        beats.append((host.pulse().frames, host.pulse().beats))
        go.release()
    thread.join()
    assert [frames for frames, _ in beats] == [1, 2, 3]
    assert len({count for _, count in beats}) == 3
    assert host.pulse().ticket_id is None


def test_plan_ticket_and_take_cross_to_other_processes(plan: HostPlan, key) -> None:
    take = PerformerHost(plan).perform(sign(ticket(), key))
    for value in (plan, sign(ticket(), key), take, CastTooLarge(2, 1), PerformerChanged("a", "b", "c", "d")):
        copy = pickle.loads(pickle.dumps(value))
        assert str(copy) == str(value)


def test_facts_become_plain_values() -> None:
    import numpy as np

    @dataclass
    class Facts:
        frames: int
        path: Path
        figure: object

    assert plain_facts(Facts(3, Path("/x"), {"a": np.float32(0.5), "b": (1, None)})) == {
        "frames": 3,
        "path": "/x",
        "figure": {"a": 0.5, "b": [1, None]},
    }


def test_a_leash_holds_while_its_process_lives_and_speaks() -> None:
    leash = Leash.of_this_process(10.0)
    assert leash.holds(1.0) and not leash.holds(11.0)
    assert not replace(leash, born=leash.born - 100).holds(1.0)  # another process with the same pid
    assert replace(leash, node="elsewhere").holds(1.0)


def test_a_process_ends_when_its_dispatcher_dies() -> None:
    dispatcher = subprocess.Popen(["sleep", "60"])
    code = (
        "import sys, time, psutil; from actors.leash import *; pid = int(sys.argv[1])\n"
        "born = psutil.Process(pid).create_time()\n"
        "Leash(node=socket.gethostname(), pid=pid, born=born, seconds=60).tie(); print('tied', flush=True)\n"
        "sum(iter(lambda: 0, 1))"  # computes for ever
    )
    host = subprocess.Popen(
        [sys.executable, "-c", code, str(dispatcher.pid)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert host.stdout.readline() == b"tied\n"
    dispatcher.kill()
    dispatcher.wait()
    assert host.wait(15) == 3
    host.stdout.close()
