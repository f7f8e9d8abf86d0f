"""What stands in an inventory, right or wrong in what it holds: names are known by what is written.

So an error of one entity doesn't make its name unknown elsewhere, and hides no wrong name that it uses itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from noc.inventory.records import Folder
from noc.settings.written import text, texts


@dataclass(frozen=True, slots=True)
class WrittenNames:
    """Names that an inventory defines. None: a file of that kind is broken, so that they can't be told."""

    devices: frozenset[str] | None = None
    device_tags: frozenset[str] | None = None
    sites: frozenset[str] | None = None
    site_classes: frozenset[str] | None = None
    regions: frozenset[str] | None = None


def names_of(folder: Folder) -> WrittenNames:
    """Return the names that a folder defines."""
    devices, sites, regions = (folder.records[kind] for kind in ("device", "site", "region"))
    tags = (tag for record in devices.values() for _, tag in texts(record.data, "tags"))
    classes = (text(record.data, "class") for record in sites.values())
    with_devices, with_sites = "device" not in folder.unread, "site" not in folder.unread
    return WrittenNames(
        devices=frozenset(devices) if with_devices else None,
        device_tags=frozenset(tags) if with_devices else None,
        sites=frozenset(sites) if with_sites else None,
        site_classes=frozenset(word for word in classes if word is not None) if with_sites else None,
        regions=frozenset(regions) if "region" not in folder.unread else None,
    )
