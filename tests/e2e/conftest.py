"""Real Chromium for every test of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

STATIC = Path(__file__).parents[2] / "server" / "static"
PAGES = ("login.html", "desk.html", "board.html", "chat.html", "widget.js")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole session: Playwright keeps an event loop running, which the asynchronous
    tests of other modules must not find.
    """
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install it so that `chromium` is on the PATH")
    if not all((STATIC / page).is_file() for page in PAGES):
        pytest.skip("needs the built pages: run `npm ci && npm run build` in web/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
