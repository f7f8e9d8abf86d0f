"""From what devices really send to the rules of security: lines and traps as their makers write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest

from alerts.eventwatch import EventWatch
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from collectors.receivers._syslogevent import event_of
from collectors.receivers._trapevent import Notification
from collectors.receivers._trapevent import event_of as event_of_trap
from noc.inventory.entities import Region
from noc.inventory.events.compiled import EventBook
from noc.inventory.events.load import load_events
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.event import Event
from noc.wire.ber import Tag, VarBind
from noc.wire.syslog import parse
from tests.things import device
from tests.unit.alerts.rules.things import SITE

NOON_MS = 1_772_452_800_000  # 2026-03-02T12:00:00Z, a Monday
HOUR_MS = 3_600_000
OUTSIDE = "203.0.113.7"
NAMES = tuple(f"d{number}" for number in range(6))
FLEET = Inventory(
    {"africa": Region(id="africa", name="Africa")},
    {"s": SITE},
    {**{name: device(name) for name in NAMES}, "fw": replace(device("fw"), device_class="firewall")},
)
FAILED = frozenset({"login-failures", "asked-from-outside"})
ENTERED = frozenset({"login-from-outside", "login-odd-hours", "asked-from-outside"})
CHANGED = frozenset({"configuration-changed"})


class Sent(NamedTuple):
    """A line, who it speaks of, and the rules that hold when it comes twelve times at noon and at three at night."""

    line: str
    user: str | None
    asked_from: str | None
    rules: frozenset[str]


SENT = {
    "OpenSSH refuses": Sent(
        f"<38>Mar  2 12:00:00 host sshd[1]: Failed password for root from {OUTSIDE} port 4 ssh2",
        "root",
        OUTSIDE,
        FAILED,
    ),
    "OpenSSH lets in": Sent(
        f"<38>Mar  2 12:00:00 host sshd[1]: Accepted publickey for ada from {OUTSIDE} port 4 ssh2: ED25519 SHA256:x",
        *("ada", OUTSIDE, ENTERED),
    ),
    "cron is no log-in": Sent(
        "<86>Mar  2 03:00:00 host CRON[1]: pam_unix(cron:session): session opened for user root by (uid=0)",
        *(None, None, frozenset()),
    ),
    "Cisco IOS refuses": Sent(
        f"<188>45: *Mar  2 12:00:00.000: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: admin] [Source: {OUTSIDE}] "
        "[localport: 22] [Reason: Login Authentication Failed] at 12:00:00 UTC Mon Mar 2 2026",
        *("admin", OUTSIDE, FAILED),
    ),
    "Cisco IOS lets in": Sent(
        f"<189>46: *Mar  2 12:00:00.000: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: admin] [Source: {OUTSIDE}] "
        "[localport: 22] at 12:00:00 UTC Mon Mar 2 2026",
        *("admin", OUTSIDE, ENTERED),
    ),
    "Cisco IOS XR refuses": Sent(
        "<38>1: RP/0/RSP0/CPU0:Mar  2 12:00:00.000 : SSHD_[65745]: %SECURITY-SSHD-4-INFO_FAILURE : "
        f"Failed authentication attempt by user 'admin' from '{OUTSIDE}' on 'vty0' due to wrong password",
        *("admin", OUTSIDE, FAILED),
    ),
    "Cisco IOS XR lets in": Sent(
        "<38>1: RP/0/RSP0/CPU0:Mar  2 12:00:00.000 : SSHD_[65745]: %SECURITY-SSHD-6-INFO_SUCCESS : "
        f"Successfully authenticated user 'admin' from '{OUTSIDE}' on 'vty0'(cipher 'aes128-ctr', mac 'hmac-sha2-256')",
        *("admin", OUTSIDE, ENTERED),
    ),
    "Cisco NX-OS refuses": Sent(
        "<187>: 2026 Mar  2 12:00:00 UTC: %AUTHPRIV-3-SYSTEM_MSG: "
        f"pam_aaa:Authentication failed for user admin from {OUTSIDE} - sshd[1234]",
        *("admin", OUTSIDE, FAILED),
    ),
    "Cisco ASA refuses": Sent(
        f"<166>Mar 02 2026 12:00:00 fw : %ASA-6-605004: Login denied from {OUTSIDE}/4123 to outside:192.0.2.1/ssh for "
        'user "admin"',
        *("admin", OUTSIDE, FAILED),
    ),
    "Cisco ASA lets in": Sent(
        f"<166>Mar 02 2026 12:00:00 fw : %ASA-6-605005: Login permitted from {OUTSIDE}/4123 to outside:192.0.2.1/ssh "
        'for user "admin"',
        *("admin", OUTSIDE, ENTERED),
    ),
    "Juniper refuses": Sent(
        f"<37>Mar  2 12:00:00 mx sshd[1]: SSHD_LOGIN_FAILED: Login failed for user 'root' from host '{OUTSIDE}'",
        *("root", OUTSIDE, FAILED),
    ),
    "Juniper lets in": Sent(
        "<190>Mar  2 12:00:00 mx mgd[1]: UI_LOGIN_EVENT: User 'ada' login, class 'j-super-user' [1234], ssh-connection "
        f"'{OUTSIDE} 4 10.1.1.1 22', client-mode 'cli'",
        *("ada", OUTSIDE, ENTERED),
    ),
    "FortiGate refuses": Sent(
        '<185>date=2026-03-02 time=12:00:00 devname="FG" logid="0100032002" type="event" subtype="system" '
        f'level="alert" logdesc="Admin login failed" user="admin" ui="https({OUTSIDE})" srcip={OUTSIDE} '
        f'dstip=10.0.0.1 action="login" status="failed" msg="Administrator admin login failed from https({OUTSIDE}) '
        'because of invalid user name"',
        *("admin", None, FAILED),
    ),
    "FortiGate lets in": Sent(
        '<190>date=2026-03-02 time=12:00:00 devname="FG" logid="0100032001" type="event" subtype="system" '
        f'level="information" logdesc="Admin login successful" user="admin" srcip={OUTSIDE} action="login" '
        f'status="success" msg="Administrator admin logged in successfully from ssh({OUTSIDE})"',
        *("admin", None, ENTERED),
    ),
    "Huawei refuses": Sent(
        f"<188>Mar  2 2026 12:00:00 HW %%01SSH/4/SSH_FAIL(s)[10]:Failed to log in through SSH. (IP={OUTSIDE}, "
        "VpnInstanceName=, UserName=admin, Times=1, FailedReason=User public key authentication failed)",
        *("admin", OUTSIDE, FAILED),
    ),
    "Huawei lets in": Sent(
        f"<189>Mar  2 2026 12:00:00 HW %%01SHELL/5/LOGIN(s)[10]:VTY login from {OUTSIDE}.", None, OUTSIDE, ENTERED
    ),
    "Comware lets in": Sent(
        f"<190>Mar  2 12:00:00 2026 HPE %%10SHELL/5/SHELL_LOGIN: admin logged in from {OUTSIDE}.",
        *("admin", OUTSIDE, ENTERED),
    ),
    "MikroTik refuses": Sent(
        f"<134>Mar  2 12:00:00 MikroTik system,error,critical login failure for user admin from {OUTSIDE} via ssh",
        *("admin", OUTSIDE, FAILED),
    ),
    "MikroTik lets in": Sent(
        f"<134>Mar  2 12:00:00 MikroTik system,info,account user admin logged in from {OUTSIDE} via ssh",
        *("admin", OUTSIDE, ENTERED),
    ),
    "Palo Alto refuses": Sent(
        "<14>Mar  2 12:00:00 PA-VM 1,2026/03/02 12:00:00,001,SYSTEM,auth,0,2026/03/02 12:00:00,,auth-fail,,0,0,general,"
        f"medium,\"failed authentication for user 'admin'. Reason: Invalid username/password. From: {OUTSIDE}.\",1,0x0",
        *("admin", OUTSIDE, FAILED),
    ),
    "Palo Alto lets in": Sent(
        "<14>Mar  2 12:00:00 PA-VM 1,2026/03/02 12:00:00,001,SYSTEM,general,0,2026/03/02 12:00:00,,general,,0,0,"
        f'general,informational,"User admin logged in via CLI from {OUTSIDE}",1,0x0',
        *("admin", OUTSIDE, ENTERED),
    ),
    "Cisco IOS is asked by SNMP": Sent(
        f"<187>48: *Mar  2 12:00:00.000: %SNMP-3-AUTHFAIL: Authentication failure for SNMP req from host {OUTSIDE}",
        *(None, OUTSIDE, FAILED),
    ),
    "net-snmp is asked": Sent(
        f"<30>Mar  2 12:00:00 host snmpd[1]: Connection from UDP: [{OUTSIDE}]:4->[10.0.0.1]:161 refused",
        *(None, OUTSIDE, FAILED),
    ),
    "Cisco IOS is configured": Sent(
        "<189>47: *Mar  2 12:00:00.000: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.0.0.9)",
        *("admin", "10.0.0.9", CHANGED),
    ),
    "Cisco IOS XR is configured": Sent(
        "<189>1: RP/0/RSP0/CPU0:Mar  2 12:00:00.000 : config[65745]: %MGBL-CONFIG-6-DB_COMMIT : Configuration "
        "committed by user 'admin'. Use 'show configuration commit changes 1000000001' to view the changes.",
        *("admin", None, CHANGED),
    ),
    "Cisco NX-OS is configured": Sent(
        "<189>: 2026 Mar  2 12:00:00 UTC: %VSHD-5-VSHD_SYSLOG_CONFIG_I: Configured from vty by admin on 10.0.0.9@pts/0",
        *("admin", None, CHANGED),
    ),
    "Cisco ASA is configured": Sent(
        "<165>Mar 02 2026 12:00:00 fw : %ASA-5-111008: User 'admin' executed the 'configure terminal' command.",
        *("admin", None, CHANGED),
    ),
    "Juniper is configured": Sent(
        "<189>Mar  2 12:00:00 mx mgd[1]: UI_COMMIT: User 'ada' requested 'commit' operation (comment: none)",
        *("ada", None, CHANGED),
    ),
    "FortiGate is configured": Sent(
        '<190>date=2026-03-02 time=12:00:00 devname="FG" logid="0100044547" type="event" subtype="system" '
        'level="information" logdesc="Object attribute configured" user="admin" ui="GUI(10.0.0.9)" action="Edit" '
        'cfgpath="firewall.policy" cfgattr="status[enable->disable]" msg="Edit firewall.policy 3"',
        *("admin", None, CHANGED),
    ),
    "Huawei is configured": Sent(
        "<189>Mar  2 2026 12:00:00 HW %%01CFM/5/CFM_SAVE(l)[1]:The user chose Y when deciding whether to save the "
        "configuration to the device.",
        *(None, None, CHANGED),
    ),
    "Palo Alto is configured": Sent(
        "<14>Mar  2 12:00:00 PA-VM 1,2026/03/02 12:00:00,001,CONFIG,0,0,2026/03/02 12:00:00,10.0.0.9,,set,admin,Web,"
        "Succeeded, config shared,1,0x0",
        *(None, None, CHANGED),
    ),
    "MikroTik is configured": Sent(
        "<134>Mar  2 12:00:00 MikroTik system,info filter rule changed by admin", "admin", None, CHANGED
    ),
    "Cisco IOS sees an address on a guarded port": Sent(
        "<186>49: *Mar  2 12:00:00.000: %PORT_SECURITY-2-PSECURE_VIOLATION: Security violation occurred, caused by MAC "
        "address 0011.2233.4455 on port GigabitEthernet0/7.",
        *(None, None, frozenset({"port-security"})),
    ),
}


@cache
def book() -> EventBook:
    found, wrong = load_events([shipped("events")])
    assert wrong == []
    return found


@cache
def rules() -> Rules:
    return Rules(load_rules([shipped("rules")])[0].values())


def heard(line: str, on: str = "d0", at_ms: int = NOON_MS) -> Event:
    event, _ = event_of(parse(line.encode(), at_ms), book(), "192.0.2.1", f"device/{on}", at_ms)
    return event


def raised(events: Iterable[Event], in_window: bool = False) -> set[tuple[str, str]]:
    """Return rule and entity of all that is raised, each event judged by itself."""
    watch = EventWatch(rules(), FLEET, "here", lambda _, __: in_window)
    return {(one.rule, one.entity) for event in events for one in watch.take([event]) if one.status == "raised"}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
def test_a_line_of_a_maker_raises_what_it_must_and_nothing_else(sent: Sent) -> None:
    first = heard(sent.line)
    assert (first.facts.get("user"), first.facts.get("from")) == (sent.user, sent.asked_from)
    several = [heard(sent.line, at_ms=NOON_MS + begin + n * 20_000) for begin in (0, 15 * HOUR_MS) for n in range(12)]
    assert {rule for rule, _ in raised(several)} == sent.rules


def test_what_comes_from_inside_at_noon_is_nobodys_concern() -> None:
    lines = [one.line.replace(OUTSIDE, "10.4.0.9") for name, one in SENT.items() if name.endswith("lets in")]
    assert raised(heard(line) for line in lines) == set()


@pytest.mark.parametrize("name", ["OpenSSH refuses", "Huawei refuses", "Palo Alto refuses"])
def test_failures_over_devices_are_one_thing(name: str) -> None:
    found = raised(heard(SENT[name].line, on, NOON_MS + n * 1_000) for n, on in enumerate(NAMES))
    assert ("login-failures-spread", "network") in found


def test_a_change_in_a_window_was_planned() -> None:
    assert raised([heard(SENT["Juniper is configured"].line)], in_window=True) == set()


def trap(oid: str, *varbinds: VarBind, on: str = "d0", at_ms: int = NOON_MS) -> Event:
    notification = Notification(tuple(map(int, oid.split("."))), varbinds)
    event, _ = event_of_trap(notification, book(), "192.0.2.1", f"device/{on}", at_ms, lambda *_: None)
    return event


AUTHENTICATION_FAILURE = "1.3.6.1.6.3.1.1.5.5"
AUTH_ADDR = (1, 3, 6, 1, 4, 1, 9, 2, 1, 5, 0)


def test_agents_that_are_asked_with_wrong_credentials_on_many_devices() -> None:
    found = raised(trap(AUTHENTICATION_FAILURE, on=on, at_ms=NOON_MS + n) for n, on in enumerate(NAMES))
    assert ("snmp-failures-spread", "network") in found


@pytest.mark.parametrize(("address", "rules_raised"), [(OUTSIDE, {"asked-from-outside"}), ("10.0.0.9", set())])
def test_an_agent_tells_who_asked_it(address: str, rules_raised: set[str]) -> None:
    told = VarBind(AUTH_ADDR, Tag.IP_ADDRESS, address)
    found = raised(trap(AUTHENTICATION_FAILURE, told, at_ms=NOON_MS + n * 1_000) for n in range(3))
    assert {rule for rule, _ in found} == rules_raised


@pytest.mark.parametrize("oid", ["1.3.6.1.4.1.9.9.43.2.0.1", "1.3.6.1.4.1.2636.4.5.0.1"])
def test_a_trap_tells_of_a_change(oid: str) -> None:
    assert raised([trap(oid)]) == {("configuration-changed", "device/d0")}
    assert raised([trap(oid)], in_window=True) == set()


MAC_CHANGED = "1.3.6.1.4.1.9.9.215.2.0.1"
MAC_MESSAGE = (1, 3, 6, 1, 4, 1, 9, 9, 215, 1, 1, 8, 1, 2, 7)


@pytest.mark.parametrize(("operation", "rules_raised"), [(1, {"address-new"}), (2, set())])
def test_a_switch_tells_of_addresses_on_ports_that_it_watches(operation: int, rules_raised: set[str]) -> None:
    message = bytes([operation, 0, 10, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0, 7])
    told = trap(MAC_CHANGED, VarBind(MAC_MESSAGE, Tag.OCTET_STRING, message))
    assert told.facts["addresses"] == f"0{operation}:00:0a:00:11:22:33:44:55:00:07"
    assert {rule for rule, _ in raised([told])} == rules_raised
    assert raised([told], in_window=True) == set()


DENIED = {
    "Cisco ASA": "<164>Mar 02 2026 12:00:00 fw : %ASA-4-106023: Deny tcp src outside:203.0.113.7/4 dst "
    'inside:10.1.1.5/22 by access-group "out" [0x0, 0x0]',
    "FortiGate": '<189>date=2026-03-02 time=12:00:00 devname="FG" logid="0000000013" type="traffic" subtype="forward" '
    'level="notice" srcip=10.1.1.5 dstip=10.9.0.1 dstport=22 proto=6 action="deny" policyid=0',
    "Palo Alto": "<14>Mar  2 12:00:00 PA-VM 1,2026/03/02 12:00:00,001,TRAFFIC,drop,0,2026/03/02 12:00:00,10.1.1.5,"
    "10.9.0.1,0.0.0.0,0.0.0.0,deny-all,,,not-applicable,vsys1,in,out,ae1,,fwd,2026/03/02 12:00:00,0,1,4,22,0,0,0x0,"
    "tcp,deny",
    "Juniper SRX": "<14>Mar  2 12:00:00 srx RT_FLOW: RT_FLOW_SESSION_DENY: session denied 10.1.1.5/4->10.9.0.1/22 ssh "
    "6(0) deny-all trust untrust",
    "Linux": "<4>Mar  2 12:00:00 fw kernel: [1.2] DROP IN=eth0 OUT=eth1 SRC=10.1.1.5 DST=10.9.0.1 PROTO=TCP "
    "SPT=4 DPT=22",
}


@pytest.mark.parametrize("line", DENIED.values(), ids=DENIED)
def test_a_flood_of_refusals(line: str) -> None:
    events = [heard(line, "fw", NOON_MS + n * 200) for n in range(1_001)]
    assert raised(events) == {("firewall-denies", "device/fw")}
