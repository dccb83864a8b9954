"""The chat widget while a flow asks its questions: buttons, typed answers, secrets, looking up."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from cti_adapters.webchat.messages import (
    Button,
    ChatStatus,
    Line,
    LineAdded,
    Prompt,
    Reply,
    Session,
    StatusChanged,
)
from tests.e2e.barriers import bring_axe, serious
from tests.e2e.windows import picture, themes

MENU = Prompt(
    turn=1,
    kind="choice",
    buttons=(
        Button(key="1", text="Invoices and payments"),
        Button(key="2", text="<b>Faults</b>"),
        Button(key="3", text="账单与付款" * 12),
    ),
)
PIN = Prompt(turn=2, kind="text", digits=True, secret=True)
NAME = Prompt(turn=3, kind="text", longest=20)
LOOKING = Prompt(turn=4, kind="wait")
ASKED = {1: "What is it about?", 2: "Your PIN?", 3: "Your name?", 4: "Thank you."}


class Chat:
    """A flow of the prompts above, as the service would lead through it."""

    def __init__(self) -> None:
        self.prompts = [MENU, PIN, NAME, LOOKING]
        self.lines: list[Line] = []
        self.answers: list[tuple[int, str]] = []
        self.answering = True

    @property
    def prompt(self) -> Prompt:
        return self.prompts[0]

    @property
    def status(self) -> ChatStatus:
        return ChatStatus(state="in_flow", prompt=self.prompt)

    def session(self) -> Session:
        now = int(time.time() * 1_000_000)
        return Session(n=0, token="secret", at=now, status=self.status, lines=tuple(self.lines))

    def line(self, ident: str, text: str, author: str) -> LineAdded:
        self.lines.append(Line(id=ident, author=author, text=text, at=int(time.time() * 1e6)))
        return LineAdded(n=0, line=self.lines[-1])

    def ask(self) -> list[msgspec.Struct]:
        line = self.line(f"flow/{self.prompt.turn}/0", ASKED[self.prompt.turn], "system")
        return [line, StatusChanged(n=0, status=self.status)]

    def act(self, act: dict[str, Any]) -> list[msgspec.Struct]:
        done = Reply(n=0, to=act["id"], ok=True)
        match act["type"]:
            case "start_chat":
                return [self.session(), self.line(act["id"], act["text"], "customer"), *self.ask()]
            case "resume_chat":
                return [self.session(), done]
            case "answer_prompt" if self.answering:
                return [*self.answered(act["turn"], act["text"]), done]
            case _:
                return []

    def answered(self, turn: int, text: str) -> list[msgspec.Struct]:
        words = {button.key: button.text for button in self.prompt.buttons}
        shown = "****" if self.prompt.secret else words.get(text, text)
        self.answers.append((turn, text))
        line = self.line(f"flow/{turn}/answer", shown, "customer")
        self.prompts.pop(0)
        nothing = StatusChanged(n=0, status=ChatStatus(state="in_flow"))
        return [line, nothing, *self.ask()]


@pytest.fixture
def chat(service) -> Chat:
    chat = Chat()
    service.on_act = chat.act
    service.answers["chat/entry-points"] = {"entry_points": [{"id": "website", "choices": []}]}
    return chat


def start(page: Page, language: str = "en") -> None:
    page.goto(f"/chat?lang={language}")
    page.locator("patchbay-chat .launcher").click()
    page.locator("patchbay-chat #n").fill("Mei")
    page.locator("patchbay-chat #m").fill("Hello")
    page.locator("patchbay-chat .form .primary").click()


def test_a_visitor_clicks_types_and_keeps_a_secret(page, service, chat):
    start(page)
    expect(page.get_by_text("A few questions first")).to_be_visible()
    options = page.get_by_role("group", name="Choose one")
    expect(options.get_by_role("button")).to_have_count(3)
    picture(page, "chat-flow-choice")
    options.get_by_role("button", name="Invoices and payments").click()
    expect(page.get_by_text("Your PIN?")).to_be_visible()
    expect(options).to_be_hidden()
    field = page.get_by_label("Your answer, not shown")
    expect(field).to_have_attribute("type", "password")
    field.fill("31415926")
    picture(page, "chat-flow-secret")
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "31415926" not in kept
    field.press("Enter")
    expect(page.get_by_text("Your name?")).to_be_visible()
    expect(page.locator("patchbay-chat .line.mine p").last).to_have_text("****")
    assert "31415926" not in page.locator("patchbay-chat .panel").inner_text()
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert "31415926" not in kept
    name = page.get_by_label("Your answer", exact=True)
    name.fill("x" * 23)
    expect(page.get_by_text("Please shorten this by 3 characters.")).to_be_visible()
    name.fill("<i>Mei</i>")
    name.press("Enter")
    expect(page.get_by_text("One moment, we are looking that up…").first).to_be_visible()
    expect(page.get_by_text("<i>Mei</i>")).to_be_visible()
    assert chat.answers == [(1, "1"), (2, "31415926"), (3, "<i>Mei</i>")]


def test_markup_in_a_button_stays_text_and_typed_words_are_an_answer(page, service, chat):
    start(page)
    expect(page.get_by_role("button", name="<b>Faults</b>")).to_be_visible()
    page.get_by_label("Or type your answer").fill("faults")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your PIN?")).to_be_visible()
    assert chat.answers == [(1, "faults")]


def test_the_keyboard_alone_is_enough_and_is_taken_along(page, service, chat):
    chat.prompts = [MENU, msgspec.structs.replace(MENU, turn=2), NAME]
    start(page)
    first = page.get_by_role("button", name="Invoices and payments")
    expect(first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your PIN?")).to_be_visible()
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your answer", exact=True)).to_be_focused()
    assert chat.answers == [(1, "2"), (2, "1")]


def test_what_can_be_chosen_is_told_to_screen_readers(page, service, chat):
    start(page)
    said = page.locator("patchbay-chat .unseen[role=status]")
    expect(said).to_contain_text("Choose one: Invoices and payments, <b>Faults</b>")
    log = page.locator("patchbay-chat [role=log]")
    expect(log).to_contain_text("What is it about?")


def test_axe_finds_nothing_serious_in_buttons_and_fields(page, service, chat):
    bring_axe(page.context)
    start(page)
    choice = page.get_by_role("group").get_by_role("button").first
    expect(choice).to_be_visible()
    for theme in themes(page):
        assert serious(page, "patchbay-chat") == [], theme
        picture(page, f"chat-flow-choice-{theme}")
    choice.click()
    expect(page.locator("[type=password]")).to_be_visible()
    for theme in themes(page):
        assert serious(page, "patchbay-chat") == [], theme


def test_a_reload_and_a_second_tab_have_the_buttons(page, service, chat):
    start(page)
    expect(page.get_by_role("group").get_by_role("button")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("group").get_by_role("button")).to_have_count(3)
    second = page.context.new_page()
    second.goto("/chat?lang=en")
    second.locator("patchbay-chat .launcher").click()
    expect(second.get_by_role("group").get_by_role("button")).to_have_count(3)


def test_a_second_click_while_the_first_is_on_its_way_does_nothing(page, service, chat):
    start(page)
    chat.answering = False
    faults = page.get_by_role("button", name="<b>Faults</b>")
    faults.click()
    expect(faults).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Invoices and payments").click(force=True)
    expect(page.get_by_text("Sending…")).to_have_count(1)
    assert [act["text"] for act in service.heard if act["type"] == "answer_prompt"] == ["2"]


def test_an_answer_given_while_the_connection_is_down_is_sent_once(page, service, chat):
    start(page)
    expect(page.get_by_role("group")).to_be_visible()
    service.cut(stay_away=True)
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    page.get_by_role("button", name="<b>Faults</b>").click()
    expect(page.get_by_text("Sending…")).to_be_visible()
    service.refuse = False
    expect(page.get_by_text("Your PIN?")).to_be_visible(timeout=20_000)
    assert chat.answers == [(1, "2")]


def test_a_long_goodbye_leaves_the_rest_of_the_chat_in_sight(page, service, chat):
    start(page)
    expect(page.get_by_role("group")).to_be_visible()
    words = "We are closed.\n" + "Please come back tomorrow. " * 250
    service.push(StatusChanged(n=0, status=ChatStatus(state="ended", text=words)))
    expect(page.get_by_text("We are closed.")).to_be_visible()
    expect(page.get_by_role("group")).to_be_hidden()
    expect(page.get_by_role("button", name="Start a new chat")).to_be_in_viewport(ratio=1)
    expect(page.locator("patchbay-chat .line").first).to_be_in_viewport()
    picture(page, "chat-flow-goodbye")


def test_chinese(page, service, chat):
    start(page, "zh")
    expect(page.get_by_text("先回答几个问题")).to_be_visible()
    page.get_by_role("group", name="请选择一项").get_by_role("button").first.click()
    expect(page.get_by_label("您的回答（不显示）")).to_be_visible()
