"""In what the settings in the files differ from those in use. Pure; secrets never show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from noc.http.itself import Difference
from noc.settings.yamltext import SECRET_KEY, Data

HIDDEN: Final = "<hidden>"
TEXT_AT_MOST: Final = 200
_SECRET: Final = re.compile(
    r"pass(word|phrase|wd)?\Z|secret|token|community|(\A|_)(key|pin|auth|priv)\Z|private|credential", re.IGNORECASE
)
_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]*@")
_IDS: Final = ("id", "name")

Steps = tuple[str, ...]
Written = Mapping[str, Data]


def differences(in_use: Written, in_files: Written, at_start: tuple[str, ...]) -> list[Difference]:
    """Return what differs, by path. at_start: `http`, `pollers.broker`: that, and all below, is read once."""
    old, new = dict(_flat(dict(in_use), ())), dict(_flat(dict(in_files), ()))
    both = old.keys() & new.keys()
    paths = sorted(path for path in old.keys() | new.keys() if path not in both or old[path] != new[path])
    return [
        Difference(
            ".".join(path),
            _shown(path, old[path]) if path in old else None,
            _shown(path, new[path]) if path in new else None,
            any(f"{'.'.join(path)}.".startswith(f"{one}.") for one in at_start),
        )
        for path in paths
    ]


def _flat(data: Data, path: Steps) -> Iterator[tuple[Steps, Data]]:
    """Yield the leaves; items of lists by their ids where they have them, so that one more moves no others."""
    if isinstance(data, dict) and SECRET_KEY not in data and data:
        for key, value in data.items():
            yield from _flat(value, (*path, str(key)))
    elif isinstance(data, list) and data:
        for index, value in enumerate(data):
            yield from _flat(value, (*path, _name(value) or str(index)))
    else:
        yield path, data


def _name(item: Data) -> str:
    if not isinstance(item, dict):
        return ""
    return next((str(item[key]) for key in _IDS if isinstance(item.get(key), str)), "")


def _shown(path: Steps, value: Data) -> str:
    if isinstance(value, dict) and SECRET_KEY in value:
        # Where a secret is kept is none; what follows an unknown scheme may be one.
        scheme, _, name = str(value[SECRET_KEY]).partition(":")
        return f"{SECRET_KEY} {scheme}:{name}" if scheme in ("file", "env", "credential") else f"{SECRET_KEY} {HIDDEN}"
    if value is not None and any(_SECRET.search(step) for step in path):
        return HIDDEN
    text = str(value) if not isinstance(value, bool) else str(value).lower()
    return _USERINFO.sub(f"{HIDDEN}@", text)[:TEXT_AT_MOST]
