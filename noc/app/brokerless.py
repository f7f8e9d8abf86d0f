"""Whether a reload would leave devices to remote pollers of which this noc can't hear: it was started without a broker.

The link to the broker is made at the start. Groups that come without it would have their devices polled by nobody.
"""

from __future__ import annotations

from typing import Final

from noc.app.check import CheckResult
from noc.app.pollersettings import reach_of
from noc.model.counting import counted
from noc.model.finding import Finding

NAMED: Final = 3


def has_broker(checked: CheckResult) -> bool:
    """Return whether a daemon that is built from this speaks with a broker."""
    return checked.settings is not None and checked.settings.pollers.broker is not None


def brokerless(fresh: CheckResult, *, linked: bool) -> tuple[Finding, ...]:
    """Return why a reload is refused; empty: it may go on.

    fresh: what would be in use, free of errors. linked: whether this noc was started with a broker.
    """
    if linked or fresh.settings is None or fresh.inventory is None or fresh.merged is None:
        return ()
    left = sorted(reach_of(fresh.settings.pollers, fresh.inventory).elsewhere)
    if not left:
        return ()
    names = ", ".join(left[:NAMED]) + (", …" if len(left) > NAMED else "")
    what = counted(len(left), "device or end point", "devices and end points")
    message = (
        f"pollers: {what} would be left to remote pollers ({names}), and noc was started without a broker over which "
        "it hears them: nobody would poll them. Restart noc: it takes this up then"
    )
    return (fresh.merged.place("pollers").finding(message),)
