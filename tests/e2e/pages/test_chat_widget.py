"""The chat widget on the sample page: what a customer sees and can do."""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from cti_adapters.webchat.messages import (
    AgentTyping,
    ChatStatus,
    Line,
    LineAdded,
    Reply,
    Session,
    StatusChanged,
)
from router.core.durations import SECOND

TOPICS = {"entry_points": [{"id": "website", "choices": ["orders", "billing"]}]}


class Chat:
    """A chat as the service would hold it."""

    def __init__(self) -> None:
        self.status = ChatStatus(
            state="waiting", position=3, wait_low=90 * SECOND, wait_high=210 * SECOND
        )
        self.lines: list[Line] = []
        self.answering = True

    def session(self) -> Session:
        now = int(time.time() * 1_000_000)
        return Session(n=0, token="secret", at=now, status=self.status, lines=tuple(self.lines))

    def line(self, line_id: str, text: str, author: str = "customer", name: str = "") -> LineAdded:
        line = Line(
            id=line_id, author=author, text=text, at=int(time.time() * 1_000_000), name=name
        )
        self.lines.append(line)
        return LineAdded(n=0, line=line)

    def act(self, act: dict[str, Any]) -> list[msgspec.Struct]:
        done = Reply(n=0, to=act["id"], ok=True)
        match act["type"]:
            case "start_chat":
                return [self.session(), self.line(act["id"], act["text"]), done]
            case "resume_chat":
                return [self.session(), done]
            case "say_line" if not self.answering:
                return []
            case "say_line" if act["id"] in {line.id for line in self.lines}:
                return [done]
            case "say_line":
                return [self.line(act["id"], act["text"]), done]
            case "leave_chat":
                self.status = ChatStatus(state="ended")
                return [StatusChanged(n=0, status=self.status), done]
            case _:
                return []


@pytest.fixture
def chat(service) -> Chat:
    chat = Chat()
    service.on_act = chat.act
    service.answers["chat/entry-points"] = TOPICS
    return chat


def open_form(page: Page, language: str = "en") -> None:
    page.goto(f"/chat?lang={language}")
    page.locator("patchbay-chat .launcher").click()


def start(page: Page) -> None:
    open_form(page)
    page.get_by_label("Your name").fill("Mei")
    page.get_by_label("What is it about?").select_option("orders")
    page.get_by_label("Your message").fill("Where is my order?")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_text("You are in the queue")).to_be_visible()


def take(service, chat: Chat) -> None:
    chat.status = ChatStatus(state="talking", agent_name="Ann")
    service.push(StatusChanged(n=0, status=chat.status))


def test_a_chat_from_the_form_to_the_transcript(page, service, chat):
    start(page)
    expect(page.get_by_text("You are number 3. Expected wait: about 1–4 min")).to_be_visible()
    take(service, chat)
    expect(page.get_by_text("You are talking to Ann")).to_be_visible()
    service.push(AgentTyping(n=0, typing=True))
    expect(page.get_by_text("Ann is typing…")).to_be_visible()
    service.push(chat.line("a1", "Hello Mei, one moment.", "agent", "Ann"))
    page.get_by_label("Write a message").fill("Thank you!")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you!")).to_be_visible()
    page.get_by_role("button", name="End chat").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End chat").click()
    expect(page.get_by_role("strong")).to_have_text("This chat has ended")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save transcript").click()
    text = download.value.path().read_text("utf-8-sig")
    assert re.search(r"\] Ann: Hello Mei, one moment\.", text)
    assert re.search(r"\] You: Thank you!", text)
    page.get_by_role("button", name="Start a new chat").click()
    expect(page.get_by_label("Your name")).to_be_focused()


def test_the_form_says_what_is_missing(page, chat):
    open_form(page)
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_role("alert")).to_have_text("Please tell us your name.")
    expect(page.get_by_label("Your name")).to_be_focused()


def test_markup_in_a_message_stays_text(page, service, chat):
    start(page)
    service.push(chat.line("a1", "<img src=x onerror=alert(1)><b>bold</b>", "agent", "<i>Ann</i>"))
    expect(page.get_by_text("<b>bold</b>")).to_be_visible()
    expect(page.get_by_text("<i>Ann</i>")).to_be_visible()
    assert page.locator("patchbay-chat img").count() == 0


def test_a_reload_takes_the_chat_up_where_it_was(page, service, chat):
    start(page)
    take(service, chat)
    page.get_by_label("Write a message").fill("half a sen")
    page.reload()
    expect(page.get_by_text("You are talking to Ann")).to_be_visible()
    expect(page.get_by_text("Where is my order?")).to_be_visible()
    expect(page.get_by_label("Write a message")).to_have_value("half a sen")


def test_a_second_tab_follows_the_first(page, service, chat):
    page.goto("/chat?lang=en")
    other = page.context.new_page()
    start(other)
    page.locator("patchbay-chat .launcher").click()
    expect(page.get_by_text("Where is my order?")).to_be_visible()
    take(service, chat)
    for tab in (page, other):
        expect(tab.get_by_text("You are talking to Ann")).to_be_visible()


def test_what_is_written_while_the_connection_is_down_is_sent_once(page, service, chat):
    start(page)
    take(service, chat)
    service.cut(stay_away=True)
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    page.get_by_label("Write a message").fill("Are you there?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sending…")).to_be_visible()
    service.refuse = False
    expect(page.get_by_text("Sending…")).to_be_hidden(timeout=20_000)
    expect(page.get_by_text("Are you there?")).to_have_count(1)
    assert [line.text for line in chat.lines].count("Are you there?") == 1


def test_a_refused_message_can_be_sent_again(page, service, chat):
    start(page)
    take(service, chat)
    page.get_by_label("Write a message").fill("Hm")
    service.on_act = lambda act: [Reply(n=0, to=act["id"], ok=False, code="refused")]
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not sent")).to_be_visible()
    service.on_act = chat.act
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Not sent")).to_be_hidden()
    assert chat.lines[-1].text == "Hm"


def test_when_nobody_can_answer_the_message_is_taken(page, service, chat):
    start(page)
    chat.status = ChatStatus(state="message_taken", text="We answer by mail before noon.")
    service.push(StatusChanged(n=0, status=chat.status))
    expect(page.get_by_role("strong")).to_have_text("We have your message")
    expect(page.get_by_text("We answer by mail before noon.")).to_be_visible()


def test_the_keyboard_alone_is_enough(page, service, chat):
    page.goto("/chat?lang=en")
    page.locator("patchbay-chat .launcher").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Mei")
    page.keyboard.press("Tab")
    page.keyboard.type("orders")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Hello")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Write a message")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("patchbay-chat .launcher")).to_be_focused()
    service.push(chat.line("a1", "Hello", "agent", "Ann"))
    expect(page.get_by_role("button", name="Chat with us, 1 new")).to_be_visible()


def test_on_a_small_screen_the_focus_stays_inside(page, chat):
    page.set_viewport_size({"width": 360, "height": 640})
    open_form(page)
    assert page.locator("patchbay-chat .panel").get_attribute("aria-modal") == "true"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "patchbay-chat"


def test_the_limit_of_a_message_is_shown_before_it_is_reached(page, service, chat):
    start(page)
    page.get_by_label("Write a message").fill("好" * 1_990)
    expect(page.get_by_text("10 characters left")).to_be_visible()
    page.get_by_label("Write a message").fill("好" * 2_003)
    expect(page.get_by_text("Please shorten this by 3 characters.")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()


def test_chinese(page, service, chat):
    open_form(page, "zh")
    page.get_by_label("您的称呼").fill("小梅")
    page.get_by_label("您要咨询什么？").select_option("orders")
    page.get_by_label("您的留言").fill("我的订单到哪里了？")
    page.get_by_role("button", name="开始对话").click()
    expect(page.get_by_text("您排在第 3 位。 预计等待：约 1–4 分钟")).to_be_visible()
