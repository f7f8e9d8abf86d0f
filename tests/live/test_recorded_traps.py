"""Traps that real devices sent: their texts, sent again by snmptrap; packets, sent again as they are."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.inventory.events.compiled import UNKNOWN, EventBook, dotted
from noc.model.event import Event
from tests.contracts.test_recorded_packets import datagrams
from tests.live.receivers import reception, shipped_book
from tests.surroundings import Recordings

pytestmark = pytest.mark.live

NAMED = 0.98
"""The share of the samples whose trap has a name and a class (docs/recordings.md)."""
OBJECTS = 0.7
"""The share of the objects in them that have a name."""
PLACEHOLDERS = {
    "ifIndex": "7", "ip": "192.0.2.9", "hostname": "router.example.org", "bgpPeerIdentifier": "192.0.2.33",
    "ospf_nbr_id": "192.0.2.34.0", "ospfNbrIpAddr": "192.0.2.34", "ospfNbrRtrId": "192.0.2.35",
    "ospfNbrAddressLessIndex": "0", "ospfAddressLessIf": "0", "ospfIfIpAddress": "192.0.2.36",
    "ifDescr": "ge-0/0/2.0", "ipv4_address": "192.0.2.37", "serial": "SN1",
}  # fmt: skip
ROOTS = {"UPS-MIB::upsTraps": "1.3.6.1.2.1.33.2"}
"""Nodes that traps hang on; snmptrapd writes `upsTraps.0.1` where an agent puts a 0 that the module doesn't."""
OTHERWISE = {"UPS-MIB::upsTraps.0.1": "UPS-MIB::upsTrapOnBattery"}
_NAME = re.compile(
    r"(?P<name>[A-Za-z0-9-]+::[A-Za-z][A-Za-z0-9_-]*)(?P<index>(?:\.[0-9]+)*)(?: = \w+:)? ?(?P<value>.*)"
)


@pytest.fixture(scope="module")
def folder(recordings: Recordings) -> Path:
    folder = recordings.root and recordings.root / "traps"
    if folder is None or not folder.is_dir():
        pytest.skip(f"recorded traps: NOC_RECORDINGS names no folder with traps (it is {recordings.root})")
    return folder


def filled(text: str) -> str:
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: PLACEHOLDERS.get(found[1], "1"), text)


def lines_of(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name, index and value of each varbind of a text."""
    for line in filled(path.read_text()).splitlines()[2:]:
        found = _NAME.match(line)
        if found is not None:
            yield found["name"], found["index"], found["value"].strip()


def varbind(book: EventBook, name: str, index: str, value: str) -> list[str]:
    """Return a varbind as snmptrap takes it; nothing for an object that noc has no name for."""
    known = {one.name: (oid, one.values) for oid, one in book.varbinds.items()}
    if name not in known:
        return []
    oid, values = known[name]
    where = f"{dotted(oid)}{index or '.0'}"
    numbers = {word: number for number, word in values.items()}
    if value in numbers:
        return [where, "i", str(numbers[value])]
    octets = re.fullmatch(r'\\?"((?:[0-9A-F]{2} )+)\\?"', value)
    if octets is not None:
        return [where, "x", octets[1].replace(" ", "")]
    if re.fullmatch(r"-?[0-9]{1,9}", value):
        return [where, "i", value]
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", value):
        return [where, "a", value]
    return [where, "s", value.strip('\\"')]


async def test_texts_of_traps_come_back_under_their_names(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = shipped_book()
    oids = {name: dotted(oid) for oid, name in book.notifications.items()} | {
        name: name.replace(root, oid) for root, oid in ROOTS.items() for name in OTHERWISE if name.startswith(root)
    }
    sent: list[str] = []
    unknown, objects = Counter[str](), Counter[bool]()
    async with reception(tmp_path) as noc:
        for path in sorted((folder / "text").glob("*.txt")):
            said = list(lines_of(path))
            name = next((value for key, _, value in said if key == "SNMPv2-MIB::snmpTrapOID"), "")
            if name not in oids:
                unknown[name.partition("::")[0]] += 1
                continue
            arguments: list[str] = []
            for key, index, value in said:
                if key.startswith("SNMPv2-MIB::snmpTrap") or key.rpartition("::")[2].startswith("sysUpTime"):
                    continue
                found = varbind(book, key, index, value)
                objects[bool(found)] += 1
                arguments += found
            await noc.snmp("snmptrap", "-v2c", "-c", "public", f"127.0.0.1:{noc.trap_port}", "", oids[name], *arguments)
            sent.append(OTHERWISE.get(name, name))
            await noc.until(lambda: noc.log.tally.taken == len(sent))
        told = [event for event, _ in noc.told]
        unclassed = Counter(event.name for event, meaning in noc.told if meaning is UNKNOWN)
    assert [event.name for event in told] == sent
    assert unclassed == {}
    total = len(sent) + sum(unknown.values())
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntraps: {len(sent)} of {total} samples by name, {objects[True]} of their {sum(objects.values())} objects"
        )
        print(f"  not named, by module: {dict(unknown.most_common())}")  # noqa: T201
    classes = Counter(event.event_class for event in told)
    with capsys.disabled():
        print(f"  by class: {dict(classes.most_common())}")  # noqa: T201
    assert len(sent) / total >= NAMED
    assert objects[True] / sum(objects.values()) >= OBJECTS
    assert _classes(told) >= {
        ("IF-MIB::linkDown", "link", "down"),
        ("BGP4-MIB::bgpEstablished", "routing", "established"),
        ("BGP4-MIB::bgpBackwardTransition", "routing", "idle"),
        ("OSPF-TRAP-MIB::ospfNbrStateChange", "routing", "down"),
        ("BGP4-V2-MIB-JUNIPER::jnxBgpM2BackwardTransition", "routing", "idle"),
        ("CISCO-IF-EXTENSION-MIB::cieLinkDown", "link", "down"),
        ("UPS-MIB::upsTrapOnBattery", "power", "on battery"),
        ("JUNIPER-MIB::jnxPowerSupplyFailure", "power", "failed"),
        ("JUNIPER-CFGMGMT-MIB::jnxCmCfgChange", "configuration", None),
        ("SNMPv2-MIB::authenticationFailure", "authentication", None),
    }
    peers = {event.facts.get("peer") for event in told if event.facts.get("protocol") == "bgp"}
    assert peers == {"192.0.2.33", "2001:d88:1::2"}
    assert {event.facts.get("peer") for event in told if event.name.endswith("ospfNbrStateChange")} == {"192.0.2.34"}
    assert {event.facts.get("user") for event in told if "jnxCmCfg" in event.name} >= {"TestUser"}


def _classes(events: list[Event]) -> set[tuple[str, str, object]]:
    return {(event.name, event.event_class, event.facts.get("state")) for event in events}


async def test_packets_are_taken_or_counted(folder: Path, tmp_path: Path) -> None:
    packets = [data for path in sorted((folder / "pcap").glob("*.pcap")) for data in datagrams(path)]
    async with reception(tmp_path) as noc:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", noc.trap_port))
            for number, data in enumerate(packets, start=1):
                sender.send(data)
                await noc.until(lambda number=number: noc.traps.intake.tally.received == number)  # type: ignore[misc]
        tally = noc.traps.intake.tally
        found = await noc.kept(tally.accepted)
    assert tally.received == len(packets) > 200
    assert tally.received == tally.accepted + tally.malformed + tally.refused + tally.asked
    assert tally.accepted >= 2
    assert all(event.name and event.facts is not None for event in found)
