"""Whether a reload would take too many devices out of the inventory, as it does after an accident with a file.

A broken file is refused by `check`. One that was emptied, or cut off between two lines by a full disk, is not broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from noc.app.check import CheckResult
from noc.inventory.inventory import difference
from noc.model.counting import counted
from noc.model.finding import Finding

SETTING: Final = "reload_max_removed"

FEW: Final = 10
"""So many devices may always leave: in a small inventory each is a large share."""

FILES_AT_MOST: Final = 20
NAMED: Final = 3


def losses(before: CheckResult, fresh: CheckResult) -> tuple[Finding, ...]:
    """Return why a reload is refused, and each file that lost devices, the greatest loss first; empty: it may go on.

    before: what is in use. fresh: what would be, free of errors; the limit is that of its settings.
    """
    if before.inventory is None or fresh.inventory is None or fresh.settings is None or fresh.merged is None:
        return ()
    removed = difference(before.inventory, fresh.inventory).devices.removed
    known, limit_pct = len(before.inventory.devices), fresh.settings.reload_max_removed
    if len(removed) <= FEW or 100 * len(removed) <= limit_pct * known:
        return ()
    share = f"{len(removed):,} of {counted(known, 'device')} ({100 * len(removed) / known:.1f} %)"
    message = (
        f"the reload would remove {share}, more than {SETTING}: {limit_pct:g} allows, and was refused; "
        f"mend the files that lost them, or, where it is meant, restart noc or raise {SETTING}"
    )
    return (fresh.merged.place(SETTING).finding(message), *_by_file(before, fresh, removed))


def _by_file(before: CheckResult, fresh: CheckResult, removed: frozenset[str]) -> Iterator[Finding]:
    held, holds = Counter(before.device_files.values()), Counter(fresh.device_files.values())
    lost = Counter(before.device_files[name] for name in removed)
    for file, number in sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:FILES_AT_MOST]:
        here = sorted(name for name in removed if before.device_files[name] == file)
        names = ", ".join(here[:NAMED]) + (", …" if number > NAMED else "")
        gone = "" if Path(file).exists() else "; the file is gone"
        lost_of_it = f"{number:,} of its {counted(held[file], 'device')} {'is' if number == 1 else 'are'} gone"
        message = f"{lost_of_it} ({names}), it holds {holds[file]:,} now{gone}"
        yield Finding(file, 0, 0, "error", message)
    if len(lost) > FILES_AT_MOST:
        message = f"{counted(len(lost) - FILES_AT_MOST, 'more file')} lost devices"
        yield Finding(str(before.folder), 0, 0, "error", message)
