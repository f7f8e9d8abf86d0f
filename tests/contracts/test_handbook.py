"""The handbook as it ships: every link between its pages leads somewhere."""

from __future__ import annotations

import re

from noc.web.handbook import Handbook

BOOK = Handbook()


def test_links_between_pages_lead_to_parts_that_are_there() -> None:
    anchors = {page.address: {section.anchor for section in page.sections} for page in BOOK.pages.values()}
    lost = []
    for page in BOOK.pages.values():
        for link in re.findall(r'href="(/help/[^"]*|#[^"]*)"', BOOK.html(page)):
            path, _, anchor = link.partition("#")
            if anchor and anchor not in anchors[path or page.address]:
                lost.append((page.name, link))
    assert lost == []
