"""Plug-ins: the file name is the registration.

`load("collectors", "snmp")` imports `collectors/snmp.py` when it is named; a wrong name answers with those that exist.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from noc.model.errors import UnknownPluginError
from noc.model.finding import did_you_mean


def names(package: str) -> list[str]:
    """Return the names of the plug-ins in a package, sorted; modules with a leading underscore are not plug-ins."""
    module = importlib.import_module(package)
    return sorted(info.name for info in pkgutil.iter_modules(module.__path__) if not info.name.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """Import and return the plug-in `name` of `package`.

    Raises UnknownPluginError, which names those that exist.
    """
    known = names(package)
    if name not in known:
        raise UnknownPluginError(
            f"no {package} plug-in '{name}'{did_you_mean(name, known)}; there are: {', '.join(known)}"
        )
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")
