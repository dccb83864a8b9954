"""Somebody who draws in the studio: mouse on the canvas, keyboard in the forms."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import SLOW
from tests.e2e.windows import picture


class Hands:
    """The studio in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.get_by_role("tabpanel")
        self.form = self.panel.get_by_role("group", name=re.compile("^Node "))
        self.whole = self.panel.get_by_role("group", name="The whole flow")
        self.steps = page.get_by_role("navigation", name="From draft to live")
        self.toasts = page.locator(".toasts")
        self.ways = page.locator(".svelte-flow__edge")

    # -- the list -----------------------------------------------------------------------------

    def make(self, name: str) -> None:
        """A new flow."""
        self.page.goto("/studio")
        expect(self.page.get_by_role("heading", name="Flows", exact=True)).to_be_visible(
            timeout=SLOW
        )
        self.page.keyboard.press("n")
        self.page.get_by_role("dialog").get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Make it").click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible(timeout=SLOW)

    # -- the canvas ---------------------------------------------------------------------------

    def node(self, key: str) -> Locator:
        return self.page.locator(f'.svelte-flow__node[data-id="{key}"]')

    def add(self, kind: str, name: str = "") -> Locator:
        """A new node; its form."""
        self._choose_kind(kind)
        expect(self.panel.get_by_role("heading", name=kind)).to_be_visible()
        if name:
            self.form.get_by_label("Name", exact=True).fill(name)
        return self.form

    def _choose_kind(self, kind: str) -> None:
        self.page.keyboard.press("Escape")  # out of the field
        self.page.keyboard.press("a")
        self.page.get_by_role("menuitem", name=kind, exact=True).click()

    def pick(self, key: str) -> None:
        self._bring(self.node(key))
        self.node(key).locator(".name").click()
        expect(self.node(key)).to_have_class(re.compile("selected"))

    def says(
        self, form: Locator, english: str, chinese: str, *, about: str = "What is said"
    ) -> None:
        words = form.get_by_role("group", name=about, exact=True)
        words.get_by_label("English", exact=True).fill(english)
        words.get_by_label("Chinese", exact=True).fill(chinese)

    def link(self, source: str, exit_name: str, target: str) -> None:
        """Drag an exit to a node, with the mouse."""
        start = self.node(source).locator(f'.source[data-handleid="{exit_name}"]')
        end = self.node(target).locator(".target")
        self._bring(start, end)
        x, y = _middle(start)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 4, y)
        mouse.move(*_middle(end), steps=12)
        mouse.up()
        way = self.page.locator(f'.svelte-flow__edge[data-id="{source}\\a {exit_name}"]')
        expect(way).to_have_attribute("aria-label", re.compile(f"leads to {self._name(target)}$"))

    def _name(self, key: str) -> str:
        return re.escape(self.node(key).locator(".name").inner_text())

    def _bring(self, *targets: Locator) -> None:
        """Into view: everything is shown, when one of them is not."""
        pane = self.page.locator(".svelte-flow").bounding_box()
        assert pane is not None
        for target in targets:
            x, y = _middle(target)
            across = pane["x"] < x < pane["x"] + pane["width"]
            if not (across and pane["y"] < y < pane["y"] + pane["height"]):
                self.page.get_by_role("button", name="Show everything").click()
                self.page.wait_for_timeout(250)
                return

    def shows_contacts(self, name: str, words: str) -> None:
        """On the node's card."""
        self.page.get_by_role("button", name="More").click()
        self.page.get_by_role("menuitemradio", name="Contacts in each node").click()
        card = self.page.locator(".svelte-flow__node").filter(has_text=name)
        expect(card.locator(".figures")).to_contain_text(words, timeout=SLOW)
        picture(self.page, "studio-live")

    # -- the outline --------------------------------------------------------------------------

    def add_in_outline(self, kind: str, name: str) -> Locator:
        self._choose_kind(kind)
        form = self.page.get_by_role("group", name=re.compile("^Node ")).last
        form.get_by_label("Name", exact=True).fill(name)
        return self.page.get_by_role("group", name=f"Node {name}", exact=True)

    def opened(self, name: str) -> Locator:
        self.page.locator("[data-heading]").filter(has_text=name).click()
        return self.page.get_by_role("group", name=f"Node {name}", exact=True)

    # -- the bar of steps ---------------------------------------------------------------------

    def publish(self, note: str, *, contacts: int = 0) -> None:
        self.page.keyboard.press("Escape")
        expect(self.steps).to_contain_text("Saved", timeout=SLOW)
        self.steps.get_by_role("button", name="Publish").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Note").fill(note)
        button = dialog.get_by_role("button", name="Publish", exact=True)
        expect(button).to_be_enabled(timeout=SLOW)
        if contacts:
            expect(dialog).to_contain_text(f"{contacts} contacts are in the flow")
        button.click()

    def roll_back(self) -> None:
        """One click, once the versions are in view."""
        self.steps.get_by_role("button", name="roll back").click()
        self.panel.get_by_role("button", name="Roll back to it").click()
        expect(self.toasts).to_contain_text("Version 1 is live now", timeout=SLOW)


def _middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
