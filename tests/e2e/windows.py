"""Browser windows, each with cookies and storage of its own, that notice what pages must not do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from tests.e2e.centre import COOKIE, Centre
from tests.e2e.people import Desk, Visitor

SCREENSHOTS = Path(__file__).parent / "screenshots"
ALL_PICTURES = os.environ.get("PATCHBAY_PICTURES") == "all"  # also those that nothing judges

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

# The colours of another theme, or what another size moved, are there when this returns.
PAINTED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
  await frame();
  await frame();
  const moving = document.getAnimations().map((one) => one.finished);
  await Promise.race([Promise.allSettled(moving), pause(1000)]);
  await frame();
  await pause(50);
}"""


class Windows:
    """``complaints`` holds errors of scripts, violated policies and dialogs of all pages."""

    def __init__(self, browser: Browser, centre: Centre) -> None:
        self._browser = browser
        self._centre = centre
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def window(self, user: str = "", **options: Any) -> BrowserContext:
        """Of somebody who is signed in as ``user``, or of a stranger."""
        settings = {"locale": "en-GB", "reduced_motion": "reduce", **options}
        context = self._browser.new_context(base_url=self._centre.url, **settings)
        self._contexts.append(context)
        context.set_default_timeout(30_000)
        context.on("page", self._watch)
        if user:
            token = self._centre.api(user).cookies[COOKIE]
            context.add_cookies([{"name": COOKIE, "value": token, "url": self._centre.url}])
        return context

    def desk(self, agent: str, **options: Any) -> Desk:
        return Desk(self.window(agent, **options).new_page()).open()

    def visitor(self, **options: Any) -> Visitor:
        return Visitor(self.window(**options).new_page())

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._read)
        page.on("dialog", self._dismiss)

    def leave(self, page: Page) -> None:
        """From now on the page may ask whether it is to be left; it is answered with yes."""
        page.remove_listener("dialog", self._dismiss)
        page.on("dialog", lambda dialog: dialog.accept())

    def _read(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def picture(page: Page, name: str) -> None:
    """A screenshot for people to look at; nothing is compared with it."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def themes(page: Page) -> Iterator[Theme]:
    """The page as it stands, in one theme after the other."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.evaluate(PAINTED)
        yield theme
