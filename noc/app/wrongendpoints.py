"""What `noc check` finds wrong with end points beside their schema: secrets, patterns, files of certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from noc.inventory.endpoints import Endpoint, HttpProbe, TlsProbe
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.finding import Finding
from noc.settings.secrets import SecretError
from noc.wire.http import Tls
from noc.wire.patterns import wrong_pattern


def wrong_endpoints(
    inventory: Inventory, where: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield all that is wrong. where: the inventory's folder, for messages. folder: that of noc.yaml."""
    for endpoint in inventory.endpoints.values():
        for message in _wrong(endpoint, folder, environment):
            yield Finding(where, 0, 0, "error", f"endpoint '{endpoint.id}': {message}")


def _wrong(endpoint: Endpoint, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    for name, ref in endpoint.headers.items():
        try:
            ref.resolve(folder, environment)
        except SecretError as error:
            yield f"http.headers.{name}: {error}"
    probe = endpoint.probe
    if isinstance(probe, HttpProbe) and probe.regex is not None:
        reason = wrong_pattern(probe.regex)
        if reason:
            yield f"http.regex: '{probe.regex}' is no regular expression: {reason}"
    if isinstance(probe, HttpProbe | TlsProbe) and probe.ca_file is not None:
        try:
            Tls(folder / probe.ca_file).context()
        except UsageError as error:
            yield f"{endpoint.kind}.ca_file: {error}"
