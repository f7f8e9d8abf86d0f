"""Devices written into a file of the inventory, behind those that stand there; everything else stays as it is.

Nothing is believed: the new text is read again, and must hold what the old one held and the new devices, no more.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from noc.model.errors import InputError, UsageError
from noc.settings.textfile import read_text
from noc.settings.yamltext import Data, Document, parse

FILE: Final = "discovered.yaml"
SECTION: Final = "devices"

_HEAD: Final = """\
# Devices that were found in the network and accepted: `noc discover accept` adds them at the end.
# This is a file of the inventory like any other: change it as you like, or move devices to other files.

"""
_PLAIN: Final = re.compile(r"[a-z][a-z0-9_-]*\Z")
_NOT_PLAIN: Final = frozenset({"null", "true", "false", "y", "n", "yes", "no", "on", "off"})
_MARK: Final = re.compile(r"(?:---|\.\.\.)(?:\s|\Z)")

Properties = Mapping[str, str | int]


def with_devices(text: str | None, devices: Mapping[str, Properties], file: str) -> str:
    """Return the text of an inventory file with more devices. text: None where there is no file yet.

    file: for messages. Raises InputError where the file is wrong, UsageError where devices can't be added to it.
    """
    old = text if text is not None else _HEAD
    document = parse(old, file)
    data = document.data
    if data is not None and not isinstance(data, dict):
        raise UsageError(f"{file}: holds no mapping; move it away, or write devices into another file")
    section = data.get(SECTION) if data else None
    there = section if isinstance(section, dict) else {}
    for key in devices:
        if key in there:
            raise UsageError(f"{file}: device '{key}' stands there already")
    fresh = {key: {name: _written(value) for name, value in one.items()} for key, one in devices.items()}
    new = _inserted(old, document, data or {}, there, fresh, file)
    wanted = {**(data or {}), SECTION: {**there, **fresh}}
    try:
        written = parse(new, file).data
    except InputError:
        written = None
    if written != wanted:
        raise UsageError(
            f"{file}: devices can't be added at the end of `{SECTION}:` as it is written; "
            "write it with a line for each device, or move the file away"
        )
    return new


def _inserted(
    old: str,
    document: Document,
    data: Mapping[str, Data],
    there: Mapping[str, Data],
    devices: Mapping[str, Properties],
    file: str,
) -> str:
    lines = old.removesuffix("\n").split("\n") if old else []
    if SECTION not in data:
        end = _before_mark(lines, len(lines))
        block = [f"{SECTION}:", *_block(devices, 2)]
        return _joined([*lines[:end], *block, *lines[end:]])
    start = document.key_place(SECTION).line
    later = [place for key in data if (place := document.key_place(key).line) > start]
    end = _before_mark(lines, min(later) - 1 if later else len(lines))
    while end > start and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands before the next key belongs to that
    indent = document.key_place(SECTION, next(iter(there))).column - 1 if there else 2
    if there and indent < 1:
        raise UsageError(f"{file}: the devices of `{SECTION}:` are not indented; indent them by two blanks")
    return _joined([*lines[:end], *_block(devices, indent), *lines[end:]])


def _before_mark(lines: list[str], end: int) -> int:
    """Return the last place before the end of the document that is written as such (`...`)."""
    return next((number for number in range(1, end) if lines[number].startswith("...")), end)


def _block(devices: Mapping[str, Properties], indent: int) -> list[str]:
    blank = " " * indent
    lines: list[str] = []
    for key, properties in devices.items():
        lines.append(f"{blank}{_scalar(key)}:")
        lines += [f"{blank}  {name}: {_scalar(value)}" for name, value in properties.items()]
    return lines


def _scalar(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    if _PLAIN.match(value) and value not in _NOT_PLAIN:
        return value
    return json.dumps(value, ensure_ascii=False)


def _written(value: str | int) -> str | int:
    """Return a value as it is to stand in the file: a dollar sign before a brace would be taken for a variable."""
    if isinstance(value, int):
        return value
    return "".join(one for one in value if one.isprintable()).replace("${", "$${")


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def read_or_none(path: Path) -> str | None:
    """Return the text of a file, None where there is none. Raises InputError."""
    return read_text(path) if path.exists() else None


def write_whole(path: Path, text: str | None) -> None:
    """Put a text in the place of a file, all or nothing; None: take the file away. Raises UsageError.

    Readers see the old file or the new one. Mode and owner stay.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        if text is None:
            path.unlink(missing_ok=True)
        else:
            before = path.stat() if path.exists() else None
            mode = stat.S_IMODE(before.st_mode) if before is not None else 0o644
            with beside.open("w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), mode)
                if before is not None:
                    with suppress(PermissionError):
                        os.fchown(file.fileno(), before.st_uid, before.st_gid)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: can't be written: {reason}; run this as somebody who may write there") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
