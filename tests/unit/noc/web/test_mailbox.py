"""The demo's mailbox page while the mailbox throws old messages away."""

from __future__ import annotations

import os
from pathlib import Path

from noc.web.views.mailbox import newest, one


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
