"""Debian's chromium, driven by playwright; it reaches loopback alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.live.conftest import find_program

ROOT = Path(__file__).parents[2]
AXE = ROOT / "noc" / "web" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
WCAG_22 = "'target-size'"
"""What axe leaves out unless it is asked for."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

PATIENCE_MS = 20_000
"""How long a page may take for what is expected of it: playwright's five seconds are few on a busy machine."""
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser; the test is left out where none is installed."""
    program = find_program("chromium", "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


def complaints_of(page: Page) -> list[str]:
    """Return the list that takes what the page complains of: errors, and what its content policy refuses."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    return found


async def barriers(page: Page) -> list[str]:
    """Return what axe finds wrong with a page for people with disabilities (WCAG 2.2 AA and its best practices)."""
    await page.evaluate(AXE.read_text())
    result = await page.evaluate(f"axe.run({{resultTypes: ['violations'], rules: {{{WCAG_22}: {{enabled: true}}}}}})")
    return [
        f"{page.url}: {violation['id']}: {node['html'][:160]}: {node['failureSummary'][:300]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
