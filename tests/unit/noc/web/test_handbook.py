"""The handbook: every page is there, every link leads somewhere, nothing of it becomes markup by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.web.handbook import SHELVES, Handbook, folder_of_docs, page_of
from noc.web.helpful import ABOUT, help_for
from noc.web.markdown import plain, rendered, slug
from noc.web.navigation import BAR, MORE

BOOK = Handbook()
HOSTILE = """\
# <script>alert(1)</script>

<img src=x onerror=alert(1)> and [a](javascript:alert(1)), [b](data:text/html,x), ![c](http://x/y.png "t")

| a | b |
|---|---|
| <b>x</b> | `<i>` |

    <iframe src="/"></iframe>
"""


def test_every_page_of_the_docs_is_there_with_a_title() -> None:
    files = [path for path in folder_of_docs().rglob("*.md") if "pictures" not in path.parts]
    assert len(BOOK.pages) == len(files) > 50
    assert [page.name for page in BOOK.pages.values() if not page.title or page.title == page.name] == []
    assert sum(len(BOOK.shelf(shelf)) for shelf in SHELVES) == len(files)


def test_pages_are_helped_by_parts_that_are_there() -> None:
    anchors = {page.name: {section.anchor for section in page.sections} for page in BOOK.pages.values()}
    for path, about in ABOUT.items():
        name, _, anchor = about.partition("#")
        assert name in anchors, path
        assert not anchor or anchor in anchors[name], path
    assert help_for("/incidents/7/why") == "/help/incidents"
    assert help_for("/") == help_for("/help") == "/help"
    assert [one.address for one in (*BAR, *MORE) if one.address not in (*ABOUT, "/help")] == []


def test_nothing_becomes_markup_by_itself() -> None:
    html = rendered(HOSTILE, lambda link: link)
    for word in ("<script", "<img", "<iframe", "<b>", "<i>", 'href="javascript', 'href="data'):
        assert word not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`noc backup --json FILE`", '<code>noc backup <span class="nowrap">--json</span> FILE</code>'),
        ("`[--dry-run|-v]`", '<code>[<span class="nowrap">--dry-run</span>|<span class="nowrap">-v</span>]</code>'),
        ("`ssh-keyscan`", '<code><span class="whole">ssh-keyscan</span></code>'),
        (f"`a-{'b' * 30}`", f"<code>a-{'b' * 30}</code>"),
        ("`<b-r>`", '<code><span class="whole">&lt;b-r&gt;</span></code>'),
        ("`plain`", "<code>plain</code>"),
    ],
)
def test_options_and_short_words_of_code_stay_whole(text: str, html: str) -> None:
    assert str(rendered(text, lambda _: None)).strip() == f"<p>{html}</p>"


def test_links_that_lead_nowhere_leave_their_text() -> None:
    page = page_of(
        "reference/none", "# A\n\n[x](../incidents.md#the-list) [y](../../config/noc.yaml) [z](https://e.org/)"
    )
    assert BOOK.html(page) == (
        '<h1 id="a">A</h1>\n<p><a href="/help/incidents#the-list">x</a> y '
        '<a href="https://e.org/" rel="noreferrer">z</a></p>\n'
    )


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Late evidence: what it really was", "late-evidence-what-it-really-was"),
        ("`noc poll`, and *more*", "noc-poll-and-more"),
        ("A [link](x.md) in it", "a-link-in-it"),
    ],
)
def test_headings_have_the_ids_that_forges_give_them(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor
    assert plain("**a** [b](c) `d`") == "a b d"


def test_what_stands_in_headings_is_found_first_and_decisions_last() -> None:
    found = BOOK.find("byte budget", 40)
    assert found[0].section.heading == "Byte budgets"
    assert found[0].address == "/help/operate#byte-budgets"
    assert found[0].page.shelf == ""
    last = [one.page.shelf for one in found].index("adr")
    assert all(one.page.shelf == "adr" for one in found[last:])
    assert BOOK.find("", 5) == BOOK.find("zebrafinch", 5) == []


def test_code_makes_no_headings_and_comments_are_left_out(tmp_path: Path) -> None:
    text = "# Title\n<!-- table: X -->\n\n```\n# no heading\n```\n\n## Part\ntext\n"
    (tmp_path / "one.md").write_text(text)
    page = Handbook(tmp_path).pages["one"]
    assert [section.heading for section in page.sections] == ["Title", "Part"]
    assert "table: X" not in page.text
