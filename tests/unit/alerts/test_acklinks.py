"""Links that acknowledge: nobody can make one, they end, they are good once, and looking at them changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from alerts.acklinks import KEY_FILE, PREFIX, AckLinks, read
from alerts.answers import Answers
from alerts.composing import Telling
from noc.model.errors import UsageError
from noc.model.incident import Notice
from noc.state import accounts, auditlog, incidents
from noc.state.auditlog import Done
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, settings

NOTICE = Notice(41, "7-abc", 7, 1, "achieng", "email", "page", START_MS)
HOUR_MS = 3_600_000


def links(folder: Path) -> AckLinks:
    return AckLinks(folder, HOUR_MS)


def token_of(path: str) -> str:
    assert path.startswith(PREFIX)
    return path.removeprefix(PREFIX)


def test_a_link_is_good_for_its_notice_until_its_end_also_after_a_restart(tmp_path: Path) -> None:
    path = links(tmp_path).path(NOTICE, START_MS)
    assert len(path) < 45
    token = read(token_of(path))
    assert token is not None
    again = links(tmp_path)
    assert again.is_good(token, NOTICE, START_MS)
    assert again.is_good(token, NOTICE, START_MS + HOUR_MS - 1)
    assert not again.is_good(token, NOTICE, START_MS + HOUR_MS)
    assert not again.is_good(token, replace(NOTICE, id=42), START_MS)
    assert not again.is_good(token, replace(NOTICE, key="7-abd"), START_MS)
    assert not again.is_good(replace(token, until_s=token.until_s + 1), NOTICE, START_MS)
    assert not AckLinks(tmp_path, None).is_good(token, NOTICE, START_MS)


def test_another_noc_makes_other_links(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    token = read(token_of(links(tmp_path / "other").path(NOTICE, START_MS)))
    assert token is not None
    assert not links(tmp_path).is_good(token, NOTICE, START_MS)


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=60) | st.from_regex(r"41\.[0-9a-f]{8}\.[A-Za-z0-9_-]{22}\Z"))
def test_nothing_that_is_made_up_is_good(tmp_path: Path, text: str) -> None:
    token = read(text)
    assert token is None or not links(tmp_path).is_good(token, NOTICE, START_MS)


def test_the_secret_is_for_its_owner_alone(tmp_path: Path) -> None:
    made = links(tmp_path)
    made.load()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        links(tmp_path).load()
    (tmp_path / KEY_FILE).chmod(0o600)
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(UsageError, match="5 bytes are no secret"):
        links(tmp_path).load()
    with pytest.raises(UsageError, match="can't be written"):
        links(tmp_path / "nowhere").load()


@pytest.fixture
def answers(house: House, tmp_path: Path) -> Answers:
    """The answers of the house, whose Achieng reads French."""
    people = {
        "achieng": {"name": "Achieng Odhiambo", "email": "achieng@example.org", "language": "fr"},
        "berta": {"email": "berta@example.org"},
    }
    house.settings = settings(people=people)
    made = links(tmp_path)
    telling = Telling(house.settings, house.notifiers, lambda: house.inventory, links=made)
    return Answers(house.database, house.clock, made, lambda: telling, house.changed.append)


async def link_of(house: House, folder: Path) -> str:
    """Open an incident, and return the link of its page."""
    await house.handle(changed("down"))
    await house.send_all()
    (notice,) = await house.notices()
    return token_of(links(folder).path(notice, START_MS))


async def test_looking_changes_nothing_and_the_button_acknowledges_once(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    token = await link_of(house, tmp_path)
    for _ in range(3):
        shown = await answers.look(token)
        assert (shown.http_status, shown.page.tag, shown.page.button) == (200, "fr", "Je m’en charge")
        assert "Vous êtes Achieng Odhiambo." in shown.page.lines
    assert (await house.incidents())[0].state == "new"
    shown = await answers.own(token)
    assert shown.page.lines == ("Il est à vous : personne d’autre n’est appelé.",)
    (incident,) = await house.incidents()
    assert (incident.state, incident.acknowledged_by) == ("acknowledged", "Achieng Odhiambo")
    (notice,) = await house.notices()
    assert (notice.acted_ms, notice.read_ms) == (START_MS, START_MS)
    assert [entry.facts["way"] for entry in await house.timeline() if entry.kind == "acted"] == ["link"]
    assert house.changed[-1] == 1


async def account_of(house: House, name: str, person: str, email: str) -> None:
    async with house.database.write() as connection:
        await accounts.add(connection, name, person, "operator", None, email=email, by="tests", now_ms=START_MS)


async def test_who_has_an_account_with_the_same_address_is_the_same_person(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    await account_of(house, "ao", "Achieng O.", "Achieng@Example.org")
    token = await link_of(house, tmp_path)
    assert "Vous êtes Achieng O.." in (await answers.look(token)).page.lines
    await answers.own(token)
    assert (await house.incidents())[0].acknowledged_by == "Achieng O."


async def test_an_address_that_several_accounts_have_says_not_whose_it_is(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    for name in ("desk-1", "desk-2"):
        await account_of(house, name, name, "achieng@example.org")
    await answers.own(await link_of(house, tmp_path))
    assert (await house.incidents())[0].acknowledged_by == "Achieng Odhiambo"


async def test_a_link_does_nothing_where_there_is_nothing_to_own(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    token = await link_of(house, tmp_path)
    await house.engine.acknowledge(1, "berta")
    for shown in (await answers.look(token), await answers.own(token)):
        assert shown.page.button is None
        assert any("berta s’en charge depuis" in line for line in shown.page.lines)
    await house.handle(changed("up"))
    assert any("terminé depuis" in line for line in (await answers.own(token)).page.lines)
    assert (await house.incidents())[0].acknowledged_by == "berta"


async def test_a_link_that_was_used_does_not_work_again_when_the_incident_is_open_anew(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    token = await link_of(house, tmp_path)
    await answers.own(token)
    async with house.database.write() as connection:
        await incidents.put(connection, 1, {"acknowledged_ms": None, "acknowledged_by": None})
    shown = await answers.own(token)
    assert (shown.page.button, shown.page.lines) == (None, ("Ce lien a déjà servi.",))
    assert (await house.incidents())[0].state == "new"


async def test_a_link_that_is_wrong_or_old_says_nothing_of_the_network(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    token = await link_of(house, tmp_path)
    wrong = await answers.own(token[:-1] + ("A" if token[-1] != "A" else "B"))
    house.clock.stall(61 * MINUTE / 1000)
    for shown in (wrong, await answers.look(token), await answers.own(token)):
        assert (shown.http_status, shown.incident) == (404, None)
        assert "not valid, or has expired" in shown.page.lines[0]
    assert (await house.incidents())[0].state == "new"
    said = (await answers.look(token, "fr")).page
    assert (said.tag, said.title) == ("fr", "Rien n’a été fait")


async def audited(house: House) -> list[Done]:
    async with house.database.read() as connection:
        return [one.done for one in await auditlog.page(connection)]


async def test_what_people_answer_is_a_record_of_the_audit_and_what_is_refused_is_none(
    house: House, answers: Answers, tmp_path: Path
) -> None:
    token = await link_of(house, tmp_path)
    await answers.look(token)
    assert await audited(house) == []
    await answers.own(token)
    await answers.own(token)
    (notice,) = await house.notices()
    (owned,) = await audited(house)
    assert (owned.who, owned.way, owned.what) == ("achieng", "link", f"incident {notice.incident}: acknowledge")
    assert owned.detail == {"notice": notice.id, "channel": "email"}
    await answers.reply(notice, "note", "fuse replaced", "mail")
    await answers.reply(notice, "resolve", "", "mail")
    said = await answers.reply(notice, "resolve", "", "mail")
    assert "resolved" in said
    assert [(one.way, one.what) for one in await audited(house)] == [
        ("mail", f"incident {notice.incident}: resolve"),
        ("mail", f"incident {notice.incident}: note"),
        ("link", f"incident {notice.incident}: acknowledge"),
    ]
