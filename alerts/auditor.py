"""The auditor: looks every 30 seconds whether each open incident has a next action, and repairs what has none.

When something was wrong it pages "noc is broken" by itself, without the engine: whoever the catch-all names hears of
it by every way there is. What keeps the messages themselves from going out, the missing heartbeat tells.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final, get_args

from alerts.audit import Findings, WrongWord, audit
from alerts.escalation import key_of
from alerts.oncalltargets import Directory, Target
from alerts.policies import AlertSettings
from alerts.rules.made import MADE
from noc.clock import Clock
from noc.model.incident import Entry, Facts, Incident, Notice, RuleTransition
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import audit as rows
from noc.state import incidents, outbox
from noc.state.database import Database, StateError, Transaction
from noc.state.incidents import Opening

log = logging.getLogger(__name__)

RULE: Final = "noc-broken"
_MADE: Final = MADE[RULE]
AUDIT_EVERY_S: Final = 30.0
LOOK_AGAIN_MS: Final = 3_600_000
"""An incident whose policy has nothing more to do is looked at so often: settings change."""

WELL_FOR: Final = 2
"""After so many audits without a finding it is over."""

NAMED_AT_MOST: Final = 20


class Auditor:
    """A service. settings: of now. progress: a number that grows while incidents are worked on and messages go out.

    repaired: is called after something was repaired, so that it is done at once. put_rules: takes transitions of rules,
    as the committer does. audits, found: how often it looked, and how many findings there were.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        poller: str,
        settings: Callable[[], AlertSettings],
        progress: Callable[[], int],
        repaired: Callable[[], None],
        put_rules: Callable[[Iterable[RuleTransition]], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._poller = poller
        self._settings = settings
        self._progress = progress
        self._repaired = repaired
        self._put_rules = put_rules
        self._rounds = Rounds(clock, "auditor", self._round)
        self._suspect: dict[int, int] = {}
        self._told: set[tuple[int, WrongWord]] = set()
        self._known_progress = -1
        self._well = 0
        self.audits = 0
        self.found = 0

    async def start(self) -> None:
        """Begin to look."""
        self._known_progress = self._progress()
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def work(self) -> Findings:
        """Look once, and repair. Raises StateError."""
        now_ms, progress = to_ms(self._clock.now()), self._progress()
        async with self._database.read() as connection:
            waiting = await rows.waiting(connection)
        is_moving, self._known_progress = progress != self._known_progress, progress
        findings = audit(waiting, self._suspect, now_ms, is_moving=is_moving)
        fresh, self._suspect = findings.suspect.keys() - self._suspect.keys(), findings.suspect
        self._told &= {(row.incident, word) for row in waiting for word in get_args(WrongWord)}
        if fresh or findings.ended or findings.wrong:
            news = {number: word for number, word in findings.wrong.items() if (number, word) not in self._told}
            async with self._database.write() as connection:
                await self._repair(connection, findings, fresh, now_ms)
                await _tell(connection, news, now_ms)
                if findings.wrong:
                    await self._page(connection, findings, now_ms, has_news=bool(news))
            self._told.update(news.items())
            self._repaired()
        self.audits += 1
        self.found += len(findings.wrong)
        await self._clear(findings, now_ms)
        return findings

    async def _round(self) -> float:
        try:
            await self.work()
        except StateError as error:
            log.error("the auditor can't look: %s", error)
        except Exception:  # the guard: a fault must not end the audits
            log.exception("the auditor met a fault in noc, and goes on")
        return AUDIT_EVERY_S

    async def _repair(self, connection: Transaction, findings: Findings, fresh: Iterable[int], now_ms: int) -> None:
        for number in sorted({*fresh, *findings.wrong}):
            await incidents.look_at(connection, number, now_ms)
        for number in findings.ended:
            await incidents.look_at(connection, number, now_ms + LOOK_AGAIN_MS)

    async def _page(self, connection: Transaction, findings: Findings, now_ms: int, *, has_news: bool) -> None:
        """Open the incident of noc itself, and write its notices in the same transaction."""
        entity = f"poller/{self._poller}"
        log.error("noc is broken: %s", said_of(findings))
        known = await incidents.open_of(connection, RULE, entity)
        if known is not None:
            said: Facts = {"why": "further", "said": said_of(findings)}
            await incidents.record(connection, [Entry(known.id, now_ms, "note", None, said)] * has_news)
            return
        found = self._settings().policy(None)
        facts: Facts = {**_MADE.said, "said": said_of(findings), "poller": self._poller}
        policy = "" if found is None else found[0]
        opening = Opening(entity, RULE, "rule", "critical", policy, now_ms, now_ms, facts, now_ms)
        made = await incidents.insert(connection, opening)
        line: Facts = {"why": "raised", "rule": RULE, "policy": policy or None}
        await incidents.record(connection, [Entry(made.id, now_ms, "opened", None, line)])
        await outbox.put(connection, [_notice(made, target, now_ms) for target in self._targets(now_ms)])

    def _targets(self, now_ms: int) -> tuple[Target, ...]:
        """Return whom the catch-all names, by every way; without one, all people of the first step, by every way."""
        directory, settings = Directory.of(self._settings()), self._settings()
        if settings.catch_all is not None:
            return directory.everywhere(settings.catch_all.notify, now_ms)
        found = settings.policy(None)
        return () if found is None else directory.everywhere(found[1].steps[0].notify, now_ms)

    async def _clear(self, findings: Findings, now_ms: int) -> None:
        self._well = 0 if findings.wrong else self._well + 1
        if self._well < WELL_FOR:
            return
        entity = f"poller/{self._poller}"
        async with self._database.read() as connection:
            known = await incidents.open_of(connection, RULE, entity)
        if known is not None:
            facts: Facts = {"reason": "back"}
            self._put_rules([RuleTransition(RULE, entity, "cleared", "critical", now_ms, now_ms, self._poller, facts)])


def said_of(findings: Findings) -> str:
    """Return findings in a sentence for an operator."""
    words = {"lost": "had no next action", "late": "had one that was overdue"}
    listed = [f"incident {number} {words[word]}" for number, word in sorted(findings.wrong.items())[:NAMED_AT_MOST]]
    more = len(findings.wrong) - len(listed)
    return ", ".join(listed) + (f", and {more} more" if more else "") + "; noc looks at them again now"


async def _tell(connection: Transaction, news: Mapping[int, WrongWord], now_ms: int) -> None:
    """Write into timelines what was wrong: of each incident once, where a busy machine meets it each half minute."""
    facts: Mapping[WrongWord, Facts] = {word: {"why": "repaired", "was": word} for word in get_args(WrongWord)}
    await incidents.record(
        connection, [Entry(number, now_ms, "note", None, facts[word]) for number, word in news.items()]
    )


def _notice(incident: Incident, target: Target, now_ms: int) -> Notice:
    person, channel = target
    key = key_of(incident, "page", 1, target)
    return Notice(0, key, incident.id, 1, person, channel, "page", now_ms, next_ms=now_ms)
