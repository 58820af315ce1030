from pathlib import Path

import pytest

from serve import doctor


def finding(what: str, findings: list[doctor.Finding]) -> doctor.Finding:
    return next(f for f in findings if f.what == what)


def test_this_machine_can_render(tmp_path: Path) -> None:
    (tmp_path / "house/ada/1").mkdir(parents=True)
    (tmp_path / "house/ada/1/performer.safetensors").touch()
    findings = doctor.examine(tmp_path / "home", tmp_path / "house")
    assert [f for f in findings if f.state == "missing"] == []
    assert finding("house performers", findings).detail == "ada"


def test_missing_performers_are_said_with_the_command_that_mends_it(tmp_path: Path) -> None:
    found = finding("house performers", doctor.examine(tmp_path, tmp_path / "house"))
    assert found.state == "missing" and "make bake" in found.mend


def test_keys_that_others_may_read_are_found(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "signer.pem").touch(mode=0o644)
    (keys / "signer.pem").chmod(0o644)
    found = finding("keys", doctor.examine(tmp_path, tmp_path))
    assert (
        found.state == "missing"
        and "signer.pem" in found.detail
        and "chmod 600" in found.mend
        and "-type f" in found.mend
    )
    (keys / "signer.pem").chmod(0o600)
    assert finding("keys", doctor.examine(tmp_path, tmp_path)).state == "good"


def test_a_missing_package_is_named_with_its_purpose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", (("no-such-package", "nothing"),))
    found = finding("no-such-package", doctor.examine(tmp_path, tmp_path))
    assert found.state == "missing" and "pip install" in found.mend


def test_a_home_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    found = finding("home", doctor.examine(tmp_path / "home", tmp_path))
    assert found.state == "missing" and "GREENROOM_HOME" in found.mend
