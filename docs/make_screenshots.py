# ruff: noqa: INP001 - a script, no package
"""Takes the pictures of the docs from a running noc: `python docs/make_screenshots.py "http://127.0.0.1:8080/?token=…"`.

Needs Debian's chromium and the development environment. The pictures that the README shows go into docs/pictures; with
`--all` every page is taken, light and dark, at a desk and on a phone.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, async_playwright

FOLDER = Path(__file__).parent / "pictures"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN = frozenset({"problems-desk-light", "availability-desk-dark", "incident-phone-dark"})
"""The pictures that the README shows."""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


async def addresses(page: Page, base: str) -> dict[str, str]:
    """Return the pages to show: the gravest problem that there is, its site, and a device that is up."""
    found = {"problems": f"{base}/problems", "sites": f"{base}/sites", "availability": f"{base}/availability"}
    await page.goto(f"{base}/problems")
    links = {"incident": "tbody a[href^='/incidents/']", "site": "tbody a[href^='/sites/']"}
    for name, selector in links.items():
        link = page.locator(selector).first
        if await link.count():
            found[name] = base + str(await link.get_attribute("href"))
    await page.goto(f"{base}/sites?status=up")
    if await page.locator("tbody a[data-open]").count():
        await page.locator("tbody a[data-open]").first.click()
        await page.wait_for_url("**/sites/*")
        devices = await page.locator("tbody a[href^='/devices/']").all()
        for address in [base + str(await device.get_attribute("href")) for device in devices]:
            await page.goto(address)
            if await page.locator("noc-chart").count():
                found["device"] = address
                break
    return found


async def shoot(url: str, folder: Path, *, every: bool) -> None:
    """Log in and take the pictures; every: also those that the README does not show."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("chromium is not installed (as root: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = await browser.new_page()
        await page.goto(url)
        if "/login" in page.url:
            sys.exit("the token was used already: take the newest address that noc printed")
        shown = await addresses(page, url.partition("/?")[0].rstrip("/"))
        for size, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                for name, address in shown.items():
                    picture = f"{name}-{size}-{scheme}"
                    if picture not in SHOWN and not every:
                        continue
                    # Networks that are live are never idle; charts are there when none says that it loads.
                    await page.goto(address)
                    await page.wait_for_function("document.fonts.status === 'loaded'")
                    if await page.locator("noc-live").count():
                        await page.locator("noc-live", has_text="live").wait_for()
                    if name == "device":
                        await page.locator("noc-chart canvas").first.wait_for()
                    await page.screenshot(path=folder / f"{picture}.png")
        await browser.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Take the pictures of the docs from a running noc.")
    parser.add_argument("url", help="address with a token, as noc prints it")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go (docs/pictures)")
    parser.add_argument("--all", action="store_true", help="also the pictures that the README does not show")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(shoot(arguments.url, arguments.folder, every=arguments.all))


if __name__ == "__main__":
    main()
