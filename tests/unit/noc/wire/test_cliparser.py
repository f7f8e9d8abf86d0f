"""Text of commands becomes rows by templates; what cannot be read says why."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noc.model.command import PLATFORMS
from noc.wire.cliparser import _FAMILIES
from noc.wire.clitemplates import ROWS_AT_MOST, Templates, answer, serve
from tests.examples import at_least

NTP = """\
Value SERVER (\\S+)
Value List WORD (\\w+)

Start
  ^server\\s+${SERVER}
  ^word\\s+${WORD}
  ^\\s*$$
  ^. -> Error
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "cisco_ios_show_ntp_peers.textfsm").write_text(NTP)
    return tmp_path


def test_a_text_of_too_many_rows_is_refused(own: Path) -> None:
    (own / "rows.textfsm").write_text("Value X (\\S)\n\nStart\n  ^${X} -> Record\n")
    question = json.dumps(["cisco_ios", "show x", "rows", "x\n" * (ROWS_AT_MOST + 1)]).encode()
    rows, reason = json.loads(answer(Templates([own]), question))
    assert rows is None
    assert "20001 rows" in reason


def test_the_process_answers_one_question_after_the_other_and_ends_with_its_input(own: Path) -> None:
    question = json.dumps(["cisco_ios", "show ntp peers", None, "server a"]).encode()
    frame, sink = len(question).to_bytes(4) + question, io.BytesIO()
    serve(Templates([own]), io.BytesIO(frame * 2 + b"\0"), sink)
    said = json.dumps([[{"server": "a", "word": []}], None]).encode()
    assert sink.getvalue() == (len(said).to_bytes(4) + said) * 2


def test_every_platform_has_a_family_of_templates() -> None:
    assert set(_FAMILIES) == set(PLATFORMS)


COMMANDS = [
    ("cisco_ios", "show version"),
    ("cisco_ios", "show ip bgp summary"),
    ("cisco_asa", "show vpn-sessiondb"),
    ("juniper_junos", "show chassis hardware"),
    ("huawei_vrp", "display interface"),
    ("mikrotik_routeros", "system resource print"),
    ("arista_eos", "show environment power"),
    ("fortinet", "get system status"),
]
WORDS = st.sampled_from(
    [
        "Cisco IOS Software",
        "Version",
        "is up",
        "line protocol",
        "Neighbor",
        "10.0.0.1",
        "\t",
        ":",
        "-" * 40,
        "\0",
        "é",
        "#",
    ]
)
SHIPPED = Templates([])


@settings(at_least(60), deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(COMMANDS), st.lists(st.lists(WORDS | st.text(max_size=20), max_size=8).map(" ".join), max_size=30)
)
def test_no_text_of_a_device_is_an_uncaught_exception(command: tuple[str, str], lines: list[str]) -> None:
    rows, reason = json.loads(answer(SHIPPED, json.dumps([*command, None, "\n".join(lines)]).encode()))
    assert (rows is None) != (reason is None)
