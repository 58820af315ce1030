"""The commands as a user types them, on a small episode with the house performers, through Ray."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PILOT = ROOT / "jobs" / "pilot"
SHEET = """
greenroom: 1
episode: tiny
title: Tiny
fps: 24
resolution: [320, 180]
project: {id: tests, genres: [drama], territories: [worldwide], media: [streaming]}
cast:
  ada: {performer: house/ada}
  kofi: {performer: house/kofi}
scenes:
  - id: s010
    plate: {colour: "#334455"}
    light: {preset: studio-soft}
    shots:
      - id: "0010"
        frames: 12
        camera: {preset: close-up, on: [ada]}
        cues:
          - {role: ada, direction: "act with subdued sadness", look_at: camera}
      - id: "0020"
        frames: 12
        camera: {preset: close-up, on: [kofi]}
        cues:
          - {role: kofi, direction: "sarcastic confidence", look_at: camera}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("episode") / "tiny.yaml"
    path.write_text(SHEET)
    return path


def greenroom(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GREENROOM_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-m", "serve.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, cwd=ROOT)


@pytest.fixture(scope="module")
def rendered(home: Path, sheet: Path, tmp_path_factory) -> Path:
    """The folder of a finished render."""
    out = tmp_path_factory.mktemp("out")
    answer = greenroom(home, "render", sheet, "--out", out)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return out


def test_a_render_leaves_everything_a_studio_asks_for(rendered: Path) -> None:
    for name in ("master.mp4", "contact_sheet.jpg", "report.html", "report.json", "usage.json"):
        assert (rendered / name).stat().st_size > 0, name
    assert sorted(path.name for path in (rendered / "shots").iterdir()) == ["s010.0010.mp4", "s010.0020.mp4"]
    assert not [path for path in rendered.rglob("*") if path.name.startswith(".")], "nothing half-written stays"


def test_the_report_has_a_value_or_a_reason_for_every_figure(rendered: Path) -> None:
    report = json.loads((rendered / "report.json").read_text())
    assert report["episode"] == "tiny" and report["video_seconds"] == 1.0
    for shot in report["shots"]:
        assert shot["render_seconds"] > 0 and len(shot["key"]) == 64
        for name, figure in shot["quality"].items():
            if isinstance(figure, dict) and "value" in figure:
                assert figure["value"] is not None or figure["why"], (shot["id"], name)


def test_the_usage_statement_counts_each_performers_seconds(rendered: Path) -> None:
    usage = json.loads((rendered / "usage.json").read_text())
    assert {entry["performer"]: entry["seconds"] for entry in usage["performers"]} == {
        "house/ada": 0.5,
        "house/kofi": 0.5,
    }


def test_the_master_is_verified_and_a_changed_byte_is_not(home: Path, rendered: Path, tmp_path: Path) -> None:
    assert greenroom(home, "verify", rendered / "master.mp4").returncode == 0
    changed = tmp_path / "changed.mp4"
    content = bytearray((rendered / "master.mp4").read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    answer = greenroom(home, "verify", changed, "--json")
    found = json.loads(answer.stdout)
    assert answer.returncode == 1 and found["genuine"] is False
    assert "failed" in [check["outcome"] for check in found["checks"]]


def test_a_second_render_takes_everything_from_the_store(home: Path, sheet: Path, rendered: Path) -> None:
    answer = greenroom(home, "render", sheet, "--out", rendered, "--json")
    assert answer.returncode == 0, answer.stderr
    assert [shot["cached"] for shot in json.loads(answer.stdout)["shots"]] == [True, True]
    assert "all in the store" in answer.stderr


def test_one_changed_cue_is_one_shot_to_render(home: Path, sheet: Path, rendered: Path) -> None:
    changed = sheet.with_name("changed.yaml")
    changed.write_text(SHEET.replace("sarcastic confidence", "furious"))
    plan = json.loads(greenroom(home, "plan", changed, "--json").stdout)
    assert [shot["cached"] for shot in plan[0]["shots"]] == [True, False]


def test_every_fault_is_told_and_nothing_is_rendered(home: Path, sheet: Path, tmp_path: Path) -> None:
    bad = sheet.with_name("bad.yaml")
    bad.write_text(SHEET.replace("house/ada", "house/ade").replace("frames: 12", "frames: 0", 1))
    answer = greenroom(home, "render", bad, "--out", tmp_path / "out")
    assert answer.returncode == 2
    assert "did you mean 'house/ada'" in answer.stderr and "bad.yaml:17" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_work_outside_a_consent_is_refused_with_the_clause(home: Path, sheet: Path, tmp_path: Path) -> None:
    horror = sheet.with_name("horror.yaml")
    horror.write_text(SHEET.replace("[drama]", "[horror]"))
    for command in (["check", horror], ["render", horror, "--out", tmp_path / "out"]):
        answer = greenroom(home, *command)
        assert answer.returncode == 3
        assert "'kofi'" in answer.stderr and "genres.refused" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_performers_are_listed_and_shown(home: Path) -> None:
    listed = json.loads(greenroom(home, "performer", "list", "--json").stdout)
    assert {one["performer"] for one in listed} == {f"house/{name}@1" for name in ("ada", "kofi", "luca", "mei")}
    assert {one["consent"] for one in listed} == {"in force"}
    shown = greenroom(home, "performer", "show", "house/kofi")
    assert shown.returncode == 0 and "not horror" in shown.stdout
    assert greenroom(home, "performer", "show", "house/kofy").returncode == 2


def test_a_wrong_option_is_bad_input(home: Path) -> None:
    assert greenroom(home, "render", "--speed", "11").returncode == 2


def test_help_names_every_command_without_heavy_imports(home: Path) -> None:
    code = (
        "import sys; from serve.cli import main; sys.argv = ['greenroom', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numba', 'av', 'cv2', 'ray', 'torch', 'sqlalchemy', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    for command in ("demo", "check", "plan", "render", "verify", "doctor", "performer"):
        assert command in answer.stdout


def test_the_packaged_pilot_is_without_fault(home: Path) -> None:
    checked = json.loads(greenroom(home, "check", PILOT / "pilot.yaml", "--json").stdout)[0]
    assert checked["faults"] == [] and checked["refusals"] == [] and checked["warnings"] == []
    assert checked["shots"] >= 8
