"""Rooms: the air of the room and not the inside of a server, each watt once, and what nobody measures stays unknown."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DeviceClass
from noc.model.present import StatusNow
from noc.model.snapshot import DeviceIdentity, Sensor, Snapshot
from noc.pipeline.rooms import Measured, rooms_of
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
