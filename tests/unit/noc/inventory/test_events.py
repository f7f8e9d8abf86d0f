"""The book of events: names, rules, which rule counts, and what is wrong with files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noc.inventory.events.compiled import EventBook, Meaning
from noc.inventory.events.load import load_events
from noc.inventory.shipped import shipped
from tests.examples import at_least

MODULE = """
notifications: {somethingBad: 1.3.6.1.4.1.9.1.2.0.3, other: 1.3.6.1.4.1.9.1.2.0.4}
objects:
  thing: {oid: 1.3.6.1.4.1.9.1.2.1.1, values: {"1": up, "2": down}}
"""


def book(folder: Path, family: str, module: str = MODULE) -> tuple[EventBook, list[str]]:
    (folder / "mib").mkdir(exist_ok=True)
    (folder / "mib" / "A-MIB.yaml").write_text(module)
    (folder / "family.yaml").write_text(family)
    found, findings = load_events([folder])
    return found, [f"{Path(finding.file).name}:{finding.line}: {finding.message}" for finding in findings]


def test_shipped_files_are_right_and_know_what_everybody_sends() -> None:
    found, findings = load_events([shipped("events")])
    assert findings == []
    assert found.trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3)) == (
        "IF-MIB::linkDown",
        Meaning("link", "major", facts={"state": "down"}),
    )
    assert len(found.notifications) > 250
    classes = {meaning.event_class for oid in found.notifications for meaning in [found.trap(oid)[1]]}
    assert classes >= {"link", "routing", "environment", "authentication", "configuration", "power", "satellite"}


def test_agents_disagree_on_the_zero_before_the_last_number(tmp_path: Path) -> None:
    found, _ = book(tmp_path, "title: t")
    assert found.name_of((1, 3, 6, 1, 4, 1, 9, 1, 2, 0, 3)) == "A-MIB::somethingBad"
    assert found.name_of((1, 3, 6, 1, 4, 1, 9, 1, 2, 3)) == "A-MIB::somethingBad"


def test_an_unknown_trap_is_called_by_its_vendor(tmp_path: Path) -> None:
    found, wrong = book(tmp_path, "title: t\nvendors: {1.3.6.1.4.1.9: cisco}\ntraps: {1.3.6.1.4.1.9.7: {class: power}}")
    assert wrong == []
    assert found.trap((1, 3, 6, 1, 4, 1, 9, 7, 0, 1)) == ("cisco:7.0.1", Meaning("power"))
    assert found.trap((1, 3, 6, 1, 4, 1, 8, 7)) == ("1.3.6.1.4.1.8.7", Meaning("other"))


def test_the_exact_name_counts_more_than_a_star_and_that_more_than_the_numbers(tmp_path: Path) -> None:
    found, _ = book(
        tmp_path,
        "title: t\ntraps:\n  1.3.6.1.4.1.9: {class: power}\n  A-MIB::*: {class: link}\n"
        "  A-MIB::some*: {class: routing}\n  A-MIB::somethingBad: {class: satellite}\n",
    )
    prefix = (1, 3, 6, 1, 4, 1, 9, 1, 2, 0)
    assert [found.trap((*prefix, last))[1].event_class for last in (3, 4, 5)] == ["satellite", "link", "power"]


def test_the_rule_that_says_most_about_a_message_counts(tmp_path: Path) -> None:
    found, wrong = book(
        tmp_path,
        r"""title: t
syslog:
  - {names: ["%*"], class: other}
  - {names: ["%LINK-*"], class: link}
  - {names: ["%LINK-*"], pattern: 'Interface (?P<interface>\S+)', class: routing}
  - {apps: [sshd], class: authentication}
""",
    )
    assert wrong == []
    assert found.syslog("%LINK-3-X", None, "Interface Gi1")[1] == {"interface": "Gi1"}
    classes = [
        meaning.event_class if meaning else None
        for name, app, text in (
            ("%LINK-3-X", None, "Interface Gi1"),
            ("%LINK-3-X", None, "nothing"),
            ("%ELSE-3-X", None, ""),
            ("sshd", "sshd", ""),
            ("cron", "cron", ""),
        )
        for meaning in [found.syslog(name, app, text)[0]]
    ]
    assert classes == ["routing", "link", "other", "authentication", None]


def test_severity_goes_by_state_then_by_the_rule_then_by_the_sender() -> None:
    meaning = Meaning("link", "warning", {"down": "major"})
    assert [meaning.severity_of(state, "info") for state in ("down", "up", None)] == ["major", "warning", "warning"]
    assert Meaning("link").severity_of("down", "info") == "info"


def test_names_of_profiles_are_known_too_and_replace_nothing(tmp_path: Path) -> None:
    found, _ = book(tmp_path, "title: t")
    more = found.with_names([("else", "1.3.6.1.4.1.7"), ("thing", "1.3.6.1.4.1.9.1.2.1.1")])
    assert [more.object_name(oid) for oid in ((1, 3, 6, 1, 4, 1, 7, 5), (1, 3, 6, 1, 4, 1, 9, 1, 2, 1, 1))] == [
        "else.5",
        "A-MIB::thing",
    ]
    assert found.object_name((1, 3, 6, 1, 4, 1, 7, 5)) == "1.3.6.1.4.1.7.5"


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("title: t\ntraps: {A-MIB::somethingBat: {class: link}}", "did you mean 'A-MIB::somethingBad'"),
        ("title: t\ntraps: {A-MIB::none*: {class: link}}", "is in no MIB module here"),
        ("title: t\nvarbinds: {A-MIB::thin: {fact: state}}", "did you mean 'A-MIB::thing'"),
        ("title: t\nvarbinds: {A-MIB::thing: {fact: State}}", "is not the name of a fact"),
        ("title: t\ntraps: {A-MIB::other: {class: linke}}", "did you mean 'link'"),
        ("title: t\ntraps: {A-MIB::other: {class: link, look: [ping]}}", "'ping' is not one of"),
        ("title: t\nsyslog: [{pattern: '(', class: link}]", "is no regular expression"),
        ("title: t\nsyslog: [{class: link}]", "needs names, apps or pattern"),
        ("title: t\nvendors: {cisco: 1.3.6}", "'cisco' is no OID"),
        ("traps: {}", "missing key 'title'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, family: str, words: str) -> None:
    _, wrong = book(tmp_path, family)
    assert len(wrong) == 1
    assert words in wrong[0]
    assert wrong[0].startswith("family.yaml:")


def test_names_of_a_module_with_an_error_are_not_told_again(tmp_path: Path) -> None:
    _, wrong = book(tmp_path, "title: t\ntraps: {A-MIB::other: {class: link}}", "notifications: {x: 1.2.a}")
    assert [line.partition(":")[0] for line in wrong] == ["A-MIB.yaml"]


def test_a_file_of_ones_own_replaces_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "links.yaml").write_text("title: mine\ntraps: {IF-MIB::linkDown: {class: other, severity: info}}")
    found, findings = load_events([shipped("events"), tmp_path])
    assert findings == []
    assert found.trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))[1] == Meaning("other", "info")


SHIPPED, _ = load_events([shipped("events")])
NAMES = ["%LINK-3-UPDOWN", "%BGP-5-ADJCHANGE", "%OSPF-5-ADJCHG", "RPD_OSPF_NBRDOWN", "BGP", "%SEC_LOGIN-5-X",
         "IFNET/4/IF_STATE", "fortigate:event/system", "%BFD-5-STATE_CHANGE", "SNMP_TRAP_LINK_UP",
         "LACP_INTF_DOWN"]  # fmt: skip
APPS = [
    None,
    "sshd",
    "rpd",
    "alarmd",
    "craftd",
    "kernel",
    "System",
    "BGP",
    "OSPF",
    "ospfd",
    "bgpd",
    "sudo",
    "orchagent",
]


@at_least(60)
@given(st.sampled_from(NAMES), st.sampled_from(APPS), st.text(max_size=200).map(lambda text: text * 10))
@example("%ASA-6-605005", "sshd", "user " + "a" * 5_000)
@example("%SEC_LOGIN-5-X", None, "user " * 300)
@example("%OSPF-5-ADJCHG", None, "Nbr 1.1.1.1 on Gi1 from A to B, " * 100)
@example("%LINK-3-UPDOWN", None, "Interface " + "a" * 900 + " (" + ")" * 200)
@example("LACP_INTF_DOWN", "lacpd", "ae1: " * 300)
@example("%BGP-5-ADJCHANGE", None, "neighbor " + "1" * 900)
def test_patterns_of_the_shipped_rules_take_no_time_on_any_text(name: str, app: str | None, text: str) -> None:
    begun = time.process_time()
    SHIPPED.syslog(name, app, text)
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    ("oid", "name", "event_class", "severity"),
    [
        ("534.1.11.4.2.0.3", "XUPS-MIB::xupstpOnBattery", "power", "critical"),
        ("534.1.11.4.1.0.6", "XUPS-MIB::xupstdReturnFromLowBattery", "power", "info"),
        ("534.1.11.4.1.0.29", "XUPS-MIB::xupstdAmbientTempBad", "environment", "major"),
        ("705.1.11.0.12", "MG-SNMP-UPS-MIB::upsmgReturnFromBattery", "power", "info"),
        ("705.1.11.0.56", "MG-SNMP-UPS-MIB::upsmgEnvironTemperatureHigh", "environment", "warning"),
        ("3375.2.4.0.24", "F5-BIGIP-COMMON-MIB::bigipNetLinkDown", "link", "major"),
        ("2544.1.12.2.2.5", "CM-SYSTEM-MIB::cmSnmpDyingGaspTrap", "power", "critical"),
        ("9.10.65.2.0.4", "MPLS-LDP-MIB::mplsLdpSessionDown", "routing", "major"),
        ("6302.2.1.5.3", "EES-POWER-MIB::alarmCeaseTrap", "power", "info"),
        ("318.0.538", "apc:0.538", "power", None),
    ],
)
def test_shipped_names_and_meanings(oid: str, name: str, event_class: str, severity: str | None) -> None:
    book, findings = load_events([shipped("events")])
    assert findings == []
    found, meaning = book.trap((1, 3, 6, 1, 4, 1, *map(int, oid.split("."))))
    assert (found, meaning.event_class, meaning.severity) == (name, event_class, severity)
