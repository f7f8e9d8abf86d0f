# ruff: noqa: INP001 - a script, no package
"""Takes pictures of every page: `make screenshots`, or `python docs/make_screenshots.py [URL] [--folder F] [--only …]`.

Without a URL (as noc prints it, with a token) it runs a demo of its own and waits until there is something to see. In
English, Arabic and Chinese, light and dark, on a phone, at a desk and on a wall; a sheet of each combination shows all
views at once. The pictures that the README shows go into docs/pictures. A page that fails is named at the end, and the
rest is taken; `--go-on` takes only what the folder lacks. Needs Debian's chromium and the development environment;
it takes half an hour.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import APIRequestContext, Browser, Error, Page, async_playwright

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.views import addresses  # noqa: E402 - the list stands beside this folder

PICTURES: Final = Path(__file__).parent / "pictures"
SIZES: Final = {"phone": (390, 844), "desk": (1440, 900), "wall": (1920, 1080)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
LANGUAGES: Final = ("en", "ar", "zh")
SHOWN: Final = {
    ("problems", "en", "light", "desk"): "problems-desk-light",
    ("map", "en", "dark", "desk"): "map-desk-dark",
    ("wall", "en", "dark", "wall"): "wall",
    ("availability", "ar", "light", "desk"): "availability-desk-arabic",
    ("incident", "en", "dark", "phone"): "incident-phone-dark",
}
"""The pictures that the README shows, by view and how it is seen."""

DEMO: Final = ("demo", "--sites", "40", "--devices", "240")
PATIENCE_S: Final = 240
SLOW_MS: Final = 60_000
TALL_PX: Final = 3000
"""Whole pages are shown to here."""
WRONG: Final = 2
"""So many incidents are waited for."""
ALONE: Final = ("login", "welcome", "acknowledge")
"""Views of who isn't logged in."""
TRIED: Final = 30
"""So many devices are asked for a copy of their configuration."""
COPIED_S: Final = 90
"""So long the first copy is waited for."""
MAILS: Final = """() => [...document.querySelectorAll("#mails a[data-open]")]
    .filter(one => !one.textContent.includes("RESOLVED") && !one.pathname.includes("-h"))
    .map(one => one.pathname.split("/").at(-1))"""
"""The names of mails that call somebody, the newest first; what came by HTTP is none."""
REHEARSAL: Final = """\
start: 2037-03-02T02:00:00Z
duration: 4h
events:
  - {{at: 10m, fail: site/{site}}}
  - {{at: 40m, ack: root, by: otieno}}
  - {{at: 150m, restore: site/{site}}}
"""
"""Long enough for others to be called, too."""
TOUR: Final = "form[action='/tour/card']:has([name=away][value='1']) button"
"""Puts the card of the demo away."""

QUIET: Final = """() => {
    const isSeen = one => one.offsetWidth && one.getBoundingClientRect().top < innerHeight;
    const parts = ".htmx-request, noc-live:not([data-state=live])";
    const loading = `${parts}, noc-map[data-state=loading], noc-chart[aria-busy=true]`;
    return ![...document.querySelectorAll(loading)].some(isSeen);
}"""
"""Nothing loads any more: parts of the page, its socket, its map, its charts."""
DRAWN: Final = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
FAILS: Final = 500

THUMBNAIL: Final = {"phone": 150, "desk": 330, "wall": 330}
TALLER: Final = 3
"""So many times as high as wide a picture in a sheet may be."""
ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
)  # fmt: skip


@dataclass(frozen=True)
class How:
    """How pages are seen."""

    lang: str
    scheme: Literal["light", "dark"]
    size: str

    @property
    def name(self) -> str:
        """Return it as part of a file's name."""
        return f"{self.lang}-{self.scheme}-{self.size}"


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """Run a demo; yield the address that it prints."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])  # a number of its own: mails of a noc without one lead nowhere
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "noc", *DEMO, "--port", port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    if process.stdout is None:
        sys.exit("the demo can't be heard")
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for line in process.stdout:
                if found := re.search(r"http://\S+\?token=\S+", line.decode(errors="replace")):
                    break
            else:
                sys.exit("the demo ended before it printed an address")
        reading = asyncio.create_task(_read_on(process.stdout))
        yield found[0]
        reading.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _read_on(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass


class World:
    """Asks the API of a noc for one example of each detail page, and makes those that people write."""

    def __init__(self, asking: APIRequestContext, base: str, token: str) -> None:
        self._asking, self._base, self._headers = asking, base, {"Authorization": f"Bearer {token}"}

    async def _first(self, path: str, least: int = 1, key: str = "id") -> str | None:
        answer = await self._asking.get(f"{self._base}/api/v1{path}", headers=self._headers, timeout=SLOW_MS)
        items = (await answer.json()).get("items", []) if answer.ok else []
        return str(items[0][key]) if len(items) >= least else None

    async def _made(self, path: str, said: Mapping[str, object], key: str = "id") -> str | None:
        body = json.dumps(said)
        headers = {**self._headers, "Content-Type": "application/json"}
        answer = await self._asking.post(f"{self._base}/api/v1{path}", headers=headers, data=body, timeout=SLOW_MS)
        return str((await answer.json()).get(key)) if answer.ok else None

    async def _device(self) -> str | None:
        """Return a router with a copy of its configuration, or one without where after a while none has any."""
        path = f"{self._base}/api/v1/devices?status=up&class=router&limit={TRIED}"
        found: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(COPIED_S):
                while True:
                    answer = await self._asking.get(path, headers=self._headers, timeout=SLOW_MS)
                    found = [str(one["id"]) for one in (await answer.json()).get("items", [])] if answer.ok else []
                    for device in found:
                        if await self._first(f"/devices/{device}/configurations", key="version") is not None:
                            return device
                    await asyncio.sleep(2)
        return found[0] if found else None

    async def _invited(self) -> tuple[str | None, str]:
        """Return the number of an account, and the mark of an invitation to it."""
        said = {"name": "lucia", "role": "operator", "person": "Lucía Ortega"}
        path = await self._made("/accounts", said, "invitation")
        number = await self._first("/accounts")
        path = path or await self._made(f"/accounts/{number}/invite", {}, "invitation") or ""
        return number, path.rpartition("/")[2] or "nobodys"

    async def _rehearsed(self, site: str | None) -> str | None:
        """Return the number of a rehearsal that was played."""
        number = await self._made("/rehearsals", {"scenario": REHEARSAL.format(site=site)})
        async with asyncio.timeout(PATIENCE_S):
            while number is not None:
                path = f"{self._base}/api/v1/rehearsals/{number}"
                answer = await self._asking.get(path, headers=self._headers, timeout=SLOW_MS)
                if (await answer.json())["state"] not in ("waiting", "running"):
                    break
                await asyncio.sleep(1)
        return number

    async def wait(self) -> None:
        """Wait until there is something to see."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._first(f"/incidents?state=new&limit={WRONG}", WRONG) is None:  # noqa: ASYNC110 - not ours
                await asyncio.sleep(2)

    async def names(self) -> dict[str, object]:
        """Return the names in the addresses of views; those that this world lacks are left out."""
        gravest = await self._first("/incidents?state=new&severity=critical")
        incident = gravest or await self._first("/incidents?state=new")
        site = await self._first("/sites?status=down") or await self._first("/sites")
        soon = {"from": "2037-03-01T20:00:00Z", "to": "2037-03-01T22:00:00Z"}
        person, invitation = await self._invited()
        window = {"entity": f"site/{site}", "why": "new masts", **soon}
        found = {
            "incident": incident,
            "site": site,
            "device": await self._device(),
            "circuit": await self._first("/circuits"),
            "rule": "device-down",
            "statement": await self._first("/segmentation", key="statement"),
            "report": await self._made("/reports", {"report": "availability", "period": "30d"}),
            "window": await self._first("/windows") or await self._made("/windows", window),
            "correction": await self._first("/corrections"),
            "record": await self._made(
                "/problems", {"title": "Falls off after rain", "incidents": [int(incident or 0)]}
            ),
            "played": await self._made("/what-ifs", {"rule": "device-down", "text": "enabled: false", "days": 1}),
            "rehearsed": await self._rehearsed(site),
            "person": person,
            "invitation": invitation,
            "link": "nobodys",
        }
        return {name: value for name, value in found.items() if value is not None}


async def settle(page: Page) -> None:
    """Wait until a page stands: its fonts, what it loads later, and its charts and map where it has some."""
    await page.evaluate("document.fonts.ready.then(() => true)")
    await page.wait_for_function(QUIET, timeout=SLOW_MS)
    await page.evaluate(DRAWN)


async def mailed(page: Page, base: str) -> dict[str, str]:
    """Return the name of a mail that calls somebody, and the mark in its link that takes the incident over.

    Nothing where this noc has no mailbox, or none in it.
    """
    await page.goto(f"{base}/mailbox")
    found: list[str] = await page.evaluate(MAILS)
    if not found:
        return {}
    await page.goto(f"{base}/mailbox/{found[0]}/html")
    owning = await page.locator("a[href*='/a/']").first.get_attribute("href")
    return {"mail": found[0], "link": str(owning).rpartition("/")[2]}


async def put_away(page: Page, base: str) -> None:
    """Put the card of the demo away, where there is one: it would stand in each picture."""
    await page.goto(f"{base}/help")
    if await page.locator("#tour").count():
        await page.locator(TOUR).click()
        await page.locator("#tour").wait_for(state="detached")


@dataclass(frozen=True)
class Photographer:
    """Takes pictures of the views of one noc. state: where the session is kept. goes_on: what is there stays."""

    browser: Browser
    state: Path
    base: str
    views: Mapping[str, str]
    folder: Path
    goes_on: bool
    whole: bool
    for_readme: bool

    async def shoot(self, how: How) -> list[str]:
        """Take the pictures of all views, seen in one way, and the sheet of them; return what failed, in words."""
        views = [view for view in self.views if not self.for_readme or (view, how.lang, how.scheme, how.size) in SHOWN]
        files = {view: self.folder / f"{view}-{how.name}.png" for view in views}
        missing = [view for view, file in files.items() if not (self.goes_on and file.exists())]
        known, alone = await self._page(how, self.state), await self._page(how, None)
        failed = []
        for view in missing:
            try:
                await self._one(alone if view in ALONE else known, view, how, files[view])
            except Error as error:
                failed.append(f"{view}-{how.name}: {error.message.splitlines()[0]}")
        await sheet(known, [one for one in files.values() if one.exists()], self.folder / f"sheet-{how.name}.png", how)
        await known.context.close()
        await alone.context.close()
        _say(f"{how.name}: {len(missing) - len(failed)} of {len(missing)} pictures")
        return failed

    async def _page(self, how: How, state: Path | None) -> Page:
        width, height = SIZES[how.size]
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=how.scheme, storage_state=state
        )
        await context.add_cookies([{"name": "noc_language", "value": how.lang, "url": self.base}])
        context.set_default_timeout(SLOW_MS)
        return await context.new_page()

    async def _one(self, page: Page, view: str, how: How, file: Path) -> None:
        light = "?light" if view == "wall" and how.scheme == "light" else ""
        answer = await page.goto(f"{self.base}{self.views[view]}{light}")
        if answer is not None and answer.status >= FAILS:
            raise Error(f"{self.views[view]} answers {answer.status}")
        await settle(page)
        width, height = SIZES[how.size]
        if self.whole:
            tall = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": width, "height": max(height, min(TALL_PX, tall))})
            await settle(page)
        await page.screenshot(path=file)
        await page.set_viewport_size({"width": width, "height": height})
        if shown := SHOWN.get((view, how.lang, how.scheme, how.size)):
            shutil.copy(file, PICTURES / f"{shown}.png")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def sheet(page: Page, files: list[Path], target: Path, how: How) -> None:
    """Put pictures side by side, each with its name."""
    width = THUMBNAIL[how.size]
    style = f"margin:0;width:{width}px;max-height:{TALLER * width}px;object-fit:cover;object-position:top"
    cells = "".join(
        f'<figure style="margin:4px;width:{width}px;font:12px sans-serif"><img src="{file.name}" style="{style}">'
        f"<figcaption>{file.stem}</figcaption></figure>"
        for file in files
    )
    html = target.with_suffix(".html")
    html.write_text(f'<body style="margin:0;display:flex;flex-wrap:wrap;background:#888">{cells}')
    await page.set_viewport_size({"width": 2040, "height": 900})
    await page.goto(html.resolve().as_uri())
    await page.screenshot(path=target, full_page=True)
    html.unlink()


async def take(url: str, hows: list[How], only: list[str], arguments: argparse.Namespace) -> list[str]:
    """Log in and take the pictures; return what failed, in words."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("chromium is not installed (as root: apt-get install chromium)")
    base, _, token = url.partition("/?token=")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        context = await browser.new_context()
        context.set_default_timeout(SLOW_MS)
        world = World(context.request, base, token)
        await world.wait()
        names = await world.names()
        page = await context.new_page()
        await page.goto(url)
        if "/login" in page.url:
            sys.exit("the token was used already: take the newest address that noc printed")
        every = {**addresses({**names, **await mailed(page, base)}), "search": f"/search?q={names['site']}"}
        views = {view: path for view, path in every.items() if not only or view in only}
        with tempfile.TemporaryDirectory() as scratch:
            await put_away(page, base)
            state = Path(scratch) / "state.json"
            await context.storage_state(path=state)
            wanted = (arguments.go_on, arguments.whole, arguments.readme)
            camera = Photographer(browser, state, base, views, arguments.folder, *wanted)
            failed = [said for how in hows for said in await camera.shoot(how)]
        await browser.close()
    return failed


async def run(arguments: argparse.Namespace) -> list[str]:
    """Take what is asked for, of a noc that runs or of a demo; return what failed, in words."""
    every = [How(*one) for one in product(arguments.lang, arguments.scheme, arguments.size)]
    hows = [How(*one[1:]) for one in SHOWN] if arguments.readme else every  # type: ignore[arg-type]  # literals
    only = sorted({view for view, *_ in SHOWN}) if arguments.readme else arguments.only
    if arguments.url:
        return await take(arguments.url, hows, only, arguments)
    async with demo() as url:
        return await take(url, hows, only, arguments)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("url", nargs="?", help="address with a token, as noc prints it; none: of a demo")
    parser.add_argument("--folder", type=Path, default=ROOT / "screenshots", help="where the pictures go (screenshots)")
    parser.add_argument("--readme", action="store_true", help="only what the README shows")
    parser.add_argument("--go-on", action="store_true", help="keep the pictures in the folder, take those it lacks")
    parser.add_argument("--whole", action="store_true", help=f"whole pages, to {TALL_PX} pixels, not a screen of each")
    parser.add_argument("--only", nargs="*", default=[], help="names of views, as tests/views.py has them")
    parser.add_argument("--lang", nargs="*", default=LANGUAGES, choices=("ar", "en", "es", "fr", "ru", "zh"))
    parser.add_argument("--scheme", nargs="*", default=SCHEMES, choices=SCHEMES)
    parser.add_argument("--size", nargs="*", default=tuple(SIZES), choices=tuple(SIZES))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if failed := asyncio.run(run(arguments)):
        sys.exit("\n".join(["not taken:", *failed]))


if __name__ == "__main__":
    main()
