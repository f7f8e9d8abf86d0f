"""`noc poll --json`: the shape that other people's scripts lean on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from noc.cli._console import print_json
from noc.cli._snapshot import document
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import PartFailure, Raw, Reading, SnmpAnswer
from noc.model.snapshot import SATELLITE_FIELDS, DeviceIdentity, Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])

DEVICE_KEYS = {
    *("address", "sys_object_id", "sys_name", "sys_descr", "uptime_s", "vendor", "os", "version", "model", "serial"),
    *("device_class", "profile"),
}
INTERFACE_KEYS = {
    *("if_index", "name", "descr", "alias", "if_type", "speed_bps", "mtu", "mac", "admin_status", "oper_status"),
    "counters",
}
COUNTER_KEYS = {
    *("in_octets", "out_octets", "in_ucast_pkts", "out_ucast_pkts", "in_errors", "out_errors"),
    *("in_discards", "out_discards"),
}
SENSOR_KEYS = ["kind", "index", "name", "value", "text", "unit", "oid", "status", "limit_high", "limit_low"]
LIST_KEYS = {
    "processors": "name usage_pct oid",
    "memory": "name total_bytes used_bytes used_pct",
    "storage": "name total_bytes used_bytes used_pct",
    "bgp_peers": "peer remote_as state admin_status uptime_s",
    "ospf_neighbors": "neighbor router_id state",
    "ip_sla": "index tag rtt_ms loss_pct jitter_ms ok",
    "neighbors": "protocol local_port remote_name remote_port",
}
BESIDE = ("isis_adjacencies", "vpn_tunnels", "vrf_interfaces", "qos_classes", "gateway_groups")
"""Lists that the contract does not name, and that stand beside those that it does."""
MPLS_KEYS = {
    "vrfs": "name oper_status active_interfaces",
    "ldp_sessions": "peer state",
    "te_tunnels": "name oper_status",
}
SATELLITE_KEYS = ["es_n0_db", "eb_n0_db", "rx_level_dbm", "tx_power_dbm", "rx_lock", "modcod"]


def answered(profile: str, answer: SnmpAnswer, *parts: PartFailure) -> Snapshot:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "cli", at, 0.0123, parts=parts, snmp=answer), PROFILES[profile])


RICH: dict[str, dict[tuple[int, ...], dict[str, Raw]]] = {
    "ifTable": {(1,): {"ifDescr": b"ge0", "ifOperStatus": 1, "ifInErrors": 0}},
    "entPhySensorTable": {(1,): {"entPhySensorType": 8, "entPhySensorValue": 40}},
    "hrProcessorTable": {(1,): {"hrProcessorLoad": 4}},
    "hrStorageTable": {
        (1,): {"hrStorageType": "1.3.6.1.2.1.25.2.1.2", "hrStorageSize": 8, "hrStorageUsed": 2},
        (2,): {"hrStorageType": "1.3.6.1.2.1.25.2.1.4", "hrStorageSize": 8, "hrStorageUsed": 2},
    },
    "bgpPeerTable": {(10, 0, 0, 1): {"bgpPeerState": 6}},
    "ospfNbrTable": {(10, 0, 0, 1, 0): {"ospfNbrState": 8}},
    "lldpRemTable": {(0, 1, 1): {"lldpRemPortId": b"ge1"}},
    "mplsL3VpnVrfTable": {(1, 65): {"mplsL3VpnVrfOperStatus": 1}},
    "mplsLdpSessionTable": {(10, 0, 0, 1, 0, 0, 1, 10, 0, 0, 2, 0, 0): {"mplsLdpSessionState": 5}},
    "mplsTunnelTable": {(1, 0, 1, 2): {"mplsTunnelOperStatus": 1, "mplsTunnelName": b"t1"}},
    "rttMonCtrlAdminTable": {(1,): {"rttMonCtrlAdminTag": b"hub", "rttMonCtrlAdminRttType": 1}},
}


def test_an_empty_answer_has_every_key_empty_lists_and_nulls() -> None:
    found = document(answered("generic", SnmpAnswer("generic")))
    assert set(found) == {
        *("device", "interfaces", "sensors", "mpls", "satellite", "errors", "duration_ms"),
        *LIST_KEYS,
        *BESIDE,
    }
    assert all(found[name] == [] for name in (*LIST_KEYS, *BESIDE, "interfaces", "sensors", "errors"))
    assert found["mpls"] == {"vrfs": [], "ldp_sessions": [], "te_tunnels": []}
    assert found["satellite"] == dict.fromkeys(SATELLITE_FIELDS)
    device = found["device"]
    assert isinstance(device, dict)
    assert set(device) == DEVICE_KEYS
    assert device["uptime_s"] is None


def test_a_device_that_does_not_answer_has_every_key_too() -> None:
    silent = Snapshot(DeviceIdentity("192.0.2.1", *[None] * 10, "generic"), errors=(PartFailure("snmp", "no answer"),))
    found, whole = document(silent), document(answered("generic", SnmpAnswer("generic")))
    assert list(found) == list(whole)
    assert {name: found[name] for name in found if name not in ("device", "errors", "duration_ms")} == {
        name: whole[name] for name in whole if name not in ("device", "errors", "duration_ms")
    }


def test_every_row_has_the_promised_keys() -> None:
    found = json.loads(json.dumps(document(answered("cisco", SnmpAnswer("cisco", {}, RICH)))))
    assert set(found["interfaces"][0]) >= INTERFACE_KEYS
    assert set(found["interfaces"][0]["counters"]) >= COUNTER_KEYS
    assert set(found["sensors"][0]) == set(SENSOR_KEYS)
    for name, keys in LIST_KEYS.items():
        assert set(keys.split()) <= set(found[name][0]), name
    for name, keys in MPLS_KEYS.items():
        assert set(keys.split()) <= set(found["mpls"][name][0]), name


def test_what_an_agent_does_not_give_is_null_and_what_is_zero_is_zero() -> None:
    found = json.loads(json.dumps(document(answered("generic", SnmpAnswer("generic", {}, RICH)))))
    counters = found["interfaces"][0]["counters"]
    assert counters["in_errors"] == 0
    assert counters["out_errors"] is None
    assert found["interfaces"][0]["speed_bps"] is None


def test_a_satellite_terminal_has_all_satellite_keys() -> None:
    answer = SnmpAnswer("uhp", {"lbandSNR1": 135, "rxState": 136})
    found = document(answered("uhp", answer))["satellite"]
    assert isinstance(found, dict)
    assert set(SATELLITE_KEYS) <= set(found)
    assert (found["snr_db"], found["rx_lock"], found["es_n0_db"]) == (13.5, True, None)


def test_what_could_not_be_read_is_in_errors_beside_what_was() -> None:
    part = PartFailure("ifXTable", "no answer")
    found = document(answered("generic", SnmpAnswer("generic", {"sysName": b"core"}), part))
    assert found["errors"] == [{"what": "ifXTable", "reason": "no answer"}]
    assert found["duration_ms"] == 12.3


def test_the_document_is_one_json_document_in_unicode(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(document(answered("generic", SnmpAnswer("generic", {"sysName": "Zürich 北京\x1b[2J\n".encode()}))))
    printed = capsys.readouterr().out
    assert json.loads(printed)["device"]["sys_name"] == "Zürich 北京\x1b[2J"
    assert "Zürich 北京" in printed
    assert "\x1b" not in printed
