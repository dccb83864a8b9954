"""An admin edits the catalog in the studio, mends what is wrong, publishes it, and goes back."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.centre import Centre
from tests.e2e.people import SLOW
from tests.e2e.windows import Windows, picture


def go(page: Page, place: str) -> None:
    page.evaluate("place => { location.hash = place }", f"#/catalog/{place}")


def step(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="From draft to live").get_by_role(
        "button", name=re.compile(name)
    )


def saved(page: Page) -> None:
    expect(step(page, "Draft")).to_contain_text("Saved", timeout=SLOW)


def field(page: Page, item: str) -> Locator:
    return page.get_by_role("form", name=f"Form of {item}")


def test_the_catalog_is_edited_mended_published_and_put_back(
    centre: Centre, windows: Windows
) -> None:
    context = windows.window("adam", viewport={"width": 1280, "height": 720})
    bring_axe(context)
    page = context.new_page()
    page.goto("/studio")
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible(timeout=SLOW)
    go(page, "queues/billing_es")
    form = field(page, "billing_es")
    expect(form).to_be_visible(timeout=SLOW)
    picture(page, "studio-catalog")
    assert serious(page) == []
    form.get_by_label("Credit", exact=True).fill("45s")
    form.get_by_label("Skill Spanish, level at least").first.fill("9")
    form.get_by_label("Skill Spanish, level at least").first.blur()
    saved(page)
    go(page, "hours/")
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_label("Id").fill("late")
    page.get_by_role("dialog").get_by_role("button", name="Add it").click()
    late = field(page, "late")
    late.get_by_label("Public holidays").fill("GB-ENG")
    late.get_by_label("Public holidays").blur()
    saved(page)
    go(page, "queues/sales")
    sales = field(page, "sales")
    sales.get_by_label("Wrap-up at most").fill("1s")
    sales.get_by_label("Wrap-up at most").blur()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("but its limit is", timeout=SLOW)
    picture(page, "studio-catalog-problem")
    go(page, "skills/")
    panel.get_by_role("button", name=re.compile("but its limit is")).click()
    expect(sales.get_by_label("Wrap-up at most")).to_be_focused(timeout=SLOW)
    sales.get_by_label("Wrap-up at most").fill("6m")
    sales.get_by_label("Wrap-up at most").blur()
    saved(page)
    expect(panel).to_contain_text("queue Billing Spanish: credit 15s -> 45s", timeout=SLOW)
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("hours late: added", timeout=SLOW)
    expect(dialog).to_contain_text("waiting")
    picture(page, "studio-catalog-publish")
    assert serious(page) == []
    dialog.get_by_label(re.compile("Note")).fill("A late shift")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".toasts")).to_contain_text("is in force", timeout=SLOW)
    step(page, "Versions").click()
    expect(panel).to_contain_text("A late shift", timeout=SLOW)
    picture(page, "studio-catalog-versions")
    panel.get_by_role("button", name="What it changed").first.click()
    expect(panel).to_contain_text("queue Billing Spanish: credit 15s -> 45s", timeout=SLOW)
    assert "# What holds for every queue" in page.evaluate(
        "async () => (await (await fetch('/api/v1/catalog')).json()).source"
    )
    panel.get_by_role("button", name="Roll back to it").first.click()
    expect(page.locator(".toasts")).to_contain_text("in force again", timeout=SLOW)
    go(page, "queues/billing_es")
    expect(form.get_by_label("Credit", exact=True)).to_have_value("15s", timeout=SLOW)
