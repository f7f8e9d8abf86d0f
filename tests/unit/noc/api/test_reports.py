"""Reports by the API: issue, list, have the files; who may not see all, sees none of the whole network."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.app.reportdesk import ReportDesk
from noc.http.scope import Scope
from noc.http.sources import Sources
from tests.unit.noc.api.answers import refused, whole
from tests.unit.noc.http.house import FREE_PORT, INVENTORY, TARGETS, House, build, transition

ASKED = {"report": "availability", "period": "2026-02"}


def with_reports(sources: Sources) -> Sources:
    desk = ReportDesk(sources.database, lambda: INVENTORY, lambda: TARGETS, sources.clock)
    return replace(sources, reports=desk)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house that makes reports, with a device that has been up for two months."""
    house = await build(tmp_path, FREE_PORT, routes, change=with_reports)
    await house.write(transition(minutes=60 * 24 * 60))
    yield house
    await house.stack.aclose()


async def file(house: House, query: str) -> tuple[str, str, bytes]:
    """Return type, name and content of a file of the first report."""
    async with house.http.get(f"{house.url}/api/v1/reports/1/file?{query}", headers=house.bearer) as response:
        assert response.status == 200, await response.text()
        return response.content_type, response.headers["Content-Disposition"], await response.read()


async def test_a_report_is_issued_once_and_found_again(house: House) -> None:
    item = await house.asks("/api/v1/reports", method="POST", json=ASKED)
    assert await house.asks("/api/v1/reports", method="POST", json=ASKED) == item  # nothing changed in between
    assert [item[key] for key in ("id", "number", "record", "by", "of")] == [1, 1, 1, "site", "network"]
    await house.asks("/api/v1/reports", method="POST", json={**ASKED, "by": "region"})
    assert [one["id"] for one in await whole(house, "/reports", 1)] == [2, 1]
    assert [one["id"] for one in await whole(house, "/reports?report=biennium", 5)] == []
    assert await house.asks("/api/v1/reports/1") == item


async def test_files_of_a_report(house: House) -> None:
    await house.asks("/api/v1/reports", method="POST", json=ASKED)
    media, _, answer = await file(house, "format=json")
    assert (media, json.loads(answer)["head"]["asked"]["period"]) == ("application/json", "2026-02")
    media, name, page = await file(house, "lang=ar")
    assert (media, name) == ("text/html", 'attachment; filename="availability-2026-02-issue-1-ar.html"')
    assert b'lang="ar" dir="rtl"' in page
    assert (await file(house, "format=csv"))[2].startswith(b'"entity","name","measured_pct"')
    assert (await file(house, "format=xlsx&lang=zh"))[2].startswith(b"PK")  # a process of its own makes it


async def test_who_has_a_file_of_a_report_has_nothing_made_and_only_who_may_see_it_is_told_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.asks("/api/v1/reports", method="POST", json=ASKED)
    url = f"{house.url}/api/v1/reports/1/file?format=csv"
    async with house.http.get(url, headers=house.bearer) as response:
        known = {"If-None-Match": response.headers["ETag"]}
    async with house.http.get(f"{url}&lang=ar", headers={**house.bearer, **known}) as response:
        assert response.status == 200
    monkeypatch.setattr(ReportDesk, "file", lambda *_: pytest.fail("it was made again"))
    async with house.http.get(url, headers={**house.bearer, **known}) as response:
        assert response.status == 304
    await house.log_in_as(Scope(frozenset({"africa"})))
    async with house.http.get(url, headers=known) as response:
        assert response.status == 404


async def test_what_is_wrong_is_refused(house: House) -> None:
    for change, pointer in (
        ({"report": "availabilty"}, "/body/report"),
        ({"zone": "Africa/Nowhere"}, "/body/zone"),
        ({"by": "floor"}, "/body/by"),
        ({"period": "2026-13"}, "/body"),
        ({"period": "2027-01"}, "/body"),
        ({"of": "site/none"}, "/body"),
    ):
        answer = await house.asks("/api/v1/reports", method="POST", json={**ASKED, **change}, status=400)
        assert f'"{pointer}"' in json.dumps(answer["errors"]), change
    await house.asks("/api/v1/reports/7", status=404)
    await house.asks("/api/v1/reports/7/file", status=404)
    await house.asks("/api/v1/reports", method="POST", json=ASKED)
    assert "html" in await refused(house, "/reports/1/file?format=doc", "/query/format")
    assert "zh" in await refused(house, "/reports/1/file?lang=de", "/query/lang")


async def test_who_may_see_a_region_sees_its_reports_alone(house: House) -> None:
    await house.asks("/api/v1/reports", method="POST", json=ASKED)
    await house.asks("/api/v1/reports", method="POST", json={**ASKED, "of": "region/africa"})
    await house.log_in_as(Scope(frozenset({"africa"})))
    assert [one["of"] for one in await whole(house, "/reports", 5, bearer=False)] == ["region/africa"]
    for path in ("/reports/1", "/reports/1/file"):
        await house.asks(f"/api/v1{path}", status=404, bearer=False)


async def test_one_that_takes_a_while_is_begun_and_asked_for(house: House) -> None:
    begun = await house.asks("/api/v1/report-runs", method="POST", json=ASKED)
    path = f"/api/v1/report-runs/{begun['id']}"
    assert (begun["report"], begun["of"], begun["issue"]) == ("availability", "network", None)
    reports = house.server._sources.reports
    assert reports is not None
    await reports.ended(int(str(begun["id"])), 30)
    found = await house.asks(path)
    assert (found["state"], found["done"], found["said"]) == ("done", 1.0, None)
    assert (await house.asks(f"/api/v1/reports/{found['issue']}"))["period"] == "2026-02"
    wrong = await house.asks("/api/v1/report-runs", method="POST", json={**ASKED, "period": "2027-01"})
    await reports.ended(int(str(wrong["id"])), 30)
    found = await house.asks(f"/api/v1/report-runs/{wrong['id']}")
    assert (found["state"], found["issue"]) == ("failed", None)
    assert "still to come" in str(found["said"])
    await house.asks("/api/v1/report-runs/99", status=404)
    await house.log_in_as(Scope(frozenset({"africa"})))
    await house.asks(path, status=404, bearer=False)
