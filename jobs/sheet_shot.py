"""Shots of a call sheet: who is in them, what they say, how long they last."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from jobs.episode import Camera, Cue, Line, Move, Shot
from jobs.media import AUDIO, CURVES, MOCAP, BadMedia, Kind, MediaFolder, Pinned
from jobs.nearest import did_you_mean, shown
from jobs.presets import GAZES
from jobs.sheet_faults import Path
from jobs.sheet_schema import MOST_SECONDS, CameraPart, CuePart, Part, ScenePart, ShotPart
from jobs.sheet_yaml import Tree

TAIL = Fraction(1, 2)  # seconds after the longest line of a shot whose length is not given
FRAMED = {"two-shot": 2}  # roles that a framing shows; one where it is not named


def exact(seconds: float) -> Fraction:
    """The decimal fraction that was written, not the binary one nearest to it."""
    return Fraction(repr(seconds))


def frames_of(seconds: Fraction, fps: Fraction) -> int:
    """The nearest whole number of frames, halves upwards."""
    return math.floor(seconds * fps + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Resolving:
    """What the resolving of one sheet goes by."""

    tree: Tree
    folder: MediaFolder
    cast: frozenset[str] | None  # names of roles; None: the cast itself cannot be read
    fps: Fraction | None  # None: wrong, and noted
    episode: str

    def check_role(self, path: Path, role: str, *, at_key: bool = False) -> bool:
        """Whether ``role`` is in the cast; if not, it is noted."""
        if self.cast is None or role in self.cast:
            return True
        hint = did_you_mean(role, self.cast)
        self.tree.fault(path, f"unknown role {shown(role)}", hint or "add it to the cast", at_key=at_key)
        return False

    def lost_entries(self, part: Part, name: str) -> bool:
        """Whether entries of the list in field ``name`` could not be read at all."""
        first = (*part.path, name)
        kept = getattr(part, name) or ()
        return (*first, len(kept)) in self.tree.values

    def pin(self, part: Part, name: str, kind: Kind) -> Pinned | None:
        """The file that field ``name`` of ``part`` names; None when there is none or it is bad, which is noted."""
        value = getattr(part, name)
        if value is None:
            return None
        try:
            return self.folder.pin(value, kind)
        except BadMedia as error:
            self.tree.fault((*part.path, name), f"{error.name} {error.what}", error.hint)
            return None


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A recording in the shot."""

    path: Path  # in the sheet
    at: Fraction  # seconds from the start of the shot
    seconds: Fraction

    @property
    def end(self) -> Fraction:
        return self.at + self.seconds


def resolve_shot(part: ShotPart, scene: ScenePart, resolving: Resolving) -> Shot | None:
    """The shot. Faults are noted, and then what is returned does not count."""
    tree = resolving.tree
    if part.takes != 1 and part.takes is not None:
        tree.fault((*part.path, "takes"), f"{part.takes} takes are not supported yet", "leave it out, or write 1")
    present = _present(part, resolving)
    cues, lines = [], []
    first: dict[str, int] = {}
    for cue in part.cues or ():
        resolved, line = _cue(cue, present, resolving)
        cues.append(resolved)
        lines.append(line)
        if cue.role is not None and first.setdefault(cue.role, len(cues) - 1) != len(cues) - 1:
            before = lines[first[cue.role]]
            overlap = "" if line is None or before is None else _overlap(before, line)
            what = f"a second cue for {shown(cue.role)} in this shot{overlap}"
            tree.fault((*cue.path, "role"), what, "join them into one, or make another shot")
    camera = _camera(part.camera, present, resolving) if part.camera else None
    spoken = [line for line in lines if line is not None]
    frames = _frames(part, spoken, resolving)
    if tree.faults or frames is None:
        return None
    return Shot(
        id=f"{resolving.episode}/{scene.id}/{part.id}",
        first=0,
        last=frames - 1,
        camera=camera,
        cues=tuple(cues),
        look=part.look,
        seed=part.seed,
    )


def _present(part: ShotPart, resolving: Resolving) -> set[str] | None:
    """Roles that have a cue in the shot; None when some of its cues cannot be read, so that nobody is known to lack."""
    roles = {cue.role for cue in part.cues or ()}
    if "cues" in part.broken or None in roles or resolving.lost_entries(part, "cues"):
        return None
    return None if resolving.cast is not None and roles - resolving.cast else roles


def _overlap(before: _Spoken, line: _Spoken) -> str:
    both = min(before.end, line.end) - max(before.at, line.at)
    return f", and its line overlaps the first by {float(both):.2f} s" if both > 0 else ""


def _frames(part: ShotPart, lines: list[_Spoken], resolving: Resolving) -> int | None:
    """Length of the shot in frames: as given, or as its longest line needs."""
    tree, fps = resolving.tree, resolving.fps
    if part.seconds is not None and part.frames is not None:
        tree.fault((*part.path, "frames"), "seconds and frames are both given", "keep one")
        return None
    if part.broken.intersection(("seconds", "frames")) or fps is None:
        return None
    if part.frames is not None:
        frames = part.frames
    elif part.seconds is not None:
        frames = frames_of(exact(part.seconds), fps)
    elif lines:
        frames = frames_of(max(line.end for line in lines) + TAIL, fps)
    else:
        if part.cues and not any(cue.line or "line" in cue.broken for cue in part.cues):
            tree.fault(part.path, "nothing says how long the shot is", "give seconds, frames, or a line")
        return None
    length = frames / fps
    given = (*part.path, "frames" if part.frames is not None else "seconds" if part.seconds is not None else "cues")
    if frames == 0:
        tree.fault(given, f"is shorter than a frame at {fps} frames per second", "make it longer")
        return None
    if length > MOST_SECONDS:
        tree.fault(given, f"the shot lasts {float(length):.0f} s; {MOST_SECONDS:.0f} s is the most", "cut it in two")
    for line in lines:
        over = line.end - length
        if over > Fraction(1, 2) / fps:  # half a frame is the rounding of the shot itself
            what = (
                f"the line ends {float(over):.2f} s after the shot: it starts at {float(line.at):.2f} s and lasts "
                f"{float(line.seconds):.2f} s, the shot lasts {float(length):.2f} s"
            )
            if line.at >= length:
                what = f"the line starts at {float(line.at):.2f} s, when the shot of {float(length):.2f} s is over"
            tree.fault(line.path, what, f"the shot needs {float(line.end):.2f} s")
    return frames


def _cue(part: CuePart, present: set[str] | None, resolving: Resolving) -> tuple[Cue, _Spoken | None]:
    tree = resolving.tree
    if part.role is not None:
        resolving.check_role((*part.path, "role"), part.role)
    target = part.look_at
    if target is not None and target not in GAZES:
        path = (*part.path, "look_at")
        if target == part.role:
            tree.fault(path, "a role cannot look at itself", f"use another role or one of {', '.join(GAZES)}")
        elif resolving.cast is not None and target not in resolving.cast:
            hint = did_you_mean(target, (*resolving.cast, *GAZES))
            tree.fault(path, f"unknown target {shown(target)}", hint)
        elif present is not None and target not in present:
            tree.fault(path, f"{shown(target)} is not in this shot", f"add a cue: {{role: {target}}}")
    line = spoken = None
    if part.line is not None:
        pinned = resolving.pin(part.line, "audio", AUDIO)
        if pinned is not None:
            line = Line(
                audio=pinned.media,
                text=part.line.text or None,
                at=part.line.at or 0.0,
                seconds=float(pinned.facts.seconds),
            )
            if "at" not in part.line.broken:
                spoken = _Spoken(part.line.path, exact(line.at), pinned.facts.seconds)
    face = resolving.pin(part, "face", CURVES)
    mocap = resolving.pin(part, "mocap", MOCAP)
    cue = Cue(
        role=part.role,
        line=line,
        direction=part.direction or "",
        look_at=target,
        face=face.media if face else None,
        mocap=mocap.media if mocap else None,
    )
    return cue, spoken


def _camera(part: CameraPart, present: set[str] | None, resolving: Resolving) -> Camera:
    tree, path = resolving.tree, part.path
    on = tuple(part.on or ())
    raw = tree.values.get((*path, "on", 0))
    for index, role in enumerate(on):
        _check_seen((*path, "on", index) if raw else (*path, "on"), role, present, resolving)
    if part.over is not None:
        _check_seen((*path, "over"), part.over, present, resolving)
        if part.over in on:
            tree.fault((*path, "over"), f"{shown(part.over)} is also framed by 'on'", "over names the other one")
        if part.preset not in (None, "over-the-shoulder"):
            tree.fault((*path, "over"), f"a {part.preset} has no shoulder in front", "use preset: over-the-shoulder")
    elif part.preset == "over-the-shoulder" and "over" not in part.broken:
        tree.fault(path, "'over' is missing", "name the role whose shoulder is in front")
    if len(set(on)) < len(on):
        tree.fault((*path, "on", 1), f"{shown(on[1])} is named twice", "name two roles")
    elif part.preset is not None and on and len(on) != FRAMED.get(part.preset, 1):
        wanted = FRAMED.get(part.preset, 1)
        hint = "name two roles" if wanted == 2 else "name one role, or use preset: two-shot"
        tree.fault((*path, "on"), f"a {part.preset} frames {wanted}, not {len(on)}", hint)
    move = Move(dolly=part.move.dolly, orbit=part.move.orbit, pedestal=part.move.pedestal) if part.move else Move()
    return Camera(preset=part.preset, on=on, over=part.over, lens=part.lens or 50.0, move=move)


def _check_seen(path: Path, role: str, present: set[str] | None, resolving: Resolving) -> None:
    if resolving.check_role(path, role) and present is not None and role not in present:
        resolving.tree.fault(path, f"{shown(role)} is not in this shot", f"add a cue: {{role: {role}}}")
