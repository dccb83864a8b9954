"""The catalog in the studio: empty, offline, two people at once, the keyboard alone, Chinese."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from config.catalog import check_text
from config.catalog.schema import form_schema
from config.yaml_edits import read
from tests.e2e.barriers import bring_axe, serious
from tests.e2e.windows import picture, themes

ADAM = {"user": "adam", "name": "Adam Keller", "roles": ["admin"], "agent": None}
SOURCE = """\
# Ours.
skills: {spanish: Spanish, billing: Billing}
queues:
  help:
    label: Help
    steps:
      - {ask: {spanish: 3}, for: 30s}
      - {ask: anyone}
    overflow:
      - {when: wait, at: 5m, to: {message: Sorry.}}
profiles:
  all: {queues: [help], capacity: {voice: 1}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {spanish: 5}}
"""
BROKEN = {
    "severity": "error", "file": "catalog", "line": 7, "column": 15,
    "path": "queues.help.steps[0].for", "parts": ["queues", "help", "steps", 0, "for"],
    "what": "a step needs time", "fix": "write at least 1s",
}  # fmt: skip


def check(*problems: dict[str, Any]) -> dict[str, Any]:
    changes = ["queue Help: credit 0 -> 30s"]
    return {
        "ok": not problems, "problems": list(problems), "changes": changes, "version": 4,
        "waiting": 3,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def answers(service) -> None:
    assert check_text(SOURCE).ok
    service.answers = {
        "session": ADAM,
        "flows": {"flows": []},
        "catalog": {"version": 4, "source": SOURCE},
        "catalog/draft": {
            "version": 4, "draft": None, "revision": 1, "source": SOURCE, "check": check(),
        },
        "catalog/schema": form_schema(),
        "catalog/versions": {
            "current": 4,
            "versions": [{"version": 4, "at": 1_700_000_000_000_000, "by": "ben", "note": "Mine"}],
        },
        "catalog/read": read(SOURCE),
        "catalog/check": check(),
    }  # fmt: skip


def opened(page: Page, place: str = "queues/help") -> Locator:
    page.goto(f"/studio#/catalog/{place}")
    form = page.get_by_role("form", name=re.compile("Form of"))
    expect(form).to_be_visible()
    return form


def edits(service) -> list[dict[str, Any]]:
    """What was asked to be changed, last."""
    return [body for method, _, body in service.asked if method == "PUT"][-1]["edits"]


def saves(service) -> int:
    return sum(method == "PUT" for method, _, _ in service.asked)


def test_an_empty_catalog_teaches(service, page):
    service.answers["catalog/read"] = {"document": {}, "problems": []}
    page.goto("/studio#/catalog")
    expect(page.get_by_text("No queues yet. Press N to add the first.")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_label("Label")).to_be_focused()


def test_a_queue_is_added_copied_renamed_and_removed_with_the_keyboard_alone(service, page):
    opened(page)
    page.keyboard.press("n")
    page.keyboard.type("Billing Spanish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Form of billing_spanish")).to_be_visible()
    page.keyboard.press("d")
    page.keyboard.type("Second")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Form of second")).to_be_visible()
    page.keyboard.press("m")
    page.get_by_role("dialog").get_by_label("Id").press("Control+a")
    page.keyboard.type("third")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Form of third")).to_be_visible()
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")
    expect(page.locator(".toasts")).to_contain_text("is removed from the draft")
    page.keyboard.press("z")
    page.keyboard.press("/")
    page.keyboard.type("third")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Form of third")).to_be_visible()
    expect(page.get_by_text("Saved")).to_be_visible()


def test_only_what_was_changed_is_sent(service, page):
    form = opened(page)
    form.get_by_label("Credit", exact=True).fill("30s")
    form.get_by_label("Credit", exact=True).press("Enter")
    expect(page.get_by_text("Saved")).to_be_visible()
    assert edits(service) == [{"path": ["queues", "help", "credit"], "value": "30s"}]
    form.get_by_label("Limit").fill("soon")
    expect(form).to_contain_text("Write a duration such as 5m, or a number of contacts.")


def test_a_renamed_skill_is_renamed_wherever_it_is_named(service, page):
    opened(page, "skills/spanish")
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It is named in 2 other places")
    dialog.get_by_label("Id").fill("castilian")
    dialog.get_by_role("button", name="Rename it").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    assert edits(service) == [
        {"path": ["agents", "ann", "skills"], "value": {"castilian": "5"}},
        {"path": ["queues", "help", "steps", 0, "ask"], "value": {"castilian": "3"}},
        {"path": ["skills", "spanish"], "rename": "castilian"},
    ]


def test_what_is_still_named_is_not_removed_unawares(page):
    opened(page, "queues/help")
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("profiles › all › queues")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("form", name="Form of help")).to_be_visible()


def test_a_problem_stands_at_its_field_and_leads_to_it(service, page):
    service.answers["catalog/check"] = check(BROKEN)
    opened(page, "agents/ann")
    expect(page.get_by_role("link", name=re.compile("Queues"))).to_contain_text("1 error")
    page.get_by_role("tabpanel").get_by_role("button", name=re.compile("a step needs")).click()
    form = page.get_by_role("form", name="Form of help")
    expect(form).to_contain_text("a step needs time; write at least 1s")
    expect(form.get_by_label(re.compile("For how long")).first).to_be_focused()


def test_what_cannot_be_sent_is_kept_and_sent_later(service, page):
    form = opened(page)
    page.context.set_offline(True)
    form.get_by_label("Label").fill("Hilfe")
    expect(page.get_by_text("Reconnecting… your work is kept.")).to_be_visible()
    assert saves(service) == 0
    page.context.set_offline(False)
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)
    assert edits(service) == [{"path": ["queues", "help", "label"], "value": "Hilfe"}]


def test_what_was_not_sent_is_there_after_a_reload(service, page):
    form = opened(page)
    page.on("dialog", lambda dialog: dialog.accept())  # the page asks before it is left
    taken = service.answers["catalog/draft"]
    service.answers["catalog/draft"] = (503, {"error": {"code": "busy", "message": "Busy."}})
    form.get_by_label("Label").fill("Hilfe")
    expect(page.get_by_text("Not sent yet, kept here")).to_be_visible()
    service.answers["catalog/draft"] = {**taken, "revision": 0}
    page.reload()
    expect(form.get_by_label("Label")).to_have_value("Hilfe")
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)


def test_nobody_overwrites_what_somebody_else_saved_unawares(service, page):
    form = opened(page)
    taken = service.answers["catalog/draft"]
    refusal = {"error": {"code": "conflict", "message": "ben has saved revision 1."}}
    service.answers["catalog/draft"] = (412, refusal)
    form.get_by_label("Label").fill("Hilfe")
    notice = page.get_by_role("alert").filter(has_text="saved the catalog's draft")
    expect(notice).to_be_visible()
    service.answers["catalog/draft"] = taken
    notice.get_by_role("button", name="Put mine over theirs").click()
    expect(notice).to_have_count(0)
    expect(page.get_by_text("Saved")).to_be_visible()
    assert edits(service)[-1]["value"] == "Hilfe"


def test_their_draft_can_be_taken_instead(service, page):
    form = opened(page)
    taken = service.answers["catalog/draft"]
    service.answers["catalog/draft"] = (412, {"error": {"code": "conflict", "message": "No."}})
    form.get_by_label("Label").fill("Hilfe")
    service.answers["catalog/draft"] = (412, {"error": {"code": "conflict", "message": "No."}})
    notice = page.get_by_role("alert").filter(has_text="saved the catalog's draft")
    expect(notice).to_be_visible()
    service.answers["catalog/draft"] = taken
    notice.get_by_role("button", name="Take theirs, drop mine").click()
    expect(form.get_by_label("Label")).to_have_value("Help")
    expect(notice).to_have_count(0)


def test_the_text_is_the_same_draft(service, page):
    opened(page)
    page.keyboard.press("v")
    text = page.get_by_label("The draft as YAML")
    expect(text).to_have_value(SOURCE)
    service.answers["catalog/read"] = {"document": None, "problems": []}
    text.fill("[")
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_role("link", name=re.compile("Queues")).click()
    expect(page.get_by_text("The text cannot be read as YAML")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("link", name=re.compile("Help"))).to_be_visible()


def test_before_publishing_it_is_said_for_whom(service, page):
    opened(page)
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 contacts are waiting")
    expect(dialog).to_contain_text("queue Help: credit 0 -> 30s")
    service.answers["catalog"] = (412, {"error": {"code": "conflict", "message": "No."}})
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_contain_text("Somebody published version 4 meanwhile.")


def test_fifty_thousand_agents_are_shown_a_page_at_a_time(service, page):
    agents = {f"a{n:05d}": {"name": f"Agent {n}", "profile": "all"} for n in range(50_000)}
    document = {**read(SOURCE).document, "agents": agents}
    service.answers["catalog/read"] = {"document": document, "problems": []}
    page.goto("/studio#/catalog/agents")
    expect(page.get_by_role("status").filter(has_text="50,000 entries")).to_be_visible()
    assert page.locator(".items li").count() == 100
    page.get_by_label("Find in Agents").fill("agent 49999")
    page.get_by_role("link", name=re.compile("Agent 49999")).click()
    form = page.get_by_role("form", name="Form of a49999")
    form.get_by_label("Name", exact=True).fill("Zoë")
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)
    assert edits(service) == [{"path": ["agents", "a49999", "name"], "value": "Zoë"}]


def test_chinese_in_both_themes_without_faults(service, browser):
    service.answers["catalog/check"] = check(BROKEN)
    context = browser.new_context(base_url=service.url, locale="zh-CN", reduced_motion="reduce")
    bring_axe(context)
    page = context.new_page()
    for place in ("queues/help", "profiles/all", "agents/ann", "credits", "general", "text"):
        page.goto(f"/studio#/catalog/{place}")
        expect(page.get_by_role("heading", name="目录")).to_be_visible()
        expect(page.get_by_role("tabpanel")).to_contain_text("a step needs time")
        for theme in themes(page):
            picture(page, f"studio-catalog-zh-{theme}-{place.replace('/', '-')}")
            assert serious(page) == [], (place, theme)
    expect(page.get_by_role("link", name=re.compile("队列"))).to_contain_text("1 个错误")
    context.close()
