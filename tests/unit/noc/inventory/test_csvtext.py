"""Tables: RFC 4180, and the place of every cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from noc.inventory.csvtext import Table, read_table
from noc.model.errors import InputError
from noc.settings.yamltext import Place


def table_of(folder: Path, text: str) -> tuple[Table, list[str]]:
    path = folder / "t.csv"
    path.write_text(text, newline="")
    table, findings = read_table(path)
    return table, [str(finding).replace(f"{folder}/", "") for finding in findings]


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        table_of(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


def rows(table: Table) -> list[tuple[str, ...]]:
    return [row.texts for row in table.rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, line_end: str) -> None:
    lines = ["id,name", "a,Alpha", 'b,"Beta, or ; or \t or ""B"""', "", ",", " c , Gamma "]
    text = line_end.join(line.replace(",", separator) if '"' not in line else line for line in lines)
    text = text.replace('b,"', f'b{separator}"')
    table, findings = table_of(tmp_path, text)
    assert findings == []
    assert table.columns == ("id", "name")
    assert rows(table) == [("a", "Alpha"), ("b", 'Beta, or ; or \t or "B"'), ("c", "Gamma")]


def test_places_count_characters_in_the_line(tmp_path: Path) -> None:
    table, _ = table_of(tmp_path, 'id,name,site\nä, "Ö ""x""" ,s1\nb,"two\nlines", s2\nc,C,\n')
    file = str(tmp_path / "t.csv")
    assert table.place(0, "id") == Place(file, 2, 1)
    assert table.place(0, "name") == Place(file, 2, 4)
    assert table.place(0, "site") == Place(file, 2, 15)
    assert table.place(1, "name") == Place(file, 3, 3)
    assert table.place(1, "site") == Place(file, 4, 9)
    assert table.place(2, "site") == Place(file, 5, 5)
    assert table.key_place(2) == Place(file, 5, 1)
    assert table.place(2, "region") == Place(file, 5, 1)


def test_a_path_into_a_cell_is_the_cell(tmp_path: Path) -> None:
    table, _ = table_of(tmp_path, "name,id,a.device,upstream\nx,y,d1,u1 u2\n")
    assert table.place(0, "a", "device").column == 5
    assert table.place(0, "upstream", 1).column == 8
    assert table.place(0).column == 3


def test_rows_of_a_wrong_length_are_named_and_left_out(tmp_path: Path) -> None:
    table, findings = table_of(tmp_path, "id,site,class\na,b\nc,d,e\nf,g,h,i\n")
    assert rows(table) == [("c", "d", "e")]
    assert findings == [
        "t.csv:2:4: error: too few fields: 2, the header names 3 (the next would be 'class')",
        "t.csv:4:7: error: too many fields: 4, the header names 3",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv:1:1: error: the file is empty; its first line names the columns"),
        ("\n\n", "t.csv:1:1: error: the file is empty; its first line names the columns"),
        ("id,,site\n", "t.csv:1:4: error: a column has no name"),
        ("id,site,id\n", "t.csv:1:9: error: column 'id' is named twice"),
        ('id,name\na,"Alpha\nb,Beta\n', "t.csv:2:3: error: this quote is not closed"),
        ('id,name\na,"Al"pha\n', 't.csv:2:7: error: text after the closing quote; inside quotes write "" for a quote'),
        ("id,name\na,é\x07\n", "t.csv:2:4: error: the control character U+0007 is not allowed; remove it"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    assert error_of(tmp_path, text) == message


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id\nGenève\n".encode("utf-16"))
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_table(path)


PLAIN = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")) | st.sampled_from(',;"\n'), max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(PLAIN, min_size=3, max_size=3), max_size=5), st.sampled_from(",;\t"))
@example([['"', ",", "\n"]], ",")
def test_what_the_csv_module_writes_is_read_and_found(tmp_path: Path, table: list[list[str]], separator: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["id", "b", "c"], *table])
    text = written.getvalue()
    read, findings = table_of(tmp_path, text)
    assert findings == []
    assert rows(read) == [tuple(row) for row in table if any(row)]
    lines = text.split("\n")
    for number, row in enumerate(read.rows):
        for name, cell in zip(read.columns, row.texts, strict=True):
            place = read.place(number, name)
            rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
            assert rest.startswith('"' + cell.replace('"', '""') + '"')
