"""From the parts of a call sheet to an episode: what needs the catalogue, the files, or more than one value."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from jobs.catalogue import Catalogue, UnknownPerformer
from jobs.episode import Episode, Mark, Plate, Project, Role, Scene
from jobs.media import IMAGE, SPLATS, VIDEO, MediaFolder
from jobs.nearest import did_you_mean, shown
from jobs.presets import GAZES, SETS
from jobs.sheet_faults import Path
from jobs.sheet_schema import MarkPart, PlatePart, ProjectPart, ScenePart, SheetPart
from jobs.sheet_shot import Resolving, resolve_shot
from jobs.sheet_yaml import Tree

FORMAT = 1  # of the call sheet
SMALLEST = (160, 90)  # pixels across and down: what the watermark needs
LARGEST = 8192  # pixels along a side
SLOWEST, FASTEST = 1, 120  # frames per second
ROLE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
RATE = re.compile(r"([0-9]{1,7})(?:/([0-9]{1,7})|\.[0-9]{1,6})?\Z")
NTSC = {  # what is commonly written for rates of a thousand and first
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "47.95": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
CLOSEST = 0.25  # metres between two marks
FARTHEST = timedelta(days=3660)  # from now to a deadline


def resolve(sheet: SheetPart, tree: Tree, folder: MediaFolder, catalogue: Catalogue, now: datetime) -> Episode | None:
    """The episode of ``sheet``; faults are noted in ``tree``, and what is returned counts only when there are none."""
    if sheet.greenroom not in (None, FORMAT):
        tree.fault(("greenroom",), f"format {sheet.greenroom} is not known", f"use greenroom: {FORMAT}")
    fps = _fps(sheet, tree)
    width, height = _resolution(sheet, tree)
    cast = _cast(sheet, tree, catalogue)
    known = None if "cast" in sheet.broken else frozenset(tree.root["cast"])
    resolving = Resolving(tree, folder, known, fps, sheet.episode or "")
    scenes = tuple(_scene(part, resolving) for part in sheet.scenes or ())
    _refuse_twins(tree, "scene", sheet.scenes or ())
    deadline = _deadline(sheet, tree, now)
    if tree.faults:
        return None
    return Episode(
        id=sheet.episode,
        title=sheet.title,
        fps=fps,
        width=width,
        height=height,
        project=_project(sheet.project),
        cast=cast,
        scenes=scenes,
        deadline=deadline,
    )


def _fps(sheet: SheetPart, tree: Tree) -> Fraction | None:
    if sheet.fps is None:
        return None
    text = sheet.fps if isinstance(sheet.fps, str) else repr(sheet.fps).removesuffix(".0")
    match = RATE.match(text)
    rate = NTSC.get(text)
    if rate is None and (match is None or (match[2] and not int(match[2]))):
        tree.fault(("fps",), f"{shown(text)} is not a frame rate", "write a number or a fraction like 24000/1001")
        return None
    rate = rate or Fraction(text)
    if not SLOWEST <= rate <= FASTEST:
        tree.fault(("fps",), f"{text} frames per second", f"use {SLOWEST} to {FASTEST}")
    elif rate.denominator > 1001:
        tree.fault(("fps",), f"{text} frames per second is no usual rate", "write a fraction like 24000/1001")
    else:
        return rate
    return None


def _resolution(sheet: SheetPart, tree: Tree) -> tuple[int, int]:
    for index, side in enumerate(sheet.resolution or ()):
        path = ("resolution", index)
        if not SMALLEST[index] <= side <= LARGEST:
            tree.fault(path, f"{side} pixels", f"use {SMALLEST[index]} to {LARGEST}")
        elif side % 2:
            tree.fault(path, f"{side} pixels is odd", f"H.264 needs even sizes: use {side - 1} or {side + 1}")
    return tuple(sheet.resolution) if sheet.resolution else (0, 0)


def _cast(sheet: SheetPart, tree: Tree, catalogue: Catalogue) -> dict[str, Role]:
    cast = {}
    for name, part in (sheet.cast or {}).items():
        path = ("cast", name)
        if not ROLE.match(name):
            tree.fault(path, f"{shown(name)} cannot name a role", "use a-z, 0-9, '-' and '_'", at_key=True)
        elif name in GAZES:
            tree.fault(path, f"{name!r} cannot name a role", "look_at has a meaning for it", at_key=True)
        if part is None or part.performer is None:
            continue
        try:
            cast[name] = Role(name=name, performer=catalogue.find(part.performer).ref)
        except UnknownPerformer as error:
            tree.fault((*path, "performer"), error.what, error.hint)
    return cast


def _project(part: ProjectPart) -> Project:
    once = [tuple(dict.fromkeys(words)) for words in (part.genres, part.territories, part.media)]
    return Project(id=part.id, genres=once[0], territories=once[1], media=once[2])


def _deadline(sheet: SheetPart, tree: Tree, now: datetime) -> datetime | None:
    """The deadline in UTC. One that has passed stands: the work is late, the sheet is not wrong."""
    if sheet.deadline is None:
        return None
    path, hint = ("deadline",), "write it like 2027-01-15T09:00:00Z"
    try:
        deadline = datetime.fromisoformat(sheet.deadline)
        if deadline.tzinfo is None:
            tree.fault(path, f"{shown(sheet.deadline)} has no time zone", hint)
            return None
        deadline = deadline.astimezone(UTC)
    except (ValueError, OverflowError):
        tree.fault(path, f"{shown(sheet.deadline)} is not a date and time", hint)
        return None
    if deadline - now > FARTHEST:
        tree.fault(path, f"{shown(sheet.deadline)} is more than ten years away", "is the year right?")
    return deadline


def _scene(part: ScenePart, resolving: Resolving) -> Scene | None:
    tree = resolving.tree
    marks = _marks(part, resolving)
    shots = tuple(resolve_shot(shot, part, resolving) for shot in part.shots or ())
    _refuse_twins(tree, "shot", part.shots or ())
    plate = _plate(part.plate, resolving) if part.plate else None
    if tree.faults:
        return None
    return Scene(
        id=part.id,
        plate=plate,
        light=part.light.preset,
        exposure=part.light.exposure,
        marks=marks,
        shots=shots,
    )


def _refuse_twins(tree: Tree, noun: str, parts: Iterable) -> None:
    seen: dict[str, Path] = {}
    for part in parts:
        if part.id is None:
            continue
        if part.id in seen:
            line = tree.values[(*seen[part.id], "id")][0]
            tree.fault((*part.path, "id"), f"a second {noun} {part.id!r}", f"the first is in line {line}")
        else:
            seen[part.id] = part.path


def _marks(part: ScenePart, resolving: Resolving) -> dict[str, Mark]:
    tree, marks = resolving.tree, {}
    placed = {role: tuple(mark.at) for role, mark in (part.marks or {}).items() if mark is not None and mark.at}
    for role, mark in (part.marks or {}).items():
        path = (*part.path, "marks", role)
        resolving.check_role(path, role, at_key=True)
        heading = 0.0 if mark is None else _heading(role, mark, placed, frozenset(part.marks), path, tree)
        if role in placed:
            x, z = placed[role]
            marks[role] = Mark(x=x, z=z, heading=heading)
    names = list(placed)
    for index, role in enumerate(names):
        for other in names[:index]:
            apart = math.dist(placed[role], placed[other])
            if apart < CLOSEST:
                what = f"{role!r} stands {apart:.2f} m from {other!r}"
                tree.fault((*part.path, "marks", role, "at"), what, f"keep {CLOSEST} m between them")
    return marks


def _heading(
    role: str, mark: MarkPart, placed: dict[str, tuple[float, float]], marked: frozenset[str], path: Path, tree: Tree
) -> float:
    """Degrees about +Y, 0 towards +Z, 90 towards +X; ``marked`` are the roles with a mark, however bad."""
    facing = mark.facing
    if facing is None:
        return 0.0
    if not isinstance(facing, str):
        if not -360 <= facing <= 360:
            tree.fault((*path, "facing"), f"{facing:g} degrees", "use -360 to 360")
        return float(facing)
    other = placed.get(facing)
    if facing == role or facing not in marked:
        what = "a role cannot face itself" if facing == role else f"{shown(facing)} has no mark in this scene"
        others = marked - {role}
        tree.fault((*path, "facing"), what, did_you_mean(facing, others) or "write degrees")
        return 0.0
    if role not in placed or other is None:
        return 0.0
    return math.degrees(math.atan2(other[0] - placed[role][0], other[1] - placed[role][1]))


def _plate(part: PlatePart, resolving: Resolving) -> Plate | None:
    tree = resolving.tree
    kinds = ("image", "video", "splats", "colour")
    given = [name for name in kinds if getattr(part, name) is not None]
    if len(given) != 1:
        if not part.broken:
            what = f"has {' and '.join(given)}" if given else "is empty"
            tree.fault(part.path, what, "give one of image, video, splats, colour")
        return None
    name = given[0]
    if name == "colour":
        return Plate(colour=_colour(part, tree))
    if name == "splats" and part.splats in SETS:
        return Plate(splats=part.splats)
    if name == "splats" and not part.splats.lower().endswith(SPLATS.suffixes):
        hint = did_you_mean(part.splats, SETS)
        tree.fault((*part.path, name), f"unknown set {shown(part.splats)}", hint + ", or name a .ply or .splat file")
        return None
    pinned = resolving.pin(part, name, {"image": IMAGE, "video": VIDEO, "splats": SPLATS}[name])
    return Plate(**{name: pinned.media}) if pinned else None


def _colour(part: PlatePart, tree: Tree) -> tuple[float, float, float] | None:
    """Display sRGB, 0..1."""
    value = part.colour
    if isinstance(value, str) and COLOUR.match(value):
        red, green, blue = (int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return red, green, blue
    if (
        isinstance(value, list)
        and len(value) == 3
        and all(isinstance(c, (int, float)) and not isinstance(c, bool) and 0 <= c <= 1 for c in value)
    ):
        red, green, blue = (float(c) for c in value)
        return red, green, blue
    tree.fault((*part.path, "colour"), "is not a colour", 'write "#3a4450" or three numbers from 0 to 1')
    return None
