"""Words of the page behind a link that acknowledges, in the reader's language. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts import phrases
from alerts.messages import Reader, clean, harmless, moment
from alerts.scene import Scene
from noc.i18n.language import language
from noc.model.incident import Incident


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What the page says. button: None where there is nothing to press. more: the word of the link to the incident."""

    tag: str
    direction: str
    title: str
    lines: tuple[str, ...]
    button: str | None = None
    more: str | None = None


def asking(incident: Incident, scene: Scene, name: str, reader: Reader) -> LinkPage:
    """Return the page that asks whether a person owns an incident, or says why there is nothing to own."""
    say = language(reader.tag)
    incident, scene = harmless(incident, scene, isolated=say.direction == "rtl")
    who, title = clean(name), phrases.title(say, incident, scene)
    lines = [say.say("Since {time}", time=moment(incident.since_ms, scene.zone, say, reader.zone))]
    button = None
    if incident.resolved_ms is not None:
        at = moment(incident.resolved_ms, scene.zone, say, reader.zone)
        lines.append(say.say("It is over since {time}.", time=at))
    elif incident.acknowledged_ms is not None:
        owner = incident.acknowledged_by or "–"
        at = moment(incident.acknowledged_ms, scene.zone, say, reader.zone)
        lines.append(say.say("{person} owns it since {time}.", person=owner, time=at))
    else:
        lines += [say.say("Nobody has acknowledged this yet."), say.say("You are {person}.", person=who)]
        button = say.say("I own it")
    return LinkPage(say.tag, say.direction, title, tuple(lines), button, say.say("All that is known"))


def owned(incident: Incident, scene: Scene, reader: Reader) -> LinkPage:
    """Return the page after it was acknowledged."""
    say = language(reader.tag)
    incident, scene = harmless(incident, scene, isolated=say.direction == "rtl")
    said = (say.say("It is yours now: nobody else is called."),)
    return LinkPage(
        say.tag, say.direction, phrases.title(say, incident, scene), said, None, say.say("All that is known")
    )


def used(tag: str) -> LinkPage:
    """Return the page of a link that was used before."""
    say = language(tag)
    said = (say.say("This link was used already."),)
    return LinkPage(say.tag, say.direction, say.say("Nothing was done"), said)


def wrong(tag: str) -> LinkPage:
    """Return the page of a link that isn't ours or is too old. tag: the language of who asks, if that is told."""
    say = language(tag)
    said = (say.say("This link is not valid, or has expired. Log in to see the incident."),)
    return LinkPage(say.tag, say.direction, say.say("Nothing was done"), said)


def too_often(tag: str) -> LinkPage:
    """Return the page for an address that tried too often."""
    say = language(tag)
    said = (say.say("Too many wrong links from this address; wait a minute."),)
    return LinkPage(say.tag, say.direction, say.say("Nothing was done"), said)
