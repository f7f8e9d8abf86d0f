"""The applications of the demo as people would write them: end points and services of the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from noc.settings.yamltext import Data
from noc.simulator.applications import ADDRESSES, CERTIFICATE_FILE, ZONE, Applications
from noc.simulator.appstory import APPLICATIONS, home_first
from noc.simulator.configuration import yaml_text

ROOM = "hall-1"
INTERVAL = "10s"


def write_applications(inventory: Path, applications: Applications) -> None:
    """Write end points and services into an inventory folder; its own services are replaced."""
    parts = {"endpoints": dict(_endpoints(applications)), "services": dict(_services(applications))}
    for name, things in parts.items():
        (inventory / f"{name}.yaml").write_text(yaml_text({name: dict(things)}))


def _endpoints(applications: Applications) -> Iterator[tuple[str, Data]]:
    ports = applications.ports
    for place in applications.places:
        there: dict[str, Data] = {"site": place, "room": ROOM, "interval": INTERVAL}
        town = place.capitalize()
        for key, name in APPLICATIONS.items():
            yield f"{key}-{place}", {"name": f"{name}, {town}", **there, "http": _page(key, ports[f"{key}-{place}"])}
        smtp: dict[str, Data] = {"host": "127.0.0.1", "port": ports[f"smtp-{place}"], "starttls": True}
        yield f"smtp-{place}", {"name": f"Mail server, {town}", **there, "smtp": smtp}
        dns: dict[str, Data] = {"server": "127.0.0.1", "port": ports[f"dns-{place}"], "name": ZONE, "type": "SOA"}
        yield f"dns-{place}", {"name": f"Name server, {town}", **there, "dns": dns}
        ntp: dict[str, Data] = {"host": "127.0.0.1", "port": ports[f"ntp-{place}"], "max_offset": "1s"}
        yield f"ntp-{place}", {"name": f"Time server, {town}", **there, "ntp": ntp}
    first: dict[str, Data] = {"site": applications.places[0], "room": ROOM, "interval": INTERVAL}
    for key in ("erp", "service-desk"):
        yield key, {"name": f"{APPLICATIONS[key]}, as users see it", **first, "http": _page(key, ports[key])}
    named: dict[str, Data] = {
        "server": "127.0.0.1",
        "port": ports[f"dns-{applications.places[0]}"],
        "name": f"mail.{ZONE}",
    }
    yield "mail-name", {"name": "Name of the mail server", **first, "dns": named}
    tls: dict[str, Data] = {"host": "127.0.0.1", "port": ports["erp"], "ca_file": CERTIFICATE_FILE}
    yield "erp-certificate", {"name": "Certificate of the ERP system", **first, "tls": tls}


def _page(key: str, port: int) -> dict[str, Data]:
    if key == "erp":
        return {"url": f"https://127.0.0.1:{port}/health", "text": "OK", "ca_file": CERTIFICATE_FILE}
    return {"url": f"http://127.0.0.1:{port}/health", "text": "OK"}


def _services(applications: Applications) -> Iterator[tuple[str, Data]]:
    for key, name in APPLICATIONS.items():
        places: dict[str, Data] = {}
        for place in home_first(key):
            if place in applications.places:
                stands_on: list[Data] = [f"endpoint/{key}-{place}"]
                if key == "mail":
                    stands_on.append(f"endpoint/smtp-{place}")
                marker = _marker(key, place)
                places[place] = {"formula": {"all_of": stands_on}, **({"marker": marker} if marker else {})}
        yield key, {"name": name, "availability_target": 99.8, "places": places}


def _marker(key: str, place: str) -> dict[str, Data]:
    """Return how it is seen where an application is served: by name, by header, by text, or by what is up alone."""
    if key == "mail":
        return {"endpoint": "mail-name", "answer": ADDRESSES[place]}
    if key == "erp":
        return {"endpoint": "erp", "header": "X-Served-By", "value": place}
    return {"endpoint": "service-desk", "text": f"served from {place}"} if key == "service-desk" else {}
