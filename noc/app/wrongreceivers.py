"""What `noc check` finds wrong with the receivers, beside the form of their settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collectors.receivers._settings import TlsSettings
from collectors.receivers._sockets import ListenError
from collectors.receivers.syslog import tls_context
from noc.app.includes import Merged
from noc.inventory.inventory import Inventory
from noc.inventory.names import Names
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import validate_data
from noc.settings.written import mapping, texts
from noc.settings.yamltext import Data


def wrong_receivers(merged: Merged, inventory: Inventory | None, folder: Path) -> Iterator[Finding]:
    """Yield addresses of devices that there are not, sets of credentials likewise, and files of TLS that don't fit."""
    receivers = mapping(merged.data, "receivers")
    if inventory is not None:
        names = Names(inventory.devices)
        for address, device in mapping(receivers, "senders").items():
            if isinstance(device, str) and device not in names:
                place = merged.place("receivers", "senders", address)
                yield place.finding(f"receivers.senders: unknown device '{device}'{names.hint(device)}")
    known = mapping(merged.data, "credentials")
    for index, name in texts(mapping(receivers, "trap"), "credentials"):
        if name not in known:
            place = merged.place("receivers", "trap", "credentials", index)
            hint = did_you_mean(name, known)
            yield place.finding(f"receivers.trap.credentials: unknown set of credentials '{name}'{hint}")
    yield from _wrong_tls(merged, mapping(mapping(receivers, "syslog"), "tls"), folder)


def _wrong_tls(merged: Merged, written: dict[str, Data], folder: Path) -> Iterator[Finding]:
    if not written:
        return
    path = ("receivers", "syslog", "tls")
    try:
        tls_context(validate_data(TlsSettings, written, merged, path), folder)
    except InputError:
        return  # the model says so
    except ListenError as error:
        yield merged.place(*path).finding(str(error))
