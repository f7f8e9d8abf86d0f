"""`noc report`: reports from the ledger, kept with their seal, and what changed between two of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from noc.app.check import check
from noc.app.reports import changes_between, drafted, keep, kept, material_of
from noc.app.storebeside import LazyReader
from noc.availability.periods import FORMS, before, holding
from noc.availability.times import format_time, parse
from noc.cli import _report as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, stderr
from noc.cli._state import Json, on_state
from noc.clock import SystemClock
from noc.i18n.language import LOCALES, language
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError, UsageError
from noc.model.instants import to_ms
from noc.pipeline.objectives import targets_of
from noc.reports.frame.asked import EVERYTHING, Answer, Asked, By, Issue
from noc.reports.frame.registry import names, report
from noc.reports.render.files import FORMATS, Format, file_name, file_of
from noc.reports.render.fonts import missing
from noc.settings.schema import known_zone
from noc.state import reports
from noc.state.database import Transaction

app = typer.Typer(
    no_args_is_help=True,
    help="Make reports from the ledger, look up those that were issued, see what changed.",
    rich_markup_mode=None,
)

PeriodOption = Annotated[
    str | None,
    typer.Option(help=f"{FORMS}. Default: last month; of `biennium`, the running one.", show_default=False),
]
Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The report.", show_default=False)]
Lang = Annotated[str, typer.Option(help=f"Language: {', '.join(LOCALES)}.")]
Form = Annotated[
    str | None,
    typer.Option("--format", help=f"One of {', '.join(FORMATS)}. Default: for a terminal.", show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Where to. Default: stdout; pdf and xlsx: a file in this folder, named after the report.",
        show_default=False,
    ),
]
_BINARY = ("pdf", "xlsx")


def _add(name: str) -> None:
    """Add the command of a report: they differ in what they tell, not in how they are asked."""
    made = report(name)
    rows = f" Rows: {', '.join(made.BY)}." if made.BY else ""

    def command(
        period: PeriodOption = None,
        start: Annotated[
            str | None, typer.Option("--from", help="Beginning, instead of --period.", show_default=False)
        ] = None,
        end: Annotated[str | None, typer.Option("--to", help="End, with --from.", show_default=False)] = None,
        by: Annotated[str | None, typer.Option(help="What the rows are.", show_default=False)] = None,
        of: Annotated[str, typer.Option(help="Of whom: network, region/…, site/…, device/….")] = EVERYTHING,
        zone: Annotated[str, typer.Option(help="IANA time zone, where months begin at midnight.")] = "UTC",
        form: Form = None,
        lang: Lang = "en",
        known: Annotated[
            int | None, typer.Option(min=1, help="As known at this record of the ledger.", show_default=False)
        ] = None,
        draft: Annotated[bool, typer.Option("--draft", help="Keep nothing; it has no number and no seal.")] = False,
        output: Out = None,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        asked = _asked(name, _period(made.PERIOD, period, start, end, zone), by, of, zone, known)
        shape = _form("json" if as_json else form, lang)
        answer = _answer(config, asked)
        issue = None
        if not draft:
            issue = on_state(config, "report", lambda connection: keep(connection, answer, _now_ms()), writes=True)
            complain(f"report {issue.id}, issue {issue.number} of its subject, seal {issue.digest}")
        _give(answer, issue, shape, lang, output)

    command.__doc__ = f"""{made.PURPOSE}{rows}

    Exit codes: 0 made · 2 it can't be made: no such period, rows, entity, language.
    """
    app.command(name)(command)


for _name in names():
    _add(_name)


@app.command("list")
def list_reports(
    config: Config = None,
    name: Annotated[str | None, typer.Option(help="Only those of this name.", show_default=False)] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List the reports that were issued, the newest first.

    `--json`: a list of {id, report, subject, number, issued, record, hash, seal}.
    """
    found = on_state(config, "report", lambda connection: reports.page(connection, name=name, limit=last))
    if as_json:
        print_json([page.listed(one) for one in found])
    elif found:
        page.print_list(found)
    else:
        complain("no report was issued yet")


@app.command()
def show(
    number: Number,
    form: Form = None,
    lang: Lang = "en",
    output: Out = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make the files of a report again that was issued: the same bytes, in any language and format.

    Exit codes: 0 made · 2 there is no such report, or it was changed after it was issued.
    """
    shape = _form("json" if as_json else form, lang)
    issue, answer = on_state(config, "report", lambda connection: kept(connection, number))
    _give(answer, issue, shape, lang, output)


@app.command()
def diff(
    older: Annotated[int, typer.Argument(metavar="A", min=1, help="The report before.", show_default=False)],
    newer: Annotated[int, typer.Argument(metavar="B", min=1, help="The report after.", show_default=False)],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Tell what changed between two issues, and why: restated, corrected, windows entered late, another policy.

    `--json`: {a, b, figures: [{entity, name, figure, before, after}], records: [{record, kind, entity, why}]}.

    Exit codes: 0 told · 2 there is no such report, or they are of different things.
    """
    found = on_state(config, "report", lambda connection: changes_between(connection, older, newer))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        page.print_changes(found)


def _answer(config: Path | None, asked: Asked) -> Answer:
    checked = check(config or default_config(), os.environ)
    if checked.inventory is None or checked.settings is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    inventory: Inventory = checked.inventory
    targets = targets_of(inventory, checked.settings.objectives, checked.settings.availability_target)

    async def read(connection: Transaction) -> Answer:
        series = LazyReader(config or default_config(), os.environ, SystemClock())
        try:
            with _progress(asked.report) as tell:
                made = material_of(connection, inventory, _now_ms(), lambda one: targets.of(one).percent, tell, series)
                answer = await drafted(made, asked)
        finally:
            await series.close()
        looked_ms = answer.head.looked_until_ms
        if looked_ms is not None:
            complain(f"noc looked until {format_time(looked_ms)}: what came later is unknown here; does noc run?")
        return answer

    return on_state(config, "report", read)


@contextmanager
def _busy(shape: Format) -> Iterator[None]:
    """Show on a terminal that a file is being made, for as long as that takes."""
    if shape in _BINARY and stderr.is_terminal:
        with stderr.status(f"writing {shape}"):
            yield
    else:
        yield


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal; what it gives takes how far it is, 0 to 1."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _asked(name: str, period: str, by: str | None, of: str, zone: str, known: int | None) -> Asked:
    if not known_zone(zone):
        raise UsageError(f"--zone: '{zone[:60]}' is no time zone; write one such as Africa/Nairobi")
    made = report(name)
    rows: By = made.BY[0] if made.BY else "network"
    if by is not None:
        found = next((one for one in made.BY if one == by), None)
        if found is None:
            said = f"'{by[:60]}' is not one of {', '.join(made.BY)}" if made.BY else f"{name} has no choice of rows"
            raise UsageError(f"--by: {said}")
        rows = found
    return Asked(report=name, period=period, zone=zone, by=rows, of=of, known=known)


def _period(unit: str, period: str | None, start: str | None, end: str | None, zone: str) -> str:
    if start is None and end is None:
        if period is not None:
            return period
        running = holding("biennium" if unit == "biennium" else "month", SystemClock().now(), zone)
        return running.text if unit == "biennium" else before(running).text
    if period is not None:
        raise UsageError("say --period, or --from and --to, not both")
    if start is None or end is None:
        raise UsageError("--from and --to go together")
    for option, text in (("--from", start), ("--to", end)):
        try:
            parse(text)
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from error
    return f"{start}/{end}"


def _form(written: str | None, lang: str) -> Format | None:
    try:
        language(lang)
    except ValueError as error:
        raise UsageError(f"--lang: {error}") from error
    if written is None:
        return None
    for form in FORMATS:
        if form == written:
            return form
    raise UsageError(f"--format: '{written[:60]}' is not one of {', '.join(FORMATS)}")


def _give(answer: Answer, issue: Issue | None, form: Format | None, lang: str, output: Path | None) -> None:
    if form is None and output is None:
        page.print_document(report(answer.head.asked.report).document(answer, issue, language(lang)))
        return
    shape = form or _by_ending(output)
    lack = missing(lang) if shape == "pdf" else None
    if lack is not None:
        complain(lack)
    with _busy(shape):
        body = file_of(answer, issue, shape, lang)
    if output is None and shape not in _BINARY:
        sys.stdout.buffer.write(body)
        return
    path = output or Path(file_name(answer, issue, shape, lang))
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    complain(f"written to {path}")


def _by_ending(output: Path | None) -> Format:
    ending = "" if output is None else output.suffix.removeprefix(".")
    for form in FORMATS:
        if form == ending:
            return form
    raise UsageError(f"{output}: say --format, or give the file one of the endings {', '.join(FORMATS)}")


def _now_ms() -> int:
    return to_ms(SystemClock().now())
