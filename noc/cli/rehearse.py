"""`noc rehearse`: who would be called, when, and for what."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.cli._console import complain, print_json
from noc.cli._state import Json
from noc.cli.check import Config, default_config
from noc.rehearsal.answer import answer_document
from noc.rehearsal.run import rehearse, script_of
from noc.settings.yamltext import read


def command(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.yaml", help="What happens when (docs/rehearsal.md).")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Rehearse: who would be called, when, and for what, if this happened.

    Runs the real configuration (topology, rules, correlation, schedules, escalation) against made-up events in virtual
    time: hours take seconds. Nothing is sent, and the state of the daemon is not touched.

    Exit codes: 0 done · 1 something that the scenario expects didn't come · 2 the scenario or the settings are wrong.
    """
    document = read(scenario)
    checked = check(config or default_config(), os.environ)
    script = script_of(document, checked)
    for finding in script.findings:
        complain(str(finding))
    logging.getLogger().setLevel(logging.ERROR)
    outcome = rehearse(checked, script)
    print_json(answer_document(outcome))
