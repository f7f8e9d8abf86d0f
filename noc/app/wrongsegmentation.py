"""What `noc check` finds wrong with `segmentation:`, beside its form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address

from noc.app.includes import Merged, Steps
from noc.app.segmentationsettings import SegmentationSettings, SegmentSettings, networks_of, statements_of
from noc.inventory.inventory import Inventory
from noc.inventory.values import Network
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.pipeline.segmentation import within
from noc.settings.schema import validate_data
from noc.settings.written import mapping, text, texts

KEY = "segmentation"


def wrong_segmentation(merged: Merged, inventory: Inventory | None, poller: str, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong. inventory: None, where it can't be used. poller: the name of this one."""
    written = mapping(merged.data, KEY)
    segments = mapping(written, "segments")
    for name in mapping(written, "statements"):
        statement = mapping(mapping(written, "statements"), name)
        for key in ("from", "must_not_reach"):
            wanted = text(statement, key)
            if wanted is not None and wanted not in segments:
                message = f"{KEY}.statements.{name}.{key}: unknown segment '{wanted}'{did_you_mean(wanted, segments)}"
                yield merged.place(KEY, "statements", name, key).finding(message)
    if inventory is None:
        return
    tags = {tag for device in inventory.devices.values() for tag in device.tags}
    for name in segments:
        for key, known in (("sites", inventory.sites), ("tags", tags)):
            yield from _unknown(merged, name, key, known)
    with suppress(InputError):  # of its form the model says so
        settings = validate_data(SegmentationSettings, written, merged, (KEY,))
        yield from _unprovable(settings, merged, inventory, poller)
        yield from _expired(settings, merged, now)


def _unknown(merged: Merged, name: str, key: str, known: Collection[str]) -> Iterator[Finding]:
    segment = mapping(mapping(mapping(merged.data, KEY), "segments"), name)
    for index, one in texts(segment, key):
        if one not in known:
            what = "there is no site" if key == "sites" else "no device has the tag"
            message = f"{KEY}.segments.{name}: {what} '{one}'{did_you_mean(one, known)}"
            yield merged.place(KEY, "segments", name, key, index).finding(message)


def _unprovable(settings: SegmentationSettings, merged: Merged, inventory: Inventory, poller: str) -> Iterator[Finding]:
    networks: Mapping[str, list[Network]] = {
        name: list(networks_of(one, inventory)) for name, one in settings.segments.items()
    }
    for name, segment in settings.segments.items():
        if not networks[name] and not _is_unknown(segment, inventory):
            message = f"{KEY}.segments.{name}: holds no address; give networks, or subnets of its sites"
            yield merged.key_place(KEY, "segments", name).finding(message)
    for statement in statements_of(settings, inventory):
        path: Steps = (KEY, "statements", statement.name)
        if not statement.pairs and networks[statement.target_name]:
            message = (
                f"{KEY}.statements.{statement.name}: no device of the inventory stands in '{statement.target_name}'; "
                "say in `targets` which addresses are to be asked"
            )
            yield merged.key_place(*path).finding(message)
        for index, address in enumerate(settings.statements[statement.name].targets):
            if not within(ip_address(str(address)), statement.target):
                message = f"{KEY}.statements.{statement.name}: {address} is not in '{statement.target_name}'"
                yield merged.place(*path, "targets", index).finding(message)
        if statement.pollers and poller not in statement.pollers:
            message = (
                f"{KEY}.statements.{statement.name}: this poller is '{poller}', and does nothing for it; "
                f"it is left to {', '.join(statement.pollers)}"
            )
            yield replace(merged.place(*path, "pollers").finding(message), level="warning")


def _is_unknown(segment: SegmentSettings, inventory: Inventory) -> bool:
    """Tell whether it names only what there is not: that is told elsewhere."""
    return not any(site in inventory.sites for site in segment.sites) and not segment.networks


def _expired(settings: SegmentationSettings, merged: Merged, now: datetime) -> Iterator[Finding]:
    for name, statement in settings.statements.items():
        for index, one in enumerate(statement.exceptions):
            if one.until <= now:
                message = (
                    f"{KEY}.statements.{name}: the exception of {one.owner} for {one.to} is over; "
                    "take it out, or agree on another day"
                )
                place = merged.place(KEY, "statements", name, "exceptions", index, "until")
                yield replace(place.finding(message), level="warning")
