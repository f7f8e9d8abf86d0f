"""Rooms: the air of the room and not the inside of a server, each watt once, and what nobody measures stays unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DeviceClass
from noc.model.present import StatusNow
from noc.model.snapshot import DeviceIdentity, Sensor, SensorStatus, Snapshot
from noc.pipeline.rooms import Cooling, Measured, Room, rooms_of
from tests.things import device

IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]


class Known:
    """What is known of the devices of a test."""

    def __init__(self, snapshots: dict[str, Snapshot], down: tuple[str, ...] = ()) -> None:
        self._snapshots = snapshots
        self._down = down

    def status(self, entity: str) -> StatusNow:
        return StatusNow("down" if entity in self._down else "up")

    def snapshot(self, entity: str) -> Snapshot | None:
        return self._snapshots.get(entity)

    def parts(self, _: str) -> tuple[()]:
        return ()


def standing(name: str, device_class: DeviceClass, room: str | None = "hall") -> Device:
    return replace(device(name), device_class=device_class, room=room)


def sensors(*told: tuple[str, str, float]) -> Snapshot:
    return Snapshot(
        IDENTITY, (), tuple(Sensor(kind, "1", name, value, None, None, "1.3", None) for kind, name, value in told)
    )  # type: ignore[arg-type]


def test_a_room_is_what_its_devices_tell() -> None:
    devices = [
        standing("ups-1", "ups"),
        standing("ups-2", "ups"),
        standing("pdu-1", "other"),
        standing("srv-1", "server"),
        standing("srv-2", "server"),
        standing("elsewhere", "ups", None),
    ]
    read = {
        "device/ups-1": sensors(
            ("load", "Output", 41.0),
            ("charge", "Battery", 100.0),
            ("runtime", "Battery", 1800.0),
            ("runtime", "Time on battery", 30.0),
            ("temperature", "Battery", 39.0),
            ("power", "Input 1", 2100.0),
            ("power", "Output", 2000.0),
            ("power", "Output phase 1", 2000.0),
        ),
        "device/ups-2": sensors(("load", "Output", 55.0), ("charge", "Battery", 72.0), ("power", "Output", 1000.0)),
        "device/pdu-1": sensors(
            ("temperature", "Probe 1", 24.5),
            ("humidity", "Probe 1", 38.0),
            ("humidity", "Probe 2", 51.0),
            ("power", "PDU 1", 1500.0),
            ("power", "PDU 1 phase 1", 700.0),
            ("power", "Outlet 3 core", 120.0),
        ),
        "device/srv-1": sensors(
            ("temperature", "CPU 1", 71.0), ("temperature", "Inlet Temp", 26.0), ("power", "PSU 1", 300.0)
        ),
        "device/elsewhere": sensors(("load", "Output", 99.0)),
    }
    inventory = Inventory(devices={one.id: one for one in devices})
    (room,) = rooms_of(inventory, Known(read, ("device/srv-2",)))
    assert (room.site, room.room, room.devices, room.not_up, room.unread) == ("s", "hall", 5, ("srv-2",), 1)
    assert room.temperature_c == Measured(26.0, "srv-1", "Inlet Temp")
    assert (room.humidity_low_pct, room.humidity_high_pct) == (
        Measured(38.0, "pdu-1", "Probe 1"),
        Measured(51.0, "pdu-1", "Probe 2"),
    )
    assert room.ups_load_pct == Measured(55.0, "ups-2", "Output")
    assert room.ups_charge_pct == Measured(72.0, "ups-2", "Battery")
    assert room.ups_runtime_s == Measured(1800.0, "ups-1", "Battery")
    assert room.on_battery == ("ups-1",)
    assert (room.ups_power_w, room.pdu_power_w) == (3000.0, 1500.0)


def test_what_nobody_measures_is_not_known() -> None:
    inventory = Inventory(devices={"srv-1": standing("srv-1", "server")})
    (room,) = rooms_of(inventory, Known({}))
    assert (room.temperature_c, room.ups_load_pct, room.pdu_power_w, room.unread) == (None, None, None, 1)
    assert rooms_of(inventory, Known({}), lambda _: False) == []


def test_power_of_phases_and_outlets_is_added_up_where_nobody_tells_the_whole() -> None:
    inventory = Inventory(devices={"pdu-1": standing("pdu-1", "other"), "pdu-2": standing("pdu-2", "other")})
    read = {
        "device/pdu-1": sensors(
            ("power", "A phase 1", 100.0), ("power", "A phase 2", 200.0), ("power", "Outlet 1", 50.0)
        ),
        "device/pdu-2": sensors(("power", "Outlet 1", 5.0), ("power", "Outlet 2", 6.0)),
    }
    (room,) = rooms_of(inventory, Known(read))
    assert room.pdu_power_w == 311.0


APC_RP = "1.3.6.1.4.1.318.1.1.13.3.3.1.2.2"
APC_RD = "1.3.6.1.4.1.318.1.1.13.4.5.2.1"
LIEBERT = "1.3.6.1.4.1.476.1.42.3"
RFC_1628 = "1.3.6.1.2.1.33.1"


def told(*sensors: tuple[str, str, str, float]) -> Snapshot:
    """Return a device that tells of these: kind, OID, name as its profile gives it, value."""
    found = [
        Sensor(kind, oid.rpartition(".")[2], name, value, None, None, oid, "ok") for kind, oid, name, value in sensors
    ]
    return Snapshot(IDENTITY, (), tuple(found))


def state(oid: str, name: str, text: str, status: SensorStatus) -> Sensor:
    return Sensor("state", "0", name, 1, text, None, oid, status)


def hall(down: tuple[str, ...] = (), **things: tuple[DeviceClass, Snapshot]) -> Room:
    """Return a room with these devices, by their names."""
    devices = {name: standing(name, kind) for name, (kind, _) in things.items()}
    read = {devices[name].entity: known for name, (_, known) in things.items()}
    (room,) = rooms_of(Inventory(devices=devices), Known(read, tuple(devices[name].entity for name in down)))
    return room


def in_row(output: float, text: str = "on", status: SensorStatus = "ok", supply: float = 17.2) -> Snapshot:
    """Return an InRow RP as config/profiles/apc-cooling.yaml reads it."""
    found = told(
        ("temperature", f"{APC_RP}.5.0", "Unit, supply air", supply),
        ("temperature", f"{APC_RP}.7.0", "Unit, return air", 34.8),
        ("humidity", f"{APC_RP}.8.0", "Unit, supply air", 61.0),
        ("power", f"{APC_RP}.13.0", "Unit, cooling demand", 9500.0),
        ("power", f"{APC_RP}.14.0", "Unit, cooling output", output),
        ("temperature", f"{APC_RP}.24.0", "Unit, rack inlet 1", 22.5),
        ("temperature", f"{APC_RP}.41.0", "Unit, heat sink of the compressor drive", 58.0),
        ("temperature", f"{APC_RP}.43.0", "Unit, control card of the compressor drive", 44.0),
    )
    return replace(found, sensors=(state(f"{APC_RP}.1.0", "Unit", text, status), *found.sensors))


def test_cooling_is_what_the_air_conditioners_tell_and_is_no_power() -> None:
    room = hall(
        a=("other", in_row(9100.0)),
        b=("other", in_row(0.0, "idle", "warning", 24.0)),
        pdu=("other", told(("power", "1.3.6.1.4.1.318.1.1.26.4.3.1.5.1", "rack-7", 2400.0))),
    )
    assert room.cooling == Cooling(units=2, well=2, running=1, failed=(), output_w=9100.0, demand_w=19000.0)
    assert room.pdu_power_w == 2400.0
    assert room.temperature_c == Measured(22.5, "a", "Unit, rack inlet 1")
    assert room.supply_air_c == Measured(24.0, "b", "Unit, supply air")
    assert room.return_air_c == Measured(34.8, "a", "Unit, return air")
    assert room.humidity_high_pct is None


def test_a_unit_that_is_down_cools_nothing_and_has_failed() -> None:
    room = hall(("b",), a=("other", in_row(9100.0)), b=("other", in_row(8000.0)))
    assert room.cooling is not None
    assert (room.cooling.units, room.cooling.well, room.cooling.running) == (2, 1, 1)
    assert (room.cooling.failed, room.cooling.output_w) == (("b",), 9100.0)
    everything_down = hall(("a",), a=("other", in_row(9100.0)))
    assert everything_down.cooling == Cooling(units=1, well=0, running=0, failed=("a",))


def test_units_that_fail_by_their_own_word() -> None:
    liebert = told(("percent", f"{LIEBERT}.4.3.9.0", "Cooling capacity", 64.0))
    on = state(f"{LIEBERT}.4.3.1.0", "System", "on", "ok")
    alarm = state(f"{LIEBERT}.4.3.8.0", "General alarm", "on", "critical")
    room = hall(crac=("other", replace(liebert, sensors=(*liebert.sensors, on, alarm))))
    assert room.cooling == Cooling(
        units=1, well=0, running=1, failed=("crac",), capacity_pct=Measured(64.0, "crac", "Cooling capacity")
    )
    fan_module = state("1.3.6.1.4.1.318.1.1.13.1.3.1.0", "System", "failed", "critical")
    room = hall(fm=("other", Snapshot(IDENTITY, (), (fan_module,))))
    assert room.cooling == Cooling(units=1, well=0, running=0, failed=("fm",))


def test_a_controller_of_several_units_tells_of_each() -> None:
    rows = [("power", f"{APC_RD}.2.{row}", f"Unit {row}, cooling output", watts) for row, watts in ((1, 5e3), (2, 0.0))]
    suction = ("temperature", f"{APC_RD}.13.1", "Unit 1, suction", 8.0)
    room = hall(rdt=("other", told(*rows, suction)))
    assert room.cooling == Cooling(units=2, well=2, running=1, output_w=5000.0)
    assert room.temperature_c is None


def test_a_profile_of_ones_own_may_name_its_cooling_output() -> None:
    room = hall(crac=("other", told(("power", "1.3.6.1.4.1.29462.1.2.0", "Circuit 1, cooling output", 12e3))))
    assert room.cooling == Cooling(units=1, well=1, running=1, output_w=12e3)
    assert room.pdu_power_w is None


@pytest.mark.parametrize(
    ("device_class", "oid", "name"),
    [
        ("other", "1.3.6.1.4.1.28634.14.2.9151.0", "Coolant"),
        ("other", "1.3.6.1.4.1.1918.2.13.10.60.29.0", "Hottest rectifier"),
        ("other", "1.3.6.1.4.1.12148.10.10.7.5.0", "Battery"),
        ("other", "1.3.6.1.4.1.13742.4.1.3.1.5.0", "Processor"),
        ("other", "1.3.6.1.4.1.5528.100.4.1.3.1.2.7", "Rack 4 dew point"),
        ("other", "1.3.6.1.4.1.21796.3.3.3.1.6.1", "Hall 1 dew point"),
        ("other", f"{LIEBERT}.4.1.3.3.1.6.1", "Temperature 1 set point"),
        ("other", f"{LIEBERT}.4.1.3.3.1.50.1", "Temperature 1"),
        ("other", "1.3.6.1.4.1.99999.1.0", "Transformer"),
        ("other", "1.3.6.1.4.1.99999.2.0", "Chilled water inlet"),
        ("ups", f"{RFC_1628}.2.7.0", "Battery"),
        ("ups", "1.3.6.1.4.1.2011.6.174.1.2.101.1.4.1", "UPS 1"),
        ("server", "1.3.6.1.2.1.99.1.1.1.4.7", "Power supply 1"),
        ("server", "1.3.6.1.2.1.99.1.1.1.4.8", "PSU 2 inlet"),
        ("server", "1.3.6.1.2.1.99.1.1.1.4.9", "Battery ambient"),
        ("switch", "1.3.6.1.4.1.9.9.13.1.3.1.3.1", "Return loss module 2"),
    ],
)
def test_the_inside_of_things_is_no_room_air(device_class: DeviceClass, oid: str, name: str) -> None:
    room = hall(one=(device_class, told(("temperature", oid, name, 71.0))))
    assert (room.temperature_c, room.supply_air_c, room.return_air_c) == (None, None, None)


@pytest.mark.parametrize(
    ("device_class", "oid", "name"),
    [
        ("other", "1.3.6.1.4.1.318.1.1.10.4.2.3.1.5.0.1", "Server battery corner"),  # whatever a customer calls it
        ("other", "1.3.6.1.4.1.318.1.1.26.10.2.2.1.8.1", "Probe 1"),
        ("ups", "1.3.6.1.4.1.318.1.1.25.1.2.1.6.1.1", "Port 1"),
        ("ups", "1.3.6.1.4.1.3808.1.1.4.2.6.0", "Environment"),
        ("ups", "1.3.6.1.4.1.534.1.6.1.0", "Ambient"),
        ("ups", "1.3.6.1.4.1.534.1.6.5.0", "Environment probe"),
        ("ups", "1.3.6.1.4.1.705.1.8.1.0", "Environment"),
        ("other", "1.3.6.1.4.1.534.6.6.7.7.1.1.4.0.1", "Rack top"),
        ("other", "1.3.6.1.4.1.21239.5.1.4.1.5.1", "GTHD 3"),
        ("other", f"{LIEBERT}.8.60.15.1.70.1", "Probe 1"),
        ("server", "1.3.6.1.2.1.99.1.1.1.4.3", "System Board Inlet Temp"),
        ("server", "1.3.6.1.4.1.674.10892.5.4.700.20.1.6.1.1", "01-Inlet Ambient"),
        ("switch", "1.3.6.1.4.1.9.9.13.1.3.1.3.1", "SW#1, Sensor#1, Inlet"),
        ("switch", "1.3.6.1.4.1.9.9.13.1.3.1.3.2", "Temperature (inlet)"),
    ],
)
def test_what_equipment_takes_in_is_room_air(device_class: DeviceClass, oid: str, name: str) -> None:
    room = hall(one=(device_class, told(("temperature", oid, name, 24.0))))
    assert room.temperature_c == Measured(24.0, "one", name)


def test_a_probe_behind_the_racks_measures_air_that_goes_back() -> None:
    room = hall(geist=("other", told(("temperature", "1.3.6.1.4.1.21239.5.1.4.1.5.1", "Hot aisle B", 38.0))))
    assert (room.temperature_c, room.return_air_c) == (None, Measured(38.0, "geist", "Hot aisle B"))


def test_humidity_is_measured_and_no_set_point() -> None:
    branch = f"{LIEBERT}.4.2.2.3.1"
    measured, wanted = (
        ("humidity", f"{branch}.50.1", "Humidity 1", 44.5),
        ("humidity", f"{branch}.6.1", "Humidity 1 set point", 50.0),
    )
    room = hall(crac=("other", told(measured, wanted)))
    assert room.humidity_high_pct == room.humidity_low_pct == Measured(44.5, "crac", "Humidity 1")


def test_generating_sets_feed_and_are_no_load() -> None:
    generator = told(("power", "1.3.6.1.4.1.28634.14.2.8202.0", "Generator", 120e3))
    room = hall(gen=("other", generator))
    assert (room.generator_power_w, room.pdu_power_w, room.ups_power_w) == (120e3, None, None)


@pytest.mark.parametrize(
    ("vendor", "watts"),
    [
        ([("1.3.6.1.4.1.3808.1.1.1.4.2.5.0", "Output", 2000.0)], 2000.0),  # CyberPower
        ([("1.3.6.1.4.1.318.1.1.1.4.2.8.0", "Output", 2000.0)], 2000.0),  # APC, with its phases beside
        ([(f"1.3.6.1.4.1.318.1.1.1.9.3.3.1.13.1.1.{one}", f"Output phase {one}", 700.0) for one in (1, 2, 3)], 2100.0),
        ([(f"1.3.6.1.4.1.534.1.4.4.1.4.{one}", f"Output {one}", 700.0) for one in (1, 2, 3)], 2100.0),  # Eaton
        ([(f"1.3.6.1.4.1.5491.10.1.4.4.1.4.{one}", f"Output {one}", 700.0) for one in (1, 2, 3)], 2100.0),  # Riello
        (
            [(f"1.3.6.1.4.1.2011.6.174.1.4.100.1.{8 + one}.1", f"Output 1 {'ABC'[one]}", 700.0) for one in (0, 1, 2)],
            2100.0,
        ),
        ([(f"{LIEBERT}.5.2.2.1.8.5", "Output", 2000.0), (f"{LIEBERT}.5.2.2.1.8.9", "System output", 4000.0)], 2000.0),
        ([], 1980.0),  # by RFC 1628 alone
    ],
)
def test_a_ups_that_answers_two_mibs_is_counted_once(vendor: list[tuple[str, str, float]], watts: float) -> None:
    own = [("power", *one) for one in vendor]
    standard = [("power", f"{RFC_1628}.4.4.1.4.{line}", f"Output {line}", 660.0) for line in (1, 2, 3)]
    taken = [("power", f"{RFC_1628}.3.3.1.5.{line}", f"Input {line}", 800.0) for line in (1, 2, 3)]
    past = [("power", f"{RFC_1628}.5.3.1.4.1", "Bypass 1", 5.0)]
    for order in ((*own, *standard, *taken, *past), (*past, *taken, *standard, *own)):
        assert hall(ups=("ups", told(*order))).ups_power_w == watts


def test_a_distribution_unit_is_counted_by_its_best_level_whatever_customers_call_its_parts() -> None:
    sentry = "1.3.6.1.4.1.1718.4.1"
    cords = told(
        ("power", f"{sentry}.3.3.1.3.1.1", "A", 900.0),
        ("power", f"{sentry}.5.3.1.8.1.1.1", "L1 phase", 900.0),
        ("power", f"{sentry}.8.3.1.7.1.1.1", "Total mail", 300.0),
    )
    strip = told(
        ("power", f"{LIEBERT}.8.30.20.1.65.1.1", "MPH2", 500.0),
        ("power", f"{LIEBERT}.8.40.20.1.115.1.1", "Branch 1", 490.0),
        ("power", f"{LIEBERT}.8.50.20.1.65.1.1.1", "PDU 4 feed", 60.0),
    )
    load = "1.3.6.1.4.1.3808.1.1.3.2.3.1.1.7"
    cyberpower = told(
        ("power", f"{load}.1", "Phase 1 bank 0", 40.0),
        ("power", f"{load}.2", "Phase 1 bank 1", 25.0),
        ("power", f"{load}.3", "Phase 1 bank 2", 15.0),
    )
    room = hall(a=("other", cords), b=("other", strip), c=("other", cyberpower))
    assert room.pdu_power_w == 900.0 + 500.0 + 40.0


def test_apparent_power_is_none_of_watts() -> None:
    own = told(
        ("power", "1.3.6.1.4.1.99999.1.0", "Total apparent power", 1100.0),
        ("power", "1.3.6.1.4.1.99999.2.0", "Total active power", 1000.0),
    )
    room = hall(pdu=("other", own))
    assert room.pdu_power_w == 1000.0
    only = told(("power", "1.3.6.1.4.1.99999.1.0", "Output phase 1 apparent power", 1100.0))
    assert hall(ups=("ups", only)).ups_power_w is None


def test_transfer_switches_count_where_nothing_behind_them_tells() -> None:
    switch = told(("power", "1.3.6.1.4.1.318.1.1.8.5.4.3.1.13.1.1.1", "Output phase 1", 700.0))
    rack = told(("power", "1.3.6.1.4.1.534.6.6.7.3.4.1.4.0.1", "Input 1", 650.0))
    assert hall(ats=("other", switch)).pdu_power_w == 700.0
    assert hall(ats=("other", switch), pdu=("other", rack)).pdu_power_w == 650.0


def test_what_is_added_to_a_name_that_two_sensors_have_changes_nothing() -> None:
    inlet = ("temperature", "1.3.6.1.4.1.9.9.13.1.3.1.3.7", "Inlet (Slot 4 air sensor of a transformer)", 23.0)
    supply = ("temperature", f"{APC_RP}.5.0", "Unit, supply air (0)", 17.0)
    outputs = [("power", f"{LIEBERT}.5.2.2.1.8.{row}", f"Output ({row})", 2000.0) for row in (5, 6)]
    dew = ("temperature", "1.3.6.1.4.1.21796.3.3.3.1.6.1", "Hall 1 dew point (1)", 30.0)
    own = ("power", "1.3.6.1.4.1.29462.1.2.0", "Circuit, cooling output (2)", 12e3)
    room = hall(
        sw=("switch", told(inlet)),
        row=("other", told(supply)),
        ups=("ups", told(*outputs)),
        hwg=("other", told(dew, own)),
    )
    assert (room.temperature_c, room.supply_air_c) == (Measured(23.0, "sw", inlet[2]), Measured(17.0, "row", supply[2]))
    assert room.ups_power_w == 4000.0
    assert room.cooling is not None
    assert room.cooling.output_w == 12e3
