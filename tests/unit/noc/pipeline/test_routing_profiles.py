"""Routing that no recording at hand has: answers as the MIBs define them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot
from tests.families import some_families

SHIPPED, _ = kept_profiles([shipped("profiles")])
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Tables = Mapping[str, Mapping[Index, Mapping[str, Raw]]]

IF_NAMES: Tables = {"ifXTable": {(3,): {"ifName": b"Gi0/0/0"}}}
POLICY, TOP, CLASS = 18, 18, 131_072
QOS: Tables = {
    **IF_NAMES,
    "cbQosServicePolicyTable": {(POLICY,): {"cbQosPolicyDirection": 2, "cbQosIfIndex": 3}},
    "cbQosObjectsTable": {
        (POLICY, TOP): {"cbQosConfigIndex": 100, "cbQosParentObjectsIndex": 0},
        (POLICY, CLASS): {"cbQosConfigIndex": 200, "cbQosParentObjectsIndex": TOP},
    },
    "cbQosPolicyMapCfgTable": {(100,): {"cbQosPolicyMapName": b"WAN-OUT"}},
    "cbQosCMCfgTable": {(200,): {"cbQosCMName": b"VOICE"}},
    "cbQosCMStatsTable": {
        (POLICY, CLASS): {
            "cbQosCMPrePolicyPkt64": 1000,
            "cbQosCMPrePolicyByte64": 2**40,
            "cbQosCMPrePolicyBitRate": 64_000,
            "cbQosCMPostPolicyByte64": 2**40 - 5,
            "cbQosCMPostPolicyBitRate": 63_000,
            "cbQosCMDropPkt64": 7,
            "cbQosCMDropByte64": 5,
            "cbQosCMDropBitRate": 1000,
        }
    },
}


def read(folder: Path, extends: str, tables: Tables) -> Snapshot:
    """Return what a shipped profile reads of these tables, or one of one's own that extends several."""
    profile = SHIPPED.get(extends)
    if profile is None:
        shipped_ones = some_families(extends.split(", "), folder / "shipped")
        (folder / "own.yaml").write_text(f"title: Own\nextends: [{extends}]\n")
        profiles, findings = load_profiles([shipped_ones, folder])
        assert findings == []
        profile = profiles["own"]
    answer = SnmpAnswer("own", {}, {name: {**rows} for name, rows in tables.items()})
    return snapshot(Reading("snmp", "192.0.2.1", "here", NOON, 0.1, snmp=answer), profile)


def test_classes_of_quality_of_service_have_the_names_of_people(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "cisco-iosxe", QOS).records["qos_classes"]
    assert row == {
        "interface": "Gi0/0/0",
        "direction": "out",
        "policy": "WAN-OUT",
        "class": "VOICE",
        "packets": 1000,
        "bytes": 2**40,
        "rate_bps": 64_000,
        "sent_bytes": 2**40 - 5,
        "sent_bps": 63_000,
        "drop_packets": 7,
        "drop_bytes": 5,
        "drop_bps": 1000,
    }


@pytest.mark.parametrize("family", ["cisco", "cisco-ios", "cisco-iosxe", "cisco-iosxr", "cisco-nxos"])
def test_the_families_that_have_classes_ask_for_them_seldom_and_not_for_thousands(family: str) -> None:
    (table,) = [table for table in SHIPPED[family].tables if table.name == "cbQosCMStatsTable"]
    assert table.at_most == 200
    assert {column.every_s for column in table.columns} == {900.0}


def test_a_class_without_a_name_is_left_out(tmp_path: Path) -> None:
    nameless = {name: rows for name, rows in QOS.items() if name != "cbQosCMCfgTable"}
    assert read(tmp_path, "cisco-iosxe", nameless).records["qos_classes"] == ()


@pytest.mark.parametrize(
    "index",
    [tuple(b"to-juba"), (7, *b"to-juba"), (*b"to-juba", *(0,) * 25)],
    ids=["implied", "with its length", "of a fixed length"],
)
def test_label_switched_paths_of_junos_are_tunnels(index: Index, tmp_path: Path) -> None:
    tables: Tables = {"mplsLspInfoTable": {index: {"mplsLspInfoState": 3}}}
    (row,) = read(tmp_path, "juniper-junos", tables).records["mpls_te_tunnels"]
    assert row == {"name": "to-juba", "oper_status": "down", "admin_status": None}


@pytest.mark.parametrize(("number", "word"), [*enumerate(("unknown", "up", "down", "notInService", "up"), 1)])
def test_states_of_label_switched_paths_are_those_of_the_mib(number: int, word: str, tmp_path: Path) -> None:
    tables: Tables = {"mplsLspInfoTable": {tuple(b"x"): {"mplsLspInfoState": number}}}
    (row,) = read(tmp_path, "juniper-junos", tables).records["mpls_te_tunnels"]
    assert row["oper_status"] == word


def test_a_jitter_probe_tells_mos_and_delay_one_way(tmp_path: Path) -> None:
    jitter = {
        "rttMonLatestJitterOperNumOfRTT": 98,
        "rttMonLatestJitterOperPacketLossSD": 1,
        "rttMonLatestJitterOperPacketLossDS": 1,
        "rttMonLatestJitterOperAvgJitter": 3,
        "rttMonLatestJitterOperMOS": 406,
        "rttMonLatestJitterOperOWAvgSD": 20,
        "rttMonLatestJitterOperOWAvgDS": 26,
    }
    tables: Tables = {
        "rttMonCtrlAdminTable": {(1,): {"rttMonCtrlAdminTag": b"hub", "rttMonCtrlAdminRttType": 9}},
        "rttMonEchoAdminTable": {(1,): {"rttMonEchoAdminPrecision": 1}},
        "rttMonLatestRttOperTable": {(1,): {"rttMonLatestRttOperCompletionTime": 48, "rttMonLatestRttOperSense": 1}},
        "rttMonLatestJitterOperTable": {(1,): jitter},
    }
    (row,) = read(tmp_path, "cisco-iosxe", tables).records["ip_sla"]
    assert (row["tag"], row["rtt_ms"], row["loss_pct"], row["jitter_ms"], row["ok"]) == ("hub", 48, 2, 3, True)
    assert (row["mos"], row["delay_ms"]) == (4.06, 23)
    unsynchronised = {**jitter, "rttMonLatestJitterOperOWAvgSD": 0, "rttMonLatestJitterOperOWAvgDS": 0}
    (row,) = read(tmp_path, "cisco-iosxe", {**tables, "rttMonLatestJitterOperTable": {(1,): unsynchronised}}).records[
        "ip_sla"
    ]
    assert row["delay_ms"] is None


def test_adjacencies_by_the_standard_mib(tmp_path: Path) -> None:
    system = bytes.fromhex("000000000002")
    adjacency = {"isisISAdjState": 2, "isisISAdjNeighSysType": 3, "isisISAdjNeighSysID": system}
    tables: Tables = {
        **IF_NAMES,
        "isisCircTable": {(1,): {"isisCircIfIndex": 3, "isisCircAdminState": 1}},
        "isisISAdjTable": {(1, 4): adjacency},
        "isisISAdjIPAddrTable": {(1, 4, 1): {"isisISAdjIPAddrAddress": bytes([10, 0, 1, 2])}},
    }
    (row,) = read(tmp_path, "generic", tables).records["isis_adjacencies"]
    assert row == {
        "neighbor": "10.0.1.2",
        "system_id": "0000.0000.0002",
        "level": "L1L2",
        "interface": "Gi0/0/0",
        "state": "initializing",
        "admin_status": "on",
    }


ADDRESS = (1, 4, 10, 0, 0, 1)
"""InetAddressType ipv4, its length and 10.0.0.1, as they stand in an index."""


def peers(taken: Snapshot) -> list[tuple[object, ...]]:
    return [(row["vrf"], row["peer"], row["state"]) for row in taken.records["bgp_peers"]]


def test_peers_of_cisco_are_told_apart_by_their_vrf(tmp_path: Path) -> None:
    tables: Tables = {
        "cbgpPeer3Table": {
            (1, *ADDRESS): {"cbgpPeer3VrfName": b"default", "cbgpPeer3State": 6},
            (3, *ADDRESS): {"cbgpPeer3VrfName": b"red", "cbgpPeer3State": 6},
            (4, *ADDRESS): {"cbgpPeer3VrfName": b"blue", "cbgpPeer3State": 1},
        },
        "cbgpPeer2Table": {ADDRESS: {"cbgpPeer2State": 6, "cbgpPeer2RemoteAs": 65001}},
        "bgpPeerTable": {(10, 0, 0, 1): {"bgpPeerState": 6}},
    }
    told = [(None, "10.0.0.1", "established"), ("red", "10.0.0.1", "established"), ("blue", "10.0.0.1", "idle")]
    assert peers(read(tmp_path, "cisco-nxos", tables)) == told


def test_a_peer_of_the_default_instance_is_not_taken_for_one_of_a_vrf(tmp_path: Path) -> None:
    tables: Tables = {
        "cbgpPeer3Table": {(3, *ADDRESS): {"cbgpPeer3VrfName": b"red", "cbgpPeer3State": 1}},
        "bgpPeerTable": {(10, 0, 0, 1): {"bgpPeerState": 6}},
    }
    told = {("red", "10.0.0.1", "idle"), (None, "10.0.0.1", "established")}
    assert set(peers(read(tmp_path, "cisco-iosxe", tables))) == told


def test_what_tells_the_default_instance_too_has_told_all_peers(tmp_path: Path) -> None:
    """A table without instances that has an address of a VRF speaks of that VRF: agents are not of one mind there."""
    tables: Tables = {
        "jnxBgpM2PeerTable": {
            (0, 1): {"jnxBgpM2PeerRemoteAddr": bytes([10, 9, 9, 9]), "jnxBgpM2PeerState": 6},
            (47, 1): {"jnxBgpM2PeerRemoteAddr": bytes([10, 0, 0, 1]), "jnxBgpM2PeerState": 3},
        },
        "bgpPeerTable": {(10, 0, 0, 1): {"bgpPeerState": 3}, (10, 0, 0, 2): {"bgpPeerState": 6}},
    }
    assert peers(read(tmp_path, "juniper-junos", tables)) == [
        (None, "10.9.9.9", "established"),
        ("47", "10.0.0.1", "active"),
        (None, "10.0.0.2", "established"),
    ]


def test_peers_of_huawei_arista_and_dell_have_their_instance(tmp_path: Path) -> None:
    family = (1, 1, *ADDRESS)
    tables: Tables = {
        "hwBgpPeerTable": {(0, *family): {"hwBgpPeerState": 6}, (32, *family): {"hwBgpPeerState": 2}},
        "hwBgpPeerAddrFamilyTable": {
            (0, *family): {"hwBgpPeerVrfName": b"Public"},
            (32, *family): {"hwBgpPeerVrfName": b"red"},
        },
    }
    told = [(None, "10.0.0.1", "established"), ("red", "10.0.0.1", "connect")]
    assert peers(read(tmp_path, "huawei-vrp", tables)) == told
    instances: Tables = {
        "aristaBgp4V2PeerTable": {
            (1, *ADDRESS): {"aristaBgp4V2PeerState": 6},
            (2, *ADDRESS): {"aristaBgp4V2PeerState": 2},
        }
    }
    told = [(None, "10.0.0.1", "established"), ("2", "10.0.0.1", "connect")]
    assert peers(read(tmp_path, "arista-eos", instances)) == told
    instances = {
        "os10bgp4V2PeerTable": {
            (1, *ADDRESS): {"os10bgp4V2PeerState": 6},
            (2, *ADDRESS): {"os10bgp4V2PeerState": 2},
        }
    }
    assert peers(read(tmp_path, "dell-os10", instances)) == told


def test_what_a_peer_sent_and_why_it_went_is_told(tmp_path: Path) -> None:
    tables: Tables = {
        "cbgpPeer2Table": {ADDRESS: {"cbgpPeer2State": 6, "cbgpPeer2LastError": bytes([6, 2])}},
        "cbgpPeer2AddrFamilyPrefixTable": {
            (*ADDRESS, 1, 1): {"cbgpPeer2AcceptedPrefixes": 18_418},
            (*ADDRESS, 1, 128): {"cbgpPeer2AcceptedPrefixes": 2_334},
            (1, 4, 10, 0, 0, 2, 1, 1): {"cbgpPeer2AcceptedPrefixes": 7},
        },
        "bgpPeerTable": {
            (10, 0, 0, 9): {"bgpPeerState": 1, "bgpPeerLastError": bytes([0, 0])},
            (10, 0, 0, 10): {"bgpPeerState": 1, "bgpPeerLastError": bytes([9, 1])},
        },
    }
    rows = read(tmp_path, "cisco-iosxr", tables).records["bgp_peers"]
    assert [(row["accepted_prefixes"], row["last_error"]) for row in rows] == [
        (20_752, "cease: administrative shutdown"),
        (None, None),
        (None, "0901"),
    ]


def test_tunnels_of_firewalls_have_their_status(tmp_path: Path) -> None:
    fortigate: Tables = {
        "fgVpnTunTable": {
            (1, 1): {
                "fgVpnTunEntPhase1Name": b"hub",
                "fgVpnTunEntPhase2Name": b"hub",
                "fgVpnTunEntRemGwyIp": bytes([192, 0, 2, 1]),
                "fgVpnTunEntStatus": 1,
            }
        }
    }
    (row,) = read(tmp_path, "fortinet-fortigate", fortigate).records["vpn_tunnels"]
    assert (row["name"], row["peer"], row["oper_status"], row["configured"]) == ("hub", "192.0.2.1", "down", True)
    newer: Tables = {
        **fortigate,
        "fgVpn2TunTable": {
            (1, 1): {"fgVpn2TunPhase1Name": b"hub", "fgVpn2TunPhase2Name": b"lan", "fgVpn2TunStatus": 2}
        },
    }
    (row,) = read(tmp_path, "fortinet-fortigate", newer).records["vpn_tunnels"]
    assert (row["name"], row["oper_status"]) == ("hub lan", "up")


def test_tunnels_that_are_told_of_only_while_they_are_up(tmp_path: Path) -> None:
    cisco: Tables = {
        "cipSecTunnelTable": {
            (7,): {
                "cipSecTunRemoteAddr": bytes([192, 0, 2, 1]),
                "cipSecTunActiveTime": 19_152_100,
                "cipSecTunHcInOctets": 2**40,
                "cipSecTunStatus": 1,
            }
        }
    }
    (row,) = read(tmp_path, "cisco-asa", cisco).records["vpn_tunnels"]
    assert (row["name"], row["oper_status"], row["uptime_s"], row["in_octets"]) == ("192.0.2.1", "up", 191_521, 2**40)
    static, dynamic = (*ADDRESS, 1), (*ADDRESS, 2)
    junos: Tables = {
        "jnxIpSecTunnelMonTable": {
            static: {"jnxIpSecTunMonRemotePeerType": 1, "jnxIpSecTunMonInDecryptedBytes": 5},
            dynamic: {"jnxIpSecTunMonRemotePeerType": 2},
        },
        "jnxJsIpSecTunnelTable": {static: {"jnxJsIpSecTunState": 2}},
    }
    (other,) = read(tmp_path, "juniper-junos", junos).records["vpn_tunnels"]
    assert (other["name"], other["oper_status"], other["in_octets"]) == ("10.0.0.1", "down", 5)
    mikrotik: Tables = {"mtxrIkeSATable": {(1,): {"mtxrIkeSAPeerAddress": bytes([10, 0, 0, 1]), "mtxrIkeSAState": 2}}}
    (third,) = read(tmp_path, "mikrotik-routeros", mikrotik).records["vpn_tunnels"]
    assert (third["name"], third["oper_status"]) == ("10.0.0.1", "up")
    assert {row["configured"], other["configured"], third["configured"]} == {False}


def test_permanent_tunnels_of_check_point_come_before_all(tmp_path: Path) -> None:
    states = {
        number: {"tunnelPeerObjName": f"gw-{number}".encode(), "tunnelState": number} for number in (129, 130, 131)
    }
    tables: Tables = {
        "permanentTunnelTable": {(1,): {"permanentTunnelPeerObjName": b"gw-131", "permanentTunnelState": 3}},
        "tunnelTable": {(number,): row for number, row in states.items()},
    }
    rows = read(tmp_path, "checkpoint-gaia", tables).records["vpn_tunnels"]
    assert [(row["name"], row["oper_status"], row["configured"]) for row in rows] == [
        ("gw-131", "up", True),
        ("gw-129", "up", None),
        ("gw-130", "phase1", None),
    ]


def test_gateways_that_stand_in_for_each_other_and_interfaces_of_ospf(tmp_path: Path) -> None:
    tables: Tables = {
        **IF_NAMES,
        "vrrpOperTable": {(3, 1): {"vrrpOperState": 3, "vrrpOperAdminState": 1}, (3, 2): {"vrrpOperAdminState": 2}},
        "vrrpv3OperationsTable": {(3, 9, 2): {"vrrpv3OperationsStatus": 1}},
        "ospfIfTable": {
            (10, 0, 0, 1, 0): {"ospfIfState": 5, "ospfIfAdminStat": 1},
            (0, 0, 0, 0, 3): {"ospfIfState": 1, "ospfIfAdminStat": 1},
            (10, 0, 0, 2, 0): {"ospfIfState": 1, "ospfIfAdminStat": 2},
        },
    }
    sensors = read(tmp_path, "generic", tables).sensors
    assert [(sensor.name, sensor.text, sensor.status) for sensor in sensors] == [
        ("OSPF on Gi0/0/0", "down", "unknown"),
        ("OSPF on 10.0.0.1", "designatedRouter", "ok"),
        ("VRRP 1 on Gi0/0/0", "master", "ok"),
        ("VRRP 9 IPv6 on Gi0/0/0", "initialize", "warning"),
    ]
