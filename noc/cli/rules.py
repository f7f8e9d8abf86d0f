"""`noc rules`: the rules that hold, what each looks for, and whether they do what their examples say."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from alerts.rules.compiled import Rule
from alerts.rulestried import Outcome, kind_of, shown
from noc.app.paths import near
from noc.app.rulebook import Rulebook, rule_folders, rulebook_of
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json
from noc.cli._table import MISSING, Column, print_rows
from noc.cli._whatif import command as what_if
from noc.model.counting import counted
from noc.settings.schema import format_duration

SOMETHING_WRONG = 1

app = typer.Typer(no_args_is_help=True, help="List rules, show one, try them on their examples.", rich_markup_mode=None)

app.command("what-if")(what_if)

Names = Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="Only these.", show_default=False)]


@app.command("list")
def list_them(config: Config = None, as_json: Json = False) -> None:
    """List the rules that hold, by name: shipped ones, and those of the settings.

    `--json`: a list of {name, kind, summary, severity, for_s, looks_for, owner, runbook, policy, examples}.
    """
    book = _book(config)
    if as_json:
        print_json([_document(book, rule) for rule in book.rules.values()])
        return
    columns = (Column("rule"), Column("kind"), Column("severity"), Column("raised when", shrinks_to=20), Column("for"))
    rows = [
        [Text(rule.name), Text(kind_of(rule)), Text(rule.severity), Text(shown(rule)), _hold(rule)]
        for rule in book.rules.values()
    ]
    print_rows(columns, rows)


@app.command("show")
def show_one(
    name: Annotated[str, typer.Argument(metavar="RULE", help="Its name.", show_default=False)],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show a rule, and what comes of its examples.

    `--json`: as of `list`, with {tried: [{example, ok, wrong, happened: [{at_s, status, entity}]}]}.
    """
    book = _book(config)
    (rule,) = book.named([name])
    outcomes = book.tried(rule)
    document = {**_document(book, rule), "tried": [_tried(one) for one in outcomes]}
    if as_json:
        print_json(document)
        return
    for key, value in document.items():
        if key not in ("tried", "examples") and value is not None:
            typer.echo(f"{key:10}  {value}")
    for one in outcomes:
        _say(one)


@app.command("test")
def try_out(names: Names = None, config: Config = None, as_json: Json = False) -> None:
    """Try rules on the examples that stand in their files or beside them, in virtual time.

    Exit codes: 0 all hold, 1 an example doesn't, or a rule that is named has none, 2 wrong use or a file is wrong.
    `--json`: a list of {rule, example, ok, wrong, happened: [{at_s, status, entity}]}.
    """
    book = _book(config)
    rules = book.named(names or [])
    outcomes = [one for rule in rules for one in book.tried(rule)]
    wrong = [one for one in outcomes if one.wrong]
    without = [rule.name for rule in rules if not book.examples.get(rule.name)]
    if as_json:
        print_json([{"rule": one.rule, **_tried(one)} for one in outcomes])
    else:
        for one in wrong:
            complain(f"{one.rule}: {one.example}: {'; '.join(one.wrong)}")
        tried = f"{counted(len(rules) - len(without), 'rule')} tried on {counted(len(outcomes), 'example')}"
        bare = f", {counted(len(without), 'rule')} without: {', '.join(without)}" if without else ""
        typer.echo(f"{tried}, {len(wrong)} wrong{bare}")
    if wrong or (names and without):
        raise typer.Exit(SOMETHING_WRONG)


def _book(config: Path | None) -> Rulebook:
    file = near(config or default_config())
    return rulebook_of(rule_folders(file if config is not None or file.is_file() else None, os.environ))


def _hold(rule: Rule) -> Text:
    return Text(format_duration(timedelta(milliseconds=rule.hold_ms))) if rule.hold_ms else MISSING


def _document(book: Rulebook, rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "kind": kind_of(rule),
        "summary": rule.summary,
        "severity": rule.severity,
        "for_s": rule.hold_ms / 1000,
        "looks_for": shown(rule),
        "owner": rule.owner,
        "runbook": rule.runbook,
        "policy": rule.policy,
        "examples": len(book.examples.get(rule.name, ())),
    }


def _tried(one: Outcome) -> dict[str, object]:
    happened = [{"at_s": at_ms / 1000, "status": what, "entity": entity} for at_ms, what, entity in one.happened]
    return {"example": one.example, "ok": not one.wrong, "wrong": list(one.wrong), "happened": happened}


def _say(one: Outcome) -> None:
    typer.echo(f"{'example':10}  {one.example}: {'; '.join(one.wrong) or 'holds'}")
    for at_ms, what, entity in one.happened:
        typer.echo(f"{'':12}{format_duration(timedelta(milliseconds=at_ms)):>6}  {what}  {entity}")
