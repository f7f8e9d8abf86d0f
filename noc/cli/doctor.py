"""`noc doctor`: is this machine fit to run noc, and will the disk do?"""

from __future__ import annotations

import os
from typing import Final

import typer

from noc.app.doctor import examine
from noc.app.pollerfile import poller_settings
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json
from noc.model.errors import UsageError

SOMETHING_WRONG: Final = 1
_MARKS: Final = {"ok": "ok", "warning": "warning"}


def command(config: Config = None, as_json: Json = False) -> None:
    """Look at room on the disk, the size that numbers will grow to, the clock, limits and permissions.

    The size is told by class of devices, from what is stored and the inventory.

    `--json`: a list of {what, level, said}; level is ok, warning or error.

    Exit codes: 0 all right, warnings allowed · 1 something is wrong · 2 the settings can't be read.
    """
    file = config or default_config()
    if poller_settings(file, os.environ) is not None:
        raise UsageError(
            f"{file} is a poller's: it keeps no numbers. `noc spool status -c {file}` tells what waits on its disk, "
            "its /healthz what isn't well, and `noc pollers` at the centre how it stands"
        )
    looks = list(examine(file, os.environ))
    if as_json:
        print_json([{"what": look.what, "level": look.level, "said": look.said} for look in looks])
    else:
        for look in looks:
            complain(f"{_MARKS.get(look.level, 'ERROR'):<8} {printable(look.what)}: {printable(look.said)}")
    if any(look.level == "error" for look in looks):
        raise typer.Exit(SOMETHING_WRONG)
