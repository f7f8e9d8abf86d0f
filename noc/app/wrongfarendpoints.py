"""What `noc check` finds wrong with end points that remote pollers are to ask: nobody would, or it can't go along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from noc.app.planendpoints import authority
from noc.app.pollersettings import PollersSettings, endpoints_of
from noc.inventory.endpoints import DnsProbe, Endpoint, HttpProbe
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.finding import Finding


def wrong_far_endpoints(settings: PollersSettings, inventory: Inventory, where: str, folder: Path) -> Iterator[Finding]:
    """Yield all that is wrong. where: the inventory's folder, for messages. folder: that of noc.yaml."""
    groups: dict[str, list[str]] = {}
    for name, group in settings.groups.items() if settings.broker is not None else ():
        for endpoint in endpoints_of(group, inventory):
            groups.setdefault(endpoint, []).append(name)
    for one in inventory.endpoints.values():
        if one.asked_by == "pollers" and one.id not in groups:
            message = (
                f"asked_by: pollers, and no group of pollers.groups has site/{one.site} or its region in its scope"
            )
            yield Finding(where, 0, 0, "error", f"endpoint '{one.id}': {message}")
        if one.id in groups:
            yield from _far(one, " and ".join(sorted(groups[one.id])), where, folder)


def _far(endpoint: Endpoint, groups: str, where: str, folder: Path) -> Iterator[Finding]:
    host = _host(endpoint)
    if _is_loopback(host):
        message = f"{host} is a poller's own machine, and pollers of {groups} ask it; write what they reach it by, or"
        yield Finding(where, 0, 0, "warning", f"endpoint '{endpoint.id}': {message} `asked_by: centre`")
    try:
        authority(endpoint, folder)
    except UsageError as error:
        if not isinstance(error.__cause__, OSError):  # what can't be read at all is told beside
            yield Finding(where, 0, 0, "error", f"endpoint '{endpoint.id}': {endpoint.kind}.ca_file: {error}")


def _host(endpoint: Endpoint) -> str:
    probe = endpoint.probe
    if isinstance(probe, HttpProbe):
        return urlsplit(probe.url).hostname or ""
    return probe.server if isinstance(probe, DnsProbe) else probe.host


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host.casefold().rstrip(".") == "localhost"
