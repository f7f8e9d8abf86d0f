"""`noc rehearse`: who would be called, when, and for what."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.availability.times import format_time
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._progress import ProgressLines, Told
from noc.cli._state import on_state
from noc.clock import SystemClock
from noc.i18n.language import LOCALES, Language, language
from noc.model.account import Account
from noc.model.errors import UsageError
from noc.model.finding import Finding
from noc.model.instants import length_ms, to_ms
from noc.rehearsal.answer import Outcome, answer_document, planned
from noc.rehearsal.expected import differences
from noc.rehearsal.lines import Called, headline, line_documents, summary, time_line, written
from noc.rehearsal.record import record_document
from noc.rehearsal.run import Script, rehearse, script_of
from noc.settings.schema import parse_duration
from noc.settings.yamltext import parse, read
from noc.state import accounts
from noc.state.database import Transaction
from noc.state.past import NO_PLANS, Plans, plans
from noc.web.callednames import CalledNames


def command(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="What happens when; - reads stdin.")],
    config: Config = None,
    until: Annotated[
        str, typer.Option(metavar="DURATION", help="Stop so long after the start, such as 90m.", show_default=False)
    ] = "",
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the record of an exercise, as JSON, to a new file.", show_default=False
        ),
    ] = None,
    signed_off_by: Annotated[
        str, typer.Option(metavar="NAME", help="Who signs the record off.", show_default=False)
    ] = "",
    with_state: Annotated[
        bool,
        typer.Option("--with-state", help="Know the windows, overrides and hand-overs of the daemon; they are read."),
    ] = False,
    lang: Annotated[str, typer.Option(help=f"Language of the time line: {', '.join(LOCALES)}.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer alone, without words for people.")] = False,
    progress: Told = False,
) -> None:
    """Rehearse: who would be called, when, and for what, if this happened.

    Runs the real configuration (topology, rules, correlation, schedules, escalation) against made-up events in virtual
    time: hours take seconds. Nothing is sent, and the state of the daemon is not touched; with --with-state it is read.
    A time line for people goes to stderr, the answer as JSON to stdout where that is not a terminal.

    Exit codes: 0 done · 1 what the scenario expects didn't come · 2 the scenario or the settings are wrong.
    """
    if signed_off_by and record is None:
        raise UsageError("--signed-off-by goes with --record")
    reader = _reader(lang)
    document = parse(sys.stdin.read(), "SCENARIO") if str(scenario) == "-" else read(scenario)
    checked = check(config or default_config(), os.environ)
    script = script_of(document, checked)
    for finding in script.findings:
        complain(str(finding))
    logging.getLogger().setLevel(logging.ERROR)
    known, people = on_state(config, "state", _planned) if with_state else (None, ())
    called: Called = str if checked.settings is None else CalledNames(checked.settings.alerts, people)
    tell = ProgressLines() if progress else None
    outcome = rehearse(checked, script, _until_ms(until, script), known or NO_PLANS, tell)
    wrong = differences(script.scenario, document, outcome)
    if record is not None:
        _record(record, reader, script, outcome, wrong, signed_off_by or None, called)
    if as_json or not sys.stdout.isatty():
        differ = wrong if script.scenario.expect is not None else None
        said = {} if known is None else {"with_state": planned(known)}
        print_json(
            answer_document(outcome, differ, reader)
            | {"time_line": line_documents(reader, script.steps, outcome, called)}
            | said
        )
    if not as_json:
        if known is not None:
            complain(f"with the state of the daemon: {', '.join(f'{n} {what}' for what, n in planned(known).items())}")
        _tell(reader, script, outcome, called)
    for one in wrong:
        complain(str(one))
    if wrong:
        raise typer.Exit(1)


def _until_ms(text: str, script: Script) -> int | None:
    if not text:
        return None
    try:
        length: timedelta = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--until: {error}") from error
    return script.scenario.start + length_ms(length)


async def _planned(connection: Transaction) -> tuple[Plans, tuple[Account, ...]]:
    """Return what people have planned, and all accounts."""
    return await plans(connection), await accounts.everyone(connection)


def _record(
    file: Path,
    reader: Language,
    script: Script,
    outcome: Outcome,
    wrong: Sequence[Finding],
    by: str | None,
    called: Called,
) -> None:
    lines = time_line(reader, script.steps, outcome, called)
    made_at = format_time(to_ms(SystemClock().now()))
    text = json.dumps(
        record_document(script.scenario, outcome, lines, wrong, made_at, by, reader, called),
        ensure_ascii=False,
        indent=2,
    )
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{file}: the record can't be written: {reason}; name a new file") from error


def _reader(lang: str) -> Language:
    try:
        return language(lang)
    except ValueError as error:
        raise UsageError(f"--lang: {error}") from error


def _tell(reader: Language, script: Script, outcome: Outcome, called: Called) -> None:
    complain(headline(reader, script.scenario, outcome))
    for line in time_line(reader, script.steps, outcome, called):
        complain(printable(written(reader, line, outcome.start_ms)))
    for text in ("", *summary(reader, outcome, called)):
        complain(text)
