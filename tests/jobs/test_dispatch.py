from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.dispatch import Host, Policy, Waiting, choose

ADA, BO, CY = "a" * 64, "b" * 64, "c" * 64
GB = 10**9


def shot(name: str, *needs: str, **fields) -> Waiting:
    return Waiting(
        **{"shot_id": name, "project": "p", "queued_at": 0.0, "needs": dict.fromkeys(needs, GB // 10), **fields}
    )


def assigned(queue, hosts, now=0.0, policy=None) -> dict[str, str]:
    return {a.host_id: a.shot_id for a in choose(queue, hosts, now, policy).assignments}


SHOTS = st.builds(
    lambda index, needs, project, priority, queued_at, deadline, barred: Waiting(
        shot_id=f"s{index}",
        project=project,
        queued_at=queued_at,
        position=index,
        priority=priority,
        deadline=deadline,
        cost=10.0,
        needs=dict.fromkeys(needs, GB // 10),
        barred=frozenset(barred),
    ),
    st.integers(0, 10**6),
    st.sets(st.sampled_from([ADA, BO, CY]), max_size=2),
    st.sampled_from("pq"),
    st.integers(0, 2),
    st.floats(-1000, 0),
    st.none() | st.floats(-100, 10000),
    st.sets(st.sampled_from(["h0", "h1", "h2"]), max_size=2),
)
QUEUES = st.lists(SHOTS, max_size=12, unique_by=lambda shot: shot.shot_id)
HOSTS = st.lists(
    st.builds(
        lambda index, resident, busy: Host(
            id=f"h{index}",
            resident=frozenset(resident),
            shot_id="other" if busy else None,
            project="p" if busy else None,
            free_at=3.0 if busy else None,
        ),
        st.integers(0, 3),
        st.sets(st.sampled_from([ADA, BO, CY])),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda host: host.id,
)


@settings(max_examples=150, deadline=None)
@given(QUEUES, HOSTS)
def test_no_host_gets_two_shots_and_no_shot_two_hosts(queue, hosts) -> None:
    decision = choose(queue, hosts, 0.0)
    assert max(Counter(a.host_id for a in decision.assignments).values(), default=0) <= 1
    assert max(Counter(a.shot_id for a in decision.assignments).values(), default=0) <= 1
    free = {host.id for host in hosts if host.shot_id is None}
    barred = {shot.shot_id: shot.barred for shot in queue}
    assert all(a.host_id in free and a.host_id not in barred[a.shot_id] for a in decision.assignments)


@settings(max_examples=150, deadline=None)
@given(QUEUES, HOSTS)
def test_every_shot_is_either_assigned_or_has_a_reason(queue, hosts) -> None:
    decision = choose(queue, hosts, 0.0)
    chosen = {a.shot_id for a in decision.assignments}
    assert set(decision.reasons) == {shot.shot_id for shot in queue} - chosen
    assert all(decision.reasons.values())


@settings(max_examples=100, deadline=None)
@given(QUEUES, HOSTS)
def test_a_free_host_never_idles_beyond_patience_while_a_shot_may_run_on_it(queue, hosts) -> None:
    decision = choose(queue, hosts, 1000.0)  # every shot has waited for longer than patience
    left = {shot.shot_id: shot for shot in queue if shot.shot_id in decision.reasons}
    idle = {host.id for host in hosts if host.shot_id is None} - {a.host_id for a in decision.assignments}
    assert all(idle <= shot.barred for shot in left.values())


@settings(max_examples=50, deadline=None)
@given(QUEUES, HOSTS, st.randoms(use_true_random=False))
def test_the_order_of_the_snapshot_does_not_matter(queue, hosts, chance) -> None:
    queue = [replace(shot, position=index, queued_at=-float(index)) for index, shot in enumerate(queue)]
    shuffled = list(queue)
    chance.shuffle(shuffled)
    assert set(choose(queue, hosts, 0.0).assignments) == set(choose(shuffled, hosts, 0.0).assignments)


def test_a_shot_goes_where_its_performers_are() -> None:
    hosts = [Host(id="h0", resident=frozenset({ADA})), Host(id="h1", resident=frozenset({BO}))]
    assert assigned([shot("1", BO), shot("2", ADA)], hosts) == {"h0": "2", "h1": "1"}


def test_an_older_shot_goes_first_when_all_else_is_equal() -> None:
    queue = [shot("young", ADA, queued_at=5.0), shot("old", ADA, queued_at=1.0)]
    assert assigned(queue, [Host(id="h0")], now=10.0) == {"h0": "old"}


def test_playing_order_breaks_ties() -> None:
    queue = [shot("b", position=1), shot("a", position=0)]
    assert assigned(queue, [Host(id="h0")]) == {"h0": "a"}


def test_a_higher_class_goes_first() -> None:
    queue = [shot("batch", queued_at=-60.0), shot("preview", priority=1)]
    assert assigned(queue, [Host(id="h0")]) == {"h0": "preview"}


def test_a_pressing_deadline_goes_first() -> None:
    queue = [shot("calm", queued_at=-60.0), shot("late", deadline=30.0, cost=20.0)]
    assert assigned(queue, [Host(id="h0")]) == {"h0": "late"}


def test_a_project_without_hosts_goes_before_one_that_has_them_all() -> None:
    hosts = [Host(id="h0", shot_id="x", project="big"), Host(id="h1")]
    queue = [shot("more", project="big", queued_at=-30.0), shot("first", project="small")]
    assert assigned(queue, hosts) == {"h1": "first"}


def test_a_shot_waits_a_moment_for_a_warm_host_but_not_longer_than_patience() -> None:
    hosts = [Host(id="warm", resident=frozenset({ADA}), shot_id="x", free_at=1.0), Host(id="cold")]
    heavy = shot("1", needs={ADA: 2 * GB})
    decision = choose([heavy], hosts, 0.0)
    assert decision.assignments == () and "warm" in decision.reasons["1"]
    late = [replace(hosts[0], free_at=101.0), hosts[1]]
    assert assigned([heavy], late, now=100.0) == {"cold": "1"}


def test_waiting_for_a_warm_host_lets_other_work_pass() -> None:
    hosts = [Host(id="warm", resident=frozenset({ADA}), shot_id="x", free_at=1.0), Host(id="cold")]
    assert assigned([shot("1", needs={ADA: 2 * GB}), shot("2")], hosts) == {"cold": "2"}


def test_a_shot_is_not_sent_back_to_where_it_failed() -> None:
    decision = choose([shot("1", barred=frozenset({"h0"}))], [Host(id="h0")], 0.0)
    assert decision.assignments == () and "failed on every host" in decision.reasons["1"]


def test_nothing_starves_however_much_comes_in_above_it() -> None:
    policy = Policy()
    queue, now, waited = [shot("humble", CY, project="p", queued_at=0.0)], 0.0, None
    for tick in range(700):  # one host, 10 s a shot, and two better-placed shots arrive for each that is done
        now = tick * 10.0
        queue += [
            shot(f"{tick}-{n}", ADA, project="q", priority=2, deadline=now + 1, queued_at=now, position=tick)
            for n in range(2)
        ]
        (assignment,) = choose(queue, [Host(id="h0", resident=frozenset({ADA}))], now, policy).assignments
        if assignment.shot_id == "humble":
            waited = now
            break
        queue = [waiting for waiting in queue if waiting.shot_id != assignment.shot_id]
    assert waited is not None
    lead = (
        2 * policy.priority + policy.urgency + policy.fairness + policy.residency + 10
    )  # what the others have over it
    assert waited <= 2 * lead + 20  # two arrive for each that is done


def test_affinity_loads_each_performer_about_once() -> None:
    performers = [f"{index:064x}" for index in range(8)]
    queue = [
        shot(f"{index:03}", performers[index * 7 % 8], position=index, queued_at=index * 1e-3) for index in range(160)
    ]
    hosts = {f"h{index}": Host(id=f"h{index}") for index in range(4)}
    loads, now = 0, 0.0
    while queue:
        for host_id, shot_id in assigned(queue, list(hosts.values()), now).items():
            (taken,) = [waiting for waiting in queue if waiting.shot_id == shot_id]
            queue.remove(taken)
            loads += len(set(taken.needs) - hosts[host_id].resident)
            resident = [*(d for d in hosts[host_id].resident if d not in taken.needs), *taken.needs][-3:]
            hosts[host_id] = replace(hosts[host_id], resident=frozenset(resident))
        now += 1.0
    assert loads <= 12  # 8 have to be loaded; a queue without affinity would load about 100
