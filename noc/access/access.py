"""All that is known of who may log in, in one place for the web server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from noc.access.callers import Callers
from noc.access.looks import Looks
from noc.access.own import Own
from noc.access.people import People
from noc.access.scripts import Scripts
from noc.access.settings import AccountSettings
from noc.clock import Clock
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Access:
    """people: what is done with accounts, own: by whose they are. scripts: what is done with tokens. callers: whose
    sessions and tokens are. looks: who looked at secrets. settings: as of the start.
    """

    people: People
    own: Own
    scripts: Scripts
    callers: Callers
    looks: Looks
    settings: AccountSettings


def access_of(
    database: Database, clock: Clock, folder: Path, settings: AccountSettings, idle: timedelta, at_most: timedelta
) -> Access:
    """Return it. folder: of the state. idle, at_most: how long sessions last."""
    people, callers = People(database, clock, folder, settings), Callers(database, clock, idle, at_most)
    own, scripts, looks = Own(database, clock, people, callers), Scripts(database, clock), Looks(people, clock)
    return Access(people, own, scripts, callers, looks, settings)
