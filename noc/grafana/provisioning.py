"""Files that Grafana reads when it starts: the data source, where the dashboards are, and the dashboards. Pure.

No secret is in them: Grafana takes those from its own environment.
https://grafana.com/docs/grafana/latest/administration/provisioning/
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from noc.grafana.dashboards import ALL, WAN, YEAR
from noc.grafana.panels import SOURCE_UID, Dashboard
from noc.grafana.queries import Language
from noc.store.influx.choice import made_of
from noc.store.influx.settings import Settings

PASSWORD_VARIABLE: Final = "NOC_STORE_PASSWORD"  # noqa: S105 the name of a variable
TOKEN_VARIABLE: Final = "NOC_STORE_TOKEN"  # noqa: S105 the name of a variable


def files(settings: Settings, dashboards_path: PurePosixPath) -> dict[str, str]:
    """Return the files by their path below the folder that they are written to.

    dashboards_path: where Grafana will find the dashboards.
    """
    language: Language = "promql" if settings.dialect == "victoria" else "influxql"
    found = {
        "provisioning/datasources/noc.yaml": source(settings),
        "provisioning/dashboards/noc.yaml": provider(dashboards_path),
    }
    for dashboard in dashboards(settings):
        document = dashboard.document(language)
        found[f"dashboards/{dashboard.id}.json"] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return found


def dashboards(settings: Settings) -> list[Dashboard]:
    """Return the dashboards for a server: where it keeps roll-ups by InfluxQL's policies, with a year of the WAN."""
    if settings.dialect in ("v1", "v2") and "1h" in made_of(settings.retention):
        return [replace(WAN, panels=(*WAN.panels, YEAR)), *ALL[1:]]
    return list(ALL)


def source(settings: Settings) -> str:
    """Return the data source, as YAML."""
    lines = [
        "# Written by `noc grafana`. Grafana fills in what begins with $, from its environment.",
        "apiVersion: 1",
        "datasources:",
        "  - name: noc",
        f"    uid: {SOURCE_UID}",
        f"    type: {'prometheus' if settings.dialect == 'victoria' else 'influxdb'}",
        "    access: proxy",
        f"    url: {_text(settings.url)}",
        "    isDefault: false",
        "    editable: false",
    ]
    data, secret = [], []
    if settings.dialect != "victoria":
        database = settings.database or (settings.bucket or "").partition("/")[0]
        data += [f"      dbName: {_text(database)}", "      httpMode: GET"]
    if settings.user is not None:
        lines += ["    basicAuth: true", f"    basicAuthUser: {_text(settings.user)}"]
        secret.append(f"      basicAuthPassword: ${PASSWORD_VARIABLE}")
    if settings.token is not None:
        kind = "Token" if settings.dialect == "v2" else "Bearer"
        data.append("      httpHeaderName1: Authorization")
        secret.append(f"      httpHeaderValue1: {kind} ${TOKEN_VARIABLE}")
    if not settings.verify_tls:
        data.append("      tlsSkipVerify: true")
    lines += ["    jsonData:", *data] if data else []
    lines += ["    secureJsonData:", *secret] if secret else []
    return "\n".join(lines) + "\n"


def provider(dashboards_path: PurePosixPath) -> str:
    """Return where Grafana finds the dashboards, as YAML."""
    return (
        "# Written by `noc grafana`.\n"
        "apiVersion: 1\n"
        "providers:\n"
        "  - name: noc\n"
        "    folder: noc\n"
        "    type: file\n"
        "    allowUiUpdates: true\n"
        "    options:\n"
        f"      path: {_text(str(dashboards_path))}\n"
    )


def _text(value: str) -> str:
    """Return a string as YAML: a `$` of ours is none of Grafana's."""
    return json.dumps(value.replace("$", "$$"), ensure_ascii=False)
