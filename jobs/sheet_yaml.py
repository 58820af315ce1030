"""YAML into plain values that remember where they stand.

Only what a call sheet needs: one document of mappings, lists and scalars. Aliases, tags and merge keys are refused,
so nothing can refer to itself or grow. Plain scalars follow YAML 1.2, where ``on``, ``no`` and ``1:30`` are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from jobs.nearest import shown
from jobs.sheet_faults import MOST, Fault, Path, SheetFaults, dotted

MOST_BYTES = 2 << 20
MOST_DEPTH = 24  # containers inside one another; the schema needs 8
MOST_NODES = 200_000
LONGEST_NUMBER = 40  # characters

PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
PADDED = re.compile(r"0[0-9]+\Z")  # 0010 is ten in YAML 1.2 and eight in 1.1; here it is a word, as ids are
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
PLAIN_WORDS = {
    "found character that cannot start any token": "a tab or another character that cannot stand here",
    "mapping values are not allowed in this context": "a ':' that does not fit here",
    "did not find expected key": "the indentation does not fit, or a key is missing",
    "could not find expected ':'": "a ':' is missing after the key",
    "found unexpected end of stream": "a quote is opened and never closed",
}

Scalar = str | int | float | bool | None


@dataclass
class Tree:
    """The values of one file, and the place of each."""

    file: str
    root: object = None  # dict, list or scalar
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)  # path -> line, column from 1
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)  # the same for the key before the value
    paths: dict[int, Path] = field(default_factory=dict)  # id of a dict or list of this tree -> its path
    texts: dict[Path, str] = field(default_factory=dict)  # plain scalars that are not strings, as written
    faults: dict[Fault, None] = field(default_factory=dict)  # in the order in which they were found
    refused: set[tuple[int, int]] = field(default_factory=set)  # places whose value was not read; say no more of them

    def fault(self, path: Path, what: str, hint: str = "", *, at_key: bool = False) -> None:
        """Note a fault at the value (or key) of ``path``, or at the nearest place around it that exists."""
        place = self.keys.get(path) if at_key else None
        end = len(path)
        while place is None:
            place = self.values.get(path[:end], None if end else (1, 1))
            end -= 1
        if place not in self.refused:
            self.note(Fault(self.file, *place, dotted(path), what, hint))

    def note(self, fault: Fault) -> None:
        """Raises ``SheetFaults`` when there are so many that more would not help."""
        if fault not in self.faults:
            self.faults[fault] = None
            if len(self.faults) >= MOST:
                raise SheetFaults(sorted(self.faults))


class _Stop(Exception):
    """There is no use in reading on."""


def read_tree(data: bytes, file: str) -> Tree:
    """The tree of a YAML document; what can be told of faults in one reading is in ``Tree.faults``.

    Raises ``SheetFaults`` when the text cannot be read to its end.
    """
    tree = Tree(file)
    try:
        _compose(_events(_decoded(data, tree), tree), tree)
    except _Stop:
        raise SheetFaults(sorted(tree.faults)) from None
    return tree


def _decoded(data: bytes, tree: Tree) -> str:
    if len(data) > MOST_BYTES:
        _stop(tree, 1, 1, f"larger than {MOST_BYTES >> 20} MiB", "split the work into several episodes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        _stop(tree, before.count(b"\n") + 1, column, f"byte 0x{data[error.start]:02x} is not UTF-8", "save it as UTF-8")
    odd = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", text)
    if odd:
        before = text[: odd.start()]
        column = odd.start() - before.rfind("\n")
        _stop(tree, before.count("\n") + 1, column, f"character U+{ord(odd[0]):04X} is not allowed", "take it out")
    return text


def _events(text: str, tree: Tree) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=PARSER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = PLAIN_WORDS.get(error.problem or "", error.problem or "not YAML")
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        lines = text.splitlines()
        hint = ""
        if 0 < line <= len(lines) and "\t" in lines[line - 1][: column + 1]:
            what, hint = "a tab where YAML allows none", "indent with spaces"
        elif error.context and error.context_mark and error.context_mark.line + 1 != line:
            hint = f"{error.context} that starts in line {error.context_mark.line + 1}"
        _stop(tree, line, column, f"not YAML: {what}", hint)
    except yaml.YAMLError as error:
        _stop(tree, 1, 1, f"not YAML: {str(error).splitlines()[0]}", "")


def _stop(tree: Tree, line: int, column: int, what: str, hint: str) -> None:
    tree.note(Fault(tree.file, line, column, "", what, hint))
    raise _Stop


@dataclass
class _Open:
    """A container that is being filled."""

    value: dict | list
    path: Path
    lost: bool = False  # it belongs to a key that cannot be used, so its places are not kept
    key: str | None = None  # of a dict: the key whose value comes next
    skip: bool = False  # that key cannot be used


def _compose(events: Iterator[yaml.Event], tree: Tree) -> None:
    stack: list[_Open] = []
    nodes = documents = 0
    for event in events:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                _stop(tree, line, column, "a second document", "one file is one call sheet")
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        nodes += 1
        if nodes > MOST_NODES:
            _stop(tree, line, column, f"more than {MOST_NODES} values", "split the work into several episodes")
        parent = stack[-1] if stack else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            _take_key(event, parent, tree, line, column)
            if isinstance(event, yaml.CollectionStartEvent):  # read past it
                stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], parent.path, lost=True))
            continue
        path = () if parent is None else (*parent.path, parent.key if parent.key is not None else len(parent.value))
        skipped = parent is not None and (parent.skip or parent.lost)
        if not skipped:
            tree.values[path] = (line, column)
        value = _value(event, tree, path, line, column)
        if isinstance(value, (dict, list)):
            stack.append(_Open(value, path, lost=skipped))
            if len(stack) > MOST_DEPTH:
                _stop(tree, line, column, f"nested more than {MOST_DEPTH} deep", "")
            if not skipped:
                tree.paths[id(value)] = path
        if parent is None:
            tree.root = value
        elif isinstance(parent.value, list):
            parent.value.append(value)
        else:
            if not skipped:
                parent.value[parent.key] = value
            parent.key, parent.skip = None, False


def _take_key(event: yaml.NodeEvent, parent: _Open, tree: Tree, line: int, column: int) -> None:
    if not isinstance(event, yaml.ScalarEvent):
        what = "an alias" if isinstance(event, yaml.AliasEvent) else "a list or mapping"
        tree.note(Fault(tree.file, line, column, dotted(parent.path), f"{what} as a key", "keys are words"))
        parent.key, parent.skip = "", True
        return
    key = event.value
    path = (*parent.path, key)
    parent.key = key
    if parent.lost:
        return
    if key == "<<":
        tree.note(Fault(tree.file, line, column, dotted(parent.path), "merge keys are not read", "write the keys out"))
        parent.skip = True
    elif key in parent.value:
        hint = f"the first is in line {tree.keys[path][0]}"
        tree.note(Fault(tree.file, line, column, dotted(path), f"a second {shown(key)}", hint))
        parent.skip = True
    else:
        tree.keys[path] = (line, column)


def _value(event: yaml.NodeEvent, tree: Tree, path: Path, line: int, column: int) -> object:
    where = dotted(path)
    if isinstance(event, yaml.AliasEvent):
        what = f"aliases (*{event.anchor}) are not read"
        tree.note(Fault(tree.file, line, column, where, what, "write the value out"))
        tree.refused.add((line, column))
        return None
    if event.tag not in (None, "!"):
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        tree.note(Fault(tree.file, line, column, where, f"tags ({shown(tag)}) are not read", "leave it out"))
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    if not event.implicit[0]:  # quoted, a block, or tagged
        return event.value
    value = _plain(event.value)
    if not isinstance(value, str):
        tree.texts[path] = event.value
    return value


def _plain(text: str) -> Scalar:
    """The value of a plain scalar by the core schema of YAML 1.2."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if len(text) > LONGEST_NUMBER:
        return text
    if PADDED.match(text):
        return text
    if INTEGER.match(text):
        return int(text)
    if FLOAT.match(text):
        return float(text)
    if INFINITE.match(text):
        return float("-inf" if text[0] == "-" else "inf")
    return text
