"""Rules that noc makes itself, without a file: what each says of itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.rules.runbook import FACT
from noc.i18n.marking import say
from noc.model.incident import Facts

_RUNBOOKS: Final = "/help/runbooks"


@dataclass(frozen=True, slots=True)
class Made:
    """A rule without a file. watches: when it is raised. page: of the handbook's runbooks, with a part of its name."""

    name: str
    summary: str
    watches: str
    page: str

    @property
    def runbook(self) -> str:
        """Return where it says what to do."""
        return f"{_RUNBOOKS}/{self.page}#{self.name}"

    @property
    def said(self) -> Facts:
        """Return what the rule says of itself, for the facts of its incidents."""
        return {"summary": self.summary, FACT: self.runbook}


_ALL: Final = (
    Made(
        "gateway-split",
        say("Two gateways are active for one address"),
        say("Two devices say that they are active for one shared address (HSRP, VRRP)"),
        "routing",
    ),
    Made(
        "gateway-none",
        say("No gateway is active for an address"),
        say("None of the devices of a shared address (HSRP, VRRP) says that it is active"),
        "routing",
    ),
    Made(
        "segmentation-broken",
        say("A segment is reached that must not be"),
        say("A proof reached what a statement says can't be reached"),
        "security",
    ),
    Made(
        "segmentation-unproven",
        say("Nothing proves that a segment can't be reached"),
        say("There is no proof of a statement for three of its rhythms"),
        "security",
    ),
    Made(
        "poller-blind",
        say("A part of the network isn't seen"),
        say("No poller of a group is there, for half a minute"),
        "pollers",
    ),
    Made(
        "poller-gone",
        say("A poller is gone"),
        say("A poller is gone for a minute, and what it looked at is seen otherwise"),
        "pollers",
    ),
    Made(
        "poller-cut-off",
        say("A poller has lost its way out: what is behind it isn't seen"),
        say("A poller says that nothing it asks answers, its own way out neither, for half a minute"),
        "pollers",
    ),
    Made(
        "poller-cloned",
        say("A poller is in quarantine: nothing is taken from it"),
        say("Two processes speak by the identity of one poller"),
        "pollers",
    ),
    Made(
        "pollers-unheard",
        say("Remote pollers aren't heard"),
        say("The centre can't reach the MQTT broker of its pollers, for a minute"),
        "pollers",
    ),
    Made(
        "store-refuses",
        say("The store of time series refuses us"),
        say("The store refuses noc's log-in, database or form, for half a minute"),
        "noc-itself",
    ),
    Made(
        "store-away",
        say("The store of time series takes nothing"),
        say("The store takes no batch, for three minutes"),
        "noc-itself",
    ),
    Made(
        "spool-unwritten",
        say("The spool of time series can't be written"),
        say("noc can't write its spool, for a minute"),
        "noc-itself",
    ),
    Made(
        "spool-fills",
        say("Time series will be lost soon"),
        say("The store takes nothing, and four fifths of the spool are full"),
        "noc-itself",
    ),
    Made(
        "spool-sheds",
        say("Time series are lost"),
        say("Batches of time series were thrown away for want of room, in the last ten minutes"),
        "noc-itself",
    ),
    Made(
        "heartbeat-absent",
        say("No sign of life"),
        say("A system that should report to noc did not, for longer than its settings allow"),
        "noc-itself",
    ),
    Made(
        "noc-broken",
        say("noc is broken: an incident had no next action"),
        say("The auditor found an open incident without a next action"),
        "noc-itself",
    ),
)

MADE: Final[Mapping[str, Made]] = {one.name: one for one in _ALL}
"""By name. Who raises such a rule takes what it says from here."""
