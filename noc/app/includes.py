"""The settings file and those that it includes, merged, with the place of everything.

Mappings are merged key by key, lists are appended, and what is set twice is an error that names both places.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.yamltext import SECRET_KEY, Data, Document, Place, read

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Origin:
    """The document that a value came from, and its path there."""

    document: Document
    path: Steps


class Merged:
    """Several documents as one: `data`, and where each value of it stands."""

    def __init__(self, document: Document, data: dict[str, Data]) -> None:
        self.data = data
        self._origins: dict[Steps, _Origin] = {(): _Origin(document, ())}

    def place(self, *path: str | int) -> Place:
        """Return where the value at a path stands; of its nearest ancestor if there is none."""
        origin, rest = self._origin(path)
        return origin.document.place(*origin.path, *rest)

    def key_place(self, *path: str | int) -> Place:
        """Return where the key that a path ends with stands."""
        origin, rest = self._origin(path)
        return origin.document.key_place(*origin.path, *rest)

    def add(self, document: Document, data: dict[str, Data]) -> list[Finding]:
        """Merge another document's data into this, and return what both set."""
        return list(self._merge(self.data, data, document, ()))

    def _origin(self, path: Steps) -> tuple[_Origin, Steps]:
        """Return the origin of the value at a path, or of its nearest ancestor, and the rest of the path."""
        length = next(length for length in range(len(path), -1, -1) if path[:length] in self._origins)
        return self._origins[path[:length]], path[length:]

    def _merge(
        self, into: dict[str, Data], data: dict[str, Data], document: Document, path: Steps
    ) -> Iterator[Finding]:
        for key, value in data.items():
            here = (*path, key)
            mine = into.get(key)
            if mine is None:
                into[key] = value
                self._origins[here] = _Origin(document, here)
            elif value is None:
                continue
            elif isinstance(mine, dict) and isinstance(value, dict) and SECRET_KEY not in {*mine, *value}:
                yield from self._merge(mine, value, document, here)
            elif isinstance(mine, list) and isinstance(value, list):
                for index, item in enumerate(value):
                    self._origins[(*here, len(mine))] = _Origin(document, (*here, index))
                    mine.append(item)
            else:
                first = self.key_place(*here)
                name = ".".join(map(str, here))
                message = f"'{name}' is set already: {first.file}:{first.line}:{first.column}; keep one of them"
                yield document.key_place(*here).finding(message)


def read_merged(path: Path, environment: Mapping[str, str]) -> tuple[Merged, list[Path], list[Finding]]:
    """Return a settings file with its `include:` merged in, the files read, and what is wrong with the included ones.

    An included file that can't be used is left out. Raises InputError when the first file itself can't be used.
    """
    findings: list[Finding] = []
    document = read(path, environment, findings)
    merged = Merged(document, _mapping(document))
    files = [path]
    for included in _included(path, merged, findings):
        if included in files:
            continue
        files.append(included)
        try:
            other = read(included, environment, findings)
            data = _mapping(other)
            if data.pop("include", None) is not None:
                message = "an included file includes no others; name them in the first file"
                findings.append(other.key_place("include").finding(message))
            findings += merged.add(other, data)
        except InputError as error:
            findings += error.findings
    return merged, files, findings


def _mapping(document: Document) -> dict[str, Data]:
    data = document.data
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError([document.place().finding("expected a mapping of keys")])
    return data


def _included(path: Path, merged: Merged, findings: list[Finding]) -> list[Path]:
    """Return the files that `include:` names, in its order, those of one pattern by name."""
    patterns = merged.data.get("include")
    found: list[Path] = []
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        if not isinstance(pattern, str):
            continue  # the model says so
        paths = sorted(glob.glob(str(path.parent / pattern)))  # noqa: PTH207 Path.glob takes no absolute pattern
        if not paths and not glob.has_magic(pattern):
            findings.append(merged.place("include", index).finding(f"no such file: {path.parent / pattern}"))
        found += map(Path, paths)
    return found
