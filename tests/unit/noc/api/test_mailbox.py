"""The demo's mailbox, asked by scripts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from noc.api._endpoint import ROOT
from noc.api.routes import routes
from noc.http.scope import Scope
from tests.unit.noc.api.answers import get, whole
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    folder = tmp_path / "mailbox"
    folder.mkdir()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "noc@example.org", "achieng@example.org", "Nairobi is down"
    mail.set_content("Nobody answers.")
    mail.add_alternative("<p>Nobody answers.</p>", subtype="html")
    (folder / f"{NOW_MS}-000001.eml").write_bytes(mail.as_bytes())
    hook = {"path": "/hook", "headers": {}, "body": {"alerts": [{"annotations": {"summary": "Bangui is down"}}]}}
    (folder / f"{NOW_MS + 1000}-000001.json").write_text(json.dumps(hook))
    made = await build(tmp_path, FREE_PORT, routes, change=lambda sources: replace(sources, mailbox=folder))
    yield made
    await made.stack.aclose()


async def test_messages_are_listed_and_read(house: House) -> None:
    for limit in (1, 100):
        hook, mail = await whole(house, "/mailbox", limit)
        assert (hook["way"], hook["subject"], hook["to"]) == ("webhook", "Bangui is down", "POST /hook")
        assert (mail["way"], mail["at"], mail["sender"]) == ("mail", "2026-03-01T12:00:00Z", "noc@example.org")
    read = await get(house, f"/mailbox/{mail['id']}")
    assert (read["text"], "<p>" in read["html"]) == ("Nobody answers.", True)
    assert "Bangui" in (await get(house, f"/mailbox/{hook['id']}"))["text"]
    for wrong in ("nothing", "..%2Fnoc"):
        await house.asks(f"{ROOT}/mailbox/{wrong}", status=404)


@pytest.mark.parametrize(
    ("query", "number"),
    [("way=mail", 1), ("subject__ic=BANGUI", 1), ("to__n=POST%20/hook&text__ic=nobody", 1), ("at__lt=now", 0)],
)
async def test_messages_are_filtered(house: House, query: str, number: int) -> None:
    assert len(await whole(house, f"/mailbox?{query}", 1)) == number


async def test_the_mailbox_is_for_those_who_may_see_everything(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"africa"})))
    await house.asks(f"{ROOT}/mailbox", bearer=False, status=404)
