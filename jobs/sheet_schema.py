"""What may stand in a call sheet, as pydantic models; ``python -m jobs.sheet_schema`` prints its JSON schema.

The models check shape, types and ranges. What needs more than one value, a file or the catalogue is checked by
``jobs.sheet_resolve``. A part with faults is still handed on, without the fields that are wrong (``Part.broken``),
so that one reading finds everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from jobs.consent_terms import GENRES, MEDIA, TERRITORIES
from jobs.nearest import did_you_mean, shown
from jobs.presets import FRAMINGS, LIGHTS, LOOKS
from jobs.sheet_errors import note_errors, plain
from jobs.sheet_faults import Path
from jobs.sheet_yaml import Tree

MOST_SECONDS = 600.0  # of one shot
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Part(BaseModel):
    """A mapping of the sheet; a required field that is missing or wrong is None."""

    model_config = ConfigDict(extra="forbid", strict=True)
    later: ClassVar[dict[str, str]] = {}  # keys of the design that cannot be used yet -> what to do instead
    _path: Path = PrivateAttr(default=())
    _broken: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def path(self) -> Path:
        return self._path

    @property
    def broken(self) -> frozenset[str]:
        """Fields whose faults are noted already."""
        return self._broken

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_is_right(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        tree, done = info.context["tree"], info.context["done"]
        path = tree.paths.get(id(value))
        if path is None or not isinstance(value, dict):
            return handler(value)
        if path not in done:
            broken: frozenset[str] = frozenset()
            try:
                part = handler(value)
            except ValidationError as error:
                broken = note_errors(tree, path, error, cls)
                part = cls._partial(value, broken, info.context)
            part._path, part._broken = path, broken
            done[path] = part
        return done[path]

    @classmethod
    def _partial(cls, value: dict, broken: frozenset[str], context: dict) -> Any:
        found = {name: None for name, field in cls.model_fields.items() if field.is_required()}
        for name, raw in value.items():
            if name in cls.model_fields and name not in broken:
                found[name] = _reader(cls, name).validate_python(raw, context=context)
        return cls.model_construct(**found)


@cache
def _reader(part: type[Part], name: str) -> TypeAdapter:
    field = part.model_fields[name]
    kind = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(kind, config=None if isinstance(kind, type) and issubclass(kind, BaseModel) else STRICT)


STRICT = ConfigDict(strict=True)


def _only_mappings(container: type) -> WrapValidator:
    """Of a list or dict, the entries that are mappings; the others are noted."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        tree: Tree = info.context["tree"]
        path = tree.paths.get(id(value))
        if path is None or not isinstance(value, container):
            return handler(value)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        wrong = [key for key, item in items if not isinstance(item, dict)]
        for key in wrong:
            tree.fault((*path, key), f"must be a mapping (key: value), not {plain(value[key])}")
        if not wrong:
            return handler(value)
        if len(wrong) == len(value):
            return container()
        if isinstance(value, dict):
            return handler({key: item for key, item in value.items() if isinstance(item, dict)})
        return handler([item for item in value if isinstance(item, dict)])

    return WrapValidator(check)


T = TypeVar("T")
Parts = Annotated[list[T], Field(min_length=1), _only_mappings(list)]
Named = Annotated[dict[str, T], _only_mappings(dict)]


def wrong(what: str, hint: str = "") -> PydanticCustomError:
    """A fault in our own words."""
    return PydanticCustomError("wrong", "{what}", {"what": what, "hint": hint})


def word(kind: str, words: Sequence[str]) -> Any:
    """A type for one of ``words``."""

    def known(value: str) -> str:
        if value not in words:
            raise wrong(f"unknown {kind} {shown(value)}", did_you_mean(value, words))
        return value

    return Annotated[str, AfterValidator(known), WithJsonSchema({"enum": list(words)})]


def _printable(value: str) -> str:
    found = CONTROL.search(value)
    if found:
        raise wrong(f"holds the control character U+{ord(found[0]):04X}", "take it out")
    return value


def _wordy(value: str) -> str:
    if not value.strip():
        raise wrong("is empty")
    if "\n" in value or "\t" in value:
        raise wrong("holds a line break or a tab", "write it on one line")
    return _printable(value)


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _number_or(what: str) -> Any:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise wrong(f"must be {what}, not {plain(value)}")
        if isinstance(value, (int, float)) and not -1e9 < value < 1e9:
            raise wrong(f"must be {what}, not {value}")
        return value

    return BeforeValidator(check)


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Title = Annotated[str, Field(max_length=200), AfterValidator(_wordy)]
Text = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
Name = Annotated[str, Field(max_length=1000), AfterValidator(_wordy)]  # of a file, relative to the call sheet
Number = Annotated[float, Field(allow_inf_nan=False)]


class LinePart(Part):
    """Words spoken."""

    audio: Name = Field(examples=["audio/ada_0010.wav"])
    text: Text | None = None
    at: Annotated[Number, Field(ge=0, le=MOST_SECONDS)] = 0.0  # seconds from the start of the shot


class CuePart(Part):
    """What one role does in one shot."""

    role: Name = Field(examples=["ada"])
    line: LinePart | None = None
    direction: Text = ""
    look_at: Name | None = None
    face: Name | None = None
    mocap: Name | None = None


class MovePart(Part):
    """How far the camera travels over the shot."""

    dolly: Annotated[Number, Field(ge=-10, le=10)] = 0.0  # metres
    orbit: Annotated[Number, Field(ge=-360, le=360)] = 0.0  # degrees
    pedestal: Annotated[Number, Field(ge=-5, le=5)] = 0.0  # metres


class CameraPart(Part):
    """A framing, whom it frames, and its move."""

    preset: word("framing", FRAMINGS) = Field(examples=["close-up"])
    on: Annotated[
        list[Name],
        Field(min_length=1, max_length=2),
        BeforeValidator(_one_or_more),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = Field(examples=["ada"])
    over: Name | None = None
    lens: Annotated[Number, Field(ge=10, le=300)] = 50.0  # mm
    move: MovePart = Field(default_factory=MovePart.model_construct)


class ShotPart(Part):
    """One uninterrupted view."""

    id: Id = Field(examples=['"0010"'])
    camera: CameraPart = Field(examples=["{preset: close-up, on: ada}"])
    cues: Parts[CuePart] = Field(examples=["[{role: ada}]"])
    seconds: Annotated[Number, Field(gt=0, le=MOST_SECONDS)] | None = None
    frames: Annotated[int, Field(ge=1, le=int(MOST_SECONDS * 120))] | None = None
    look: word("look", LOOKS) = "splat"
    takes: int = 1
    seed: Annotated[int, Field(ge=0, lt=1 << 31)] = 0


class PlatePart(Part):
    """What is behind the performers; one of the four."""

    image: Name | None = None
    video: Name | None = None
    splats: Name | None = None  # a set that ships with Greenroom, or a file
    colour: Any = None  # "#rrggbb", or three numbers 0..1


class LightPart(Part):
    """Which lamps, and how bright."""

    later = {"hdri": "use preset", "sun": "use preset"}
    preset: word("light", LIGHTS) = Field(examples=["window-left"])
    exposure: Annotated[Number, Field(ge=-8, le=8)] = 0.0  # stops


class MarkPart(Part):
    """Where a role stands."""

    at: Annotated[list[Annotated[Number, Field(ge=-50, le=50)]], Field(min_length=2, max_length=2)] = Field(
        examples=["[-0.4, 0.0]"]
    )  # metres: x, z
    facing: Annotated[float | str, _number_or("degrees or the name of a role")] = 0.0


class ScenePart(Part):
    """One place, one light, some shots."""

    id: Id = Field(examples=["s010"])
    plate: PlatePart = Field(examples=["{image: plates/loft.png}"])
    light: LightPart = Field(examples=["{preset: window-left}"])
    marks: Named[MarkPart] = Field(default_factory=dict)
    shots: Parts[ShotPart]


class RolePart(Part):
    """Who plays a role."""

    later = {"age": "leave it out, or cast a performer of that age"}
    performer: Name = Field(examples=["house/ada"])


class ProjectPart(Part):
    """Whom the work is for and where it will be seen."""

    id: Id = Field(examples=["gr-s01"])
    genres: Annotated[list[word("genre", GENRES)], Field(min_length=1)] = Field(examples=["[drama]"])
    territories: Annotated[list[word("territory", TERRITORIES)], Field(min_length=1)] = Field(examples=["[worldwide]"])
    media: Annotated[list[word("medium", MEDIA)], Field(min_length=1)] = Field(examples=["[streaming]"])


class SheetPart(Part):
    """A whole call sheet."""

    greenroom: int = Field(examples=[1])  # version of this format
    episode: Id = Field(examples=["s01e01"])
    title: Title = Field(examples=["The Green Room"])
    fps: Annotated[float | str, _number_or("a number or a fraction like 24000/1001")] = Field(examples=[24])
    resolution: Annotated[list[int], Field(min_length=2, max_length=2)] = Field(examples=["[1280, 720]"])
    project: ProjectPart
    deadline: Text | None = None  # ISO 8601 with a time zone
    cast: Annotated[dict[str, RolePart], Field(min_length=1), _only_mappings(dict)] = Field(
        examples=["{ada: {performer: house/ada}}"]
    )
    scenes: Parts[ScenePart]


def read_parts(tree: Tree) -> SheetPart | None:
    """The sheet in ``tree``, its faults noted there; None when it is not a mapping at all."""
    if not isinstance(tree.root, dict):
        tree.fault((), f"must be a mapping (key: value), not {plain(tree.root)}", "start with greenroom: 1")
        return None
    return SheetPart.model_validate(tree.root, context={"tree": tree, "done": {}})


if __name__ == "__main__":
    print(json.dumps(SheetPart.model_json_schema(), indent=2))
