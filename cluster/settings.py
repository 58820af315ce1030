"""Every setting of the farm, read once from the environment (GREENROOM_HOME, GREENROOM_HOSTS, ...)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.errors import BadInput

PREFIX = "GREENROOM_"


class BadSetting(BadInput):
    """An environment variable has a value that means nothing."""

    def __init__(self, variable: str, value: str, why: str) -> None:
        super().__init__(variable, value, why)

    def __str__(self) -> str:
        return "{}={}: {}; correct it or unset it to use the default (see cluster/README.md)".format(*self.args)


class Settings(BaseModel):
    """How this machine renders. 0 means: choose by what the machine has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("greenroom")),
        description="folder of the ledger, the store of finished takes, and the keys",
    )
    hosts: int = Field(0, ge=0, le=1024, description="host processes; 0: one per GPU, else one per group of cores")
    threads: int = Field(0, ge=0, le=1024, description="threads of one host; 0: the cores, shared out evenly")
    ram_budget: int = Field(
        0, ge=0, description="bytes one host may use for loaded performers; 0: an eighth of the memory, shared out"
    )
    address: str = Field("", description="Ray cluster to use, as RAY_ADDRESS; empty: one of our own on this machine")
    object_store: int = Field(
        100 << 20, ge=80 << 20, description="bytes of Ray's shared memory; only shot rows and tickets pass through it"
    )
    first_frame_seconds: float = Field(
        300.0,
        gt=0,
        description="silence after which a host counts as hung before the first frame (kernels compile)",
    )
    hang_seconds: float = Field(90.0, gt=0, description="silence after which a host counts as hung between frames")
    leash_seconds: float = Field(60.0, gt=1, description="a host ends itself after so long without its dispatcher")
    lease_seconds: float = Field(30.0, gt=1, description="a leader that is silent for so long may be replaced")
    start_seconds: float = Field(120.0, gt=0, description="how long Ray, and then a host, may take to start")

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def keys(self) -> Path:
        return self.home / "keys"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSetting for the first variable that means nothing."""
    values: dict[str, str] = {}
    for name in Settings.model_fields:
        text = environment.get(PREFIX + name.upper(), "").strip()
        if text:
            values[name] = text
    if "address" not in values and environment.get("RAY_ADDRESS", "").strip():
        values["address"] = environment["RAY_ADDRESS"].strip()
    if "home" in values:
        values["home"] = str(Path(values["home"]).expanduser().absolute())
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise BadSetting(PREFIX + name.upper(), values[name], first["msg"]) from error


def settings_table() -> str:
    """The README's table."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "the user's data folder" if name == "home" else str(field.default) or "-"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)
