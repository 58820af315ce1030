from pathlib import Path

import pytest

import cluster
from cluster.settings import BadSetting, Settings, read_settings, settings_table


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    settings = read_settings({"GREENROOM_HOME": str(tmp_path), "GREENROOM_HOSTS": "3", "OTHER": "x"})
    assert (settings.home, settings.hosts, settings.threads) == (tmp_path, 3, 0)
    assert settings.ledger == tmp_path / "ledger.sqlite"


def test_an_empty_variable_means_the_default() -> None:
    assert read_settings({"GREENROOM_HOME": "", "GREENROOM_HOSTS": " "}) == read_settings({})


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"GREENROOM_HOME": "here"}).home == tmp_path / "here"


def test_rays_own_variable_names_the_cluster_unless_ours_does() -> None:
    assert read_settings({"RAY_ADDRESS": "a:1"}).address == "a:1"
    assert read_settings({"RAY_ADDRESS": "a:1", "GREENROOM_ADDRESS": "b:2"}).address == "b:2"


@pytest.mark.parametrize(("name", "value"), [("HOSTS", "-1"), ("THREADS", "many"), ("HANG_SECONDS", "0")])
def test_a_value_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"GREENROOM_{name}={value}"):
        read_settings({f"GREENROOM_{name}": value})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().hosts = 3


def test_the_readme_has_the_table_of_these_settings() -> None:
    assert settings_table() in (Path(cluster.__file__).parent / "README.md").read_text()
