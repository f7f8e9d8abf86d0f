"""What stands beside alerting and sees to it that people are told: the auditor, signs of life, what others tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alerts.auditor import AUDIT_EVERY_S, Auditor
from alerts.handoverpost import HandoverPost
from alerts.heartbeats import Heartbeat
from alerts.inbound import Allowed, Inbound
from alerts.policies import AlertSettings
from alerts.tellingsettings import TOKEN_LENGTH
from alerts.ticketwatch import TicketWatch
from collectors.receivers._settings import MailSettings
from collectors.receivers.mail import MailReceiver
from noc.app.alerting import Alerting
from noc.app.mailing import Mailing
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.service import Service
from noc.settings.secrets import Secret
from noc.state import outbox
from noc.state.committer import Committer
from noc.state.database import Database

UNTOLD_MS: Final = 120_000
"""When somebody who is to be called was not told for so long, noc gives no sign of life."""

STILL_S: Final = 3 * AUDIT_EVERY_S


def tokens_of(settings: AlertSettings, folder: Path) -> dict[str, Secret]:
    """Return the tokens of other systems that may speak, by name.

    Raises SecretError, and UsageError where a token is too short, or two are the same.
    """
    tokens = {name: source.token.resolve(folder) for name, source in settings.sources.items()}
    for name, token in tokens.items():
        if len(token.reveal()) < TOKEN_LENGTH:
            raise UsageError(f"alerts: sources: {name}: its token is shorter than {TOKEN_LENGTH} characters")
    if len({token.reveal() for token in tokens.values()}) < len(tokens):
        raise UsageError("alerts: sources: two of them have the same token; give each its own")
    return tokens


@dataclass(slots=True)
class _Seen:
    """Counts as they were when they last all had grown. at_s: monotonic."""

    rounds: tuple[int, ...] = ()
    at_s: float = 0.0


class Telling:
    """Services around alerting. committer: writes transitions. mail: where answers are taken."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        alerting: Alerting,
        committer: Committer,
        inventory: Callable[[], Inventory],
        poller: str,
        mail: MailSettings = MailSettings(),  # noqa: B008 frozen
    ) -> None:
        self._database = database
        self._clock = clock
        self._alerting = alerting
        self._committer = committer
        self._seen = _Seen(at_s=clock.monotonic())
        self.inbound = Inbound(database, clock, self._allowed, inventory, poller, alerting.wake)
        self.auditor = Auditor(
            database,
            clock,
            poller,
            lambda: alerting.orders.settings,
            self._progress,
            alerting.wake_all,
            committer.put_rules,
        )
        self.heartbeat = Heartbeat(clock, poller, self.trouble)
        self.tickets = TicketWatch(database, clock, alerting.orders.notifiers, alerting.changed)
        self.handovers = HandoverPost(
            database, clock, lambda: alerting.orders.settings, lambda: alerting.orders.notifiers
        )
        self.mail = _receiver(database, alerting, mail, self.tickets)
        self._use()

    @property
    def services(self) -> tuple[Service, ...]:
        """Return the services, to be started after alerting."""
        mail = () if self.mail is None else (self.mail,)
        return (self.auditor, self.inbound, self.tickets, self.handovers, *mail, self.heartbeat)

    def replace(self) -> None:
        """Go on with what alerting goes by now."""
        self.inbound.replace(self._allowed)
        self.tickets.replace(self._alerting.orders.notifiers)
        self._use()

    async def trouble(self) -> str:
        """Return what keeps people from being told, in a sentence; empty where nothing does. Raises StateError."""
        if self._committer.failing is not None:
            return f"transitions can't be written: {self._committer.failing}"
        if self._alerting.engine.failing:
            return f"incidents can't be worked on: {self._alerting.engine.failing}"
        now_ms, now_s = to_ms(self._clock.now()), self._clock.monotonic()
        async with self._database.read() as connection:
            since_ms = await outbox.untold_since(connection, now_ms, self._clock.steps, self._alerting.ticketing)
        if since_ms is not None and now_ms - since_ms > UNTOLD_MS:
            return f"somebody is to be called for {(now_ms - since_ms) // 1000} s: {self._alerting.dispatch.failing}"
        rounds = (self._alerting.engine.rounds, self._alerting.dispatch.tally.rounds, self.auditor.audits)
        if not self._seen.rounds or all(new > old for new, old in zip(rounds, self._seen.rounds, strict=True)):
            self._seen = _Seen(rounds, now_s)
        still_s = now_s - self._seen.at_s
        return f"alerting stands still for {still_s:.0f} s" if still_s > STILL_S else ""

    def _progress(self) -> int:
        return self._alerting.engine.handled + self._alerting.dispatch.tally.claimed

    @property
    def _allowed(self) -> Allowed:
        return Allowed(self._alerting.orders.settings, self._alerting.orders.tokens)

    def _use(self) -> None:
        wanted = self._alerting.orders.settings.heartbeat
        every_s = 0.0 if wanted is None else wanted.every.total_seconds()
        self.heartbeat.use(every_s, self._alerting.orders.beats)


def _receiver(database: Database, alerting: Alerting, mail: MailSettings, tickets: TicketWatch) -> MailReceiver | None:
    """Return what takes answers by mail; None where nobody may answer."""
    if alerting.answers is None or not mail.listen:
        return None
    mailing = Mailing(
        database, alerting.answers, alerting.dispatch, lambda: alerting.orders.settings, ticket=tickets.mailed
    )
    return MailReceiver(mail, mailing.take)
