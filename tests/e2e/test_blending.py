"""Three chats and a mail at once on one desk, interrupted by a call: everything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.mail_centre import MailCentre
from tests.e2e.people import SLOW
from tests.e2e.test_mail import MailDesk, desk_of, mail_servers  # noqa: F401 - the fixture
from tests.e2e.windows import Windows, picture
from tests.mail.servers import MailServers

CATALOG = """
time_zone: Europe/London
skills: {english: English}
queues:
  help: {label: Help desk, wrap_up: 5m, dispositions: [Solved], offer_for: 10m}
  calls: {label: Calls, wrap_up: 5m, dispositions: [Solved], offer_for: 60s}
profiles:
  all:
    label: Everything
    queues: [calls, help]
    capacity: {voice: 1, chat: 3, email: 2}
    interruptible: [email, chat]
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  line: {label: Customer line, channel: voice, queue: calls}
  post: {label: Mail, channel: email, queue: help}
  website:
    label: Chat with us
    channel: chat
    queue: help
    choices:
      order: {queue: help, label: About an order}
"""
VISITORS = ("Vera", "Wim", "Xiu")


@pytest.fixture
def centre(
    browser: Browser,
    mail_servers: MailServers,  # noqa: F811
    tmp_path: Path,
) -> Iterator[MailCentre]:
    made = MailCentre(tmp_path, mail_servers, catalog=CATALOG)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def windows(browser: Browser, centre: MailCentre) -> Iterator[Windows]:
    opened = Windows(browser, centre)  # type: ignore[arg-type] - as good as the demo here
    yield opened
    opened.close()
    assert opened.complaints == []


def take_offer(ann: MailDesk, cards: int) -> None:
    """With the mouse: the cursor may be in a field, where Enter belongs to the text."""
    ann.offer.get_by_role("button", name=re.compile("^Accept")).click(timeout=SLOW)
    expect(ann.cards).to_have_count(cards, timeout=SLOW)


def show(ann: MailDesk, who: str) -> None:
    ann.cards.filter(has_text=who).click()
    expect(ann.work.get_by_role("heading", level=2).first).to_contain_text(who, timeout=SLOW)


def test_a_call_interrupts_a_mail_and_three_chats_and_all_are_kept(
    centre: MailCentre, windows: Windows
) -> None:
    ann = desk_of(windows)
    visitors = {}
    for at, name in enumerate(VISITORS):
        visitors[name] = windows.visitor().start(name, "order", f"Hello, {name} here")
        take_offer(ann, at + 1)
        expect(ann.thread.first).to_have_text(f"Hello, {name} here", timeout=SLOW)
        ann.composer.fill(f"Dear {name}, one mo")
    centre.write(centre.letter("Where is my order?"))
    expect(ann.offer).to_contain_text("My order 4411", timeout=SLOW)
    take_offer(ann, 4)
    ann.cards.filter(has_text="My order 4411").click()
    expect(ann.newest).to_be_visible(timeout=SLOW)
    ann.text.fill("Dear María, your order")
    expect(ann.page.get_by_text("saved", exact=True)).to_be_visible(timeout=SLOW)
    mail = ann.cards.filter(has_text="My order 4411")
    expect(ann.cards).to_have_count(4)
    expect(mail).not_to_contain_text("put aside")
    picture(ann.page, "blending-four")

    # A call comes while she writes: the mail is put aside, the chats go on.
    centre.call("call-1", "+441632960001")
    expect(ann.offer).to_contain_text("Calls", timeout=SLOW)
    picture(ann.page, "blending-offer")
    take_offer(ann, 5)
    expect(ann.work).to_contain_text("On the phone with", timeout=SLOW)
    expect(mail).to_contain_text("put aside for", timeout=SLOW)
    visitors["Wim"].say("Are you there?")
    wim = ann.cards.filter(has_text="Wim")
    expect(wim).to_contain_text("unanswered for", timeout=SLOW)
    expect(wim).to_contain_text("1 new message", timeout=SLOW)
    picture(ann.page, "blending-call")
    mail.click()
    expect(ann.work).to_contain_text("put aside for a call", timeout=SLOW)
    expect(ann.text).to_have_value("Dear María, your order", timeout=SLOW)
    picture(ann.page, "blending-aside")
    ann.page.reload()  # nothing of it hangs on this page
    expect(ann.cards).to_have_count(5, timeout=SLOW)
    expect(mail).to_contain_text("put aside for")

    # The call ends: the mail is back in front, with its draft, in the same hands.
    ann.cards.filter(has_text="632").click()
    ann.end()
    expect(mail).to_contain_text("put aside for")
    ann.wrap_up("Solved")
    expect(ann.cards).to_have_count(4, timeout=SLOW)
    expect(mail).to_have_attribute("aria-current", "true", timeout=SLOW)
    expect(mail).not_to_contain_text("put aside")
    expect(ann.text).to_have_value("Dear María, your order", timeout=SLOW)
    picture(ann.page, "blending-back")

    # One by one: each chat has its own thread and its own half line.
    for name in VISITORS:
        show(ann, name)
        expect(ann.composer).to_have_value(f"Dear {name}, one mo")
        expect(ann.thread.first).to_have_text(f"Hello, {name} here")
        ann.composer.fill(f"Dear {name}, it is on its way.")
        ann.composer.press("Enter")
        expect(visitors[name].thread.last).to_have_text(
            f"Dear {name}, it is on its way.", timeout=SLOW
        )
        ann.end()
        ann.wrap_up("Solved")
    expect(ann.cards).to_have_count(1, timeout=SLOW)
    expect(ann.text).to_have_value("Dear María, your order")
    ann.text.fill("Dear María, your order is on its way.")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.newest).to_contain_text("✓ sent", timeout=SLOW)
    (answer,) = centre.answers()
    body = answer.get_body(("plain",))
    assert body is not None
    assert "your order is on its way." in body.get_content()
    picture(ann.page, "blending-last")
