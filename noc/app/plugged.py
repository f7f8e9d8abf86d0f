"""Settings of plug-ins: the root keeps their mapping as it is written, the plug-in's own model checks it.

So a new store or notifier is one file, and its errors have the place, the names and the words of all others.
"""

from __future__ import annotations

from types import ModuleType

from noc import plugins
from noc.model.errors import InputError, UnknownPluginError
from noc.settings.schema import Places, Settings, validate_data
from noc.settings.yamltext import Data


def configured(
    package: str, written: Data, default_kind: str | None, places: Places, path: tuple[str | int, ...]
) -> tuple[ModuleType, Settings]:
    """Return the plug-in that a mapping names, and the mapping as its `Settings`.

    default_kind: where the mapping names none. Raises InputError with every finding; each names the whole path.
    """
    if written is None:
        written = {}
    name = ".".join(map(str, path))
    if not isinstance(written, dict):
        raise InputError([places.place(*path).finding(f"{name}: expected a mapping of keys, with `kind`")])
    kind = written.get("kind", default_kind)
    if not isinstance(kind, str):
        known = ", ".join(plugins.names(package))
        if "kind" in written:
            raise InputError([places.place(*path, "kind").finding(f"{name}.kind: must be one of {known}")])
        raise InputError([places.place(*path).finding(f"{name}: missing key 'kind': one of {known}")])
    try:
        module = plugins.load(package, kind)
    except UnknownPluginError as error:
        raise InputError([places.place(*path, "kind").finding(f"{name}.kind: {error}")]) from error
    model: type[Settings] = module.Settings
    return module, validate_data(model, {**written, "kind": kind}, places, path, label=path)
