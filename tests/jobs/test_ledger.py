import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from cluster.breakdown import breakdown
from jobs import ledger_audit, ledger_records, ledger_takes, ledger_work
from jobs.ledger import HEAD, Ledger, LedgerFromTheFuture, LedgerUnusable
from jobs.ledger_leader import Leader, LeadershipLost, LedgerLed, lead, renew, resign
from jobs.states import EpisodeState, ShotState, TakeState
from jobs.tables import METADATA
from tests.cluster import stand_in

EPISODE = stand_in.episode(scenes=1, shots=3)
FIRST = EPISODE.shots[0].id


@pytest.fixture
def ledger(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def leader(ledger: Ledger):
    ledger_work.submit(ledger, EPISODE, breakdown(EPISODE, stand_in.crew()), 1.0)
    found = lead(ledger, "me", 1.0, 30.0)
    yield found
    if found.lock:
        found.lock.close()


def usurp(ledger: Ledger, leader: Leader, now: float) -> Leader:
    """Another process leads from now on, and this one has not noticed."""
    leader.lock.close()
    return lead(ledger, "the successor", now, 30.0)


def state_of(ledger: Ledger, shot_id: str) -> ShotState:
    return next(ShotState(row["state"]) for row in ledger_work.shots(ledger, EPISODE.id) if row["id"] == shot_id)


def commit(ledger: Ledger, leader: Leader, lease: ledger_takes.Lease, now: float = 3.0):
    return ledger_takes.commit_take(ledger, leader, lease, now, sha256="ab" * 32, size=7, facts={"seconds": 1.0})


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with ledger.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_newest_revision_is_the_one_the_code_asks_for() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(ledger_work.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_ledger_of_a_newer_greenroom_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerFromTheFuture, match="9999"):
        Ledger.open(tmp_path / "ledger.sqlite")


def test_a_file_that_is_no_database_is_said_to_be_unusable(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LedgerUnusable, match="not a database"):
        Ledger.open(tmp_path / "ledger.sqlite")


def test_a_folder_that_cannot_be_made_is_said_to_be_unusable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerUnusable):
        Ledger.open(tmp_path / "file" / "ledger.sqlite")


def test_a_full_disk_under_the_ledger_is_said_and_loses_nothing(ledger: Ledger) -> None:
    with pytest.raises(LedgerUnusable, match="full"), ledger.write() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar()
        connection.execute(sa.text(f"PRAGMA max_page_count = {pages + 2}"))
        for index in range(1000):
            ledger_audit.record(connection, 1.0, "me", "test", f"{index}" * 100)
    with ledger.read() as connection:
        assert ledger_audit.verify(connection) == 0


def test_what_is_committed_survives_power_loss_settings(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_only_one_process_leads(ledger: Ledger, leader: Leader) -> None:
    with pytest.raises(LedgerLed, match="me"):
        lead(ledger, "other", 2.0, 30.0)


def test_a_dead_leader_is_replaced_at_once(tmp_path: Path, ledger: Ledger) -> None:
    code = (
        "import sys, os, signal; from pathlib import Path; from jobs.ledger import Ledger;"
        "from jobs.ledger_leader import lead;"
        "lead(Ledger.open(Path(sys.argv[1])), 'doomed', 1.0, 1e9); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "ledger.sqlite")], cwd=Path(__file__).parents[2])
    successor = lead(ledger, "successor", 2.0, 30.0)
    assert successor.token == 2
    resign(ledger, successor, 3.0)


def test_a_leader_that_was_replaced_is_told_so(ledger: Ledger, leader: Leader) -> None:
    usurp(ledger, leader, 2.0)
    with pytest.raises(LeadershipLost, match="the successor"):
        renew(ledger, leader, 3.0, 30.0)


def test_a_resigned_leader_makes_room(ledger: Ledger, leader: Leader) -> None:
    resign(ledger, leader, 2.0)
    assert lead(ledger, "next", 2.0, 30.0).token == leader.token + 1


def test_a_shot_goes_from_queued_over_rendering_to_done(ledger: Ledger, leader: Leader) -> None:
    assert state_of(ledger, FIRST) is ShotState.QUEUED
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    assert state_of(ledger, FIRST) is ShotState.RENDERING
    take = commit(ledger, leader, lease)
    assert state_of(ledger, FIRST) is ShotState.DONE
    assert ledger_work.committed(ledger, [lease.take_key]) == {lease.take_key: take}


def test_a_leased_shot_cannot_be_leased_again(ledger: Ledger, leader: Leader) -> None:
    assert ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    assert ledger_takes.lease_shot(ledger, leader, FIRST, "h2", 2.0, 30.0) is None


def test_a_take_is_committed_only_once(ledger: Ledger, leader: Leader) -> None:
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    commit(ledger, leader, lease)
    with pytest.raises(ledger_takes.StaleLease):
        commit(ledger, leader, lease)


def test_a_host_whose_lease_was_revoked_cannot_commit(ledger: Ledger, leader: Leader) -> None:
    zombie = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    ledger_takes.end_take(
        ledger, leader, zombie, 3.0, take=TakeState.REVOKED, shot=ShotState.QUEUED, failure="infrastructure", error="-"
    )
    fresh = ledger_takes.lease_shot(ledger, leader, FIRST, "h2", 4.0, 30.0)
    assert fresh.token > zombie.token
    with pytest.raises(ledger_takes.StaleLease):
        commit(ledger, leader, zombie)
    commit(ledger, leader, fresh)


def test_a_replaced_leader_can_neither_lease_nor_commit(ledger: Ledger, leader: Leader) -> None:
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    usurp(ledger, leader, 3.0)
    with pytest.raises(ledger_takes.StaleLease):
        commit(ledger, leader, lease)
    with pytest.raises(ledger_takes.StaleLease):
        ledger_takes.lease_shot(ledger, leader, EPISODE.shots[1].id, "h1", 3.0, 30.0)


def test_a_new_leader_takes_back_what_the_old_one_leased(ledger: Ledger, leader: Leader) -> None:
    ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    successor = usurp(ledger, leader, 3.0)
    assert ledger_takes.revoke_leases(ledger, successor, 3.0, failure="leader", error="-") == [FIRST]
    lease = ledger_takes.lease_shot(ledger, successor, FIRST, "h2", 3.0, 30.0)
    commit(ledger, successor, lease)
    assert state_of(ledger, FIRST) is ShotState.DONE


def test_a_lease_that_is_not_extended_still_fences_by_its_token(ledger: Ledger, leader: Leader) -> None:
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 1.0)
    ledger_takes.extend(ledger, leader, [lease], 100.0)
    commit(ledger, leader, lease, now=50.0)


def test_submitting_again_keeps_what_is_done_and_queues_what_changed(ledger: Ledger, leader: Leader) -> None:
    commit(ledger, leader, ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0))
    manifests = breakdown(EPISODE, stand_in.crew())
    ledger_work.submit(ledger, EPISODE, manifests, 5.0)
    assert state_of(ledger, FIRST) is ShotState.DONE
    changed = [replace(manifests[0], take_key="f" * 64), *manifests[1:]]
    ledger_work.submit(ledger, EPISODE, changed, 6.0)
    assert state_of(ledger, FIRST) is ShotState.QUEUED
    ledger_work.submit(ledger, EPISODE, manifests, 7.0)  # changed back: the old take still exists
    assert state_of(ledger, FIRST) is ShotState.DONE


def test_a_shot_that_left_the_call_sheet_is_retired(ledger: Ledger, leader: Leader) -> None:
    ledger_work.submit(ledger, EPISODE, breakdown(EPISODE, stand_in.crew())[1:], 5.0)
    assert FIRST not in [row["id"] for row in ledger_work.shots(ledger, EPISODE.id)]


def test_two_shots_with_one_key_share_one_take(ledger: Ledger, leader: Leader) -> None:
    manifests = breakdown(EPISODE, stand_in.crew())
    twins = [replace(manifest, take_key="e" * 64) for manifest in manifests]
    ledger_work.submit(ledger, EPISODE, twins, 5.0)
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 6.0, 30.0)
    assert ledger_takes.lease_shot(ledger, leader, manifests[1].shot_id, "h2", 6.0, 30.0) is None
    commit(ledger, leader, lease, 7.0)
    assert {row["state"] for row in ledger_work.shots(ledger, EPISODE.id)} == {"done"}
    assert ledger_work.episode_state(ledger, EPISODE.id) is EpisodeState.RENDERED


def test_a_lost_blob_makes_its_shot_not_done(ledger: Ledger, leader: Leader) -> None:
    take = commit(ledger, leader, ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0))
    ledger_work.lose_take(ledger, take, 4.0, "it is gone")
    assert state_of(ledger, FIRST) is ShotState.QUEUED
    assert ledger_work.committed(ledger, [take.take_key]) == {}
    again = commit(ledger, leader, ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 5.0, 30.0))
    assert again.take_id != take.take_id


def test_attempts_count_failures_of_the_shot_only(ledger: Ledger, leader: Leader) -> None:
    for take, expected in ((TakeState.REVOKED, 1), (TakeState.FAILED, 1), (TakeState.FAILED, 2)):
        lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
        assert lease.attempt == expected
        ledger_takes.end_take(ledger, leader, lease, 3.0, take=take, shot=ShotState.QUEUED, failure="-", error="-")


def test_the_audit_log_tells_every_transition_and_verifies(ledger: Ledger, leader: Leader) -> None:
    commit(ledger, leader, ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0))
    with ledger.read() as connection:
        assert ledger_audit.verify(connection) == 4
        verbs = [row["verb"] for row in ledger_audit.entries(connection)]
    assert verbs == ["episode.submitted", "leader.acquired", "take.leased", "take.committed"]


def test_the_database_refuses_to_change_the_audit_log(ledger: Ledger, leader: Leader) -> None:
    for statement in ("UPDATE audit SET holder = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), ledger.write() as connection:
            connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit SET holder = 'nobody' WHERE sequence = 2",
        "UPDATE audit SET detail = '{}' WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 1",
        "UPDATE audit SET sequence = 7 WHERE sequence = 2",
    ],
)
def test_a_forged_audit_log_is_noticed(ledger: Ledger, leader: Leader, tmp_path: Path, forgery: str) -> None:
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    for verb in ("UPDATE", "DELETE"):
        database.execute(f"DROP TRIGGER audit_is_append_only_{verb}")
    database.execute(forgery)
    database.commit()
    database.close()
    with pytest.raises(ledger_audit.AuditBroken), ledger.read() as connection:
        ledger_audit.verify(connection)


def test_two_processes_write_at_once_without_losing_a_row(tmp_path: Path, ledger: Ledger) -> None:
    code = (
        "import sys; from pathlib import Path; from jobs.ledger import Ledger; from jobs.ledger_audit import record;"
        "ledger = Ledger.open(Path(sys.argv[1]))\n"
        "for i in range(40):\n"
        "    with ledger.write() as connection: record(connection, i, sys.argv[2], 'test', 'x')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "ledger.sqlite")]
    writers = [subprocess.Popen([*command, name], cwd=Path(__file__).parents[2]) for name in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with ledger.read() as connection:
        assert ledger_audit.verify(connection) == 80


def test_two_processes_may_make_the_ledger_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from jobs.ledger import Ledger; Ledger.open(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "new" / "ledger.sqlite")]
    makers = [subprocess.Popen(command, cwd=Path(__file__).parents[2]) for _ in range(3)]
    assert [maker.wait(60) for maker in makers] == [0, 0, 0]


def test_a_master_is_found_by_its_bytes_and_delivers_the_episode(ledger: Ledger, leader: Leader) -> None:
    for shot in EPISODE.shots:
        commit(ledger, leader, ledger_takes.lease_shot(ledger, leader, shot.id, "h1", 2.0, 30.0))
    master = ledger_records.Master(
        episode_id=EPISODE.id, sha256="cd" * 32, size=9, path="/out/master.mp4", takes={FIRST: "k"}, made_at=4.0
    )
    seen = ledger_records.OnScreen(role="ada", performer=EPISODE.cast["ada"].performer, seconds=1.5)
    ledger_records.record_master(ledger, master, [seen])
    assert ledger_records.find_master(ledger, "cd" * 32) == master
    assert ledger_records.find_master(ledger, "00" * 32) is None
    assert ledger_records.latest_master(ledger, EPISODE.id) == master
    assert ledger_work.episode_state(ledger, EPISODE.id) is EpisodeState.DELIVERED


def test_why_a_shot_waits_is_kept_until_it_is_leased(ledger: Ledger, leader: Leader) -> None:
    ledger_work.explain(ledger, {FIRST: "waits for a free host"})
    assert ledger_work.reasons(ledger, EPISODE.id) == {FIRST: "waits for a free host"}
    ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    assert ledger_work.reasons(ledger, EPISODE.id) == {}


def test_a_shot_is_found_by_the_beginning_of_its_take_key(ledger: Ledger, leader: Leader) -> None:
    lease = ledger_takes.lease_shot(ledger, leader, FIRST, "h1", 2.0, 30.0)
    assert ledger_work.shot_of_take(ledger, lease.take_key[:12]) is None  # not committed yet
    commit(ledger, leader, lease)
    assert ledger_work.shot_of_take(ledger, lease.take_key[:12]) == (EPISODE.id, FIRST)
    assert ledger_work.shot_of_take(ledger, "0" * 12) is None
