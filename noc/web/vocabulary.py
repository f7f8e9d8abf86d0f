"""Words that noc chose itself and that stand in facts, states and names of facts: marked here for the catalogues."""

from __future__ import annotations

from typing import Final

from noc.i18n.marking import say

STATES: Final = (
    *(say("new"), say("acknowledged"), say("in progress"), say("resolved"), say("closed")),
    *(say("open"), say("known error"), say("unresolved")),
    *(say("up"), say("down"), say("unknown"), say("unreachable"), say("degraded"), say("off")),
    *(say("critical"), say("major"), say("minor"), say("warning")),
    *(say("respond"), say("restore"), say("update")),
    *(say("asked"), say("answered"), say("failed"), say("declared"), say("taken back")),
    *(say("Site"), say("Data centre"), say("Power"), say("Provider"), say("Beam"), say("Shared"), say("Poller")),
    *(say("Flapping"), say("Circuit"), say("Region")),
)
"""Of incidents, problem records and entities; severities; targets; questions to devices; kinds of root cause."""

NAMES: Final = (
    *(say("Since"), say("After"), say("To"), say("Clears at"), say("Held back since"), say("In the window until")),
    *(
        say("Held back for"),
        say("Cause"),
        say("Cause since"),
        say("In incident"),
        say("By"),
        say("Until"),
        say("Check"),
        say("Failures"),
        say("Status"),
        say("Rule"),
    ),
    *(say("Policy"), say("Evidence"), say("For"), say("Score"), say("Limit"), say("Window"), say("Priority")),
    *(say("Impact"), say("Urgency"), say("Sites"), say("People"), say("Services"), say("Was"), say("Target")),
    *(say("Owner"), say("From"), say("Handover"), say("Channel"), say("Reference"), say("State"), say("Before")),
    *(say("Attempts"), say("Error"), say("Is"), say("Last"), say("Cause"), say("Parent"), say("Series")),
    *(say("Runbook"), say("Name"), say("Said"), say("Source"), say("Description"), say("Further"), say("Measured")),
    *(say("Devices"), say("Failed"), say("Answered"), say("Count"), say("Entities"), say("Incident"), say("Place")),
    *(say("Device"), say("Entity"), say("Number"), say("Poller"), say("Hours"), say("Value")),
)
"""Of facts, as `noc.web.words.readable` makes them of their keys."""

SITES: Final = {
    "down": say("sites down"),
    "unreachable": say("sites unreachable"),
    "unknown": say("sites unknown"),
    "up": say("sites up"),
}
DEVICES: Final = {
    "down": say("devices down"),
    "unreachable": say("devices unreachable"),
    "unknown": say("devices unknown"),
    "up": say("devices up"),
}
"""What stands on tiles, by state."""

STEPS: Final = (
    *(say("requested"), say("approved"), say("rejected"), say("cancelled"), say("shortened")),
    *(say("proposed"), say("withdrawn")),
)
"""Of windows and corrections."""

KINDS: Final = (
    *(say("Switch"), say("Router"), say("Firewall"), say("Satellite modem"), say("Earth station"), say("Microwave")),
    *(say("Radio"), say("Server"), say("Storage"), say("Tape library"), say("UPS"), say("PABX"), say("Video")),
    *(say("Digital terminal"), say("Other"), say("MPLS"), say("Satellite"), say("Internet"), say("Fibre")),
    *(say("BGP peer"), say("OSPF neighbour"), say("IS-IS neighbour"), say("LDP session"), say("VRF"), say("Tunnel")),
    *(say("Probe"), say("Interface"), say("Service")),
)
"""Of devices, circuits and parts of devices, as `noc.web.words.readable` writes them."""

SENSORS: Final = (
    *(
        say("Temperature"),
        say("Humidity"),
        say("Fan speed"),
        say("Voltage"),
        say("Current"),
        say("Charge"),
        say("Load"),
    ),
    *(say("Runtime"), say("Frequency"), say("Energy"), say("Percent"), say("Optical power"), say("Signal")),
    *(say("Bitrate"), say("Delay"), say("Loss"), say("Power factor")),
)
"""Kinds of sensors."""

ROWS: Final = (
    *(say("network"), say("region"), say("site"), say("device"), say("circuit"), say("service")),
    *(say("Incidents"), say("Capacity"), say("Carrier"), say("Lifecycle"), say("Biennium"), say("Availability")),
    say("Incident"),
)
"""What rows of reports are, and what reports are called."""

CHANGES: Final = {
    "configuration": say("Another configuration"),
    "event": say("Configured, it says"),
    "window": say("Planned work"),
    "start": say("Started anew"),
    "version": say("Not what it was"),
    "routing": say("Routing session"),
}
"""What changed before an incident, by kind."""
