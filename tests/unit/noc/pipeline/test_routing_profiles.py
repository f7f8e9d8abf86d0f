"""Routing that no recording at hand has: answers as the MIBs define them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot

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
    """Return what a profile of one's own reads of these tables."""
    (folder / "own.yaml").write_text(f"title: Own\nextends: [{extends}]\n")
    profiles, findings = load_profiles([shipped("profiles"), folder])
    assert findings == []
    answer = SnmpAnswer("own", {}, {name: {**rows} for name, rows in tables.items()})
    return snapshot(Reading("snmp", "192.0.2.1", "here", NOON, 0.1, snmp=answer), replace(profiles["own"]))


def test_classes_of_quality_of_service_have_the_names_of_people(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "cisco-iosxe, cisco-qos", QOS).records["qos_classes"]
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


def test_no_family_asks_for_them_by_itself() -> None:
    profiles, _ = load_profiles([shipped("profiles")])
    asking = [name for name, profile in profiles.items() if any(t.name == "cbQosCMStatsTable" for t in profile.tables)]
    assert asking == ["cisco-qos"]


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
