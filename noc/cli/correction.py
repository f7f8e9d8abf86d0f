"""`noc correction`: why something was down, said later; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.app.figures import statement_from
from noc.availability.policy import Period
from noc.cli import _correction as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.maintenance.draft import DraftError, moment_of
from noc.model.correction import CorrectionState, CorrectionStep, Proposed
from noc.model.errors import InputError, UsageError
from noc.model.instants import length_ms, to_ms
from noc.pipeline.corrections import (
    CAUSES,
    STATES,
    Draft,
    cause_of,
    check_draft,
    correction_document,
    steps_document,
)
from noc.settings.schema import parse_duration
from noc.state import corrections
from noc.state.database import Transaction
from noc.state.looked import looked_until

app = typer.Typer(
    no_args_is_help=True,
    help="Say later why something was down: propose causes, approve them.",
    rich_markup_mode=None,
)

Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The correction.", show_default=False)]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
Why = Annotated[str, typer.Option("--why", help="The reason, for the ledger.", show_default=False)]
From = Annotated[
    str, typer.Option("--from", help="When it began: 2026-11-20T22:00 in --zone, or with Z.", show_default=False)
]
To = Annotated[str | None, typer.Option("--to", help="When it ended, in the same form.", show_default=False)]
For = Annotated[str | None, typer.Option("--for", help="How long it was, instead of --to: 2h.", show_default=False)]
Zone = Annotated[str, typer.Option(help="IANA time zone of times without one.")]


@app.command()
def propose(
    entity: Annotated[
        str, typer.Argument(help="What was down: site/nairobi, device/…, circuit/….", show_default=False)
    ],
    begin: From,
    cause: Annotated[str, typer.Option("--cause", help=f"One of {', '.join(CAUSES)}.", show_default=False)],
    why: Annotated[str, typer.Option("--why", help="How you know.", show_default=False)],
    end: To = None,
    long: For = None,
    evidence: Annotated[
        list[str] | None,
        typer.Option(help="What can be looked up: a ticket, an incident, a carrier's message.", show_default=False),
    ] = None,
    zone: Zone = "UTC",
    by: By = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Propose why something, and all below it, was down. Somebody else approves it: until then it counts for nothing.

    The measured figure stays as it is in any case. `planned` and `false_reading` change the adjusted figure beside it.
    `--json`: as `show` prints it.

    Exit codes: 0 proposed · 2 it can't be a correction.
    """
    inventory, now_ms = _inventory(config), _now_ms()
    start_ms, end_ms = _times(begin, end, long, zone)
    draft = Draft(entity, start_ms, end_ms, cause_of(cause), _who(by), why, tuple(evidence or ()))
    check_draft(draft, inventory, now_ms)

    down_s = on_state(
        config, "ledger", lambda connection: _down_s(connection, inventory, entity, start_ms, end_ms, now_ms)
    )
    made = _propose(config, draft, now_ms)
    if as_json:
        print_json({**correction_document(made, time_text), "down_s": down_s})
        return
    complain(page.down_sentence(made, down_s))
    complain(f"correction {made.number} is proposed; somebody else approves it: noc correction approve {made.number}")


@app.command()
def approve(number: Number, by: By = None, why: Why = "", config: Config = None) -> None:
    """Approve a correction that somebody else proposed. Figures show it from now on, those as known before don't.

    Exit codes: 0 done · 2 there is no such correction, it isn't waiting, or you proposed it yourself.
    """
    _decide(config, number, "approved", by, why)


@app.command()
def reject(number: Number, by: By = None, why: Why = "", config: Config = None) -> None:
    """Reject a correction that somebody else proposed.

    Exit codes: 0 done · 2 there is no such correction, it isn't waiting, or you proposed it yourself.
    """
    _decide(config, number, "rejected", by, why)


@app.command()
def withdraw(number: Number, by: By = None, why: Why = "", config: Config = None) -> None:
    """Take back a correction that you proposed, while nobody has decided about it.

    Exit codes: 0 done · 2 there is no such correction, it isn't waiting, or somebody else proposed it.
    """
    _decide(config, number, "withdrawn", by, why)


@app.command("list")
def list_corrections(
    config: Config = None,
    state: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join(STATES)}.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only of this one, such as site/nairobi.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List corrections, the newest first.

    `--json`: a list of {id, entity, state, from, to, cause, why, evidence, proposed, proposed_by, decided, decided_by,
    decided_why, record}; record: the number of the ledger's record that said so last.
    """
    wanted = _states(state or ())
    found = on_state(
        config, "ledger", lambda connection: corrections.page(connection, states=wanted, entity=entity, limit=last)
    )
    if as_json:
        print_json([correction_document(one, time_text) for one in found])
    elif found:
        page.print_list(found)
    else:
        complain("there are no such corrections")


@app.command()
def show(number: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one correction: what it says, who decided what, and how long its entity was down in its time.

    `--json`: as in `list`, with `steps`, a list of {record, at, step, who, why}, and `down_s`.

    Exit codes: 0 shown · 2 there is no such correction.
    """
    inventory, now_ms = _inventory(config), _now_ms()

    async def read(connection: Transaction) -> page.Case:
        found = await corrections.get(connection, number)
        if found is None:
            raise UsageError(f"there is no correction {number}")
        down_s = await _down_s(connection, inventory, found.entity, found.start_ms, found.end_ms, now_ms)
        return page.Case(found, await corrections.steps(connection, number), down_s)

    case = on_state(config, "ledger", read)
    if as_json:
        steps = steps_document(case.steps, time_text)
        print_json({**correction_document(case.found, time_text), "steps": steps, "down_s": case.down_s})
        return
    page.print_one(case)


def _propose(config: Path | None, draft: Draft, now_ms: int) -> Proposed:
    async def write(connection: Transaction) -> Proposed:
        return await corrections.propose(
            connection,
            draft.entity,
            draft.start_ms,
            draft.end_ms,
            draft.cause,
            who=draft.who,
            why=draft.why,
            evidence=draft.evidence,
            now_ms=now_ms,
        )

    return on_state(config, "ledger", write, writes=True)


def _decide(config: Path | None, number: int, step: CorrectionStep, by: str | None, why: str) -> None:
    who, now_ms = _who(by), _now_ms()
    on_state(
        config,
        "ledger",
        lambda connection: corrections.decide(connection, number, step, who=who, why=why, now_ms=now_ms),
        writes=True,
    )
    complain(f"correction {number} is {step}")


async def _down_s(
    connection: Transaction, inventory: Inventory, entity: str, start_ms: int, end_ms: int, now_ms: int
) -> float | None:
    """Return how long an entity was down or unreachable in a time, in seconds; None where no figures are made of it."""
    until_ms = await looked_until(connection, now_ms)
    made = (await statement_from(connection, inventory, Period(start_ms, end_ms), until_ms)).measured
    if entity in made.regions:
        return float(made.regions[entity].failed) / 1000
    answer = made.entities.get(entity)
    return None if answer is None else float(answer.figures.durations.failed) / 1000


def _inventory(config: Path | None) -> Inventory:
    checked = check(config or default_config(), os.environ)
    if checked.inventory is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    return checked.inventory


def _times(begin: str, end: str | None, long: str | None, zone: str) -> tuple[int, int]:
    start_ms = moment_of("--from", begin, zone)
    if (end is None) == (long is None):
        raise UsageError("say when it ended: by --to, or by --for")
    if end is not None:
        return start_ms, moment_of("--to", end, zone)
    try:
        return start_ms, start_ms + length_ms(parse_duration(long))
    except ValueError as error:
        raise DraftError("--for", f"--for: {error}") from error


def _states(written: Sequence[str]) -> list[CorrectionState]:
    wrong = next((one for one in written if one not in STATES), None)
    if wrong is not None:
        raise UsageError(f"--state: '{wrong}' is not one of {', '.join(STATES)}")
    return [state for state in STATES if state in written]


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())
