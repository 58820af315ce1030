"""The farm with hosts that are threads: everything but Ray itself."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cluster import events
from cluster.farm import Cancelled, ShotsFailed, plan_episode, render_episode
from cluster.hosts import ThreadHosts
from cluster.ray_session import ROOT
from cluster.settings import Settings
from jobs import ledger_audit, ledger_work
from jobs.errors import RightsRefused
from jobs.ledger import Ledger
from jobs.ledger_leader import LedgerLed, lead, resign
from jobs.states import EpisodeState, ShotState
from jobs.store import StoreFull
from tests.cluster import stand_in

EPISODE = stand_in.episode()
SHOTS = [shot.id for shot in EPISODE.shots]


class Heard:
    """Collects events."""

    def __init__(self) -> None:
        self.events: list[events.Event] = []

    def __call__(self, event: events.Event) -> None:
        self.events.append(event)

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", hosts=2, threads=1)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def render(settings: Settings, heard=lambda event: None, episode=EPISODE, crew=None, **more):
    return render_episode(
        episode, settings=settings, crew=crew or stand_in.crew(), progress=heard, hosts=ThreadHosts(), **more
    )


def audit(settings: Settings, verb: str) -> list[str]:
    with Ledger.open(settings.ledger) as ledger, ledger.read() as connection:
        ledger_audit.verify(connection)
        return [row["subject"] for row in ledger_audit.entries(connection, verb=verb)]


def test_an_episode_becomes_one_take_per_shot_in_playing_order(settings: Settings, heard: Heard) -> None:
    result = render(settings, heard).complete()
    assert [take.shot_id for take in result.takes] == SHOTS
    assert not any(take.cached for take in result.takes)
    assert all(take.take_key in take.path.read_text() for take in result.takes)
    assert sorted(audit(settings, "take.committed")) == sorted(SHOTS)
    assert [event.shot_id for event in heard.of(events.TakeCommitted)] == audit(settings, "take.committed")
    assert heard.events[0] == events.Planned(shots=8, frames=48, cached_shots=0, cached_frames=0)


def test_performers_stay_loaded_from_shot_to_shot(settings: Settings) -> None:
    assert render(settings).performer_loads <= 4  # two performers on two hosts


def test_an_unchanged_episode_is_found_in_the_store_without_a_host(settings: Settings, heard: Heard) -> None:
    render(settings)
    again = render(settings, heard).complete()
    assert all(take.cached for take in again.takes) and again.performer_loads == 0
    assert [type(event) for event in heard.events] == [events.Planned]


def test_a_cached_episode_answers_without_importing_ray(settings: Settings) -> None:
    render(settings)
    code = (
        "import sys; from pathlib import Path; from cluster.farm import render_episode;"
        "from cluster.settings import Settings; from tests.cluster import stand_in;"
        "r = render_episode(stand_in.episode(), settings=Settings(home=Path(sys.argv[1])), crew=stand_in.crew());"
        "assert all(take.cached for take in r.complete().takes); assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.home)], cwd=ROOT, check=True)


def test_changing_one_cue_renders_one_shot(settings: Settings) -> None:
    render(settings)
    first, *others = EPISODE.scenes[1].shots
    changed = replace(first, cues=(replace(first.cues[0], direction="angry"),))
    scenes = (EPISODE.scenes[0], replace(EPISODE.scenes[1], shots=(changed, *others)))
    result = render(settings, episode=replace(EPISODE, scenes=scenes)).complete()
    assert [take.shot_id for take in result.takes if not take.cached] == [first.id]


def test_planning_says_what_is_cached_and_changes_nothing(settings: Settings) -> None:
    manifests, takes = plan_episode(EPISODE, settings=settings, crew=stand_in.crew())
    assert len(manifests) == 8 and takes == {}
    render(settings)
    manifests, takes = plan_episode(EPISODE, settings=settings, crew=stand_in.crew())
    assert set(takes) == {manifest.take_key for manifest in manifests}


@pytest.mark.parametrize("harm", ["removed", "shortened", "flipped"])
def test_a_damaged_blob_is_said_and_its_shot_rendered_again(settings: Settings, heard: Heard, harm: str) -> None:
    path = render(settings).takes[2].path
    path.chmod(0o600)
    whole = path.read_bytes()
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if harm == "shortened" else b"X" + whole[1:])
    result = render(settings, heard).complete()
    assert [take.shot_id for take in result.takes if not take.cached] == [SHOTS[2]]
    assert path.read_bytes() == whole
    assert SHOTS[2] in heard.of(events.Warned)[0].text


def test_a_shot_that_cannot_be_rendered_fails_on_two_hosts_and_the_others_are_done(
    settings: Settings, heard: Heard
) -> None:
    result = render(settings, heard, crew=stand_in.crew(stand_in.shoot_but_not, bad=SHOTS[3]))
    assert list(result.failed) == [SHOTS[3]] and len(result.takes) == 7
    assert "not a number" in result.failed[SHOTS[3]]
    with pytest.raises(ShotsFailed, match="not a number"):
        result.complete()
    assert audit(settings, "take.failed") == [SHOTS[3]] * 2
    with Ledger.open(settings.ledger) as ledger:
        assert ledger_work.episode_state(ledger, EPISODE.id) is EpisodeState.FAILED
    assert len(render(settings).complete().takes) == 8  # mended: it gets another chance


def test_with_a_single_host_the_second_one_is_a_fresh_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, hosts=1, threads=1)
    result = render(settings, crew=stand_in.crew(stand_in.shoot_but_not, bad=SHOTS[0]))
    assert list(result.failed) == [SHOTS[0]] and len(result.takes) == 7


def test_revoked_consent_stops_the_render(settings: Settings) -> None:
    with pytest.raises(RightsRefused, match="no consent"):
        render(settings, crew=stand_in.crew(permit=stand_in.refuse))
    assert audit(settings, "take.committed") == []


def test_a_full_disk_stops_cleanly_and_goes_on_later(settings: Settings) -> None:
    def fill(shot, *args, **more):
        if shot.id == SHOTS[4]:
            raise OSError(28, "No space left on device")
        return stand_in.shoot(shot, *args, **more)

    with pytest.raises(StoreFull, match="free some space"):
        render(settings, crew=stand_in.crew(fill))
    with Ledger.open(settings.ledger) as ledger:
        states = {row["state"] for row in ledger_work.shots(ledger, EPISODE.id)}
    assert states == {ShotState.DONE, ShotState.QUEUED}  # nothing failed, nothing is leased
    assert len(render(settings).complete().takes) == 8
    assert sorted(audit(settings, "take.committed")) == sorted(SHOTS)


def test_a_host_that_hangs_is_replaced(tmp_path: Path, heard: Heard) -> None:
    settings = Settings(home=tmp_path, hosts=2, threads=1, hang_seconds=0.5, first_frame_seconds=0.5)
    crew = stand_in.crew(stand_in.shoot_and_wait_once, marker=tmp_path / "hung", seconds=3.0)
    result = render(settings, heard, crew=crew).complete()
    (lost,) = heard.of(events.HostLost)
    assert "hung" in lost.why and lost.shot_id in SHOTS
    assert audit(settings, "take.revoked") == [lost.shot_id]
    assert len(result.takes) == 8
    assert sorted(audit(settings, "take.committed")) == sorted(SHOTS)


def test_cancelling_keeps_what_is_done_and_can_be_resumed(settings: Settings) -> None:
    stop = threading.Event()

    def after_two(event: events.Event, seen=[]) -> None:  # noqa: B006 - counts across calls
        if isinstance(event, events.TakeCommitted):
            seen.append(event)
        if len(seen) == 2:
            stop.set()

    result = render(settings, after_two, crew=stand_in.crew(seconds=0.05), cancelled=stop)
    assert result.cancelled and 2 <= len(result.takes) < 8
    with pytest.raises(Cancelled, match="run the same command again"):
        result.complete()
    assert len(render(settings).complete().takes) == 8
    assert sorted(audit(settings, "take.committed")) == sorted(SHOTS)


def test_an_interrupt_gives_leases_and_leadership_back(settings: Settings) -> None:
    def interrupt(event: events.Event) -> None:
        if isinstance(event, events.ShotStarted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(settings, interrupt, crew=stand_in.crew(seconds=0.2))
    with Ledger.open(settings.ledger) as ledger:
        assert {row["state"] for row in ledger_work.shots(ledger, EPISODE.id)} == {ShotState.QUEUED}
        resign(ledger, lead(ledger, "next", 0.0, 1.0), 0.0)
    assert len(render(settings).complete().takes) == 8


def test_an_interrupt_between_lease_and_ticket_gives_the_lease_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cluster.dispatcher.sign", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render(settings)
    with Ledger.open(settings.ledger) as ledger:
        assert {row["state"] for row in ledger_work.shots(ledger, EPISODE.id)} == {ShotState.QUEUED}
    assert len(audit(settings, "take.revoked")) == 1


def test_a_second_render_says_who_holds_the_ledger_or_waits(settings: Settings, heard: Heard) -> None:
    with Ledger.open(settings.ledger) as ledger:
        other = lead(ledger, "greenroom 1 on stage7", 0.0, 30.0)
        with pytest.raises(LedgerLed, match="stage7"):
            render(settings, wait=False)

        def go(event: events.Event) -> None:
            heard(event)
            if isinstance(event, events.LeaderAwaited):
                resign(ledger, other, 1.0)

        assert len(render(settings, go).complete().takes) == 8
    assert heard.of(events.LeaderAwaited) == [events.LeaderAwaited(holder="greenroom 1 on stage7")]


def test_a_cached_episode_is_answered_while_another_process_renders(settings: Settings) -> None:
    render(settings)
    with Ledger.open(settings.ledger) as ledger:
        other = lead(ledger, "other", 0.0, 30.0)
        assert len(render(settings, wait=False).complete().takes) == 8
        resign(ledger, other, 1.0)


def test_two_episodes_at_once_take_turns(settings: Settings) -> None:
    other = stand_in.episode(id="s01e02")
    results = {}

    def run(episode) -> None:
        results[episode.id] = render(settings, episode=episode, crew=stand_in.crew(seconds=0.05)).complete()

    threads = [threading.Thread(target=run, args=(episode,)) for episode in (EPISODE, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: len(result.takes) for key, result in results.items()} == {"s01e01": 8, "s01e02": 8}
    assert len(audit(settings, "take.committed")) == 16


def test_two_shots_that_look_alike_are_rendered_once(settings: Settings) -> None:
    crew = replace(stand_in.crew(), key=lambda episode, scene, shot: shot.cues[0].role.ljust(64, "0"))
    result = render(settings, crew=crew).complete()
    assert len(result.takes) == 8 and len(audit(settings, "take.committed")) == 2
