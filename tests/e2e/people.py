"""People at their pages: agents, supervisors and visitors, as far as several tests need them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

SLOW = 30_000  # milliseconds for what the service has to decide first


class Desk:
    """An agent's desk in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.state = page.get_by_role("button", name=re.compile("^Change state"))
        self.offer = page.get_by_role("region", name="Offer")
        self.work = page.get_by_role("main")
        self.customer = page.get_by_role("complementary")
        self.contacts = page.get_by_role("navigation")
        self.cards = self.contacts.locator("button[aria-current]")
        self.thread = page.get_by_role("log").locator(".text")
        self.composer = page.get_by_label("Your answer")
        self.outcome = page.get_by_role("combobox", name="Outcome")
        self.done = page.get_by_role("button", name="Done")

    def open(self) -> Desk:
        self.page.goto("/desk")
        expect(self.state).to_be_visible(timeout=SLOW)
        return self

    def be_ready(self) -> Desk:
        if "Ready" not in self.state.inner_text():
            self.page.keyboard.press("r")
        expect(self.state).to_contain_text("Ready", timeout=SLOW)
        return self

    def accept(self) -> None:
        """Take the first offer with the keyboard."""
        expect(self.offer).to_be_visible(timeout=SLOW)
        before = self.cards.count()
        self.page.keyboard.press("Enter")
        expect(self.cards).to_have_count(before + 1, timeout=SLOW)

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def end(self) -> None:
        self.page.get_by_role("button", name=re.compile("^(End chat|Hang up)")).click()
        self.page.get_by_role("dialog").get_by_role("button", name="End").click()
        expect(self.outcome).to_be_visible(timeout=SLOW)

    def wrap_up(self, disposition: str) -> None:
        self.outcome.fill(disposition)
        self.outcome.press("Enter")
        self.done.click()
        expect(self.done).to_have_count(0, timeout=SLOW)

    def sign_out(self) -> None:
        self.state.click()
        self.page.get_by_role("menuitemradio", name="Signed out").click()
        expect(self.state).to_contain_text("Signed out", timeout=SLOW)


class Visitor:
    """A customer at the chat of the sample page, in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.chat = page.locator("patchbay-chat")
        self.status = self.chat.locator(".status")
        self.thread = self.chat.locator(".log .line:not(.note) p")
        self.typing = self.chat.locator(".typing")

    def open(self) -> Visitor:
        self.page.goto("/chat?lang=en")
        self.chat.locator(".launcher").click()
        return self

    def start(self, name: str, topic: str, text: str, address: str = "") -> Visitor:
        """``topic`` is the choice's id, as in the catalog."""
        self.open()
        self.page.get_by_label("Your name").fill(name)
        self.topics.select_option(topic, timeout=SLOW)
        self.page.get_by_label("E-mail address").fill(address)
        self.page.get_by_label("Your message").fill(text)
        self.page.get_by_role("button", name="Start chat").click()
        expect(self.thread.first).to_have_text(text, timeout=SLOW)
        return self

    @property
    def topics(self) -> Locator:
        return self.page.get_by_label("What is it about?")

    def say(self, text: str) -> None:
        field = self.chat.get_by_role("textbox", name="Write a message")
        field.fill(text)
        field.press("Enter")
