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
    """A rule without a file. page: of the handbook's runbooks, which has a part of the rule's name."""

    name: str
    summary: str
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
    Made("gateway-split", say("Two gateways are active for one address"), "routing"),
    Made("gateway-none", say("No gateway is active for an address"), "routing"),
    Made("segmentation-broken", say("A segment is reached that must not be"), "security"),
    Made("segmentation-unproven", say("Nothing proves that a segment can't be reached"), "security"),
    Made("poller-blind", say("A part of the network isn't seen"), "pollers"),
    Made("poller-gone", say("A poller is gone"), "pollers"),
    Made("poller-cut-off", say("A poller has lost its way out: what is behind it isn't seen"), "pollers"),
    Made("poller-cloned", say("A poller is in quarantine: nothing is taken from it"), "pollers"),
    Made("pollers-unheard", say("Remote pollers aren't heard"), "pollers"),
    Made("store-refuses", say("The store of time series refuses us"), "noc-itself"),
    Made("store-away", say("The store of time series takes nothing"), "noc-itself"),
    Made("spool-unwritten", say("The spool of time series can't be written"), "noc-itself"),
    Made("spool-fills", say("Time series will be lost soon"), "noc-itself"),
    Made("spool-sheds", say("Time series are lost"), "noc-itself"),
    Made("heartbeat-absent", say("No sign of life"), "noc-itself"),
    Made("noc-broken", say("noc is broken: an incident had no next action"), "noc-itself"),
)

MADE: Final[Mapping[str, Made]] = {one.name: one for one in _ALL}
"""By name. Who raises such a rule takes what it says from here."""
