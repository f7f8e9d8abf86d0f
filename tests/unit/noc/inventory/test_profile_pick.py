"""Which profile a device gets: by its sysObjectID first, by its sysDescr where several fit."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import Match, Profile
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import pick, probes
from noc.inventory.shipped import shipped

SHIPPED, _ = kept_profiles([shipped("profiles")])
CISCO = "1.3.6.1.4.1.9.1.1116"


def profile(name: str, *matches: Match) -> Profile:
    return Profile(name, name, matches, {}, (), ())


def some(**matches: Match) -> dict[str, Profile]:
    return {"generic": profile("generic"), **{name: profile(name, match) for name, match in matches.items()}}


def test_the_longest_prefix_of_the_sysobjectid_wins() -> None:
    profiles = some(vendor=Match((1, 3, 6)), family=Match((1, 3, 6, 7)), other=Match((1, 3, 6, 8)))
    assert pick(profiles, "1.3.6.7.1", None).name == "family"
    assert pick(profiles, "1.3.6.7", None).name == "family"
    assert pick(profiles, "1.3.6.9", None).name == "vendor"
    assert pick(profiles, "1.3.5", None).name == "generic"


def test_a_prefix_ends_between_numbers_not_within_one() -> None:
    profiles = some(nine=Match((1, 3, 6, 9)))
    assert pick(profiles, "1.3.6.9.1", None).name == "nine"
    assert pick(profiles, "1.3.6.91", None).name == "generic"


def test_among_equal_prefixes_one_with_a_pattern_that_fits_wins() -> None:
    profiles = some(
        a_plain=Match((1, 3, 6)), b_fits=Match((1, 3, 6), re.compile("IOS")), c_not=Match((1, 3, 6), re.compile("XR"))
    )
    assert pick(profiles, "1.3.6.1", "Cisco IOS").name == "b_fits"
    assert pick(profiles, "1.3.6.1", "NX-OS").name == "a_plain"
    assert pick(profiles, "1.3.6.1", None).name == "a_plain"


def test_a_longer_prefix_wins_over_a_pattern() -> None:
    profiles = some(longer=Match((1, 3, 6, 1)), pattern=Match((1, 3, 6), re.compile("IOS")))
    assert pick(profiles, "1.3.6.1", "Cisco IOS").name == "longer"


def test_among_equals_the_first_name_wins() -> None:
    profiles = some(zebra=Match((1, 3)), ant=Match((1, 3)), mole=Match((1, 3)))
    assert pick(profiles, "1.3.6", None).name == "ant"


def test_a_pattern_alone_finds_a_device_that_tells_no_sysobjectid() -> None:
    profiles = some(by_text=Match((), re.compile("^Terminal")))
    assert pick(profiles, None, "Terminal 9").name == "by_text"
    assert pick(profiles, None, None).name == "generic"
    assert pick(profiles, "1.3.6.1", "Terminal 9").name == "by_text"


def test_several_matches_of_one_profile_are_alternatives() -> None:
    profiles = {"generic": profile("generic"), "two": profile("two", Match((1, 3, 1)), Match((1, 3, 2)))}
    assert pick(profiles, "1.3.1", None).name == "two"
    assert pick(profiles, "1.3.2", None).name == "two"


@pytest.mark.parametrize(
    "sys_object_id", [None, "", ".", "0.0", "zero.zero", "1.3.x", "SNMPv2-SMI::enterprises.9", "²"]
)
def test_a_device_without_a_usable_sysobjectid_is_generic(sys_object_id: str | None) -> None:
    assert pick(SHIPPED, sys_object_id, None).name == "generic"


def test_a_leading_dot_is_no_obstacle() -> None:
    assert pick(SHIPPED, f".{CISCO}", "Cisco IOS Software").name == "cisco-ios"


@given(st.none() | st.text(), st.none() | st.text())
def test_whatever_a_device_says_of_itself_some_profile_is_picked(sys_object_id: str | None, descr: str | None) -> None:
    assert pick(SHIPPED, sys_object_id, descr).name in SHIPPED


@pytest.mark.parametrize(
    ("sys_object_id", "descr", "name"),
    [
        (CISCO, "Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE12", "cisco-ios"),
        (CISCO, "Cisco Internetwork Operating System Software \r\nIOS (tm) C2950 Software", "cisco-ios"),
        (CISCO, "Cisco IOS Software, ASR1000 Software (PPC_LINUX_IOSD-ADVENTERPRISEK9-M), Version 15.5", "cisco-iosxe"),
        (CISCO, "Cisco IOS Software [Everest], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.6", "cisco-iosxe"),
        (CISCO, "Cisco IOS-XE Software, Version 17.3", "cisco-iosxe"),
        (CISCO, "Cisco IOS XR Software (Cisco ASR9K Series),  Version 6.6.3[Default]", "cisco-iosxr"),
        ("1.3.6.1.4.1.9.12.3.1.3.1163", "Cisco NX-OS(tm) nxos.7.0.3.I7.8.bin, Software (nxos)", "cisco-nxos"),
        ("1.3.6.1.4.1.9.12.3.1.3.1062", "Cisco NX-OS(tm) ucs, Software (ucs-6100-k9-system)", "cisco-ucs"),
        (CISCO, "Cisco IOS Software [Amsterdam], C9800 Software (C9800_IOSXE-K9), Version 17.3", "cisco-c9800"),
        (CISCO, "Cisco Controller", "cisco-wlc"),
        (CISCO, "Hardware:VMware, 1  Intel(R) Xeon(R), 4096 MB Memory: Software:UCOS 6.0.0.0-2", "cisco-ucos"),
        ("1.3.6.1.4.1.9.1.2870", "Cisco Firepower Threat Defense, Version 7.6.2.1, ASA Version 9.22(1)", "cisco-ftd"),
        ("1.3.6.1.4.1.9.6.1.83.28.1", "28-port Gigabit Managed Switch", "cisco-small-business"),
        ("1.3.6.1.4.1.9.1.2404", "Cisco Adaptive Security Appliance Version 9.12(2)", "cisco-asa"),
        (CISCO, None, "cisco"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux web01 3.10.0-693.21.1.el7.x86_64 #1 SMP x86_64", "net-snmp-linux"),
        ("1.3.6.1.4.1.8072.3.2.8", "FreeBSD fw 13.1", "freebsd"),
        ("1.3.6.1.4.1.8072.3.2.8", "pfSense fw 2.4.4-RELEASE FreeBSD 11.2", "pfsense"),
        ("1.3.6.1.4.1.12325.1.1.2.1.1", "pfSense fw 2.4.4-RELEASE FreeBSD 11.2", "pfsense"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux fw 2.6.18-92cpx86_64 #1 SMP x86_64", "checkpoint-gaia"),
        ("1.3.6.1.4.1.12356.101.1.644", None, "fortinet-fortigate"),
        ("1.3.6.1.4.1.311.1.1.3.1.1", "Windows", "windows"),
        ("1.3.6.1.4.1.311.1.1.3.1.3", "Windows", "windows-server"),
        ("1.3.6.1.4.1.232.9.4.11", "Integrated Lights-Out 5", "hpe-ilo"),
        ("1.3.6.1.4.1.3764.1.1", None, "quantum-i6000"),
        ("1.3.6.1.4.1.3764.1.10.10", None, "quantum-scalar"),
        ("1.3.6.1.4.1.5491.304", "Netman 204", "riello"),
        ("1.3.6.1.2.1.33.1", None, "ups-mib"),
        ("1.3.6.1.4.1.8000", " UHP VSAT Terminal Software ", "uhp"),
        ("1.3.6.1.4.1.80001", "something else", "generic"),
    ],
)
def test_a_shipped_family_is_recognised(sys_object_id: str, descr: str | None, name: str) -> None:
    assert pick(SHIPPED, sys_object_id, descr).name == name


def test_a_match_by_an_object_is_for_those_whom_nothing_else_fits() -> None:
    profiles = some(by_object=Match(oid="1.3.6.9.1.0"), zebra=Match(oid="1.3.6.9.1.0"), other=Match((1, 3, 5)))
    assert pick(profiles, "1.3.6.9", "anything").name == "generic"
    told = probes(profiles, "1.3.6.9", "anything", profiles["generic"])
    assert {oid: family.name for oid, family in told.items()} == {"1.3.6.9.1.0": "by_object"}
    assert probes(profiles, "1.3.5", None, profiles["other"]) == {}


@pytest.mark.parametrize(
    ("sys_object_id", "descr", "asked"),
    [
        ("1.3.6.1.5", "Linux", {"1.3.8.1.0": "disks", "1.3.8.2.0": "tapes"}),
        ("1.3.6.1.5", "BSD", {"1.3.8.1.0": "disks"}),
        ("1.3.6.1.5.7", "Linux", {}),  # a longer identifier says who it is
        ("1.3.6.1.4", "Linux", {}),
    ],
)
def test_an_object_tells_what_the_operating_system_hides(
    sys_object_id: str, descr: str, asked: Mapping[str, str]
) -> None:
    system = (1, 3, 6, 1, 5)
    profiles = some(
        linux=Match(system),
        exact=Match((*system, 7)),
        disks=Match(system, oid="1.3.8.1.0"),
        tapes=Match(system, re.compile("Linux"), oid="1.3.8.2.0"),
        short=Match((1, 3, 6), oid="1.3.8.3.0"),
    )
    picked = pick(profiles, sys_object_id, descr)
    told = probes(profiles, sys_object_id, descr, picked)
    assert {oid: family.name for oid, family in told.items() if family.name != "short"} == asked
    assert ("1.3.8.3.0" in told) == (picked.name == "generic")
