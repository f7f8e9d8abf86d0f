"""What `noc check` says of scheduled reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.check import check

SETTINGS = """\
inventory: inventory
alerts:
  people:
    ann: {email: ann@example.org}
    bob: {}
  notifiers:
    email: {host: mail.example.org, from: noc@example.org}
reports:
  schedules:
    monthly:
"""
RIGHT = {"report": "availability", "at": "0 6 1 * *", "to": "[ann]"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"report": "avialability"}, "there is no report 'avialability' (did you mean 'availability'?)"),
        ({"report": "lifecycle", "by": "site"}, "the report lifecycle has no rows by site; there is no choice"),
        ({"at": "0 25 1 * *"}, "'0 25 1 * *' is no time of cron"),
        ({"at": "0 6 31 2 *"}, "'0 6 31 2 *' never comes"),
        ({"of": "site/nowhere"}, "'site/nowhere' is not in the inventory"),
        ({"to": "[ann, carol]"}, "there is nobody 'carol' in alerts.people"),
        ({"to": "[bob]"}, "'bob' has no address of e-mail"),
        ({"notifier": "mail"}, "there is no 'mail' in alerts.notifiers"),
        ({"period": "monthly"}, "'monthly' is no period; write month, quarter, year, biennium, or days such as 30d"),
        ({"time_zone": "Africa/Nairobbi"}, "unknown time zone 'Africa/Nairobbi' (did you mean 'Africa/Nairobi'?)"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    (found,) = [text for text in findings(tmp_path, changes) if "schedules" in text]
    assert message in found
    assert ":error:" in found.replace(" ", "")


def test_what_is_right_is_not(tmp_path: Path) -> None:
    assert [text for text in findings(tmp_path, {}) if "schedules" in text] == []
    assert [
        text for text in findings(tmp_path, {"report": "carrier", "of": "provider/EC"}) if "schedules" in text
    ] == []


def findings(folder: Path, changes: dict[str, str]) -> list[str]:
    (folder / "inventory").mkdir(exist_ok=True)
    lines = [f"      {key}: {value}\n" for key, value in {**RIGHT, **changes}.items()]
    (folder / "noc.yaml").write_text(SETTINGS + "".join(lines))
    return [str(finding) for finding in check(folder / "noc.yaml", {}).findings]
