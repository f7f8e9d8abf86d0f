"""Routing on recordings: IS-IS, OSPF over IPv6, interfaces of VRFs, worked out from the MIBs."""

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
