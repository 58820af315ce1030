"""What pydantic found, in the words of someone who writes call sheets, at the place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.nearest import did_you_mean, shown
from jobs.sheet_faults import Path
from jobs.sheet_yaml import Tree

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from jobs.sheet_schema import Part

WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}
BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def plain(value: object) -> str:
    """What kind of value it is, in plain words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, (list, tuple)) else "a mapping"


def note_errors(tree: Tree, path: Path, error: ValidationError, part: type[Part]) -> frozenset[str]:
    """Note every error of the mapping at ``path``; returns the names of its fields that cannot be used."""
    broken = set()
    for detail in error.errors(include_url=False):
        loc = tuple(step for step in detail["loc"] if not (isinstance(step, str) and step.startswith("[")))
        name = str(loc[0]) if loc else ""
        at = (*path, *loc)
        if detail["type"] == "missing":
            examples = part.model_fields[name].examples
            hint = f"for example {name}: {examples[0]}" if examples else ""
            tree.fault(path, f"{name!r} is missing", hint)
        elif detail["type"] == "extra_forbidden":
            instead = part.later.get(name)
            if instead is not None:
                tree.fault(at, f"{name!r} is not supported yet", instead, at_key=True)
            else:
                known = [field for field in part.model_fields]
                tree.fault(at, f"unknown key {shown(name)}", did_you_mean(name, known), at_key=True)
        else:
            tree.fault(at, *_said(detail, tree.texts.get(at)))
        broken.add(name)
    return frozenset(broken)


def _said(detail: ErrorDetails, text: str | None) -> tuple[str, str]:
    """What is wrong and a hint; ``text`` is the value as written where it was read as something else than text."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in WANTED:
        hint = ""
        if kind == "string_type" and text:
            hint = f'write it in quotes: "{text}"'
        return f"must be {WANTED[kind]}, not {plain(detail['input'])}", hint
    if kind in BOUNDS:
        word, key = BOUNDS[kind]
        return f"must be {word} {context[key]}, not {detail['input']}", ""
    if kind == "string_pattern_mismatch":
        hint = "use a-z, 0-9, '-' and '_', starting with a letter or a digit, 64 at most"
        return f"{shown(detail['input'])} is not an id", hint
    if kind in ("string_too_long", "too_long"):
        unit = "characters" if kind.startswith("string") else "entries"
        return f"more than {context['max_length']} {unit}", ""
    if kind in ("string_too_short", "too_short"):
        return "is empty" if context["min_length"] == 1 else f"needs {context['min_length']} entries", ""
    return detail["msg"], str(context.get("hint", ""))
