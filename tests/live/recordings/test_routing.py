"""Routing and tunnels on recordings: peers by instance, IS-IS, OSPF, VRFs, IPsec, worked out from the MIBs."""

from __future__ import annotations

import pytest

from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll, recorded

pytestmark = pytest.mark.live

CISCO_ISIS = "1.3.6.1.4.1.9.10.118.1"
VRF_INTERFACES = "1.3.6.1.2.1.10.166.11.1.2.1.1.2"


def test_isis_adjacencies_of_cisco(snmpsim: RunningAgent) -> None:
    taken = poll(need("iosxe_asr920"), snmpsim.port).taken
    rows = taken.records["isis_adjacencies"]
    walk = recorded("iosxe_asr920")
    assert len(rows) == len(walk.column(f"{CISCO_ISIS}.6.1.1.2")) == 3
    assert [(row["neighbor"], row["system_id"], row["level"], row["state"], row["admin_status"]) for row in rows] == [
        ("10.246.1.30", "0102.4600.0005", "L2", "up", "on"),
        ("10.246.1.5", "0102.4600.0000", "L2", "up", "on"),
        ("10.246.1.33", "0102.4600.0001", "L2", "up", "on"),
    ]
    names = {port.if_index: port.name for port in taken.interfaces}
    assert [row["interface"] for row in rows] == [names.get(index) for index in (26, 27, 28)]


def test_neighbours_of_ospf_over_ipv6(snmpsim: RunningAgent) -> None:
    rows = poll(need("fortigate_60fospfv3"), snmpsim.port).taken.records["ospf_neighbors"]
    (row,) = [row for row in rows if "%" in str(row["neighbor"])]
    assert (row["router_id"], row["state"]) == ("10.0.99.11", "full")
    assert str(row["neighbor"]).startswith("fe80::1d7:101:98cf:af80%")


@pytest.mark.parametrize("name", ["iosxr_asr9001", "junos_vmx", "vrp_ce12804-withvrf"])
def test_interfaces_of_vrfs(name: str, snmpsim: RunningAgent) -> None:
    taken = poll(need(name), snmpsim.port).taken
    rows = taken.records["vrf_interfaces"]
    told = recorded(name).column(VRF_INTERFACES)
    assert {(str(row["vrf"]), row["if_index"]) for row in rows} == {
        (bytes(at[1 : at[0] + 1]).decode(), at[-1]) for at in told
    }
    names = {port.if_index: port.name for port in taken.interfaces}
    assert all(row["interface"] == names.get(int(str(row["if_index"]))) for row in rows)
    assert {row["vrf"] for row in rows} <= {row["name"] for row in taken.records["mpls_vrfs"]}


HUAWEI_VRF_NAMES = "1.3.6.1.4.1.2011.5.25.177.1.1.1.1.6"
CISCO_PREFIXES = "1.3.6.1.4.1.9.9.187.1.2.8.1.1"
IPSEC_TUNNELS = "1.3.6.1.4.1.9.9.171.1.3.2.1"


def test_peers_of_huawei_have_the_vpn_instance_that_the_table_names(snmpsim: RunningAgent) -> None:
    name = need("vrp_ce12804-withvrf")
    (row,) = poll(name, snmpsim.port).taken.records["bgp_peers"]
    assert list(recorded(name).column(HUAWEI_VRF_NAMES)) == [(32, 1, 1, 1, 4, 192, 168, 189, 96)]
    assert (row["vrf"], row["peer"]) == ("test1", "192.168.189.96")
    assert row["last_error"] == "OPEN message error: bad peer AS"
    public = poll(need("vrp_ne8000"), snmpsim.port).taken.records["bgp_peers"]
    assert {row["vrf"] for row in public} == {None}
    assert len({row["peer"] for row in public}) == len(public) == 23  # BGP4-MIB tells 18 of them again


@pytest.mark.parametrize(("name", "instances"), [("junos_mx", {None}), ("junos_vmx", {"9"})])
def test_peers_of_juniper_have_the_number_of_their_instance(
    name: str, instances: set[str | None], snmpsim: RunningAgent
) -> None:
    rows = poll(need(name), snmpsim.port).taken.records["bgp_peers"]
    assert {row["vrf"] for row in rows} == instances


def test_accepted_prefixes_are_added_up_over_address_families(snmpsim: RunningAgent) -> None:
    name = need("iosxr")
    rows = {row["peer"]: row for row in poll(name, snmpsim.port).taken.records["bgp_peers"]}
    told = recorded(name).column(CISCO_PREFIXES)
    assert told[1, 4, 192, 168, 5, 149, 1, 1] == 18_418
    assert told[1, 4, 192, 168, 5, 149, 1, 2] == 2_334
    assert rows["192.168.5.149"]["accepted_prefixes"] == 20_752
    assert rows["192.168.5.149"]["last_error"] == "cease: administrative shutdown"
    juniper = poll(need("junos_mx"), snmpsim.port).taken.records["bgp_peers"]
    assert [row["accepted_prefixes"] for row in juniper] == [24, 0, None]


def test_ipsec_tunnels_of_an_asa(snmpsim: RunningAgent) -> None:
    name = need("asa")
    walk, rows = recorded(name), poll(name, snmpsim.port).taken.records["vpn_tunnels"]
    assert [row["in_octets"] for row in rows] == [walk.column(f"{IPSEC_TUNNELS}.27")[at,] for at in (3395, 3455, 3459)]
    assert [(row["name"], row["oper_status"], row["uptime_s"], row["configured"]) for row in rows] == [
        ("196.44.140.214", "up", 191_521, False),
        ("149.217.60.23", "up", 14_242, False),
        ("196.44.140.214", "up", 2_771, False),
    ]


def test_ipsec_tunnels_of_a_fortigate(snmpsim: RunningAgent) -> None:
    (row,) = poll(need("fortigate_60f3g4g"), snmpsim.port).taken.records["vpn_tunnels"]
    told = (row["name"], row["peer"], row["oper_status"], row["configured"])
    assert told == ("ipsec_vpn_a", "99.123.234.4", "up", True)


def test_interfaces_of_ospf_and_groups_of_hsrp(snmpsim: RunningAgent) -> None:
    ospf = [sensor for sensor in poll(need("ios"), snmpsim.port).taken.sensors if sensor.name.startswith("OSPF on")]
    assert [(sensor.name, sensor.text, sensor.status) for sensor in ospf] == [
        ("OSPF on 10.0.0.2", "down", "unknown"),
        ("OSPF on 10.0.0.3", "pointToPoint", "ok"),
    ]
    hsrp = [sensor for sensor in poll(need("ios_c3560"), snmpsim.port).taken.sensors if sensor.name.startswith("HSRP")]
    assert [(sensor.text, sensor.status) for sensor in hsrp] == [("standby", "ok"), ("initial", "unknown")]
