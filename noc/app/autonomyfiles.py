"""The files of a plan whose poller calls people by itself: those of any plan, and what its rooms need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from noc.app.autonomyplan import (
    Files,
    alerts_written,
    circuits_written,
    device_written,
    group_written,
    site_written,
)
from noc.app.check import CheckResult
from noc.bus.plans import SETTINGS
from noc.model.errors import InputError, UsageError
from noc.settings.written import mapping
from noc.settings.yamltext import Data

RULES: Final = "rules"


def with_rooms(checked: CheckResult, group: str, files: Mapping[str, bytes], inventory: str) -> Files:
    """Return the files of a plan that are new, or another, where its poller calls people. inventory: the path of one.

    Raises as `noc.app.planning.plan_files`.
    """
    if checked.settings is None or checked.inventory is None or checked.merged is None:
        raise InputError(checked.findings)
    known, found = checked.settings.pollers.groups[group], dict(files)
    root, inside = _read(files[SETTINGS]), _read(files[inventory])
    groups = mapping(mapping(root, "pollers"), "groups")
    groups[group] = {**mapping(groups, group), **group_written(known)}
    root["alerts"] = alerts_written(mapping(checked.merged.data, "alerts"), known, checked.folder, found)
    if checked.settings.rules is not None:
        root["rules"] = RULES
        found |= _rules(checked.folder / checked.settings.rules)
    sites, devices = mapping(inside, "sites"), mapping(inside, "devices")
    polled = {name: checked.inventory.devices[name] for name in devices}
    for name in sites:
        sites[name] = {**mapping(sites, name), **site_written(checked.inventory.sites[name])}
    for name, device in polled.items():
        devices[name] = {**mapping(devices, name), **device_written(device, polled)}
    inside["circuits"] = {**mapping(inside, "circuits"), **circuits_written(checked.inventory, sites, polled)}
    return {**found, SETTINGS: _text(root), inventory: _text(inside)}


def _rules(folder: Path) -> Files:
    try:
        files = [path for path in sorted(folder.glob("*.yaml")) if path.is_file()]
        return {f"{RULES}/{path.name}": path.read_bytes() for path in files}
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{folder}: can't be read for the plans of pollers: {reason}") from error


def _read(octets: bytes) -> dict[str, Data]:
    return cast("dict[str, Data]", json.loads(octets.decode().replace("$${", "${")))


def _text(data: Data) -> bytes:
    # As in noc.app.planning: a `${` that is meant as it stands is written `$${`.
    return json.dumps(data, ensure_ascii=True, indent=1).replace("${", "$${").encode()
