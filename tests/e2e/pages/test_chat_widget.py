"""The chat widget on the sample page: what a customer sees and can do."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from playwright.sync_api import Page, Route, expect

from cti_adapters.webchat.messages import (
    AgentRead,
    AgentTyping,
    ChatStatus,
    FilesTaken,
    Line,
    LineAdded,
    Reply,
    Session,
    StatusChanged,
)
from router.core.durations import SECOND
from router.core.model import MessageFile

SHOTS = Path(__file__).parents[1] / "screenshots"
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


# -- files and read marks ---------------------------------------------------------------------

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGNgYPhPCI0qYKCKAgBM"
    "+mOdVFPVhgAAAABJRU5ErkJggg=="
)


def takes_files(chat: Chat) -> None:
    session = chat.session
    takes = FilesTaken(types=("image/png", "application/pdf"), size=10_000_000)
    chat.session = lambda: msgspec.structs.replace(session(), takes=takes)  # type: ignore[method-assign]


def with_file(chat: Chat, line_id: str, author: str = "customer") -> LineAdded:
    file = MessageFile(id="a" * 64, name="router.png", content_type="image/png", size=34_000)
    added = chat.line(line_id, "router.png", author, "Ann" if author == "agent" else "")
    chat.lines[-1] = msgspec.structs.replace(added.line, files=(file,))
    return LineAdded(n=0, line=chat.lines[-1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_files_go_both_ways_and_the_visitor_sees_that_they_were_read(
    page, service, chat, language, tmp_path
):
    takes_files(chat)
    sent: list[str] = []

    def taken(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(body=PICTURE, content_type="image/png")
            return
        sent.append(route.request.headers["authorization"])
        line_id = parse_qs(urlsplit(route.request.url).query)["id"][0]
        service.push(with_file(chat, line_id))
        route.fulfill(status=201, json={})

    page.route("**/api/v1/chat/files**", taken)
    start(page)
    take(service, chat)
    if language == "zh":
        page.goto("/chat?lang=zh")
    clip = page.get_by_role("button", name="发送文件" if language == "zh" else "Send a file")
    expect(clip).to_be_visible()
    photo = tmp_path / "router.png"
    photo.write_bytes(PICTURE)
    page.locator("patchbay-chat input[type=file]").set_input_files(photo)
    expect(page.locator("patchbay-chat .mine img")).to_be_visible()
    expect(page.locator("patchbay-chat progress")).to_have_count(0)
    assert sent == ["Bearer secret"]
    service.push(AgentRead(n=0, until=chat.lines[-1].at))
    expect(page.locator("patchbay-chat .mark")).to_have_text("已读" if language == "zh" else "Read")
    service.push(with_file(chat, "a1", "agent"))
    expect(page.locator("patchbay-chat .theirs img")).to_be_visible()
    seen = [act for act in service.heard if act["type"] == "visitor_seen"]
    assert seen[-1]["received"] == seen[-1]["read"] == chat.lines[-1].at
    page.screenshot(path=f"{SHOTS}/chat-files-{language}.png")


def test_why_a_file_was_not_taken_is_said_and_can_be_put_away(page, service, chat, tmp_path):
    takes_files(chat)
    refusal = {"error": {"code": "file_type", "message": "x"}}
    page.route("**/api/v1/chat/files**", lambda route: route.fulfill(status=409, json=refusal))
    start(page)
    take(service, chat)
    evil = tmp_path / "<img src=x onerror=alert(1)>.svg"
    evil.write_text("<svg onload='alert(1)'/>")
    page.locator("patchbay-chat input[type=file]").set_input_files(evil)
    expect(page.get_by_text("Files of that kind are not taken.")).to_be_visible()
    assert page.locator("patchbay-chat img").count() == 0
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Files of that kind are not taken.")).to_have_count(0)


def test_the_service_hears_which_page_the_visitor_is_on(page, service, chat):
    start(page)
    take(service, chat)
    page.wait_for_timeout(2_500)
    told = [act for act in service.heard if act["type"] == "visitor_page"]
    assert [urlsplit(act["url"]).path for act in told] == ["/chat"]
    assert "?" not in told[0]["url"]
