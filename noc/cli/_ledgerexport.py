"""`noc ledger export`: the evidence of a period, so that anybody can recompute its figures."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from noc.app.check import check
from noc.app.evidence import Export, Wanted, policy_for, wanted_of, write_evidence
from noc.app.storebeside import store_settings
from noc.availability.policy import Period
from noc.availability.times import format_time, parse
from noc.cli._config import Config, default_config
from noc.cli._console import complain
from noc.cli._state import on_state
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.errors import InputError, UsageError
from noc.model.instants import to_ms

SOMETHING_WRONG: Final = 1
TELL_EVERY: Final = 1_000_000

Output = Annotated[Path, typer.Option("--output", "-o", help="The file; `-` for standard output.")]


def export(
    events: Annotated[bool, typer.Option("--events", help="Write results, in the form that a replay takes.")] = False,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Where the period begins.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="Where it ends.")] = "",
    output: Output = Path("-"),
    policy: Annotated[
        Path | None, typer.Option(help="Write the policy for the replay to this file.", show_default=False)
    ] = None,
    parts: Annotated[
        bool, typer.Option("--parts", help="Results of interfaces, peers and other parts of devices too.")
    ] = False,
    config: Config = None,
) -> None:
    """Write the evidence of a period: `noc availability replay` makes the same figures of it as the ledger.

    Results of a day before and after are in it too, and all of an outage that was under way: figures stand on them. It
    comes from the time series, as long as raw numbers are kept there (30 days, unless the settings say otherwise), up
    to the last seconds.

    Exit codes: 0 written, 1 written, and evidence doesn't reach back to the beginning of the period, 2 wrong use.
    """
    if not events:
        raise UsageError("say what is to be written: --events")
    period = _period(start, to)
    path = config or default_config()
    checked = check(path, os.environ)
    if checked.inventory is None:
        raise InputError(checked.findings)
    clock = SystemClock()
    now_ms = to_ms(clock.now())
    wanted = on_state(config, "ledger", lambda connection: wanted_of(connection, period, now_ms, parts=parts))
    with _opened(output) as stream:
        done = Export(stream, wanted, _Said())
        asyncio.run(write_evidence(store_settings(path, os.environ), checked.inventory, clock, wanted, done.take))
    written = done.done
    if policy is not None:
        _write_policy(config, policy, checked.inventory, wanted)
    target = "standard output" if str(output) == "-" else str(output)
    what = f"{counted(written.results, 'result')} of {counted(written.entities, 'entity', 'entities')}"
    complain(f"{what} written to {target}")
    if written.first is None or written.first > period.start:
        begins = "there is none" if written.first is None else f"it begins at {format_time(written.first)}"
        complain(f"evidence doesn't reach back to {format_time(period.start)}: {begins}")
        raise typer.Exit(SOMETHING_WRONG)


class _Said:
    """Says now and then how many results are written."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, results: int) -> None:
        if results // TELL_EVERY > self._said:
            self._said = results // TELL_EVERY
            complain(f"{results:,} results")


def _write_policy(config: Path | None, policy: Path, inventory: Inventory, wanted: Wanted) -> None:
    text = on_state(config, "ledger", lambda connection: policy_for(connection, inventory, wanted))
    try:
        policy.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{policy}: can't be written: {error.strerror}") from error


def _period(start: str, to: str) -> Period:
    times = []
    for option, text in (("--from", start), ("--to", to)):
        try:
            times.append(parse(text))
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from error
    if times[0] >= times[1]:
        raise UsageError(f"--to {to} must be later than --from {start}")
    return Period(*times)


@contextmanager
def _opened(output: Path) -> Iterator[TextIO]:
    """Write beside the file, and put it in place when it is whole."""
    if str(output) == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    beside = output.with_name(f"{output.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            yield stream
        beside.replace(output)
    except OSError as error:
        raise UsageError(f"{output}: can't be written: {error.strerror}") from error
