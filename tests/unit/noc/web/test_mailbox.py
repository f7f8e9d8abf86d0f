"""The demo's mailbox page while the mailbox throws old messages away."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from noc.http.mailbox import newest, one
from noc.http.sources import Sources
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.hostile import NAME, TEXTS, octets
from tests.unit.noc.http.house import FREE_PORT, build


def _put(folder: Path, name: str, subject: str) -> Path:
    path = folder / f"{name}.eml"
    path.write_text(f"From: noc@example.org\r\nTo: a@example.org\r\nSubject: {subject}\r\n\r\nText.\r\n")
    return path


def test_a_message_that_goes_while_the_page_is_made_is_left_out(tmp_path: Path) -> None:
    _put(tmp_path, "0000000000002-000002", "second")
    # A name that leads nowhere: it was there when the folder was read, and is gone when it is opened.
    (tmp_path / "0000000000001-000001.eml").symlink_to(tmp_path / "gone")
    listed = newest(tmp_path)
    assert [path.stem for path in listed] == ["0000000000002-000002", "0000000000001-000001"]
    assert [mail.subject for mail in map(one, listed) if mail is not None] == ["second"]


def test_the_newest_stand_first_whatever_the_files_were_touched(tmp_path: Path) -> None:
    old, new = _put(tmp_path, "0000000000001-000009", "old"), _put(tmp_path, "0000000000002-000001", "new")
    os.utime(old, (2, 2))
    os.utime(new, (1, 1))
    assert newest(tmp_path) == [new, old]


async def test_what_strangers_write_is_text(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    for number, text in enumerate([NAME, *TEXTS.values()], start=1):
        line = re.sub(r"[\r\n\x00]", " ", octets(text, 900).decode(errors="replace"))
        _put(folder, f"{number:013}-1", line)
        body = {"alerts": [{"annotations": {"summary": text, "runbook_url": text}}]}
        request = {"path": f"/{line[:99]}", "headers": {"user-agent": line}, "body": body}
        (folder / f"{number:013}-2.json").write_text(json.dumps(request))

    def change(sources: Sources) -> Sources:
        return replace(sources, mailbox=folder)

    house = await build(tmp_path, FREE_PORT, lambda sources: routes(sources, WebPages(sources)), change=change)
    await house.log_in()
    names, found = [path.stem for path in newest(folder)], set[str]()
    for path in ("/mailbox", "/mailbox?page=2", *(f"/mailbox/{name}" for name in names)):
        async with house.http.get(house.url + path) as answer:
            page = await answer.text()
            assert answer.status == 200, page
            said = re.sub(r"<script (src|type)=[^>]*>", "", page)
            found |= set(re.findall(r"<script[^>]*>|<img src=x|<svg onload|<[^>]* on[a-z]+=ran|=.javascript:ran", said))
            assert "1337" not in page, "a template was worked out"
    assert found == set()
    assert "&lt;script&gt;ran()" in page
    await house.stack.aclose()


async def test_a_mail_as_it_was_sent_runs_and_loads_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    mail = EmailMessage()
    mail["Subject"] = "Goma is down"
    mail.set_content("Text.")
    mail.add_alternative("<h1>Goma is down</h1><script>ran()</script><img src=x>", subtype="html")
    (folder / "0000000000002-1.eml").write_bytes(bytes(mail))
    _put(folder, "0000000000001-1", "of text alone")

    def change(sources: Sources) -> Sources:
        return replace(sources, mailbox=folder)

    house = await build(tmp_path, FREE_PORT, lambda sources: routes(sources, WebPages(sources)), change=change)
    async with house.http.get(f"{house.url}/mailbox/0000000000002-1/html", allow_redirects=False) as answer:
        assert answer.status != 200, "somebody who has not logged in reads it"
    await house.log_in()
    async with house.http.get(f"{house.url}/mailbox/0000000000002-1/html") as answer:
        assert "<h1>Goma is down</h1>" in await answer.text()
        policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
        assert "default-src 'none'" in policy
        assert [part for part in policy if part.startswith("script")] == []
        assert answer.headers["Cache-Control"] == "no-store"
    for path, status in (("0000000000001-1/html", 404), ("nothing/html", 404), ("0000000000002-1", 200)):
        async with house.http.get(f"{house.url}/mailbox/{path}") as answer:
            assert answer.status == status, path
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    await house.stack.aclose()
