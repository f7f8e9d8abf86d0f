"""Traps and informs of net-snmp's own senders, in all versions and with all protocols, decoded and kept."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from collectors.receivers._intake import STORM, Rate
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.wire.snmp import AuthProtocol, PrivProtocol, User
from tests.live.conftest import find_program
from tests.live.receivers import Reception, reception
from tests.things import device

pytestmark = pytest.mark.live

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_VARBINDS = (
    *("1.3.6.1.2.1.2.2.1.1.7", "i", "7"),
    *("1.3.6.1.2.1.2.2.1.7.7", "i", "1"),
    *("1.3.6.1.2.1.2.2.1.8.7", "i", "2"),
    *("1.3.6.1.2.1.31.1.1.1.1.7", "s", "Gi0/7"),
)
AUTH_KEY, PRIV_KEY = "auth-pass-phrase", "priv-pass-phrase"
PRIVS: tuple[PrivProtocol, ...] = ("DES", "AES-128", "AES-192", "AES-256")
LEVELS: list[tuple[AuthProtocol | None, PrivProtocol | None]] = [
    (None, None),
    *((auth, None) for auth in get_args(AuthProtocol)),
    *((auth, priv) for auth in get_args(AuthProtocol) for priv in PRIVS),
]


def user(auth: AuthProtocol | None, priv: PrivProtocol | None) -> User:
    name = f"{auth}-{priv}"
    return User(name, auth, auth and AUTH_KEY, priv, priv and PRIV_KEY)


def login(one: User) -> list[str]:
    """Return what tells net-snmp to log in as a user."""
    level = "noAuthNoPriv" if one.auth is None else "authNoPriv" if one.priv is None else "authPriv"
    said = ["-v3", "-u", one.name, "-l", level]
    if one.auth is not None:
        said += ["-a", one.auth.replace("SHA-1", "SHA"), "-A", AUTH_KEY]
    if one.priv is not None:
        said += ["-x", one.priv.replace("AES-128", "AES"), "-X", PRIV_KEY]
    return said


def is_link_down(event: Event) -> bool:
    wanted = {"if_index": 7, "admin_status": "up", "state": "down", "interface": "Gi0/7"}
    assert event.facts == wanted
    assert (event.event_class, event.severity, event.device) == ("link", "major", "device/d")
    assert event.about == "interface/d/Gi0/7"
    return event.name == "IF-MIB::linkDown"


async def test_a_trap_of_v1(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        where = f"127.0.0.1:{noc.trap_port}"
        await noc.snmp(
            "snmptrap", "-v1", "-c", "public", where, "1.3.6.1.4.1.9", "127.0.0.1", "2", "0", "", *LINK_VARBINDS
        )
        await noc.snmp(
            "snmptrap", "-v1", "-c", "public", where, "1.3.6.1.4.1.318", "127.0.0.1", "6", "5", "",
            "1.3.6.1.4.1.318.2.3.3.0", "s", "UPS: On battery power in response to an input power problem.",
        )  # fmt: skip
        link, battery = await noc.kept(2)
    assert is_link_down(link)
    assert (battery.name, battery.event_class, battery.severity) == ("PowerNet-MIB::upsOnBattery", "power", "critical")
    assert "On battery power" in battery.text


async def test_a_trap_of_v2c_is_told_at_once_and_repetitions_are_counted(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        for _ in range(3):
            await noc.snmp(
                "snmptrap", "-v2c", "-c", "public", f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN, *LINK_VARBINDS
            )
        (event,) = await noc.kept(3)
        assert is_link_down(event)
        assert event.count == 3
        assert event.first_ms < event.last_ms
        assert [told.name for told, _ in noc.told] == ["IF-MIB::linkDown"] * 3
        assert noc.log.tally.taken == 3 == noc.log.tally.written + noc.log.tally.repeated


async def test_an_inform_of_v2c_is_answered(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        # snmpinform fails where no answer comes
        await noc.snmp(
            "snmpinform", "-v2c", "-c", "public", f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN, *LINK_VARBINDS
        )
        assert noc.log.waiting == 0
        (event,) = await noc.kept(1)
    assert is_link_down(event)


async def test_an_inform_is_not_answered_before_it_is_on_disk(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        async with noc.database.write():  # nothing else can be written meanwhile
            arguments = ("-v2c", "-c", "public", "-t", "0.3", "-r", "1", f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN)
            await noc.snmp("snmpinform", *arguments, *LINK_VARBINDS, fails=True)
            assert noc.log.waiting == 1
            assert noc.traps.intake.tally.again == 1
        (event,) = await noc.kept(1)
    assert is_link_down(event)
    assert event.count == 1


@pytest.fixture(scope="module")
def long_keys() -> bool:
    """Whether Debian's net-snmp was built with AES-192 and AES-256."""
    said = subprocess.run([find_program("snmptrap", "snmp"), "-h"], capture_output=True, text=True, check=False)
    return "AES-256" in said.stdout + said.stderr


async def test_traps_of_v3_at_all_levels_with_all_protocols(tmp_path: Path, long_keys: bool) -> None:
    levels = [(auth, priv) for auth, priv in LEVELS if long_keys or priv not in ("AES-192", "AES-256")]
    users = tuple(user(auth, priv) for auth, priv in levels)
    async with reception(tmp_path, users=users) as noc:
        for number, one in enumerate(users):
            engine = f"0x8000000005{number:08x}"
            arguments = [*login(one), "-e", engine, f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN, *LINK_VARBINDS]
            await noc.snmp("snmptrap", *arguments)
            await noc.until(lambda number=number: noc.log.tally.taken == number + 1)  # type: ignore[misc]
        (event,) = await noc.kept(len(users))
        assert (event.count, noc.traps.intake.tally.refused) == (len(users), 0)
    assert is_link_down(event)
    assert len(users) >= 19


async def test_informs_of_v3_are_answered_at_all_levels(tmp_path: Path, long_keys: bool) -> None:
    levels = [(auth, priv) for auth, priv in LEVELS if long_keys or priv not in ("AES-192", "AES-256")]
    users = tuple(user(auth, priv) for auth, priv in levels)
    async with reception(tmp_path, users=users) as noc:
        for one in users:
            arguments = [*login(one), "-t", "2", "-r", "0", f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN]
            await noc.snmp("snmpinform", *arguments, *LINK_VARBINDS)
        (event,) = await noc.kept(len(users))
        tally = noc.traps.intake.tally
        assert (event.count, tally.refused) == (len(users), 0)
        assert tally.asked == len(users)  # for our engine id
        assert tally.received == tally.accepted + tally.asked


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (User("nobody"), "unknown user name"),
        (User("SHA-256-AES-128", "SHA-256", "another-pass-phrase", "AES-128", PRIV_KEY), "authentication failure"),
        (User("SHA-256-AES-128", "SHA-256", AUTH_KEY, None), "unsupported security level"),
    ],
)
async def test_informs_of_v3_that_are_not_believed(tmp_path: Path, sent: User, words: str) -> None:
    async with reception(tmp_path, users=(user("SHA-256", "AES-128"),)) as noc:
        arguments = [word if word != AUTH_KEY else sent.auth_key or "" for word in login(sent)]
        where = f"127.0.0.1:{noc.trap_port}"
        said = await noc.snmp("snmpinform", *arguments, "-t", "1", "-r", "0", where, "", LINK_DOWN, fails=True)
        assert words in said.lower()
        assert noc.traps.intake.tally.refused >= 1
        assert noc.log.tally.taken == 0


async def test_a_message_of_v3_that_is_sent_again_by_somebody_is_refused_when_it_is_old(tmp_path: Path) -> None:
    one = user("SHA-256", "AES-128")
    async with reception(tmp_path, users=(one,)) as noc:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as between:
            between.bind(("127.0.0.1", 0))
            between.setblocking(False)
            where = f"127.0.0.1:{between.getsockname()[1]}"
            for boots in ("5,100", "6,100"):
                await noc.snmp("snmptrap", *login(one), "-e", "0x8000000005aabbccdd", "-Z", boots, where, "", LINK_DOWN)
            old, new = between.recv(65_535), between.recv(65_535)
        answers: list[bytes] = []
        for data in (old, new, old):
            noc.traps.datagram(data, "127.0.0.1", answers.append)
        assert noc.traps.engine.refused == {"not in time window": 1}
        assert noc.traps.intake.tally.accepted == 2
        assert answers == []


async def test_a_community_that_no_credentials_name_is_refused(tmp_path: Path) -> None:
    async with reception(tmp_path) as noc:
        noc.traps.accepted = noc.traps.accepted.__class__(frozenset({b"right"}))
        where = f"127.0.0.1:{noc.trap_port}"
        await noc.snmp("snmptrap", "-v2c", "-c", "wrong", where, "", LINK_DOWN)
        await noc.snmp("snmptrap", "-v2c", "-c", "right", where, "", LINK_DOWN)
        assert len(await noc.kept(1)) == 1
        assert noc.traps.intake.tally.refused == 1


async def test_an_unknown_sender_is_counted_and_listed_and_not_answered(tmp_path: Path) -> None:
    elsewhere = Inventory(devices={"d": device(address="192.0.2.1")})
    async with reception(tmp_path, inventory=elsewhere) as noc:
        arguments = ("-v2c", "-c", "public", "-t", "0.2", "-r", "1", f"127.0.0.1:{noc.trap_port}", "", LINK_DOWN)
        await noc.snmp("snmpinform", *arguments, fails=True)
        assert noc.log.tally.taken == 0
        assert noc.traps.intake.tally.unknown == 2
        await noc.until(lambda: not noc.log.unknown.changed)


async def test_a_relay_says_whose_trap_it_is(tmp_path: Path) -> None:
    inventory = Inventory(devices={"far": device("far", "192.0.2.7")})
    async with reception(tmp_path, inventory=inventory, relays=frozenset({"127.0.0.1"})) as noc:
        where = f"127.0.0.1:{noc.trap_port}"
        await noc.snmp("snmptrap", "-v1", "-c", "public", where, "1.3.6.1.4.1.9", "192.0.2.7", "0", "0", "")
        await noc.snmp("snmptrap", "-v2c", "-c", "x", where, "", LINK_DOWN, "1.3.6.1.6.3.18.1.3.0", "a", "192.0.2.7")
        await noc.snmp("snmptrap", "-v1", "-c", "public", where, "1.3.6.1.4.1.9", "192.0.2.8", "0", "0", "")
        found = await noc.kept(2)
        assert [(one.name, one.device) for one in found] == [
            ("SNMPv2-MIB::coldStart", "device/far"),
            ("IF-MIB::linkDown", "device/far"),
        ]
        await noc.until(lambda: noc.traps.intake.tally.unknown == 1)


async def test_a_storm_is_shed_counted_and_told(tmp_path: Path) -> None:
    async with reception(tmp_path, rate=Rate(5, 20)) as noc:
        packet = await _packet(noc)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", noc.trap_port))
            for _ in range(500):
                sender.send(packet)
        await noc.until(lambda: noc.traps.intake.tally.received == 500)
        tally = noc.traps.intake.tally
        assert tally.shed >= 470
        assert tally.received == tally.accepted + tally.shed
        found = {one.name: one for one in await noc.kept(tally.accepted + 1)}
    assert found["IF-MIB::linkDown"].count == tally.accepted
    assert re.search(r"^1 message of this sender was shed: more than 5 a second", found[STORM].text)


async def _packet(noc: Reception) -> bytes:
    """Return a linkDown as net-snmp writes it."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as between:
        between.bind(("127.0.0.1", 0))
        between.setblocking(False)
        where = f"127.0.0.1:{between.getsockname()[1]}"
        await noc.snmp("snmptrap", "-v2c", "-c", "public", where, "", LINK_DOWN, *LINK_VARBINDS)
        return await asyncio.wait_for(loop.sock_recv(between, 65_535), 5)
