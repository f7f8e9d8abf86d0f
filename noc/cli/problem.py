"""`noc problem`: what several incidents have in common; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from alerts import problemdesk
from alerts.documents import incident_document, problem_document, repeat_document
from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._incident import show_incidents
from noc.cli._state import Json, on_state, time_text
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.incident import Incident
from noc.model.instants import to_ms
from noc.state import problems
from noc.state.database import Transaction
from noc.state.problems import PROBLEM_STATES, Problem, ProblemState, Repeat

app = typer.Typer(
    no_args_is_help=True, help="List, open, change problem records; show what came again.", rich_markup_mode=None
)

_Result = TypeVar("_Result")

Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The problem record.", show_default=False)]
Numbers = Annotated[list[int], typer.Argument(metavar="INCIDENT...", help="Incidents.", show_default=False)]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]


@app.command("list")
def list_problems(
    config: Config = None,
    state: Annotated[
        str | None, typer.Option(help=f"Only these: {', '.join(PROBLEM_STATES)}.", show_default=False)
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List problem records, the newest first.

    `--json`: a list of {id, title, state, cause, workaround, opened, opened_by, changed, closed, incidents}.
    """
    wanted = PROBLEM_STATES if state is None else (_state(state),)
    found = _on(config, lambda connection: problems.page(connection, states=wanted, limit=last))
    if as_json:
        print_json([problem_document(one, time_text, count) for one, count in found])
    elif not found:
        complain("there are no such problem records")
    else:
        heads = [Column("id", right=True), Column("state"), Column("problem", shrinks_to=20)]
        heads += [Column("incidents", right=True), Column("changed")]
        rows = [
            (str(one.id), one.state.replace("_", " "), one.title, str(count), time_text(one.changed_ms))
            for one, count in found
        ]
        _print(heads, rows)


@app.command()
def suggest(config: Config = None, as_json: Json = False) -> None:
    """Show what came three times or more within 30 days, and has no problem record.

    `--json`: a list of {entity, rule, count, first, last, newest}.
    """
    since_ms = _now_ms() - problemdesk.REPEATS_WITHIN_MS
    found: list[Repeat] = _on(
        config, lambda connection: problems.repeats(connection, since_ms, problemdesk.REPEATS_AT_LEAST)
    )
    if as_json:
        print_json([repeat_document(one, time_text) for one in found])
    elif not found:
        complain("nothing came again so often")
    else:
        heads = [Column("times", right=True), Column("entity", shrinks_to=20), Column("rule", shrinks_to=12)]
        heads += [Column("last"), Column("newest", right=True)]
        _print(heads, [(str(r.count), r.entity, r.rule, time_text(r.last_ms), str(r.newest)) for r in found])


@app.command()
def show(problem: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one problem record with its incidents.

    `--json`: as in `list`, with `of`, a list of incidents as `noc incident list --json` has them.

    Exit codes: 0 shown · 2 there is no such record.
    """

    async def read(connection: Transaction) -> tuple[Problem, list[Incident]]:
        return await problemdesk.known(connection, problem), await problems.incidents_of(connection, problem)

    (found, of), now_ms = _on(config, read), _now_ms()
    if as_json:
        listed = [incident_document(one, time_text, now_ms) for one in of]
        print_json({**problem_document(found, time_text, len(of)), "of": listed})
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name, value in problem_document(found, time_text, len(of)).items():
        if value not in (None, ""):
            console.print(f"{name.replace('_', ' '):<12}{printable(str(value))}")
    if of:
        console.print()
        show_incidents(of, now_ms)


@app.command("open")
def begin(
    title: Annotated[str, typer.Argument(help="What comes again, in a few words.", show_default=False)],
    incidents: Numbers,
    config: Config = None,
    by: By = None,
    alike: Annotated[
        bool, typer.Option(help="Take all of the last 30 days of the same rules and entities, too.")
    ] = True,
) -> None:
    """Open a problem record of some incidents.

    Exit codes: 0 done · 2 there is no such incident, or one belongs to another record.
    """
    if not title.strip():
        raise UsageError("the title is empty")
    made = _on(
        config,
        lambda connection: problemdesk.begin(connection, _now_ms(), _who(by), title, incidents, alike=alike),
        writes=True,
    )
    complain(f"problem {made.id} is open")


@app.command()
def change(
    problem: Number,
    config: Config = None,
    title: Annotated[str | None, typer.Option(help="What comes again.", show_default=False)] = None,
    state: Annotated[str | None, typer.Option(help=f"One of {', '.join(PROBLEM_STATES)}.", show_default=False)] = None,
    cause: Annotated[str | None, typer.Option(help="Why it comes again.", show_default=False)] = None,
    workaround: Annotated[str | None, typer.Option(help="What helps until then.", show_default=False)] = None,
) -> None:
    """Change what a problem record says.

    Exit codes: 0 done · 2 there is no such record, or nothing is to be changed.
    """
    if title is None and state is None and cause is None and workaround is None:
        raise UsageError("say what changes: --title, --state, --cause, --workaround")
    wanted = None if state is None else _state(state)

    async def write(connection: Transaction) -> Problem:
        return await problemdesk.change(
            connection, problem, _now_ms(), title=title, state=wanted, cause=cause, workaround=workaround
        )

    complain(f"problem {problem} is {_on(config, write, writes=True).state.replace('_', ' ')}")


@app.command()
def join(problem: Number, incidents: Numbers, config: Config = None, by: By = None) -> None:
    """Let incidents belong to a problem record.

    Exit codes: 0 done · 2 there is no such record or incident, or one belongs to another record.
    """
    _on(
        config,
        lambda connection: problemdesk.join(connection, problem, _now_ms(), _who(by), incidents),
        writes=True,
    )
    complain(f"they belong to problem {problem}")


@app.command()
def leave(
    problem: Number,
    incident: Annotated[int, typer.Argument(metavar="INCIDENT", help="The incident.", show_default=False)],
    config: Config = None,
    by: By = None,
) -> None:
    """Let an incident belong to a problem record no more.

    Exit codes: 0 done · 2 it does not belong to it.
    """
    _on(
        config,
        lambda connection: problemdesk.leave(connection, problem, _now_ms(), _who(by), incident),
        writes=True,
    )
    complain(f"incident {incident} belongs to problem {problem} no more")


def _on(config: Path | None, do: Callable[[Transaction], Awaitable[_Result]], *, writes: bool = False) -> _Result:
    try:
        return on_state(config, "state", do, writes=writes)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error


def _state(word: str) -> ProblemState:
    for known in PROBLEM_STATES:
        if known == word:
            return known
    raise UsageError(f"--state: '{word}' is not one of {', '.join(PROBLEM_STATES)}")


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())


def _print(columns: list[Column], rows: Sequence[Sequence[str]]) -> None:
    print_rows(columns, [[Text(printable(cell)) for cell in row] for row in rows])
