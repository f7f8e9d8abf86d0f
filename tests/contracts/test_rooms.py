"""What tells of a room, held to the shipped profiles: no power is left unjudged, no branch names what nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from noc.inventory.profiles.compiled import SensorSpec
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.pipeline import room_objects
from noc.pipeline.room_objects import under

PROFILES, _ = kept_profiles([shipped("profiles")])
OF_ROOMS = ("ups", "other")
"""Classes of the devices that tell of rooms."""


def read(*kinds: str) -> Iterator[tuple[str, str]]:
    """Yield profile and OID of each object that sensors of these kinds are read from, where devices tell of rooms."""
    for name, profile in PROFILES.items():
        if any(f"'{one}'" in str(profile.identity.get("device_class")) for one in OF_ROOMS):
            for spec in profile.sensors:
                if isinstance(spec, SensorSpec) and spec.kind in kinds:
                    yield from ((name, one.oid) for one in spec.objects)


def is_read(branch: str, oids: set[str]) -> bool:
    return any(under(oid, (branch,)) for oid in oids)


def test_every_power_that_a_power_or_cooling_device_tells_is_judged() -> None:
    of_network = ("1.3.6.1.4.1.9.9.402.", "1.3.6.1.2.1.105.")  # Cisco and PoE, where a profile tells classes apart
    unjudged = {
        one for one in read("power") if not room_objects.is_power(one[1]) and not f"{one[1]}.".startswith(of_network)
    }
    assert unjudged == set()


def test_every_branch_is_one_that_a_profile_reads() -> None:
    power, probes = {oid for _, oid in read("power")}, {oid for _, oid in read("temperature", "humidity")}
    cooling = {oid for _, oid in read("power", "percent", "state")}
    columns = [oid for column in room_objects.POWER for oid in column.oids]
    assert [oid for oid in (*columns, *room_objects.OTHER_POWER) if not is_read(oid, power)] == []
    assert [oid for oid in (*room_objects.PROBES, *room_objects.HUMIDITY) if not is_read(oid, probes)] == []
    assert [oid for oid in room_objects.COOLING if oid not in cooling] == []
    assert [oid for oid in room_objects.AIR_CONDITIONERS if not is_read(oid, cooling)] == []


def test_a_running_state_is_one_that_profiles_know() -> None:
    known = {
        state.text
        for profile in PROFILES.values()
        for spec in profile.sensors
        if isinstance(spec, SensorSpec) and spec.states and room_objects.cooling_of(spec.objects[0].oid) == "state"
        for state in spec.states.values()
    }
    assert known >= room_objects.RUNNING


def test_what_counts_as_power_is_watts() -> None:
    assert [
        (name, spec.name)
        for name, profile in PROFILES.items()
        for spec in profile.sensors
        if isinstance(spec, SensorSpec) and spec.kind == "power" and "pparent" in f"{spec.name}{spec.objects}"
    ] == []
