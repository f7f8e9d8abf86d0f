"""What the card of the demo says, and where it leads. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from noc.http.tour import Step, TourNow
from noc.i18n.marking import say

TOUR_COOKIE: Final = "noc_tour"
AWAY: Final = "away"
"""Its value where somebody put the card away."""


@dataclass(frozen=True, slots=True)
class Said:
    """title, text: sentences, with {place} and {site} where they name something. go: what the link says."""

    title: str
    text: str
    go: str


SAID: Final[dict[Step, Said]] = {
    "welcome": Said(
        say("Look at the network"),
        say("A month of its past is there already. In a moment it rains over {site}: watch the problems."),
        say("Problems"),
    ),
    "rain": Said(
        say("Rain over {site}"),
        say(
            "Its satellite terminal has no signal: one incident, and what is behind it as symptoms. {key} acknowledges."
        ),
        say("Problems"),
    ),
    "fibre": Said(
        say("Fibre cut towards Valencia"),
        say("What was served from there moves to Brindisi: one incident, and services that say where they are."),
        say("Services"),
    ),
    "told": Said(
        say("Who was told"),
        say("Mails and webhooks are really sent, and land here. Without an answer the next desks are called."),
        say("Mailbox"),
    ),
    "planned": Said(
        say("Planned work at {site}"),
        say("{place} is off for a new release. One person asked, another approved: nobody is called."),
        say("Maintenance"),
    ),
    "push": Said(
        say("A wrong configuration"),
        say("Somebody pushed a template to {place}, and a port went down. See what changed before it."),
        say("Configuration"),
    ),
    "flapping": Said(
        say("A switch that flaps"),
        say("{place} comes and goes. People were called once; then its incident is held until it is calm."),
        say("Problems"),
    ),
    "shell": Said(
        say("In another terminal"),
        say("The same from the command line, a report in Arabic too: noc demo printed how. Begin with this:"),
        say("Reports"),
    ),
    "break": Said(
        say("Break noc itself"),
        say("It says what is wrong with itself: on each page, in its state, as an incident. Mended, it heals."),
        say("System"),
    ),
    "healed": Said(
        say("All heals"),
        say("Look at availability, rehearse a disaster, draw the topology. Then it begins anew, elsewhere."),
        say("Availability"),
    ),
}
"""{key}: the key that acknowledges."""

WHERE: Final[dict[Step, str]] = {
    "welcome": "/problems",
    "rain": "/problems",
    "fibre": "/services",
    "told": "/mailbox",
    "planned": "/maintenance",
    "push": "/problems",
    "flapping": "/problems",
    "shell": "/reports",
    "break": "/system",
    "healed": "/availability",
}

BROKEN: Final = {
    "store": say("The store of time series refuses what noc writes. Numbers wait in the spool, and none is lost."),
    "collector": say("The line over which noc reaches everything is cut. What nobody sees is unknown, and not down."),
    "poller": say("The poller of a region was killed. What nobody sees is unknown; it begins again by itself."),
}
BREAK_WORDS: Final = {
    "store": say("Store"),
    "collector": say("Line of noc"),
    "poller": say("Poller of a region"),
}


def card_of(now: TourNow) -> Said:
    """Return what the card says now."""
    return SAID[now.step]
