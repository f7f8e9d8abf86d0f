"""`noc check`: is everything right that people wrote?"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import CheckResult, check
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.model.counting import counted
from noc.model.errors import UsageError


def command(
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON document.")] = False,
) -> None:
    """Find every mistake in settings and inventory.

    All in one run, each with file, line and column.

    Exit codes: 0 all right, warnings allowed · 1 there are errors · 2 CONFIG can't be read.
    """
    path = config or default_config()
    _open(path)
    result = with_roster(check(path, os.environ))
    if as_json:
        print_json(
            [
                {
                    "file": finding.file,
                    "line": finding.line,
                    "column": finding.column,
                    "level": finding.level,
                    "message": finding.message,
                }
                for finding in result.findings
            ]
        )
    else:
        for finding in result.findings:
            complain(str(finding))
        complain(summary(result))
    if not result.ok:
        raise typer.Exit(1)


def with_roster(result: CheckResult) -> CheckResult:
    """Return a result whose findings are also those of who is on call: they don't keep noc from starting."""
    return replace(result, findings=tuple(sorted({*result.findings, *result.roster})))


def summary(result: CheckResult) -> str:
    """Return one line: `2 errors, 1 warning in 5 files (20,303 devices, 594 sites)`."""
    errors = sum(finding.level == "error" for finding in result.findings)
    warnings = len(result.findings) - errors
    read = counted(len(result.files), "file")
    what = f"{counted(result.devices, 'device')}, {counted(result.sites, 'site')}"
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')} in {read} ({what})"


def _open(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: can't be read: {reason}; name the settings file with -c") from error
