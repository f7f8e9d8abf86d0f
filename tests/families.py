"""Some of the shipped families in a folder of their own, where reading all of them would tell no more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from noc.inventory.shipped import shipped
from noc.settings.yamltext import read


def some_families(names: Iterable[str], into: Path) -> Path:
    """Copy these shipped families, what they extend, and all MIBs and platforms into a new folder, and return it."""
    source, due, copied = shipped("profiles"), list(names), set[str]()
    for part in ("mib", "cli"):
        shutil.copytree(source / part, into / part)
    while due:
        name = due.pop()
        if name in copied:
            continue
        copied.add(name)
        path = Path(shutil.copy(source / f"{name}.yaml", into))
        data = read(path).data
        extends = data.get("extends") if isinstance(data, dict) else None
        due += [str(one) for one in extends] if isinstance(extends, list) else []
    return into
