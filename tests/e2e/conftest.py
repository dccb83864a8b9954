"""Real Chromium for every test of this folder, and the real demo for those that ask for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.centre import QUIET, Centre
from tests.e2e.windows import Windows

STATIC = Path(__file__).parents[2] / "server" / "static"
PAGES = ("login.html", "desk.html", "board.html", "studio.html", "chat.html", "widget.js")
# A busy machine is slow, not wrong: what is expected may take this long. It costs nothing when met.
expect.set_options(timeout=20_000)
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


@pytest.fixture(scope="module")
def make_centre(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Centre]]:
    """Start a demo with the options given; it is stopped, and judged, with its module."""
    made: list[Centre] = []

    def make(*options: str, port: int = 0) -> Centre:
        made.append(Centre(tmp_path_factory.mktemp("centre"), *options, port=port))
        made[-1].start()
        return made[-1]

    yield make
    for centre in made:
        centre.stop()


@pytest.fixture(scope="module")
def centre(make_centre: Callable[..., Centre]) -> Centre:
    """A demo in which nothing happens by itself."""
    return make_centre(*QUIET)


@pytest.fixture
def windows(browser: Browser, centre: Centre) -> Iterator[Windows]:
    """Browser windows of people; one that logs an error or opens a dialog fails its test."""
    opened = Windows(browser, centre)
    yield opened
    opened.close()
    assert opened.complaints == []
