"""What a rule looks for, for people: conditions as they are written, all else in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.rules.compiled import DownKind, DownRule, Rule
from alerts.rules.eventrule import EventRule, Per
from alerts.rulestried import shown
from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.words import duration

DOWN: Final[Mapping[DownKind, str]] = {
    "device": say("Device"),
    "circuit": say("Circuit"),
    "endpoint": say("End point"),
    "service": say("Service"),
    "bgp": say("BGP peer"),
    "ospf": say("OSPF neighbour"),
    "isis": say("IS-IS neighbour"),
    "ldp": say("LDP session"),
    "vrf": say("VRF"),
    "tunnel": say("Tunnel"),
    "probe": say("Probe"),
    "interface": say("Interface"),
}
ANY: Final[Mapping[Per, str]] = {
    "device": say("any from a device"),
    "about": say("any about an interface, a neighbour or a tunnel"),
    "site": say("any from a site"),
    "region": say("any from a region"),
    "network": say("any in the network"),
}
MANY: Final[Mapping[Per, str]] = {
    "device": say("{n} from a device within {time}"),
    "about": say("{n} about an interface, a neighbour or a tunnel within {time}"),
    "site": say("{n} from a site within {time}"),
    "region": say("{n} from a region within {time}"),
    "network": say("{n} in the network within {time}"),
}


def in_words(rule: Rule, spoken: Language) -> str:
    """Return what a rule looks for in words; empty where it is a condition, which `condition` tells."""
    if isinstance(rule, DownRule):
        return spoken.comma.join(sorted(spoken.say(DOWN[one]) for one in rule.of))
    if not isinstance(rule, EventRule):
        return ""
    if rule.count == 1:
        return spoken.say(ANY[rule.per])
    time = duration(rule.within_ms / 1000, spoken)
    return spoken.say(MANY[rule.per], n=spoken.number(rule.count), time=time)


def condition(rule: Rule) -> str:
    """Return the condition of a rule as it is written; empty where it has none."""
    return "" if isinstance(rule, DownRule | EventRule) else shown(rule)
