"""The page of recordings: uploading, the microphone, replacing and taking back, the keyboard."""

from __future__ import annotations

import io
import re
import wave
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.pages.test_studio import ADAM, CHECK, DOCUMENT, KNOWN, SHOWN, SUMMARY
from tests.e2e.windows import picture, themes
from tests.unit.ivr.test_uploads import tone, wav

AT = 1_700_000_000_000_000
WELCOME: dict[str, Any] = {
    "name": "welcome",
    "language": "en",
    "label": "Welcome, by day",
    "length": 4_200_000,
    "version": 3,
    "at": AT,
    "by": "ben",
    "used_in": [{"flow": "main", "version": 2}],
}
LONG = {
    **WELCOME,
    "name": "the_office_is_closed_because_of_a_public_holiday_please_call_again",
    "label": "今天是公众假期，办公室不开放，请在下一个工作日的上午九点以后再来电，谢谢",
    "language": "zh",
    "length": 71_000_000,
    "version": 1,
    "by": "a-user-with-a-rather-long-name",
    "used_in": [],
}
VERSIONS = [
    {**{k: WELCOME[k] for k in ("label", "length", "at")}, "version": n, "by": "ben", "deleted": d}
    for n, d in ((3, False), (2, True), (1, False))
]
MICROPHONE = """
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const tone = context.createOscillator();
    const made = context.createMediaStreamDestination();
    tone.connect(made);
    tone.start();
    return made.stream;
  };
"""


@pytest.fixture(autouse=True)
def answers(service) -> None:
    service.answers = {
        "session": ADAM,
        "flows": {"flows": [SUMMARY]},
        "flows/known": {**KNOWN, "recordings": {"welcome": "Welcome, by day"}},
        "flows/main": SHOWN,
        "flows/main/draft": {"revision": 4, "check": CHECK},
        "flows/check": CHECK,
        "prompts": {"recordings": [WELCOME, LONG]},
        "prompts/welcome/en": {"name": "welcome", "language": "en", "versions": VERSIONS},
    }


def recordings(page: Page) -> Page:
    page.goto("/studio#/recordings")
    expect(page.get_by_role("heading", name="Recordings", exact=True)).to_be_visible()
    return page


def row(page: Page, name: str = "Welcome, by day") -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def toast(page: Page) -> Locator:
    return page.locator(".toasts")


def written(service) -> list[tuple[str, str, Any]]:
    return [one for one in service.asked if one[0] != "GET"]


def heard(sound: bytes) -> tuple[int, float]:
    """Samples a second, and the pitch in hertz."""
    with wave.open(io.BytesIO(sound)) as reading:
        rate, frames = reading.getframerate(), reading.readframes(reading.getnframes())
    samples = np.frombuffer(frames, dtype="<i2")
    return rate, float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


def test_without_any_the_page_teaches_and_the_keyboard_begins(service, page):
    service.answers["prompts"] = {"recordings": []}
    recordings(page)
    expect(page.get_by_text("No recordings yet")).to_be_visible()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Add a recording")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Name").fill("Day")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a sound file, or record one.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert written(service) == []


def test_the_list_of_the_studio_leads_to_it(page):
    page.goto("/studio")
    region = page.get_by_role("region", name="Recordings")
    expect(region).to_contain_text("2 recordings")
    region.get_by_role("link", name="Recordings").click()
    expect(row(page)).to_contain_text("0:04")
    expect(row(page).get_by_role("link", name="main, version 2")).to_be_visible()


def test_a_file_is_uploaded_under_the_name_it_has(service, page):
    recordings(page)
    page.get_by_role("button", name="Add a recording").click()
    dialog = page.get_by_role("dialog")
    sound = wav(tone(440))
    file = {"name": "Good bye!.wav", "mimeType": "audio/wav", "buffer": sound}
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_label("Your new sound")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Good bye!")
    expect(dialog.get_by_label("Id", exact=True)).to_have_value("good_bye")
    service.answers["prompts/good_bye/zh"] = {"version": 1}
    dialog.get_by_label("Language").fill("zh")
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page)).to_contain_text("Good bye! is saved.")
    assert written(service) == [("PUT", "prompts/good_bye/zh", sound)]


def test_a_file_may_be_dropped_anywhere(page):
    recordings(page)
    drop = """() => {
      const files = new DataTransfer();
      files.items.add(new File(['RIFF'], 'night.wav'));
      for (const kind of ['dragover', 'drop']) {
        window.dispatchEvent(new DragEvent(kind, { dataTransfer: files, cancelable: true }));
      }
    }"""
    page.evaluate(drop)
    expect(page.get_by_role("dialog").get_by_label("Id", exact=True)).to_have_value("night")


def test_what_is_said_into_the_microphone_becomes_a_wav_file(service, page):
    page.add_init_script(MICROPHONE)
    recordings(page)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Record", exact=True).click()
    expect(dialog.get_by_role("button", name="Stop, 0:01")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("Stop")).click()
    expect(dialog.get_by_label("Your new sound")).to_be_visible()
    dialog.get_by_label("Name").fill("Hello")
    service.answers["prompts/hello/en"] = {"version": 1}
    dialog.get_by_role("button", name="Save").click()
    expect(toast(page)).to_contain_text("Hello is saved.")
    _, _, sound = written(service)[0]
    rate, pitch = heard(sound)
    assert rate == 16_000
    assert abs(pitch - 440) < 10


def test_without_a_microphone_it_says_what_to_do(page):
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error());")
    recordings(page)
    page.keyboard.press("n")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "allow it in the browser, or choose a file"
    )


def test_what_the_browser_cannot_read_is_said(page):
    recordings(page)
    page.keyboard.press("n")
    file = {"name": "a.mp3", "mimeType": "audio/mpeg", "buffer": b"<html>"}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("save it as WAV")


def test_what_the_service_refuses_is_said_and_nothing_is_lost(service, page):
    recordings(page)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    file = {"name": "low.wav", "mimeType": "audio/wav", "buffer": wav(tone(440))}
    dialog.locator("input[type=file]").set_input_files(file)
    refusal = {"error": {"code": "recording_unusable", "message": "It is empty: record it again."}}
    service.answers["prompts/low/en"] = (422, refusal)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("It is empty: record it again.")
    expect(dialog.get_by_label("Name")).to_have_value("low")


def test_replacing_says_so_and_is_taken_back(service, page):
    recordings(page)
    row(page).get_by_role("button", name=re.compile("^Change Welcome")).click()
    dialog = page.get_by_role("dialog", name="Change Welcome, by day")
    file = {"name": "x.wav", "mimeType": "audio/wav", "buffer": wav(tone(440))}
    dialog.locator("input[type=file]").set_input_files(file)
    service.answers["prompts/welcome/en"] = {"version": 4}
    dialog.get_by_role("button", name="Replace").click()
    expect(toast(page)).to_contain_text("calls in progress hear the earlier one")
    service.answers["prompts/welcome/en/restore"] = {"version": 5}
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("is as it was")
    assert written(service)[-1] == ("POST", "prompts/welcome/en/restore", {"version": 3})


def test_an_earlier_version_is_used_again(service, page):
    recordings(page)
    row(page).get_by_role("button", name=re.compile("^Change Welcome")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Earlier versions").click()
    expect(dialog.get_by_text("Version 2, deleted by ben")).to_be_visible()
    service.answers["prompts/welcome/en/restore"] = {"version": 4}
    dialog.get_by_role("button", name="Use again").click()
    expect(toast(page)).to_contain_text("is as it was")
    assert written(service) == [("POST", "prompts/welcome/en/restore", {"version": 1})]


def test_a_name_is_changed_without_the_sound(service, page):
    recordings(page)
    row(page).get_by_role("button", name=re.compile("^Change Welcome")).click()
    service.answers["prompts/welcome/en/label"] = {"version": 4}
    page.get_by_role("dialog").get_by_label("Name").fill("Day")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert written(service) == [("PUT", "prompts/welcome/en/label", {"label": "Day"})]


def test_deleting_is_taken_back_and_refused_while_it_is_used(service, page):
    recordings(page)
    delete = row(page).get_by_role("button", name=re.compile("^Delete Welcome"))
    service.answers["prompts/welcome/en"] = (
        409,
        {"error": {"code": "in_use", "message": "The flow main says it."}},
    )
    delete.click()
    expect(toast(page)).to_contain_text("The flow main says it.")
    service.answers["prompts/welcome/en"] = {"version": 4}
    service.answers["prompts/welcome/en/restore"] = {"version": 5}
    delete.focus()
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("Welcome, by day is deleted.")
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("is as it was")
    assert written(service)[-1] == ("POST", "prompts/welcome/en/restore", {"version": 3})


def test_one_that_cannot_be_played_is_said(page):
    recordings(page)
    row(page).get_by_role("button", name=re.compile("^Play Welcome")).click()
    expect(toast(page)).to_contain_text("cannot be played; replace it")


def test_a_lost_connection_is_said_and_what_is_there_stays(page):
    recordings(page)
    expect(row(page)).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("Reconnecting")).to_be_visible(timeout=15_000)
    expect(row(page)).to_be_visible()
    page.context.set_offline(False)


def test_a_prompt_names_one_of_them(service, page):
    page.goto("/studio#/flow/main/outline")
    page.get_by_role("button", name=re.compile("Menu Welcome")).click()
    says = page.get_by_role("group", name="Node Welcome").get_by_role("group", name="What is said")
    says.get_by_text("Recording", exact=True).first.click()
    says.get_by_label("Recording in English").select_option(label="Welcome, by day (welcome)")
    expect(says.get_by_role("button", name="Play Welcome, by day")).to_be_visible()
    expect(page.get_by_text("Saved")).to_be_visible()
    saved = [body["document"] for method, _, body in service.asked if method == "PUT"][-1]
    said = {"audio": "welcome", "text": DOCUMENT["nodes"]["welcome"]["say"]["en"]}
    assert saved["nodes"]["welcome"]["say"]["en"] == said


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_it_looks_well_in_both_languages_and_themes(service, browser, locale):
    context = browser.new_context(
        base_url=service.url,
        locale=locale,
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 720},
    )
    bring_axe(context)
    page = context.new_page()
    page.goto("/studio#/recordings")
    expect(page.get_by_role("row")).to_have_count(3)
    judge(page, f"recordings-{locale}")
    page.get_by_role("row").nth(1).get_by_role("button").nth(1).click()
    page.locator("dialog summary").click()
    judge(page, f"recordings-change-{locale}")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    judge(page, f"recordings-add-{locale}")
    page.keyboard.press("Escape")
    page.goto("/studio#/")
    expect(page.get_by_role("row")).to_have_count(2)
    judge(page, f"studio-with-recordings-{locale}")
    context.close()


def judge(page: Page, name: str) -> None:
    for theme in themes(page):
        picture(page, f"{name}-{theme}")
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is wider than its page"
        assert serious(page) == [], f"{name}, {theme}"
