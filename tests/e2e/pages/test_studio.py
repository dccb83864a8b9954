"""The studio: its empty state, a lost connection, two people at once, and the keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

ADAM = {"user": "adam", "name": "Adam Keller", "roles": ["admin"], "agent": None}
KNOWN = {
    "queues": {"support": "Support"},
    "skills": {"spanish": "Spanish"},
    "hours": {"office": "mon-fri 09:00-17:00"},
    "agents": {},
    "boxes": {},
    "connectors": {},
    "flows": {},
}
PROBLEM = {
    "severity": "error",
    "path": ["nodes", "welcome", "exits"],
    "node": "welcome",
    "what": "'Welcome': exit 'timeout' leads nowhere",
    "fix": "connect it to a node",
}
CHECK: dict[str, Any] = {
    "ok": False,
    "problems": [PROBLEM],
    "tests": [],
    "coverage": None,
    "changes": [],
    "in_progress": 0,
}
DOCUMENT = {
    "flow": "main",
    "label": "Main line",
    "languages": ["en", "zh"],
    "safe_queue": "support",
    "start": "welcome",
    "nodes": {
        "welcome": {
            "kind": "menu",
            "label": "Welcome",
            "say": {"en": "Press 1.", "zh": "请按1。"},
            "choices": {"1": {"en": "Help", "zh": "帮助"}},
            "exits": {"1": "support"},
        },
        "support": {"kind": "queue", "queue": "support"},
    },
}
SHOWN = {
    "flow": "main",
    "newest": 0,
    "aliases": {},
    "versions": [],
    "draft": {"revision": 3, "by": "ben", "at": 1_700_000_000_000_000, "document": DOCUMENT},
}
SUMMARY = {
    "flow": "main",
    "newest": 0,
    "aliases": {},
    "draft": {"revision": 3, "by": "ben", "at": 1_700_000_000_000_000},
    "contacts": 0,
    "entry_points": [],
}


@pytest.fixture(autouse=True)
def answers(service) -> None:
    service.answers = {
        "session": ADAM,
        "flows": {"flows": [SUMMARY]},
        "flows/known": KNOWN,
        "flows/main": SHOWN,
        "flows/main/draft": {"revision": 4, "check": CHECK},
        "flows/check": CHECK,
    }


def drafts(service) -> list[tuple[str, Any]]:
    """What was saved, and where."""
    return [(path, body["document"]) for method, path, body in service.asked if method == "PUT"]


def outline(page: Page) -> Page:
    page.goto("/studio#/flow/main/outline")
    expect(page.get_by_role("heading", name="Main line")).to_be_visible()
    return page


def rename(page: Page, to: str) -> None:
    page.get_by_role("button", name=re.compile("Menu (Welcome|Hello)")).click()
    page.get_by_role("group", name="Node").get_by_label("Name", exact=True).fill(to)


def test_an_empty_studio_teaches(service, page):
    service.answers["flows"] = {"flows": []}
    page.goto("/studio")
    expect(page.get_by_text("No flows yet")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()


def test_a_flow_is_changed_with_the_keyboard_alone(service, page):
    outline(page)
    page.keyboard.press("a")
    page.keyboard.type("tra")  # to "Transfer out"
    page.keyboard.press("Enter")
    form = page.get_by_role("group", name="Node transfer")
    expect(form).to_be_visible()
    form.get_by_label("Number").focus()
    page.keyboard.type("+442079460000")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("welcome")
    page.keyboard.press("Enter")
    exits = page.get_by_role("group", name="Node Welcome").get_by_role("group", name="Exits")
    exits.get_by_label("Time-out").focus()
    page.keyboard.type("transfer")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Saved")).to_be_visible()
    nodes = drafts(service)[-1][1]["nodes"]
    assert nodes["transfer"]["number"] == "+442079460000"
    assert nodes["welcome"]["exits"] == {"1": "support", "timeout": "transfer"}
    page.keyboard.press("z")
    expect(exits.get_by_label("Time-out")).to_have_value("")


def test_a_problem_stands_beside_its_field_and_leads_to_it(page):
    outline(page)
    page.get_by_role("tabpanel").get_by_role("button", name=re.compile("timeout")).click()
    exits = page.get_by_role("group", name="Node Welcome").get_by_role("group", name="Exits")
    expect(exits).to_contain_text("exit 'timeout' leads nowhere; connect it to a node")


def test_what_cannot_be_sent_is_kept_and_sent_later(service, page):
    outline(page)
    page.context.set_offline(True)
    rename(page, "Hello")
    expect(page.get_by_text("Reconnecting… your work is kept.")).to_be_visible()
    assert drafts(service) == []
    page.context.set_offline(False)
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)
    assert drafts(service)[-1][1]["nodes"]["welcome"]["label"] == "Hello"


def test_what_was_not_sent_is_there_after_a_reload(service, page):
    outline(page)
    page.on("dialog", lambda dialog: dialog.accept())  # the page asks before it is left
    service.answers["flows/main/draft"] = (503, {"error": {"code": "busy", "message": "Busy."}})
    rename(page, "Hello")
    expect(page.get_by_text("Not sent yet, kept here")).to_be_visible()
    service.answers["flows/main/draft"] = {"revision": 4, "check": CHECK}
    page.reload()
    expect(page.get_by_role("button", name=re.compile("Menu Hello"))).to_be_visible()
    expect(page.get_by_text("Saved")).to_be_visible(timeout=10_000)


def test_nobody_overwrites_what_somebody_else_saved(service, page):
    outline(page)
    refusal = {"error": {"code": "conflict", "message": "ben has saved revision 4."}}
    service.answers["flows/main/draft"] = (412, refusal)
    rename(page, "Hello")
    notice = page.get_by_role("alert").filter(has_text="ben saved this flow at")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.locator(".toasts")).to_contain_text("No.")  # this service takes no copies
    path, copy = drafts(service)[-1]
    assert path.startswith("flows/main_copy_")
    assert copy["nodes"]["welcome"]["label"] == "Hello"
    notice.get_by_role("button", name="Take theirs, drop mine").click()
    expect(page.get_by_role("button", name=re.compile("Menu Welcome"))).to_be_visible()
    expect(notice).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chinese_in_both_themes(service, browser, theme):
    context = browser.new_context(base_url=service.url, locale="zh-CN", color_scheme=theme)
    page = context.new_page()
    page.goto("/studio#/flow/main")
    expect(page.locator(".svelte-flow__node").filter(has_text="菜单")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("检查"))).to_contain_text("1 个错误")
    context.close()
