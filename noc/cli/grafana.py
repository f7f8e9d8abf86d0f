"""`noc grafana`: files with which Grafana shows what noc writes."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from noc.app.storebeside import store_settings
from noc.cli._config import Config, default_config
from noc.cli._console import complain
from noc.grafana.provisioning import files
from noc.model.errors import UsageError
from noc.store.influx import Settings


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to write; files that are there are replaced.")
    ],
    config: Config = None,
    dashboards: Annotated[
        PurePosixPath, typer.Option(help="The folder that Grafana will find the dashboards in.")
    ] = PurePosixPath("/var/lib/grafana/dashboards/noc"),
) -> None:
    """Write a data source and dashboards for Grafana: WAN, site, device, satellite, availability.

    They read the server that `store:` of the settings names. No secret is written: Grafana takes NOC_STORE_PASSWORD or
    NOC_STORE_TOKEN from its environment. Copy `provisioning/` into Grafana's, `dashboards/` to the folder of
    `--dashboards`, and restart Grafana.

    Exit codes: 0 written · 2 wrong use, or the settings name no server.
    """
    found = store_settings(config or default_config(), os.environ)
    if not isinstance(found.settings, Settings):
        raise UsageError(f"the store '{found.kind}' has no server that Grafana could read: it needs `kind: influx`")
    for name, text in files(found.settings, dashboards).items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path}: can't be written: {(error.strerror or str(error)).lower()}") from error
        complain(str(path))
