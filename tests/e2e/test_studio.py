"""An admin draws a flow in the studio, checks it, tries it, publishes it, and rolls it back."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.centre import Centre
from tests.e2e.people import SLOW
from tests.e2e.windows import Windows, picture


class Studio:
    """The studio in English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.get_by_role("tabpanel")
        self.steps = page.get_by_role("navigation", name="From draft to live")
        self.toasts = page.locator(".toasts")

    def open(self, place: str = "") -> Studio:
        self.page.goto(f"/studio{place}")
        return self

    def make(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name="Flows")).to_be_visible(timeout=SLOW)
        self.page.keyboard.press("n")
        self.page.get_by_role("dialog").get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Make it").click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible(timeout=SLOW)

    def add(self, kind: str) -> Locator:
        """A new node; its form."""
        self.page.keyboard.press("Escape")  # out of the field
        self.page.keyboard.press("a")
        self.page.get_by_role("menuitem", name=kind, exact=True).click()
        form = self.panel.get_by_role("group", name=re.compile("^Node "))
        expect(self.panel.get_by_role("heading", name=kind)).to_be_visible()
        return form

    def node(self, name: str) -> Locator:
        return self.page.locator(".svelte-flow__node").filter(has_text=name)

    def pick(self, name: str) -> None:
        """Select a node on the canvas, by the keyboard."""
        self.node(name).focus()
        self.page.keyboard.press("Enter")
        expect(self.node(name)).to_have_class(re.compile("selected"))

    def saved(self) -> None:
        expect(self.steps).to_contain_text("Saved", timeout=SLOW)

    def step(self, name: str) -> Locator:
        return self.steps.get_by_role("button", name=re.compile(name))


def test_a_flow_is_drawn_checked_tried_published_and_rolled_back(
    centre: Centre, windows: Windows
) -> None:
    context = windows.window("adam", viewport={"width": 1280, "height": 720})
    bring_axe(context)
    page = context.new_page()
    studio = Studio(page).open()
    studio.make("Front desk")

    studio.panel.get_by_label("Queue that takes over").select_option("support_en")
    hours = studio.add("Opening hours")
    hours.get_by_role("combobox", name="Opening hours").select_option("office")
    menu = studio.add("Menu")
    menu.get_by_label("Name", exact=True).fill("Topic")
    menu.get_by_label("English").first.fill("For sales press 1, for help press 2.")
    queue = studio.add("Queue")
    queue.get_by_label("Queue", exact=True).select_option("sales")
    goodbye = studio.add("Message and hang up")
    goodbye.get_by_label("English").first.fill("We are closed. Goodbye.")

    page.keyboard.press("Escape")
    page.keyboard.press("f")
    studio.pick("Opening hours")
    exits = studio.panel.get_by_role("group", name="Exits")
    exits.get_by_label("Open").select_option("menu")
    expect(page.locator(".svelte-flow__edge")).to_have_count(1)
    exits.get_by_label("Closed").select_option("hang_up")
    studio.pick("Topic")
    for exit_name in ("1", "2", "Time-out"):
        exits.get_by_label(exit_name, exact=True).select_option("queue")
    studio.step("Check").click()
    expect(studio.panel).to_contain_text("exit 'invalid' leads nowhere", timeout=SLOW)
    expect(studio.node("Topic")).to_contain_text("1 error")
    picture(page, "studio-problem")
    studio.panel.get_by_role("button", name=re.compile("invalid")).click()
    exits.get_by_label("Wrong answer").select_option("queue")
    studio.saved()
    studio.step("Check").click()
    expect(studio.panel).to_contain_text("Ready to be published", timeout=SLOW)
    assert serious(page) == []

    page.keyboard.press("t")
    log = page.get_by_role("log", name="The conversation")
    expect(log).to_contain_text("For sales press 1", timeout=SLOW)
    studio.panel.get_by_role("button", name="1", exact=True).click()
    expect(log).to_contain_text("Waits in queue sales", timeout=SLOW)
    expect(studio.node("Topic").locator(".card.lit")).to_be_visible()
    picture(page, "studio-tried")
    assert serious(page) == []
    studio.panel.get_by_label("Name of a test").fill("Sales")
    studio.panel.get_by_role("button", name="Keep as test").click()
    studio.saved()

    page.get_by_role("link", name="Outline").click()
    page.get_by_role("button", name=re.compile("^.? ?Menu Topic")).click()
    expect(page.get_by_role("group", name="Node Topic")).to_be_visible()
    picture(page, "studio-outline")
    assert serious(page) == []
    page.get_by_role("link", name="Canvas").click()

    publish(page, studio, "The first one")
    expect(studio.toasts).to_contain_text("Version 1 is live", timeout=SLOW)
    studio.pick("Message and hang up")
    studio.panel.get_by_label("English").first.fill("We are closed until tomorrow.")
    studio.saved()
    publish(page, studio, "Says until when")
    expect(studio.toasts).to_contain_text("Version 2 is live", timeout=SLOW)
    admin = centre.api("adam")
    assert admin.get("/api/v1/flows/front_desk").json()["aliases"] == {"live": 2}

    page.keyboard.press("r")
    studio.panel.get_by_role("button", name="What it changed").click()
    expect(studio.panel).to_contain_text("words", timeout=SLOW)
    picture(page, "studio-versions")
    assert serious(page) == []
    studio.panel.get_by_role("button", name="Roll back to it").click()
    expect(studio.toasts).to_contain_text("Version 1 is live now", timeout=SLOW)
    assert admin.get("/api/v1/flows/front_desk").json()["aliases"] == {"live": 1}
    page.get_by_role("link", name="Studio").click()
    row = page.get_by_role("row", name=re.compile("^front_desk"))
    expect(row).to_contain_text("live → 1", timeout=SLOW)
    expect(row).to_contain_text("Says until when")
    assert serious(page) == []


def publish(page: Page, studio: Studio, note: str) -> None:
    studio.step("Publish").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill(note)
    button = dialog.get_by_role("button", name="Publish", exact=True)
    expect(button).to_be_enabled(timeout=SLOW)
    picture(page, "studio-publish")
    assert serious(page) == []
    button.click()


def test_the_studio_is_for_administrators(windows: Windows) -> None:
    page = windows.window("sue").new_page()
    page.goto("/studio")
    expect(page.get_by_role("heading", name="The studio is for administrators")).to_be_visible(
        timeout=SLOW
    )
