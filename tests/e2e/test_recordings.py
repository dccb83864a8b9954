"""An admin uploads a recording, hears it, gives it to a flow and tries that, replaces it, and takes
it back: the whole program in a real browser.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import SLOW
from tests.e2e.windows import Windows
from tests.unit.ivr.test_uploads import tone, wav


def choose(page: Page, name: str, hertz: int) -> None:
    sound = wav(tone(hertz, seconds=20))
    file = {"name": name, "mimeType": "audio/wav", "buffer": sound}
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]


def hear(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Play Good day")).first.click()
    stop = page.get_by_role("button", name=re.compile("^Stop Good day"))
    expect(stop).to_be_visible()
    page.wait_for_timeout(500)  # what cannot be played stops by itself
    stop.click()


def sound_of(page: Page) -> bytes:
    return page.request.get("/api/v1/prompts/good_day/en/audio").body()


def test_a_recording_goes_from_a_file_into_a_flow(windows: Windows) -> None:
    page = windows.window("adam", viewport={"width": 1280, "height": 720}).new_page()
    toasts = page.locator(".toasts")
    page.goto("/studio#/recordings")
    expect(page.get_by_text("No recordings yet")).to_be_visible(timeout=SLOW)
    page.keyboard.press("n")
    choose(page, "Good day.wav", 440)
    page.get_by_role("button", name="Save").click()
    expect(toasts).to_contain_text("Good day is saved.")
    expect(page.get_by_role("row").nth(1)).to_contain_text("0:20")
    hear(page)
    first = sound_of(page)

    page.get_by_role("button", name=re.compile("^Change Good day")).click()
    choose(page, "other.wav", 880)
    page.get_by_role("button", name="Replace").click()
    expect(toasts).to_contain_text("is replaced")
    assert sound_of(page) != first
    toasts.get_by_role("button", name="Undo").click()
    expect(toasts).to_contain_text("is as it was")
    assert sound_of(page) == first

    page.goto("/studio#/")
    page.get_by_role("button", name="New flow").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Heard")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Heard")).to_be_visible(timeout=SLOW)
    page.keyboard.press("a")
    page.get_by_role("menuitem", name="Message and hang up", exact=True).click()
    form = page.get_by_role("tabpanel").get_by_role("group", name=re.compile("^Node "))
    says = form.get_by_role("group", name="What is said")
    says.get_by_label("English").first.fill("Good day.")
    says.get_by_text("Recording", exact=True).first.click()
    says.get_by_label("Recording in English").select_option("good_day")
    hear(page)
    page.get_by_role("tab", name="Try it").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Good day.")
    hear(page)

    page.goto("/studio#/recordings")
    page.get_by_role("button", name=re.compile("^Delete Good day")).click()
    expect(page.get_by_text("No recordings yet")).to_be_visible()
    toasts.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Good day")
