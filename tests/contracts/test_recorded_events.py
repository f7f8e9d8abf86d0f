"""Syslog lines of real devices against what napalm-logs says of them, and packets of syslog that others recorded."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from collectors.receivers._syslogevent import event_of
from noc.inventory.events.compiled import UNKNOWN, EventBook
from noc.inventory.events.load import load_events
from noc.inventory.shipped import shipped
from noc.model.event import Event
from noc.wire.syslog import parse
from noc.wire.syslogframes import Frames
from tests.surroundings import Recordings

RECEIVED_MS = 1_540_000_000_000

CLASSES = {
    "INTERFACE": "link",
    "LACP": "link",
    "BPDU": "link",
    "STP": "link",
    "BGP": "routing",
    "OSPF": "routing",
    "ISIS": "routing",
    "BFD": "routing",
    "MAJOR": "environment",
    "MINOR": "environment",
    "SYSTEM_ALARM": "environment",
    "CONFIGURATION": "configuration",
    "USER_ENTER_CONFIG": "configuration",
    "USER_EXIT_CONFIG": "configuration",
    "USER_WRITE_CONFIG": "configuration",
    "USER_LOGIN": "authentication",
    "USER_LOGOUT": "authentication",
    "BGP_MD5": "authentication",
}
"""What the beginning of napalm-logs' name for a message makes of its class; the longest beginning counts."""

OTHER = 0.19
"""The share of the lines of class `other`: processes, forwarded traffic, NAT, NTP, packet buffers."""

STATES = {
    "idle": ("idle", "down"),
    "established": ("established", "up"),
    "up": ("up", "full"),
    "down": ("down", "administratively down", "err-disabled"),
    "active": ("active", "down"),
    "two_way": ("2way",),
    "exchange_start": ("exstart",),
    "open_sent": ("opensent",),
    "open_confirm": ("openconfirm",),
}
"""napalm-logs' word for a state, and ours: as the device says it."""

TREE = {"id", "interface", "neighbors", "peers"}
"""Names of YANG's tree that stand where interfaces do."""


@cache
def book() -> EventBook:
    return load_events([shipped("events")])[0]


@pytest.fixture(scope="module")
def folder(recordings: Recordings) -> Path:
    folder = recordings.root and recordings.root / "syslog"
    if folder is None or not folder.is_dir():
        pytest.skip(f"recorded syslog: NOC_RECORDINGS names no folder with syslog (it is {recordings.root})")
    return folder


def cases(folder: Path) -> Iterator[tuple[str, Event, dict[str, Any]]]:
    """Yield each recorded line's name, our event and what is expected of it."""
    for path in sorted(folder.glob("napalm-logs/*/*/*/syslog.msg")):
        line = parse(path.read_bytes(), RECEIVED_MS)
        event, _ = event_of(line, book(), "192.0.2.1", "device/d", RECEIVED_MS)
        expected = json.loads((path.parent / "yang.json").read_text())
        yield "/".join(path.parts[-4:-1]), event, {**expected, "host_said": line.host}


def keys_under(data: object, name: str) -> Iterator[str]:
    """Yield the keys of every mapping that stands under a name, at any depth."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == name and isinstance(value, dict):
                yield from value
            yield from keys_under(value, name)


def values_of(data: object, *names: str) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in names and isinstance(value, str):
                yield value
            yield from values_of(value, *names)


def said(event: Event, expected: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (what, expected, ours) for all that napalm-logs names and noc has a fact for."""
    yang = expected["yang_message"]
    for interface in set(keys_under(yang, "interface")) - TREE:
        yield "interface", interface.replace(" ", ""), str(event.facts.get("interface")).replace(" ", "")
    for peer in keys_under(yang, "neighbor"):
        if peer:
            yield "peer", peer, str(event.facts.get("peer"))
    for state in values_of(yang, "session-state", "adjacency-state", "oper_status", "admin_status"):
        wanted = STATES.get(state.lower(), (state.lower(),))
        ours = str(event.facts.get("state"))
        yield "state", wanted[0], wanted[0] if ours in wanted else ours
    host = expected["message_details"].get("host")
    if host:
        # napalm-logs leaves out which routing engine of a Juniper it is.
        yield "host", host, re.sub(r"^re[01][.-]", "", str(expected["host_said"]))


def test_facts_agree_with_what_napalm_logs_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, asked, wrong = Counter[str](), Counter[str](), list[str]()
    for name, event, expected in cases(folder):
        for what, wanted, ours in said(event, expected):
            asked[what] += 1
            right[what] += wanted == ours
            if wanted != ours:
                wrong.append(f"{name}: {what} is {wanted}, we say {ours}")
    with capsys.disabled():
        shares = ", ".join(f"{what} {right[what]} of {asked[what]}" for what in sorted(asked))
        print(f"\nsyslog, facts as napalm-logs names them: {shares}", *wrong, sep="\n  ")  # noqa: T201
    assert sum(asked.values()) > 150
    assert sum(right.values()) == sum(asked.values())


def test_lines_have_the_class_that_their_name_tells(folder: Path) -> None:
    wrong = []
    for name, event, expected in cases(folder):
        fits = [beginning for beginning in CLASSES if expected["error"].startswith(beginning)]
        if fits and event.event_class != CLASSES[max(fits, key=len)]:
            wrong.append(f"{name}: {event.event_class}")
    assert wrong == []


def test_every_line_has_a_name_and_most_a_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [(name, event) for name, event, _ in cases(folder)]
    unnamed = [name for name, event in found if event.name == "syslog"]
    other = [name for name, event in found if event.event_class == "other"]
    with capsys.disabled():
        print(f"\nsyslog, {len(found)} lines: {len(unnamed)} without a name, {len(other)} of class other")  # noqa: T201
    assert len(found) > 120
    assert len(unnamed) <= 4
    assert len(other) / len(found) <= OTHER


def test_traps_of_the_list_of_oids_have_names_and_rules(recordings: Recordings) -> None:
    path = recordings.root and recordings.root / "oids.md"
    if path is None or not path.is_file():
        pytest.skip(f"the list of OIDs: NOC_RECORDINGS names no folder with oids.md (it is {recordings.root})")
    listed = re.findall(r"^\| (\S+::\S+) \| ([0-9.]+) \| trap", path.read_text(), re.MULTILINE)
    assert len(listed) > 80
    for name, oid in listed:
        ours, meaning = book().trap(tuple(map(int, oid.split("."))))
        assert ours == name
        assert meaning is not UNKNOWN, name


def payloads(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield protocol and payload of the packets of a capture (pcap, Ethernet or raw IPv4)."""
    data = path.read_bytes()
    order = "little" if data[:4] == b"\xd4\xc3\xb2\xa1" else "big"
    link = int.from_bytes(data[20:24], order)  # type: ignore[arg-type]
    at = 24
    while at < len(data):
        captured = int.from_bytes(data[at + 8 : at + 12], order)  # type: ignore[arg-type]
        packet = data[at + 16 : at + 16 + captured]
        packet = packet[14:] if link == 1 else packet[4:] if link == 0 else packet
        header = (packet[0] & 0x0F) * 4
        packet, protocol = packet[: int.from_bytes(packet[2:4], "big")], packet[9]
        body = packet[header:]
        skip = 8 if protocol == 17 else (body[12] >> 4) * 4
        if body[skip:]:
            yield protocol, body[skip:]
        at += 16 + captured


def test_packets_of_syslog_are_read(folder: Path) -> None:
    read = {}
    for path in sorted((folder / "pcap").glob("*.pcap")):
        frames, found = Frames(), []
        for protocol, data in payloads(path):
            found += [data] if protocol == 17 else list(frames.feed(data))
        read[path.stem] = [parse(data, RECEIVED_MS) for data in found]
    assert all(read.values())
    assert {len(lines) for name, lines in read.items() if "tcp-syslog" in name} != {0}
    for name, lines in read.items():
        assert all(line.text and "<" not in line.text[:1] for line in lines), name
    assert {line.severity for line in read["zeek_syslog-missing-pri"]} == {5}
