"""Canned replies while writing a chat: found by a slash, filled in as plain text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from agents.replies import CannedReplies
from router.core.catalog import CannedReply
from router.core.durations import SECOND
from tests.e2e.barriers import require_axe, serious
from tests.e2e.pages.test_desk import Desk, chat, maria, now, one, open_desk, ref
from tests.e2e.windows import picture, themes

REPLIES = (
    CannedReply(
        id="hello",
        label="Greeting",
        shortcut="hi",
        text="Hello {customer.first_name|there}, this is {agent.name}.",
    ),
    CannedReply(id="refund", label="Refund", shortcut="refund", text="Your refund is on its way."),
    CannedReply(id="hola", label="Saludo", shortcut="hola", language="es", text="Hola."),
)


@pytest.fixture
def desk(service: Any) -> Desk:
    made = Desk(service)
    known = maria()
    made.contacts = [chat(customer=ref(known), pop=one(known))]
    service.answers["desk/replies"] = CannedReplies(version=0, agent_name="Ann", replies=REPLIES)
    return made


def writing(page: Page) -> Any:
    open_desk(page)
    page.get_by_text("Thank you.").wait_for()
    field = page.get_by_role("textbox", name="Your answer")
    field.click()
    return field


def test_a_slash_opens_the_list_and_enter_puts_the_reply_in_with_its_fields(
    page: Page, desk: Desk
) -> None:
    field = writing(page)
    page.keyboard.type("/hi")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field).to_have_value("Hello María, this is Ann.")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Enter")
    (said,) = desk.await_heard("say")
    assert said["text"] == "Hello María, this is Ann."


def test_arrows_choose_escape_closes_and_a_slash_inside_a_word_is_a_slash(
    page: Page, desk: Desk
) -> None:
    field = writing(page)
    page.keyboard.type("/")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_have_value("/")
    field.fill("")
    page.keyboard.type("and/or /ref")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(field).to_have_value("and/or Your refund is on its way.")


def test_the_customers_language_comes_first(page: Page, desk: Desk) -> None:
    writing(page)
    page.keyboard.type("/")
    expect(page.get_by_role("option").first).to_contain_text("Saludo")


@pytest.mark.parametrize("typed", ["Hello", "/"])
def test_a_chat_that_ends_while_one_writes_breaks_nothing(
    page: Page, desk: Desk, service: Any, typed: str
) -> None:
    field = writing(page)
    page.keyboard.type(typed)
    expect(page.get_by_role("option")).to_have_count(3 if typed == "/" else 0)
    ended = chat(doing="wrapping", state="wrapping", wrap_until=now() + 36 * SECOND)
    service.push(*desk.put(ended))
    expect(field).to_have_count(0)
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Outcome")).to_be_visible()


def test_what_a_customer_is_called_is_text_and_fills_in_nothing(page: Page, desk: Desk) -> None:
    hostile = msgspec.structs.replace(maria(), name="{agent.name} <img src=x onerror=alert(1)>")
    desk.contacts = [chat(customer=ref(hostile), pop=one(hostile))]
    field = writing(page)
    page.keyboard.type("/hi")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Hello {agent.name}, this is Ann.")


def test_who_does_not_know_the_key_finds_a_button(page: Page, desk: Desk) -> None:
    field = writing(page)
    page.get_by_role("button", name="Replies").click()
    page.get_by_role("option", name="Refund").click()
    expect(field).to_have_value("Your refund is on its way.")


def test_the_list_keeps_nobody_out_in_both_themes(page: Page, desk: Desk) -> None:
    page.add_init_script(path=require_axe())
    writing(page)
    page.keyboard.type("/")
    expect(page.get_by_role("option")).to_have_count(3)
    for theme in themes(page):
        assert serious(page) == []
        picture(page, f"desk-canned-{theme}")


def test_in_chinese_and_narrow(browser: Browser, service: Any, desk: Desk) -> None:
    context = browser.new_context(
        base_url=service.url, locale="zh-CN", viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto("/desk")
    page.get_by_text("Thank you.").wait_for()
    page.locator("form textarea").first.click()
    page.keyboard.type("/")
    expect(page.get_by_role("option")).to_have_count(3)
    picture(page, "desk-canned-zh-320")
    context.close()
