"""Whether noc says that it is alive: only while people would be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from alerts.notifiers._ports import Message, NotifyError, TicketNow
from alerts.policies import AlertSettings
from noc.app.alerting import Alerting, Orders
from noc.app.telling import STILL_S, Telling, tokens_of
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.incident import Incident
from noc.settings.secrets import SecretRef
from noc.state.committer import Committer
from tests.unit.alerts.alerting import House, Mailbox, changed


class Around:
    """A house whose alerting is the daemon's, with what stands beside it; nothing runs by itself."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.committer = Committer(house.database, house.clock, rows=list)
        orders = Orders(house.rules, house.settings, house.notifiers)
        put = self.committer.put_rules
        self.alerting = Alerting(house.database, house.clock, orders, self._known, "test", put, house.changed.append)
        house.engine = self.alerting.engine
        self.telling = Telling(house.database, house.clock, self.alerting, self.committer, self._known, "test")

    def _known(self) -> Inventory:
        return self.house.inventory

    async def round(self) -> None:
        """Let all go around once, half a minute later."""
        self.house.clock.stall(30)
        await self.alerting.engine.work()
        await self.house.send_all(self.alerting.dispatch)
        await self.telling.auditor.work()
        self.alerting.engine.rounds += 1
        self.alerting.dispatch.tally.rounds += 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.database.start()
    yield house
    await house.database.stop()


@pytest.fixture
def around(house: House) -> Around:
    return Around(house)


async def test_it_is_well_while_everything_goes_around(around: Around) -> None:
    for _ in range(5):
        await around.round()
        assert await around.telling.trouble() == ""


async def test_what_stands_still_is_no_life(around: Around) -> None:
    await around.round()
    assert await around.telling.trouble() == ""
    around.house.clock.stall(STILL_S + 1)
    assert "stands still for 91 s" in await around.telling.trouble()
    around.alerting.engine.rounds += 1
    assert "stands still" in await around.telling.trouble()
    await around.round()
    assert await around.telling.trouble() == ""


async def test_somebody_who_waits_to_be_called_is_no_life(house: House) -> None:
    def away(_: Message) -> None:
        raise NotifyError("no connection")

    house.notifiers = {"email": Mailbox(away)}
    around = Around(house)
    await house.handle(changed("down"))
    for _ in range(4):
        await around.round()
        assert await around.telling.trouble() == ""
    await around.round()
    said = await around.telling.trouble()
    assert "somebody is to be called for 150 s" in said
    assert "no connection" in said
    await house.engine.acknowledge(1, "achieng")
    await around.round()
    assert await around.telling.trouble() == ""


class TicketBox(Mailbox):
    """A system of tickets."""

    async def tickets(self, incidents: Sequence[Incident]) -> Mapping[int, TicketNow]:
        del incidents
        return {}


async def test_a_system_of_tickets_that_is_down_is_told_and_keeps_noc_neither_from_life_nor_from_readiness(
    house: House,
) -> None:
    def away(_: Message) -> None:
        raise NotifyError("no connection")

    house.notifiers = {"email": TicketBox(away)}
    around = Around(house)
    await house.handle(changed("down"))
    for _ in range(6):
        await around.round()
    assert (around.alerting.failing, around.alerting.untold_tickets) == ("", "email: no connection")
    assert await around.telling.trouble() == ""
    around.alerting.dispatch.stuck = "disk full"
    assert around.alerting.failing == "disk full"


async def test_a_ledger_that_cannot_be_written_is_no_life(around: Around) -> None:
    around.committer.failing = "disk full"
    assert "disk full" in await around.telling.trouble()


@pytest.mark.parametrize(
    ("tokens", "said"), [(("short", "x" * 20), "shorter than 16"), (("x" * 20, "x" * 20), "the same token")]
)
def test_tokens_are_long_and_tell_one_from_another(
    tokens: tuple[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, token in zip("AB", tokens, strict=True):
        monkeypatch.setenv(name, token)
    sources = {name.lower(): {"token": SecretRef("env", name)} for name in "AB"}
    made = AlertSettings.model_validate({"sources": sources})
    with pytest.raises(UsageError, match=said):
        tokens_of(made, Path())
