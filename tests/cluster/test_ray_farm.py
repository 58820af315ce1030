"""The farm on real Ray processes. One Ray for the module, as starting it takes longer than the tests."""

import os
import time
from pathlib import Path

import pytest

from cluster import events
from cluster.breakdown import breakdown
from cluster.farm import render_episode
from cluster.ray_session import RaySession
from cluster.settings import Settings
from jobs.errors import RightsRefused
from jobs.store import Blob, FolderStore
from tests.cluster import stand_in

EPISODE = stand_in.episode()
SHOTS = [shot.id for shot in EPISODE.shots]


@pytest.fixture(scope="module")
def ray_session(tmp_path_factory: pytest.TempPathFactory):
    session = RaySession(Settings(home=tmp_path_factory.mktemp("home")), cpus=2).start()
    session.wait()
    yield session
    session.close()


@pytest.fixture
def settings(tmp_path: Path, ray_session: RaySession) -> Settings:
    return Settings(home=tmp_path / "home", hosts=2, threads=1)


def render(settings: Settings, crew, heard: list | None = None, **more):
    tell = heard.append if heard is not None else lambda event: None
    return render_episode(EPISODE, settings=settings, crew=crew, progress=tell, **more)


def test_ray_listens_on_the_loopback_only(ray_session: RaySession) -> None:
    import psutil
    import ray

    assert ray.get_runtime_context().gcs_address.startswith("127.0.0.1:")
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for process in psutil.Process().children(recursive=True)
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_ray_asks_for_a_token(ray_session: RaySession) -> None:
    from ray._raylet import AuthenticationMode, get_authentication_mode

    assert get_authentication_mode() is not AuthenticationMode.DISABLED


def test_the_breakdown_on_ray_data_is_the_one_made_here(ray_session: RaySession, tmp_path: Path) -> None:
    from cluster.ray_breakdown import ray_breakdown

    store, crew = FolderStore(tmp_path / "store"), stand_in.crew()
    source = tmp_path / "take"
    source.write_bytes(b"take")
    sound = store.put(source)
    manifests = breakdown(EPISODE, crew)
    cached = {manifests[0].take_key: sound, manifests[5].take_key: Blob("0" * 64, 4)}
    rows = ray_breakdown(EPISODE, crew, store, cached, workers=2)
    assert tuple(row.manifest for row in rows) == manifests
    assert [index for index, row in enumerate(rows) if row.damage] == [5]


def test_a_host_that_is_killed_costs_one_take_and_no_attempt(settings: Settings, tmp_path: Path) -> None:
    heard: list[events.Event] = []
    crew = stand_in.crew(stand_in.shoot_and_die_once, marker=tmp_path / "died")
    result = render(settings, crew, heard).complete()
    lost = [event for event in heard if isinstance(event, events.HostLost)]
    assert len(result.takes) == 8 and len(lost) == 1 and lost[0].shot_id in SHOTS
    assert all(take.attempt == 1 for take in result.takes)


def test_a_host_that_hangs_is_killed_and_its_process_is_gone(settings: Settings, tmp_path: Path) -> None:
    heard: list[events.Event] = []
    crew = stand_in.crew(stand_in.shoot_and_hang_once, marker=tmp_path / "hung")
    patience = settings.model_copy(update={"hang_seconds": 1.0, "first_frame_seconds": 1.0})
    assert len(render(patience, crew, heard).complete().takes) == 8
    assert next(event.why for event in heard if isinstance(event, events.HostLost)).startswith("it hung")
    pid = int((tmp_path / "hung").read_text())
    limit = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < limit:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_a_shots_own_error_arrives_as_it_was_raised(settings: Settings) -> None:
    result = render(settings, stand_in.crew(stand_in.shoot_but_not, bad=SHOTS[6]))
    assert result.failed == {SHOTS[6]: f"{SHOTS[6]} has a face curve that is not a number"}


def test_a_refusal_of_rights_crosses_with_its_exit_code(settings: Settings) -> None:
    with pytest.raises(RightsRefused, match="no consent") as caught:
        render(settings, stand_in.crew(permit=stand_in.refuse))
    assert caught.value.exit_code == 3


def test_nothing_of_ray_reaches_standard_output(settings: Settings, tmp_path: Path, capfd) -> None:
    render(settings, stand_in.crew(stand_in.shoot_and_die_once, marker=tmp_path / "died")).complete()
    assert capfd.readouterr().out == ""


def test_hosts_work_in_processes_that_are_not_this_one(settings: Settings) -> None:
    result = render(settings, stand_in.crew(stand_in.shoot_and_tell_who))
    pids = {take.facts["pid"] for take in result.complete().takes}
    assert len(pids) == 2 and os.getpid() not in pids
