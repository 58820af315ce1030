"""The rules that keep the house in order; each failure names the file and the line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("jobs", "actors", "monitoring", "cluster", "serve")  # imports run to the left only
LONGEST = 400  # lines of one module
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "base", "misc"}


def modules(*packages: str) -> list[Path]:
    found = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    assert found, "there is something to check"
    return found


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}:{node.lineno}: relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("package", ORDER)
def test_imports_run_only_to_the_left(package: str) -> None:
    to_the_right = ORDER[ORDER.index(package) + 1 :]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: imports {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, name in imported(path)
        if name.split(".")[0] in (*to_the_right, "tests")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_ray_files_import_ray() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: imports {name}"
        for path in modules(*ORDER)
        if not path.name.startswith("ray_")
        for line, name in imported(path)
        if name.split(".")[0] == "ray"
    ]
    assert not wrong, "\n".join(wrong)


def test_the_core_catches_no_unknown_exception() -> None:
    wrong = []
    for path in modules("jobs", "actors"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(one is None or ast.unparse(one) in ("Exception", "BaseException") for one in caught):
                if any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node)):
                    continue  # tidies up and lets it pass
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: catches everything")
    assert not wrong, "\n".join(wrong)


def test_modules_are_short() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in modules(*ORDER, "tests")}
    wrong = [f"{path.relative_to(ROOT)}: {count} lines" for path, count in lengths.items() if count > LONGEST]
    assert not wrong, "\n".join(wrong)


def test_modules_are_named_by_what_they_are() -> None:
    wrong = [str(path.relative_to(ROOT)) for path in modules(*ORDER) if path.stem in FORBIDDEN_NAMES]
    assert not wrong, "\n".join(wrong)


def test_the_plain_parts_need_no_torch() -> None:
    baking = (ROOT / "actors" / "bake", ROOT / "jobs" / "pilot")  # run by hand, with their own extras
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: imports {name}"
        for path in modules("jobs", "actors", "monitoring")
        if not any(path.is_relative_to(folder) for folder in baking)
        for line, name in imported(path)
        if name.split(".")[0] in ("torch", "anny")
    ]
    assert not wrong, "\n".join(wrong)
