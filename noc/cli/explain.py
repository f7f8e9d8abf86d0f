"""`noc explain`: what a figure of availability stands on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.app.explaining import Explanation, explain
from noc.app.figures import time_of
from noc.app.reports import kept
from noc.availability.periods import FORMS
from noc.availability.policy import Period
from noc.cli._config import Config, default_config
from noc.cli._console import print_json
from noc.cli._explained import document, tell
from noc.cli._figure import Figure, figure_of, period_of
from noc.cli._state import Json, on_state
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError, UsageError
from noc.model.instants import to_ms
from noc.settings.schema import known_zone
from noc.state.database import Transaction


def command(
    figure: Annotated[
        str,
        typer.Argument(
            help="Whose: network, region/africa, site/nairobi, device/…, interface/…; or an address of the API or of "
            "the availability page.",
            show_default=False,
        ),
    ],
    period: Annotated[
        str | None, typer.Option(help=f"{FORMS}. Default: the running month.", show_default=False)
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Beginning, instead of --period.", show_default=False)
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="End, with --from.", show_default=False)] = None,
    zone: Annotated[str, typer.Option(help="IANA time zone, where months begin at midnight.")] = "UTC",
    known: Annotated[
        int | None,
        typer.Option(min=1, help="As known at this record of the ledger. Default: the last.", show_default=False),
    ] = None,
    report: Annotated[
        int | None,
        typer.Option(min=1, metavar="ID", help="As this report says it: its period, its record.", show_default=False),
    ] = None,
    most: Annotated[int, typer.Option("--last", min=1, max=100_000, help="Rows of each table, at most.")] = 40,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Explain a figure of availability: its sum, the intervals that it adds up, and the evidence they stand on.

    Evidence are records of the ledger: which poller saw what, from where, the probe results around the change, and the
    rule that decided; corrections, windows and what came late stand beside it. `noc ledger verify` proves that nobody
    changed them.

    Exit codes: 0 done · 2 there is no such figure, period, record or report.
    """
    asked = figure_of(figure)
    inventory = _inventory(config)

    async def read(connection: Transaction) -> Explanation:
        whole, until_ms, record = await _asked(connection, asked, period, start, end, zone, known, report)
        return await explain(connection, inventory, asked.entity, whole, until_ms, record)

    found = on_state(config, "ledger", read)
    if as_json:
        print_json(document(found))
    else:
        tell(found, inventory, most)


async def _asked(
    connection: Transaction,
    asked: Figure,
    period: str | None,
    start: str | None,
    end: str | None,
    zone: str,
    known: int | None,
    report: int | None,
) -> tuple[Period, int, int | None]:
    """Return the period, until when evidence was gathered, and the number of the last record. Raises UsageError."""
    now = SystemClock().now()
    if report is not None:
        if period is not None or start is not None or end is not None or known is not None:
            raise UsageError("a report has its period and its record; leave out --period, --from, --to and --known")
        head = (await kept(connection, report))[1].head
        so_far = Period(head.start_ms, head.until_ms)
        until_ms = max(head.until_ms, head.known_at.time_ms) if head.looked_until_ms is None else head.looked_until_ms
        return so_far, until_ms, head.known_at.record or None
    given = (period, start, end) if any((period, start, end)) else (asked.period, asked.start, asked.end)
    if not known_zone(zone):
        raise UsageError(f"--zone {zone!r} is no IANA time zone, such as Africa/Nairobi")
    record = known or asked.known
    return period_of(*given, zone, now), await time_of(connection, record, to_ms(now)), record


def _inventory(config: Path | None) -> Inventory:
    checked = check(config or default_config(), os.environ)
    if checked.inventory is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    return checked.inventory
