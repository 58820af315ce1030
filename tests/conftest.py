"""Shared by all tests: an own home for Greenroom, and a skip that counts as a failure where CI says so."""

import os

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """No test sees or touches the store, ledger and keys of the person who runs it."""
    monkeypatch.setenv("GREENROOM_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and item.get_closest_marker("gpu") is None
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI, where nothing may be missing: {report.longrepr}"
