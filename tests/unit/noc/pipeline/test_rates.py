"""Rates of interfaces between two polls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.pipeline.rates import InterfaceRates

NONE = dict.fromkeys(Counters.__dataclass_fields__)
GIGABIT = 1_000_000_000


def interface(if_index: int = 1, name: str = "Gi0/1", wide: bool = True, **counters: int) -> Interface:
    return Interface(
        if_index=if_index,
        name=name,
        descr=name,
        alias="",
        if_type=6,
        speed_bps=GIGABIT,
        mtu=1500,
        mac=None,
        admin_status="up",
        oper_status="up",
        last_change_s=0.0,
        discontinuity_s=0.0,
        wide=wide,
        counters=Counters(**{**NONE, **counters}),  # type: ignore[arg-type]
    )


def poll(uptime_s: float | None, *interfaces: Interface) -> Snapshot:
    identity = DeviceIdentity("192.0.2.1", None, None, None, uptime_s, None, None, None, None, None, None, "generic")
    return Snapshot(identity, interfaces)


def test_the_first_poll_has_no_rates() -> None:
    assert InterfaceRates().take("d", poll(100.0, interface(in_octets=5)), 0.0) == {}


def test_octets_become_bits_and_a_share_of_the_line() -> None:
    rates = InterfaceRates()
    rates.take("d", poll(100.0, interface(in_octets=1000, out_octets=0, in_errors=3)), 0.0)
    found = rates.take("d", poll(160.0, interface(in_octets=750_001_000, out_octets=0, in_errors=9)), 60.0)
    assert found == {
        1: pytest.approx({"in_bps": 1e8, "out_bps": 0.0, "in_pct": 10.0, "out_pct": 0.0, "in_errors_ps": 0.1})
    }


def test_a_restart_of_the_device_gives_no_rate_and_no_spike() -> None:
    rates = InterfaceRates()
    rates.take("d", poll(10_000.0, interface(in_octets=10**12)), 0.0)
    assert rates.take("d", poll(20.0, interface(in_octets=500)), 60.0) == {}
    found = rates.take("d", poll(80.0, interface(in_octets=500 + 6000)), 120.0)
    assert found[1]["in_bps"] == pytest.approx(800.0)


def test_counters_that_were_cleared_for_one_interface_leave_the_others() -> None:
    rates = InterfaceRates()
    rates.take("d", poll(100.0, interface(1, in_octets=1000), interface(2, "Gi0/2", in_octets=1000)), 0.0)
    cleared = replace(interface(1, in_octets=10), discontinuity_s=130.0)
    found = rates.take("d", poll(160.0, cleared, interface(2, "Gi0/2", in_octets=1600)), 60.0)
    assert set(found) == {2}
    assert found[2]["in_bps"] == pytest.approx(80.0)


def test_an_ifindex_that_went_to_another_interface_has_no_rate() -> None:
    rates = InterfaceRates()
    rates.take("d", poll(100.0, interface(1, "Gi0/1", in_octets=1000)), 0.0)
    assert rates.take("d", poll(160.0, interface(1, "Tunnel9", in_octets=9000)), 60.0) == {}


def test_devices_do_not_mix_and_can_be_forgotten() -> None:
    rates = InterfaceRates()
    rates.take("a", poll(100.0, interface(in_octets=0)), 0.0)
    assert rates.take("b", poll(160.0, interface(in_octets=6000)), 60.0) == {}
    rates.forget("a")
    assert rates.take("a", poll(160.0, interface(in_octets=6000)), 60.0) == {}


def test_an_agent_without_sysuptime_still_has_rates() -> None:
    rates = InterfaceRates()
    rates.take("d", poll(None, interface(in_octets=0)), 0.0)
    assert rates.take("d", poll(None, interface(in_octets=7500)), 60.0)[1]["in_bps"] == pytest.approx(1000.0)
