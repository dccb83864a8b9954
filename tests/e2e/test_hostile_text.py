"""What strangers write is shown as text everywhere, and never becomes part of a page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.centre import Centre
from tests.e2e.people import SLOW
from tests.e2e.windows import Windows, picture

NAME = "<img src=x onerror=alert(1)>"
TOLD = '"><svg onload=alert(2)><script>alert(3)</script>&lt;b&gt; {{7*7}} ${alert(4)}'
ANSWER = (
    "</p><iframe srcdoc='<script>alert(5)</script>'></iframe><a href='javascript:alert(6)'>x</a>"
)
NUMBER = "+447700900997"  # nobody's
WATCH_OUT = "<script>alert(7)</script>"
NOTE = "<b onmouseover=alert(8)>bold</b>"
DISGUISED = "admin\u202egpj.exe"  # turned the direction of writing, had it not been taken out
PLAIN = "admingpj.exe"
INJECTED = (
    "img[src='x'], svg[onload], iframe, a[href^='javascript'], b[onmouseover], "
    "script:not([src]):not([type='application/json'])"
)


def expect_only_text(page: Page) -> None:
    """Nothing of it became an element, in the page or in the widget's shadow."""
    expect(page.locator(INJECTED)).to_have_count(0)


def test_a_visitors_words_are_text_at_the_desk_and_on_the_board(
    centre: Centre, windows: Windows
) -> None:
    visitor = windows.visitor()
    visitor.start(NAME, "billing", TOLD)
    board = windows.window("sue").new_page()
    board.goto("/board")
    board.get_by_role("button", name="Billing English", exact=True).click()
    entry = board.get_by_role("button", name=NAME)
    expect(entry).to_have_text(NAME, timeout=SLOW)
    entry.click()
    expect(board.get_by_role("heading", name="Why it waits")).to_be_visible(timeout=SLOW)
    expect(board.get_by_text(NAME).first).to_be_visible()
    picture(board, "board-hostile")
    expect_only_text(board)

    ann = windows.desk("ann").be_ready()
    expect(ann.offer).to_contain_text(NAME, timeout=SLOW)
    expect(ann.offer).to_contain_text(TOLD)
    picture(ann.page, "desk-hostile-offer")
    expect_only_text(ann.page)
    ann.accept()
    expect(ann.thread).to_have_text([TOLD], timeout=SLOW)
    ann.say(ANSWER)
    visitor.say(DISGUISED)
    for thread in (ann.thread, visitor.thread):
        expect(thread).to_have_count(3, timeout=SLOW)
        assert sorted(thread.all_inner_texts()) == sorted([TOLD, ANSWER, PLAIN])
    picture(ann.page, "desk-hostile-chat")
    picture(visitor.page, "chat-hostile")
    expect_only_text(ann.page)
    expect_only_text(visitor.page)
    ann.end()
    ann.wrap_up("Explained")
    ann.sign_out()


def test_a_hostile_customer_record_is_text_in_the_pop(centre: Centre, windows: Windows) -> None:
    body = {
        "name": NAME,
        "watch_out": WATCH_OUT,
        "why_valued": TOLD,
        "identities": [{"kind": "phone", "value": NUMBER}],
    }
    made = centre.api("ann").post("/api/v1/customers", json=body)
    assert made.status_code == 201, made.text
    path = f"/api/v1/customers/{made.json()['id']}/notes"
    assert centre.api("ann").post(path, json={"text": NOTE}).status_code == 201
    ann = windows.desk("ann").be_ready()
    centre.call(NUMBER, choice="1")
    for text in (NAME, WATCH_OUT, TOLD):
        expect(ann.offer).to_contain_text(text, timeout=SLOW)
        expect(ann.customer).to_contain_text(text)
    expect(ann.customer).to_contain_text(NOTE)
    expect(ann.page).to_have_title(re.compile(re.escape(NAME)))
    picture(ann.page, "desk-hostile-record")
    expect_only_text(ann.page)
    ann.accept()
    expect(ann.work).to_contain_text(f"On the phone with {NAME}", timeout=SLOW)
    expect_only_text(ann.page)
    ann.end()
    ann.wrap_up("Explained")
    ann.sign_out()
