"""What the scripts of pages say: handed to them as JSON in `data-words` of the body; `assets/src/words.js` reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say

WORDS: Final[Mapping[str, str]] = {
    "seconds": say("{n} s"),
    "minutes": say("{n} min"),
    "hours": say("{n} h"),
    "days": say("{n} d"),
    "live": say("live"),
    "old": say("{age} old"),
    "lost": say("lost {age} ago"),
    "empty": say("No numbers in this time."),
    "unread": say("The numbers can't be read now: {why}"),
    "greatest": say("greatest"),
    "least": say("least"),
    "gap": say("no numbers for {time}"),
    "measured": say("measured every {time}"),
    "mean": say("mean of {time}"),
    "band": say("mean of {time}, band from least to greatest"),
    "rolled": say("from roll-ups of {time}"),
    "outage": say("Outage"),
    "unseen": say("Not seen"),
    "planned": say("Planned work"),
    "incident": say("Incident"),
    "event": say("Event"),
    "critical": say("critical"),
    "major": say("major"),
    "minor": say("minor"),
    "warning": say("warning"),
    "info": say("info"),
    "goes_on": say("goes on"),
    "complete": say("{n} % complete"),
    "undone": say("This may not have been done: {why}. Look whether it was, and try again."),
    "status": say("noc answered with status {n}"),
    "silent": say("noc did not answer"),
    "picture": say("No answer from noc: this picture is {age} old."),
    "up": say("up"),
    "down": say("down"),
    "degraded": say("degraded"),
    "unknown": say("unknown"),
    "unreachable": say("unreachable"),
    "map": say("Map of the sites"),
    "map_keys": say(
        "Map of the sites. Arrows move it, + and - zoom, 0 shows all, n goes to the next site, Enter opens it. "
        "The list has the same data."
    ),
    "map_in": say("Zoom in"),
    "map_out": say("Zoom out"),
    "map_whole": say("Show all of it"),
    "map_at": say("{name}: {state}, {n} of {total}"),
    "map_loading": say("Reading the map…"),
    "map_unread": say("The map can't be read now: {why}"),
    "map_empty": say("No site here has coordinates."),
    "map_old": say("{age} old"),
}
"""English texts by the name that a script calls them by; values stand in braces."""


def said(spoken: Language) -> str:
    """Return the words in a language, with its marks in numbers (`decimal`, `group`) and its `dates`, as JSON."""
    words = {name: spoken.say(text) for name, text in WORDS.items()}
    marks = {"decimal": spoken.marks("."), "group": spoken.marks(",")}
    return json.dumps({**words, **marks, "dates": dict(spoken.dates.script)}, ensure_ascii=False)
