"""Settings of plug-ins: the root keeps their mapping as it is written, the plug-in's own model checks it.

So a new store or notifier is one file, and its errors have the place, the names and the words of all others.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from noc import plugins
from noc.model.errors import InputError
from noc.model.finding import did_you_mean
from noc.settings.schema import Places, Settings, validate_data
from noc.settings.yamltext import Data

_NOUNS: Final = {"alerts.notifiers": "notifier", "noc.store": "store"}
"""What people call the plug-ins of a package."""


def configured(
    package: str, written: Data, default_kind: str | None, places: Places, path: tuple[str | int, ...]
) -> tuple[ModuleType, Settings]:
    """Return the plug-in that a mapping names, and the mapping as its `Settings`.

    default_kind: where the mapping names none. Raises InputError with every finding; each names the whole path.
    """
    if written is None:
        written = {}
    name, noun = ".".join(map(str, path)), _NOUNS[package]
    if not isinstance(written, dict):
        raise InputError([places.place(*path).finding(f"{name}: expected a mapping of keys, with `kind`")])
    kind, known = written.get("kind", default_kind), plugins.names(package)
    if not isinstance(kind, str):
        if "kind" in written:
            raise InputError([places.place(*path, "kind").finding(f"{name}.kind: must be one of {', '.join(known)}")])
        raise InputError([places.place(*path).finding(f"{name}: missing key 'kind': one of {', '.join(known)}")])
    if kind not in known:
        there = f"{did_you_mean(kind, known)}; there are: {', '.join(known)}"
        if "kind" in written:
            raise InputError([places.place(*path, "kind").finding(f"{name}.kind: no {noun} is called '{kind}'{there}")])
        said = f"{name}: no kind of {noun} is called '{kind}'; give `kind`{there}"
        raise InputError([places.key_place(*path).finding(said)])
    module = plugins.load(package, kind)
    model: type[Settings] = module.Settings
    return module, validate_data(model, {**written, "kind": kind}, places, path, label=path)
