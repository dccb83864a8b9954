"""Every page in both themes and several sizes: no known barrier, nothing wider than the page.

The pictures are for a person's eye.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.centre import Centre
from tests.e2e.people import SLOW, Desk, Visitor
from tests.e2e.windows import Windows, picture, themes

MARIA = "+13055550142"
USUAL: Any = {"width": 1280, "height": 720}


class Eye:
    """Judges a page: what axe finds serious, what sticks out; and takes its picture.

    It looks in both themes, which change under the people who are at work.
    """

    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    def page(self, user: str = "", **options: Any) -> Page:
        context = self._windows.window(user, **options)
        bring_axe(context)
        return context.new_page()

    def look(self, page: Page, name: str) -> None:
        for theme in themes(page):
            picture(page, f"{name}-{theme}")
            assert overflow(page) <= 0, f"{name} is wider than its page"
            assert serious(page) == [], f"{name}, {theme}"

    def glance(self, page: Page, name: str) -> None:
        """As ``look``, but nobody asks axe."""
        for theme in themes(page):
            picture(page, f"{name}-{theme}")
            assert overflow(page) <= 0, f"{name} is wider than its page"


def overflow(page: Page) -> int:
    width: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.fixture
def eye(windows: Windows) -> Eye:
    return Eye(windows)


def test_login_and_chat_form(eye: Eye) -> None:
    login = eye.page()
    login.goto("/login")
    expect(login.get_by_label("User")).to_be_focused()
    eye.look(login, "look-login")
    chat = Visitor(eye.page()).open()
    expect(chat.topics).to_be_visible(timeout=SLOW)
    eye.look(chat.page, "look-chat-form")


def test_desk_board_and_chat_while_a_customer_is_served(eye: Eye) -> None:
    desk = Desk(eye.page("ann")).open()
    eye.look(desk.page, "look-desk-idle")
    visitor = Visitor(eye.page())
    visitor.start("Wilhelmina Featherstonehaugh-Cholmondeley", "billing", "为什么账单涨了？" * 8)
    expect(visitor.status).to_contain_text("You are next", timeout=SLOW)
    eye.look(visitor.page, "look-chat-waiting")
    desk.be_ready()
    expect(desk.offer).to_be_visible(timeout=SLOW)
    eye.look(desk.page, "look-desk-offer")
    desk.accept()
    expect(visitor.status).to_contain_text("You are talking to Ann", timeout=SLOW)
    desk.say("One moment, please.")
    expect(visitor.thread).to_have_count(2, timeout=SLOW)
    eye.look(visitor.page, "look-chat-talking")
    eye.look(desk.page, "look-desk-chat")
    for width, height in ((1920, 1080), (320, 640)):
        desk.page.set_viewport_size({"width": width, "height": height})
        eye.look(desk.page, f"look-desk-chat-{width}")
    board = eye.page("sue")
    board.goto("/board")
    expect(board.get_by_role("table", name="Agents")).to_contain_text("Wilhelmina", timeout=SLOW)
    eye.look(board, "look-board")
    board.set_viewport_size({"width": 1920, "height": 1080})
    eye.look(board, "look-board-1920")
    board.keyboard.press("w")
    expect(board.get_by_role("button", name="Leave the wallboard")).to_be_visible()
    eye.look(board, "look-wallboard-1920")
    desk.page.set_viewport_size(USUAL)
    desk.end()
    eye.look(desk.page, "look-desk-wrap-up")
    desk.wrap_up("Explained")
    desk.sign_out()
    eye.look(visitor.page, "look-chat-ended")


def test_desk_during_a_call(eye: Eye, centre: Centre) -> None:
    desk = Desk(eye.page("ann")).open().be_ready()
    centre.call(MARIA, choice="1")
    expect(desk.offer).to_contain_text("María Díaz", timeout=SLOW)
    desk.page.set_viewport_size({"width": 320, "height": 640})
    eye.look(desk.page, "look-desk-offer-320")
    desk.accept()
    expect(desk.work).to_contain_text("On the phone with María Díaz", timeout=SLOW)
    eye.look(desk.page, "look-desk-call-320")
    desk.page.get_by_role("button", name="Customer", exact=True).click()
    expect(desk.customer).to_be_visible()
    eye.look(desk.page, "look-desk-customer-320")
    desk.page.get_by_role("button", name="Contact", exact=True).click()
    desk.page.set_viewport_size({"width": 1920, "height": 1080})
    eye.look(desk.page, "look-desk-call-1920")
    desk.end()
    desk.wrap_up("Explained")
    desk.sign_out()


def test_narrow_pages(eye: Eye) -> None:
    narrow = {"width": 320, "height": 640}
    for path, name in (("/login", "login"), ("/desk", "desk")):
        page = eye.page("ben" if path == "/desk" else "", viewport=narrow)
        page.goto(path)
        expect(page.get_by_role("button").first).to_be_visible(timeout=SLOW)
        eye.look(page, f"look-{name}-320")
    chat = Visitor(eye.page(viewport=narrow)).open()
    expect(chat.topics).to_be_visible(timeout=SLOW)
    eye.look(chat.page, "look-chat-320")
