"""`noc doctor`: whether this machine is fit to run noc, and stays so: room, clock, limits, permissions, settings."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from noc.app.check import CheckResult, check
from noc.app.storebeside import StoreSettings, store_settings
from noc.model.counting import counted
from noc.model.errors import StoreError, UsageError
from noc.store import embedded
from noc.store._forecast import ClassForecast, forecast
from noc.store._looks import Look
from noc.store._retention import Retention
from noc.store.embedded.sizes import stored
from noc.store.embedded.view import opened

LITTLE_ROOM: Final = 0.1
"""Less than this part of a disk, or of its files, free is a warning; a third of it an error."""

FILES_A_DEVICE: Final = 1
FILES_BESIDES: Final = 1_000
"""Sockets of pages and collectors, files of the store."""

_TIMEX_BYTES: Final = 256
_MAX_ERROR_AT: Final = 24
_UNSYNCHRONISED: Final = 5
_MICROSECONDS: Final = 1_000_000
_LATE_S: Final = 1.0
_PERMISSIONS: Final = 0o077
_WANTED_FOLDER: Final = 0o700
_SHOWN: Final = 3


def examine(config: Path, environment: Mapping[str, str]) -> Iterator[Look]:
    """Yield what was looked at. Raises InputError where the settings can't be read at all."""
    checked = check(config, environment)
    yield _settings(checked)
    found = store_settings(config, environment)
    yield from _disk(found.state_dir.resolve())
    yield from _store(found, checked)
    yield clock()
    yield _files(checked)
    yield _permissions(found.state_dir.resolve())


def _settings(checked: CheckResult) -> Look:
    wrong = [finding for finding in checked.findings if finding.level == "error"]
    if wrong:
        return Look("settings", "error", f"{counted(len(wrong), 'error')}, the first: {wrong[0]}; noc check tells all")
    return Look("settings", "ok", f"{counted(checked.devices, 'device')} at {counted(checked.sites, 'site')}")


# --- room -------------------------------------------------------------------------------------------------------------


def _existing(folder: Path) -> Path:
    """Return the folder, or what is to hold it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _disk(state_dir: Path) -> Iterator[Look]:
    place = _existing(state_dir)
    disk = os.statvfs(place)
    free, whole = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    yield _room("disk", f"{size(free)} of {size(whole)} free at {place}", free / max(1, whole))
    if disk.f_files:
        said = f"{disk.f_favail:,} of {disk.f_files:,} files can still be made at {place}"
        yield _room("disk files", said, disk.f_favail / disk.f_files)


def _room(what: str, said: str, part: float) -> Look:
    if part < LITTLE_ROOM / 3:
        return Look(what, "error", f"{said}: noc can't keep what it is told; make room")
    return Look(what, "warning" if part < LITTLE_ROOM else "ok", said)


def _store(found: StoreSettings, checked: CheckResult) -> Iterator[Look]:
    if not isinstance(found.settings, embedded.Settings):
        yield Look("store", "ok", f"'{found.kind}' keeps its numbers elsewhere; noc store check looks at it")
        return
    retention, folder = found.settings.retention, found.state_dir / found.settings.path
    devices = Counter(_classes(checked))
    try:
        with opened(folder, retention) as view:
            foreseen = forecast(devices, stored(view), retention)
            held = view.source.shelves.bytes()
            damaged = sorted(path.name for path in folder.rglob("*.damaged*"))
    except (UsageError, StoreError) as error:
        foreseen, held, damaged = forecast(devices, {}, retention), 0, []
        yield Look("store", "warning", f"nothing is stored yet, so the forecast is of typical devices ({error})")
    yield from _forecasts(foreseen, retention)
    disk = os.statvfs(_existing(found.state_dir))
    free, needed = disk.f_bavail * disk.f_frsize, sum(one.total for one in foreseen)
    said = f"{size(needed)} when all is as old as it gets, {size(held)} now, {size(free)} free"
    if needed > held + free:
        yield Look("size", "error", f"{said}: shorten store: retention:, by class too, or make room")
    else:
        yield Look("size", "warning" if needed > held + free * (1 - LITTLE_ROOM) else "ok", said)
    if damaged:
        names = ", ".join(damaged[:_SHOWN])
        yield Look("store", "warning", f"{len(damaged)} damaged files were put aside ({names}); delete them some day")


def _classes(checked: CheckResult) -> list[str]:
    inventory = checked.inventory
    return [] if inventory is None else [device.device_class for device in inventory.devices.values()]


def _forecasts(foreseen: tuple[ClassForecast, ...], retention: Retention) -> Iterator[Look]:
    for one in foreseen:
        parts = ", ".join(f"{name} {size(part)}" for name, part in one.bytes.items())
        how = "" if one.measured else " (as others: none of this class is stored)"
        devices = counted(one.devices, "device")
        yield Look(f"size of {one.device_class}", "ok", f"{devices}: {size(one.total)}: {parts}{how}")


def size(count: float) -> str:
    """Return bytes for people: `3.2 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1_000
    return f"{count:.1f} TB"


# --- machine ----------------------------------------------------------------------------------------------------------


def clock() -> Look:
    """Return whether the kernel's clock is kept right by NTP (adjtimex(2), asked and not changed)."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        state = ctypes.CDLL(None).adjtimex(buffer)
    except (OSError, AttributeError):
        return Look("clock", "warning", "this system doesn't tell whether its clock is kept right")
    (error_us,) = struct.unpack_from("@l", buffer.raw, _MAX_ERROR_AT)
    if state < 0 or state == _UNSYNCHRONISED:
        return Look("clock", "warning", "isn't kept right by NTP: outages get wrong times; start chrony or timesyncd")
    error_s = error_us / _MICROSECONDS
    return Look("clock", "ok" if error_s < _LATE_S else "warning", f"kept right by NTP, to {error_s:.3f} s at worst")


def _files(checked: CheckResult) -> Look:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_BESIDES + FILES_A_DEVICE * checked.devices
    if hard != resource.RLIM_INFINITY and hard < wanted:
        return Look("open files", "error", f"at most {hard:,}, {wanted:,} are wanted: LimitNOFILE= in the unit")
    if soft < wanted:
        said = f"{soft:,} in this shell, {wanted:,} are wanted: the unit has LimitNOFILE=65536, else ulimit -n {wanted}"
        return Look("open files", "warning", said)
    return Look("open files", "ok", f"{soft:,}, {wanted:,} are wanted")


def _permissions(state_dir: Path) -> Look:
    if not state_dir.exists():
        return Look("permissions", "warning", f"{state_dir} isn't there yet; noc makes it when it runs")
    state = state_dir.stat()
    if state.st_mode & _PERMISSIONS:
        said = f"{state_dir} can be read by others: chmod {_WANTED_FOLDER:o} {state_dir}"
        return Look("permissions", "warning", said)
    others = [path for path in _all_below(state_dir) if path.lstat().st_uid != state.st_uid]
    if others:
        names = ", ".join(str(path) for path in others[:_SHOWN])
        theirs = counted(len(others), "file belongs", "files belong")
        said = f"{theirs} to another user than {state_dir} ({names}): chown them"
        return Look("permissions", "error", said)
    if not os.access(state_dir, os.R_OK | os.W_OK | os.X_OK):
        return Look("permissions", "warning", f"{state_dir} isn't ours: as its user this would tell more")
    return Look("permissions", "ok", f"{state_dir} and all in it belong to one user, and nobody else reads it")


def _all_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent) / name for name in (*folders, *files))
