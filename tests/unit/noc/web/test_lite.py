"""Pages as text: what is left of them, and that nothing else is lost."""

from __future__ import annotations

import pytest

from noc.web.lite import ROWS, LiteWords, slim

WORDS = LiteWords("{first} to {last} of {total}", "before", "next", "show")


def made(html: str, address: str = "/sites?lite") -> str:
    return slim(html, address, "/static/lite.css", WORDS)


def table(rows: int, name: str = "row") -> str:
    return f"<table><tbody>{''.join(f'<tr><td>{name} {n}</td></tr>' for n in range(1, rows + 1))}</tbody></table>"


@pytest.mark.parametrize(
    "html",
    [
        "<script src='/x.js'></script>",
        "<script>let a = '</p>';</script>",
        "<svg viewBox='0 0 1 1'><g><path d='M0'/></g></svg>",
        "<noc-chart src='/x'><h3>Traffic</h3><noc-mark></noc-mark></noc-chart>",
        "<img src='/x.png' alt=''>",
        "<link rel='stylesheet' href='/noc.css'>",
        "<meta name='htmx-config' content='{}'>",
        "<dialog id='keys'><form method='dialog'><button>Close</button></form></dialog>",
        "<button type='button' data-png>PNG</button>",
        "<input type='checkbox' id='pick-all'>",
        "<p hidden>not now</p>",
        "<label data-full>Colours<select id='theme'><option>dark</option></select></label>",
        "<datalist id='zones'><option>UTC</option></datalist>",
        "<span class='muted'></span>",
    ],
)
def test_what_is_drawn_or_for_scripts_goes(html: str) -> None:
    assert made(f"<p>a{html}b</p>") == "<p>ab</p>"


def test_texts_links_and_forms_stay_as_they_are() -> None:
    html = (
        '<form method="post" action="/a?b=1&amp;c=2"><input type="hidden" name="csrf" value="&quot;x&quot;">'
        '<label for="n">Note &lt;b&gt; &#39;</label><textarea name="note" maxlength="500" id="n">a\n\n  b</textarea>'
        '<select name="h"><option value="1" selected>one</option></select> <button>Acknowledge</button></form>'
    )
    assert made(html) == html.replace("&quot;", "&#34;")


def test_classes_and_what_scripts_read_go() -> None:
    html = '<div class="panel" data-row id="a" hx-get="/x" hx-trigger="noc:changed from:body"><b class="x">1</b></div>'
    assert made(html) == '<div id="a"><b>1</b></div>'


def test_what_only_style_sets_apart_is_apart() -> None:
    html = '<a href="/p?s=1"><span class="label">critical</span><span class="value">2</span></a><a href="/">all</a>'
    assert made(html) == '<a href="/p?s=1">critical 2</a> <a href="/">all</a>'
    assert made("<b>3</b>, <span>so far</span>.") == "<b>3</b>, so far."


def test_what_is_for_screen_readers_alone_stays_so() -> None:
    assert made('<caption class="visually-hidden small">Sites</caption>') == (
        '<caption class="visually-hidden">Sites</caption>'
    )


def test_a_part_that_scripts_would_fetch_is_a_link() -> None:
    part = '<section hx-get="/sites/goma/figures" hx-trigger="load"{}>{}</section>after'
    loading = "<div><section>Loading…</section></div>"
    assert made(part.format(' aria-label="Availability"', loading)) == (
        '<p><a href="/sites/goma/figures">Availability</a></p>after'
    )
    heading = f"<h2>Inter&amp;faces</h2>{loading}"
    assert made(part.format("", heading)) == '<p><a href="/sites/goma/figures">Inter&amp;faces</a></p>after'
    assert made(part.format("", loading)) == '<p><a href="/sites/goma/figures">show</a></p>after'


def test_a_long_table_comes_by_parts() -> None:
    text = made(table(60), "/sites?q=a&lite")
    assert f"row {ROWS}<" in text
    assert f"row {ROWS + 1}<" not in text
    assert '</tbody></table><p>1 to 25 of 60 <a href="/sites?q=a&amp;lite=&amp;rows=1.2">next</a></p>' in text
    last = made(table(60), "/sites?lite&rows=1.3")
    assert "row 50<" not in last
    assert "row 51<" in last
    assert '<p>51 to 60 of 60 <a href="/sites?lite=&amp;rows=1.2">before</a></p>' in last


def test_each_table_has_parts_of_its_own() -> None:
    text = made(table(30, "first") + table(30, "second"), "/sites?rows=2.2")
    assert "first 1<" in text
    assert "second 25<" not in text
    assert "second 26<" in text


def test_a_short_table_and_one_inside_of_another_stay_whole() -> None:
    inner = "<table><tbody><tr><td><ul><li>a</li><li>b</li></ul></td></tr><tr><td>2</td></tr></tbody></table>"
    assert made(inner) == inner
    assert made(table(ROWS)) == table(ROWS)


@pytest.mark.parametrize("rows", ["9.9", "x.y", "1", "-1.2", "1.0", "99999999.1", ""])
def test_parts_that_are_not_there_break_nothing(rows: str) -> None:
    assert made(table(30), f"/sites?rows={rows}").startswith("<table><tbody>")


def test_its_own_style_is_the_only_one() -> None:
    head = "<head><meta charset='utf-8'><link rel='icon' href='/i'><link rel='stylesheet' href='/noc.css'></head>"
    text = made(f"<!doctype html>\n<html lang='ar' dir='rtl'>{head}")
    assert text.startswith('<!doctype html>\n<html lang="ar" dir="rtl"><head>')
    assert text.count('rel="stylesheet"') == text.count('href="/static/lite.css"') == 1
    assert '<link rel="icon" href="data:,">' in text  # or else /favicon.ico is asked for
    assert text.endswith('<meta charset="utf-8"></head>')


def test_hostile_text_stays_text() -> None:
    assert "<script" not in made("<p title='&lt;script&gt;'>&lt;script&gt;alert(1)&lt;/script&gt;</p>")
    assert made('<a href="&quot;&gt;&lt;script&gt;">x</a>') == '<a href="&#34;&gt;&lt;script&gt;">x</a>'
