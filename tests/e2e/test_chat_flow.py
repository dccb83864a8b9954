"""A chat goes through a flow: buttons, typed answers, a secret; then the queue that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.centre import QUIET, Centre, free_port, until
from tests.e2e.people import SLOW, Visitor
from tests.e2e.windows import Windows, picture

ACCOUNT, PIN = "79927398713", "314159"
OPENING = ["Hello.", "What is it about?"]


def door(first_button: str = "An invoice") -> dict[str, Any]:
    return {
        "flow": "chat_door",
        "label": "Door of the chat",
        "languages": ["en"],
        "safe_queue": "support_en",
        "start": "topic",
        "nodes": {
            "topic": {
                "kind": "menu",
                "say": "What is it about?",
                "choices": {"1": first_button, "2": "Something is broken"},
                "exits": {"1": "about", "2": "broken", "timeout": "broken", "invalid": "broken"},
            },
            "about": {
                "kind": "set",
                "attributes": {"topic": "invoice"},
                "exits": {"next": "account"},
            },
            "account": {
                "kind": "collect",
                "say": "Your account number?",
                "into": "account",
                "min_length": 8,
                "check": "luhn",
                "on_invalid": {"times": 2, "say": "That number is not right."},
                "exits": {"collected": "pin", "timeout": "billing", "invalid": "billing"},
            },
            "pin": {
                "kind": "collect",
                "say": "Your PIN?",
                "into": "pin",
                "secret": True,
                "exits": {"collected": "thanks", "timeout": "billing", "invalid": "billing"},
            },
            "thanks": {"kind": "say", "say": "Thank you.", "exits": {"next": "billing"}},
            "billing": {"kind": "queue", "queue": "billing_en"},
            "broken": {"kind": "hang_up", "say": "Turn it off and on again. Goodbye."},
        },
    }


@pytest.fixture(scope="module")
def centre(make_centre: Callable[..., Centre], tmp_path_factory: pytest.TempPathFactory) -> Centre:
    kept = tmp_path_factory.mktemp("kept") / "data"
    return make_centre(*QUIET, "--keep", str(kept), port=free_port())


def publish(admin: httpx.Client, document: dict[str, Any], replaces: int) -> None:
    """And live from now on."""
    published = admin.post(
        "/api/v1/flows/chat_door/publish",
        json={"document": document, "point": "live"},
        headers={"If-Match": f'"{replaces}"'},
    )
    assert published.status_code == 200, published.text


@pytest.fixture(scope="module")
def admin(centre: Centre) -> httpx.Client:
    return centre.api("adam")


@pytest.fixture(scope="module")
def led(admin: httpx.Client) -> None:
    """Chats of the website go through version 1."""
    publish(admin, door(), 0)
    now = admin.get("/api/v1/catalog")
    before = "  website:\n    label: Chat on our website\n    channel: chat\n"
    source: str = now.json()["source"]
    assert before in source
    changed = admin.post(
        "/api/v1/catalog",
        json={"source": source.replace(before, f"{before}    flow: chat_door\n")},
        headers={"If-Match": now.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text


def buttons(visitor: Visitor) -> Locator:
    return visitor.chat.get_by_role("group", name="Choose one").get_by_role("button")


def waiting(admin: httpx.Client, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get(f"/api/v1/queues/{queue}/contacts").json()["contacts"]
    return found


def type_in(visitor: Visitor, label: str, text: str) -> None:
    field = visitor.page.get_by_label(label, exact=True)
    field.fill(text, timeout=SLOW)
    field.press("Enter")


@pytest.mark.usefixtures("led")
def test_a_chat_is_asked_lands_in_the_right_queue_and_keeps_its_version(
    centre: Centre, windows: Windows, admin: httpx.Client
) -> None:
    ann = windows.desk("ann")
    visitor, patient = windows.visitor(), windows.visitor()
    for one in (visitor, patient):
        one.start("Mei", "sales", "Hello.")
        expect(buttons(one)).to_have_text(["An invoice", "Something is broken"], timeout=SLOW)
    expect(visitor.thread).to_have_text(OPENING)
    picture(visitor.page, "chat-flow")

    publish(admin, door("A bill"), 1)
    buttons(visitor).first.click()
    type_in(visitor, "Your answer", "1234 5678")
    again = ["1234 5678", "That number is not right.", "Your account number?"]
    asked = [*OPENING, "An invoice", "Your account number?", *again]
    expect(visitor.thread).to_have_text(asked, timeout=SLOW)
    type_in(visitor, "Your answer", "7992-739 8713")
    type_in(visitor, "Your answer, not shown", PIN)
    expect(visitor.status).to_contain_text("You are next", timeout=SLOW)
    lines = [*asked, "7992-739 8713", "Your PIN?", "****", "Thank you."]
    expect(visitor.thread).to_have_text(lines)
    contact = until(lambda: waiting(admin, "billing_en"), within=30, what="it waits")[0]["contact"]
    view = admin.get(f"/api/v1/contacts/{contact}").json()
    assert view["attributes"]["account"] == ACCOUNT
    assert view["attributes"]["topic"] == "invoice"
    assert PIN not in str(view) + admin.get(f"/api/v1/contacts/{contact}/timeline").text
    ann.be_ready().accept()
    expect(ann.thread).to_have_text(lines, timeout=SLOW)
    picture(ann.page, "desk-chat-after-flow")

    patient.page.reload()
    expect(buttons(patient)).to_have_text(["An invoice", "Something is broken"], timeout=SLOW)
    late = windows.visitor()
    late.start("Oscar", "sales", "Hello.")
    expect(buttons(late)).to_have_text(["A bill", "Something is broken"], timeout=SLOW)
    expect(late.page.get_by_label("Or type your answer")).to_be_focused()
    late.page.keyboard.press("Shift+Tab")
    late.page.keyboard.press("Enter")
    expect(late.status).to_contain_text("This chat has ended", timeout=SLOW)
    expect(late.status).to_contain_text("Turn it off and on again. Goodbye.")
    patient.chat.get_by_role("button", name="End chat").first.click()
    patient.chat.get_by_role("button", name="End chat").last.click()
    expect(patient.status).to_contain_text("This chat has ended", timeout=SLOW)
    assert PIN not in centre.output
    ann.end()
    ann.wrap_up("Explained")
    ann.sign_out()


@pytest.mark.usefixtures("led")
def test_a_chat_in_its_flow_survives_kill_9_and_is_asked_again(
    centre: Centre, windows: Windows
) -> None:
    visitor = windows.visitor()
    visitor.start("Petra", "sales", "Hello.")
    buttons(visitor).first.click(timeout=SLOW)
    expect(visitor.page.get_by_label("Your answer", exact=True)).to_be_visible(timeout=SLOW)
    lines = visitor.thread.all_inner_texts()
    centre.kill()
    expect(visitor.chat.locator(".bar")).to_contain_text("Reconnecting", timeout=SLOW)
    type_in(visitor, "Your answer", ACCOUNT)
    centre.start()
    visitor.page.evaluate("dispatchEvent(new Event('online'))")  # no sitting out of pauses
    expect(visitor.page.get_by_label("Your answer, not shown")).to_be_visible(timeout=60_000)
    expect(visitor.thread).to_have_text([*lines, ACCOUNT, "Your PIN?"])
    type_in(visitor, "Your answer, not shown", PIN)
    expect(visitor.thread.last).to_have_text("Thank you.", timeout=SLOW)
    expect(visitor.status).to_contain_text("You are next")
