from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from noc.availability.events import MAX_FINDINGS, MAX_LINE, parse_events, read_events
from noc.availability.times import parse
from noc.model.errors import InputError

NOON = "2026-03-01T12:00:00Z"
GOOD = {"time": NOON, "entity": "device/a", "ok": True}


def line(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


def read(*lines: str | bytes) -> dict[str, list[tuple[int, bool]]]:
    text = b"\n".join(item if isinstance(item, bytes) else item.encode() for item in lines)
    return dict(parse_events(io.BytesIO(text), "E.jsonl"))


def messages(*lines: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(*lines)
    return [str(finding) for finding in caught.value.findings]


def test_lines_in_any_order_become_series_in_order() -> None:
    found = read(
        line(time="2026-03-01T12:00:20Z"),
        line(time="2026-03-01T15:00:10+03:00", ok=False),
        line(entity="circuit/mpls-7"),
        line(),
    )
    noon = parse(NOON)
    assert found == {
        "device/a": [(noon, True), (noon + 10_000, False), (noon + 20_000, True)],
        "circuit/mpls-7": [(noon, True)],
    }


def test_keys_come_in_any_order_and_the_last_line_may_end_or_not() -> None:
    turned = json.dumps(dict(reversed(GOOD.items())))
    assert read(turned + "\r", "") == read(line())
    assert read() == {}


def test_blank_lines_are_not_events() -> None:
    assert read("", line(), "   ", "\t\r") == read(line())


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read(b"\xef\xbb\xbf" + line().encode(), line()) == read(line())
    assert len(messages(line(), b"\xef\xbb\xbf" + line().encode())) == 1


def test_exact_duplicates_count_once() -> None:
    assert read(line(), line(), line(time="2026-03-01T13:00:00.000+01:00")) == read(line())


def test_a_contradiction_names_both_lines() -> None:
    (message,) = messages(line(), line(ok=True), line(ok=False))
    assert message.startswith("E.jsonl:3:1: error: device/a at 2026-03-01T12:00:00Z is not ok here and ok in line 1;")
    assert "is ok here and not ok in line 1" in messages(line(ok=False), line())[0]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("nonsense", "not JSON: Expecting value (character 1)"),
        ("[]", "not a JSON object, but a list"),
        ("7", "not a JSON object, but 7"),
        ("{}", "missing key 'time'; missing key 'entity'; missing key 'ok'"),
        (line() + " " + line(), "not JSON: Extra data"),
        (line()[:-1], "not JSON"),
        (b"\xff", "not UTF-8 text (byte 1)"),
        ("[" * 60_000, "nested too deeply"),
        ("9" * 5_000, "limit"),
        (line()[:-1] + ', "ok": true}', "duplicate key 'ok'"),
        (line().replace('"ok"', '"okay"'), "unknown key 'okay' (did you mean 'ok'?)"),
        (line(rtt=5), "unknown key 'rtt'"),
        (line(ok=1), "ok: must be true or false, not 1"),
        (line(ok="true"), 'ok: must be true or false, not "true"'),
        (line(ok=None), "ok: must be true or false, not null"),
        (line(ok={"a": 1}), "ok: must be true or false, not an object"),
        (line(entity=5), "entity: must be text, not 5"),
        (line(entity=["x"] * 99), "entity: must be text, not a list"),
        (line(entity="site/x"), "'site/x' is a site; only a device or interface or"),
        (line(entity="region/x"), "'region/x' is a region; only a device"),
        (line(entity="devise/x"), "'devise/x' is not an entity (did you mean 'device'?)"),
        (line(entity="device/"), "'device/' is not an entity; write <kind>/<id>"),
        (line(entity="device/a\u202e"), "no control characters"),
        (line(entity="device/\ud800"), "no control characters"),
        (line(entity="device/a "), "no spaces at its ends"),
        (line(time="2026-03-01T12:00:00"), "has no zone"),
        (line(time="2026-03-01T12:00:00.0001Z"), "finer than a millisecond"),
        (line(time=1772366400), "1772366400 is not a time"),
    ],
)
def test_a_malformed_line_is_named(wrong: str | bytes, why: str) -> None:
    (message,) = messages(line(), wrong)
    assert message.startswith("E.jsonl:2:1: error: ")
    assert why in message
    assert len(message) < 300


def test_a_line_without_end_is_cut_and_the_next_one_is_read() -> None:
    long = '{"time": "' + "x" * 3 * MAX_LINE
    found = messages(line(), long, "nonsense", line())
    assert [message.split(": error: ")[0] for message in found] == ["E.jsonl:2:1", "E.jsonl:3:1"]
    assert f"more than {MAX_LINE} bytes" in found[0]


def test_a_line_of_just_the_limit_is_read() -> None:
    full = line().ljust(MAX_LINE - 1)
    assert read(full, line()) == read(full) == read(line())


def test_the_first_wrong_lines_are_named_and_the_others_counted() -> None:
    found = messages(*["nonsense"] * (MAX_FINDINGS + 1))
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1] == "E.jsonl: error: 1 more line is wrong; these are the first 20"
    assert "1,980 more lines are wrong" in messages(*["nonsense"] * 2000)[-1]
    assert len(messages(*["nonsense"] * MAX_FINDINGS)) == MAX_FINDINGS


def test_a_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(line() + "\n")
    assert read_events(path) == read(line())
    for missing, why in ((tmp_path / "none", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(InputError, match=f"{missing}: error: can't be read: {why}"):
            read_events(missing)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line().encode())))
    assert read_events(Path("-")) == read(line())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    with pytest.raises(InputError, match="<stdin>:1:1: error: not JSON"):
        read_events(Path("-"))
