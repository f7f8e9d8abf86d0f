"""Tells sensors apart that a device calls alike: 48 voltages of a line card by one name. Pure.

Names that are told once stay as they are. Others get what the device says of them besides (entPhysicalDescr where they
are called by entPhysicalName), where that is another text for each; else the index of their row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from noc.inventory.profiles.compiled import EntitySensorSpec, First, Profile, as_text
from noc.model.reading import SnmpAnswer
from noc.model.snapshot import Sensor
from noc.pipeline.expression import Scope, evaluate


def told_apart(found: Sequence[Sensor], profile: Profile, answer: SnmpAnswer) -> tuple[Sensor, ...]:
    """Return the sensors, in their order, no two of them with one kind and name."""
    told = Counter((sensor.kind, sensor.name) for sensor in found)
    if len(told) == len(found):
        return tuple(found)
    alike = [sensor for sensor in found if told[sensor.kind, sensor.name] > 1]
    for more in (
        {one.oid: _said_besides(one, profile, answer) for one in alike},
        {one.oid: one.index for one in alike},
    ):
        longer = {one.oid: f"{one.name} ({more[one.oid]})" for one in alike if more[one.oid]}
        counts = Counter((one.kind, longer.get(one.oid)) for one in alike)
        free = [one for one in alike if one.oid in longer]
        names = {one.oid: longer[one.oid] for one in free if counts[one.kind, longer[one.oid]] == 1}
        names = {one.oid: names[one.oid] for one in free if one.oid in names and (one.kind, names[one.oid]) not in told}
        found = [replace(one, name=names.get(one.oid, one.name)) for one in found]
        told.update((one.kind, names[one.oid]) for one in alike if one.oid in names)
        alike = [one for one in alike if one.oid not in names]
    left = {one.oid for one in alike}
    return tuple(replace(one, name=f"{one.name} ({one.oid})") if one.oid in left else one for one in found)


def _said_besides(sensor: Sensor, profile: Profile, answer: SnmpAnswer) -> str | None:
    """Return another text that could be the sensor's name; None where the profile knows none."""
    for spec in profile.sensors:
        if spec.table is None or not isinstance(spec.name, First):
            continue
        things = (spec.value,) if isinstance(spec, EntitySensorSpec) else spec.objects
        if any(sensor.oid == f"{thing.oid}.{sensor.index}" for thing in things):
            scope = Scope(profile, answer, spec.table, tuple(int(part) for part in sensor.index.split(".") if part))
            texts = (as_text(evaluate(choice, scope)) for choice in spec.name.choices)
            return next((text for text in texts if text not in ("", sensor.name)), None)
    return None
