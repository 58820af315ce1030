"""``greenroom``: every command, as thin as it can be; what a command does is in the module it calls."""

from __future__ import annotations

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.errors import FarmError

if TYPE_CHECKING:
    from rich.console import Console

    from cluster.production import Production
    from jobs.episode import Episode

app = typer.Typer(
    name="greenroom",
    help="A render farm for AI actors: whole episodes in, finished and signed video of digital performers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help answers in half the time
)
performer_app = typer.Typer(help="Who can be cast.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(performer_app, name="performer")

Sheets = Annotated[list[Path], typer.Argument(metavar="SHEET...", help="Call sheets (YAML).", show_default=False)]
Sheet = Annotated[Path, typer.Argument(metavar="SHEET", help="A call sheet (YAML).", show_default=False)]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the master and what belongs to it.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


@app.command()
def demo(out: Out = Path("out/pilot"), as_json: Json = False) -> None:
    """Render the packaged pilot episode."""
    _render(_pilot(), out, as_json)


@app.command()
def render(sheet: Sheet, out: Out, as_json: Json = False) -> None:
    """Render an episode here, with progress, and wait for it. Repeat the command to go on after anything."""
    _render(sheet, out, as_json)


@app.command()
def check(sheets: Sheets, as_json: Json = False) -> None:
    """Find every fault of call sheets; nothing is rendered."""
    from serve.check import check_sheets, print_checked

    checked = check_sheets(sheets, _production(), datetime.now(UTC))
    if as_json:
        _say([answer.plain() for answer in checked])
    else:
        print_checked(checked, _console(), _console(stderr=True))
    raise typer.Exit(max((answer.exit_code for answer in checked), default=0))


@app.command()
def plan(
    sheets: Sheets,
    hosts: Annotated[int, typer.Option("--gpus", min=0, help="Hosts to plan for; 0: those of this machine.")] = 0,
    as_json: Json = False,
) -> None:
    """Say what a render would do: shots, what is in the store, cost, finish time. Nothing is rendered."""
    from serve.plan import plan_sheets, print_plan

    production = _production()
    planned = plan_sheets([(sheet, _episode(sheet, production)) for sheet in sheets], production, hosts)
    if as_json:
        _say([plan.plain() for plan in planned])
    else:
        for plan in planned:
            print_plan(plan, _console())


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A master or a shot.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a file's provenance, its watermark, and whether the ledger knows it byte for byte."""
    from serve.verified import plain, print_verified, verified

    found = verified(file, _production())
    if as_json:
        _say(plain(found))
    else:
        print_verified(found, _console())
    raise typer.Exit(0 if found.genuine else 1)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine can and cannot do, and how to mend it."""
    from dataclasses import asdict

    from cluster.settings import read_settings
    from jobs.catalogue import house_folder
    from serve.doctor import examine, print_findings

    findings = examine(read_settings().home, house_folder())
    if as_json:
        _say([asdict(finding) for finding in findings])
    else:
        print_findings(findings, _console())
    raise typer.Exit(1 if any(finding.state == "missing" for finding in findings) else 0)


@performer_app.command("list")
def performer_list(as_json: Json = False) -> None:
    """List the performers of this installation."""
    from serve.performers import performers, print_performers

    found = performers(_production(), datetime.now(UTC))
    if as_json:
        _say([one.plain() for one in found])
    else:
        print_performers(found, _console())


@performer_app.command("show")
def performer_show(
    who: Annotated[str, typer.Argument(metavar="PERFORMER", help="house/ada or house/ada@1", show_default=False)],
    as_json: Json = False,
) -> None:
    """Show one performer: package, traits, and what may be done with them."""
    from serve.performers import performer, print_performer

    found = performer(who, _production(), datetime.now(UTC))
    if as_json:
        _say(found.plain())
    else:
        print_performer(found, _console())


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"greenroom {installed('greenroom')}")
        raise typer.Exit


def _render(sheet: Path, out: Path, as_json: bool) -> None:
    from cluster.produce import produce
    from serve.progress import print_delivery, shown

    production = _production()
    episode = _episode(sheet, production)
    console = _console(stderr=as_json)
    with shown(console, float(episode.fps)) as tell:
        delivery = produce(episode, out, production, tell)
    if as_json:
        _say(json.loads((out / "report.json").read_text()))
    else:
        print_delivery(delivery, console)


def _pilot() -> Path:
    import jobs

    return Path(jobs.__file__).parent / "pilot" / "pilot.yaml"


def _production() -> Production:
    from cluster.production import Production
    from cluster.settings import read_settings

    return Production.here(read_settings())


def _episode(sheet: Path, production: Production) -> Episode:
    """The sheet's episode, readable and allowed. Raises SheetFaults, NotConsented."""
    from jobs import rights
    from jobs.call_sheet import read_call_sheet

    now = datetime.now(UTC)
    episode = read_call_sheet(sheet, production.catalogue, now=now)
    rights.check(episode, production.catalogue, production.trust, now)
    return episode


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def _say(answer: Any) -> None:
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def main() -> None:
    """The entry point: errors that a person can mend become their text and their exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops as cleanly as Ctrl-C
    try:
        sys.exit(app(standalone_mode=False) or 0)  # what a command exits with comes back as a value
    except FarmError as error:
        located = hasattr(error, "faults")  # a call sheet's: each line says where, as compilers do
        typer.echo(str(error) if located else f"greenroom: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("greenroom: stopped; repeat the command to go on", err=True)
        sys.exit(130)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "show"):  # click's: a wrong option or argument
            error.show()
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
