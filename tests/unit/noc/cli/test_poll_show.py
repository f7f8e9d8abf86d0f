"""`noc poll` for people: it fits the terminal, reads well, and no device can drive the terminal by its texts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from noc.cli import _quantities as quantities
from noc.cli._snapshot import show
from noc.cli._table import MISSING, Column, lines
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Scalar, Sensor, Snapshot

DEVICE = DeviceIdentity(
    "192.0.2.1",
    "1.3.6.1.4.1.9.1.1",
    "nbo-rtr-1",
    "Cisco IOS Software, ASR1000 Software, Version 15.5(3)S1a, RELEASE SOFTWARE (fc1)\r\nCompiled Wed 04-Nov-15",
    8535.12,
    "Cisco",
    "iosxe",
    "15.5(3)S1a",
    "ASR1002-F",
    "FOX1234",
    "router",
    "cisco-iosxe",
)
COUNTERS = Counters(19_430_000_000, 0, None, None, None, None, None, None, 5, 0, None, None)
PORT = Interface(
    1,
    "Gi0/0/0",
    "GigabitEthernet0/0/0",
    "to Nairobi by the southern path",
    6,
    10**9,
    1500,
    None,
    "up",
    "up",
    None,
    None,
    True,
    COUNTERS,
)
HEAT = Sensor(
    "temperature", "7", "Inlet", 21.5, None, "celsius", "1.3.6.1.4.1.9.9.13.1.3.1.3.7", "critical", 20.0, None
)
FAN = Sensor("state", "1", "Fan 1", 1, "normal", None, "1.3.6.1.4.1.9.9.13.1.4.1.3.1", "ok")
PEER: dict[str, Scalar] = {
    "peer": "2001:db8:85a3:0:341a:8a2e:3e1:d",
    "remote_as": 4200000000,
    "state": "established",
    "admin_status": "start",
    "uptime_s": 600_000,
}
POOL: dict[str, Scalar] = {
    "name": "Processor",
    "total_bytes": 8_247_697_408,
    "used_bytes": 6_824_857_600,
    "used_pct": 82.74864198315652,
    "oid": "1.3.6.1.4.1.9.9.109.1.1.1.1.17.7",
}
TAKEN = Snapshot(
    DEVICE,
    (PORT, replace(PORT, if_index=20, name="Te0/0/1", admin_status="down", oper_status="down", speed_bps=None)),
    (HEAT, FAN),
    {"memory": (POOL,), "bgp_peers": (PEER,), "storage": ()},
    {"snr_db": 13.5, "rx_lock": True, "modcod": None},
    duration_ms=218.4,
)


def shown(
    taken: Snapshot, columns: int | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", str(columns))
    show(taken)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_it_fits_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = shown(TAKEN, columns, monkeypatch, capsys)
    assert max(map(cell_len, printed)) <= columns
    assert [line for line in printed if line != line.rstrip()] == []


def test_at_120_columns_it_reads_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(TAKEN, 120, monkeypatch, capsys) == [
        "nbo-rtr-1",
        "Cisco ASR1002-F · iosxe 15.5(3)S1a · router · serial FOX1234",
        "192.0.2.1 · profile cisco-iosxe · up 2 h 22 min · read in 218 ms",
        "Cisco IOS Software, ASR1000 Software, Version 15.5(3)S1a, RELEASE SOFTWARE (fc1) Compiled Wed 04-Nov-15",
        "",
        "Interfaces (2)",
        "ifIndex  name     alias                            status     speed  received  sent  errors in  out",
        "      1  Gi0/0/0  to Nairobi by the southern path  up      1 Gbit/s   19.4 GB   0 B          5    0",
        "     20  Te0/0/1  to Nairobi by the southern path  off            –   19.4 GB   0 B          5    0",
        "",
        "Satellite (2)",
        "what       value",
        "SNR      13.5 dB",
        "rx lock      yes",
        "",
        "Sensors (2)",
        "kind         name     value  status     high  OID",
        "temperature  Inlet  21.5 °C  critical  20 °C  1.3.6.1.4.1.9.9.13.1.3.1.3.7",
        "state        Fan 1   normal  ok            –  1.3.6.1.4.1.9.9.13.1.4.1.3.1",
        "",
        "Memory (1)",
        "name         total     used   share  OID",
        "Processor  8.25 GB  6.82 GB  82.7 %  1.3.6.1.4.1.9.9.109.1.1.1.1.17.7",
        "",
        "BGP peers (1)",
        "peer                              remote AS  state        admin status    uptime",
        "2001:db8:85a3:0:341a:8a2e:3e1:d  4200000000  established  start         6 d 22 h",
    ]


def test_at_80_columns_long_texts_are_cut_and_addresses_are_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = "\n".join(shown(TAKEN, 80, monkeypatch, capsys))
    assert "to Nairobi …" in printed
    narrow = "\n".join(shown(TAKEN, 70, monkeypatch, capsys))
    assert "2001:db8:85a3:0:341a:8a2e:3e1:d" in narrow
    assert "admin status" not in narrow


def test_into_a_file_nothing_is_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    printed = "\n".join(shown(TAKEN, None, monkeypatch, capsys))
    assert "to Nairobi by the southern path" in printed
    assert "1.3.6.1.4.1.9.9.13.1.3.1.3.7" in printed
    assert "\x1b" not in printed


def test_a_device_that_says_nothing_is_shown_by_its_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = DeviceIdentity("192.0.2.1", None, None, None, None, None, None, None, None, None, None, "generic")
    assert shown(Snapshot(silent), 80, monkeypatch, capsys) == [
        "192.0.2.1",
        "192.0.2.1 · profile generic · up unknown · read in 0 ms",
    ]


HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\n[bold]red[/] \u202e\x9b31m"


def test_no_text_of_a_device_drives_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = replace(
        TAKEN,
        device=replace(DEVICE, sys_name=HOSTILE, sys_descr=HOSTILE, version=HOSTILE, serial=HOSTILE),
        interfaces=(replace(PORT, name=HOSTILE, alias=HOSTILE),),
        sensors=(replace(FAN, name=HOSTILE, text=HOSTILE),),
        records={"bgp_peers": ({**PEER, "state": HOSTILE},)},
        satellite={"modcod": HOSTILE},
    )
    printed = shown(taken, 200, monkeypatch, capsys)
    assert all(line.isprintable() for line in printed)
    assert "[bold]red[/]" in "\n".join(printed)  # shown as it is, not obeyed


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "celsius", None),
        (21.5, "celsius", "21.5 °C"),
        (4_048_928_876, None, "4,048,928,876"),
        (-0.0021457, "seconds", "-0.0021457 s"),
        (8100, "seconds", "2 h 15 min"),
        (11_228, "bits_per_second", "11.23 kbit/s"),
        (-11.9, "dbm", "-11.9 dBm"),
        (17_460, "rpm", "17,460 rpm"),
    ],
)
def test_a_value_has_its_unit(value: float | None, unit: str | None, words: str | None) -> None:
    assert quantities.quantity(value, unit) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, None), (0, "0 B"), (999, "999 B"), (999_999, "1 MB"), (19_430_000_000, "19.4 GB"), (10**19, "10000 PB")],
)
def test_octets_are_in_decimal_multiples(count: int | None, words: str | None) -> None:
    assert quantities.octets(count) == words


@pytest.mark.parametrize(
    ("bps", "words"),
    [(None, None), (0, None), (900, "900 bit/s"), (2_048_000, "2.048 Mbit/s"), (4 * 10**11, "400 Gbit/s")],
)
def test_a_speed_of_zero_is_none(bps: int | None, words: str | None) -> None:
    assert quantities.speed(bps) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, None), (0.5, "0.5 s"), (119, "119 s"), (150, "2 min 30 s"), (8535.12, "2 h 22 min"), (600_000, "6 d 22 h")],
)
def test_a_time_has_its_two_largest_units(seconds: float | None, words: str | None) -> None:
    assert quantities.duration(seconds) == words


COLUMNS = (
    Column("id", right=True, drops=1),
    Column("name", shrinks_to=6),
    Column("note", shrinks_to=4, drops=3),
    Column("state"),
    Column("OID", drops=2),
)


def row(*cells: str) -> list[Text]:
    return [Text(cell) for cell in cells]


def test_columns_are_cut_before_they_are_left_out() -> None:
    rows = [row("1", "a long name", "a long note", "up", "1.2.3")]
    assert [line.plain for line in lines(COLUMNS, rows, 60)] == [
        "id  name         note         state  OID",
        " 1  a long name  a long note  up     1.2.3",
    ]
    assert lines(COLUMNS, rows, 33)[1].plain == " 1  a lon…  a long…  up     1.2.3"
    assert lines(COLUMNS, rows, 30)[1].plain == " 1  a lon…  a l…  up     1.2.3"
    assert lines(COLUMNS, rows, 29)[1].plain == " 1  a long name  up     1.2.3"
    assert lines(COLUMNS, rows, 20)[1].plain == " 1  a long n…  up"
    assert lines(COLUMNS, rows, 5)[1].plain == "a lon…  up"


def test_a_column_with_nothing_in_it_is_left_out() -> None:
    rows = [[*row("1", "name"), MISSING, *row("up", "")]]
    assert [line.plain for line in lines(COLUMNS, rows, 60)] == ["id  name  state", " 1  name  up"]


PRINTABLE = st.text(max_size=30).map(lambda text: text if text.isprintable() else ascii(text))


@given(st.lists(st.tuples(PRINTABLE, PRINTABLE, PRINTABLE, st.just("up"), PRINTABLE), max_size=5), st.integers(45, 99))
def test_whatever_stands_in_a_table_it_fits(cells: list[tuple[str, ...]], width: int) -> None:
    written = lines(COLUMNS, [row(*texts) for texts in cells], width)
    assert len(written) == len(cells) + 1
    assert all(cell_len(line.plain) <= width for line in written)
