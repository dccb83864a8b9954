"""Chats that become mails, from the visitor's page to their mailbox and back to the desk."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Browser, Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.mail_centre import MailCentre
from tests.e2e.people import SLOW, Desk, Visitor
from tests.e2e.test_looks import overflow
from tests.e2e.windows import PAINTED, Windows, picture, themes
from tests.mail.installed import require_mail_servers
from tests.mail.servers import MailServers

HAN = re.compile("^[\u4e00-\u9fff]")
SITE_SECRET = "the site and Patchbay share this, and nobody else"
NARROW: Any = {"width": 320, "height": 640}
USUAL: Any = {"width": 1280, "height": 720}
CATALOG = """
time_zone: Europe/London
skills: {english: English}
queues:
  help: {label: Help desk, wrap_up: 5m, wrap_up_limit: 10m, dispositions: [Solved], offer_for: 60s}
profiles:
  all: {label: Everything, queues: [help], capacity: {chat: 3, email: 6}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  post: {label: Mail, channel: email, queue: help}
  website:
    label: Chat
    channel: chat
    queue: help
    choices: {orders: {queue: help, label: My order}}
"""


@pytest.fixture(scope="module")
def mail_servers() -> Iterator[MailServers]:
    require_mail_servers()
    with MailServers() as servers:
        yield servers


@pytest.fixture
def centre(browser: Browser, mail_servers: MailServers, tmp_path: Path) -> Iterator[MailCentre]:
    made = MailCentre(
        tmp_path, mail_servers, catalog=CATALOG, chat_form="unstaffed", site_secret=SITE_SECRET
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def windows(browser: Browser, centre: MailCentre) -> Iterator[Windows]:
    opened = Windows(browser, centre)  # type: ignore[arg-type] - as good as the demo here
    yield opened
    opened.close()
    assert opened.complaints == []


def look(page: Page, name: str) -> None:
    """In both themes what axe finds, narrow what sticks out, and pictures of all of it."""
    for theme in themes(page):
        picture(page, f"chat-mail-{name}-{theme}")
        assert serious(page) == [], (name, theme)
    page.set_viewport_size(NARROW)
    page.evaluate(PAINTED)
    picture(page, f"chat-mail-{name}-320")
    assert overflow(page) <= 0, name
    page.set_viewport_size(USUAL)


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def desk_of(windows: Windows, agent: str = "ann") -> Desk:
    context = windows.window(agent, viewport=USUAL)
    bring_axe(context)
    return Desk(context.new_page()).open().be_ready()


def test_a_chat_goes_on_by_mail_when_the_visitor_leaves_and_the_answer_comes_back(
    centre: MailCentre, windows: Windows
) -> None:
    ann = desk_of(windows)
    visitor = windows.visitor()
    visitor.start("María", "orders", "Where is my order 4411?", centre.customer)
    ann.accept()
    ann.say("Let me see, one moment.")
    expect(visitor.thread.last).to_have_text("Let me see, one moment.", timeout=SLOW)
    by_mail = ann.work.get_by_role("region", name="Continue by e-mail")
    expect(by_mail).to_have_count(0)
    ann.composer.fill("It left")
    visitor.page.close()
    expect(by_mail).to_contain_text("The visitor has left the page.", timeout=SLOW)
    look(ann.page, "left")
    by_mail.get_by_role("button", name="Continue by e-mail").click()
    text = by_mail.get_by_label("Text of the mail")
    expect(text).to_be_focused()
    expect(text).to_have_value("It left")  # what was being said
    expect(by_mail.get_by_label("To", exact=True)).to_have_value(centre.customer)
    text.fill("It left our house today.\nYours, Ann")
    look(ann.page, "writing")
    text.press("Control+Enter")
    expect(by_mail).to_contain_text("sending in", timeout=SLOW)
    by_mail.get_by_role("button", name="Undo").click()
    expect(text).to_have_value("It left our house today.\nYours, Ann", timeout=SLOW)
    text.press("Control+Enter")
    expect(by_mail).to_contain_text(f"✓ Sent to {centre.customer}", timeout=SLOW)
    look(ann.page, "sent")

    (mail,) = centre.answers()
    said = words(mail)
    assert said.startswith("It left our house today.\nYours, Ann\n\n-- \nKind regards")
    assert "You: Where is my order 4411?" in said
    assert "> " in said
    assert "Ann: Let me see, one moment." in said
    reply = {"In_Reply_To": mail["Message-ID"], "Subject": f"Re: {mail['Subject']}"}
    centre.write(centre.letter("Thank you!\n", **reply))
    expect(ann.offer).to_contain_text("a chat", timeout=SLOW)
    expect(ann.offer).to_contain_text("Came from")
    look(ann.page, "answer")
    before = ann.cards.count()
    ann.offer.get_by_role("button", name="Accept").click()
    expect(ann.cards).to_have_count(before + 1, timeout=SLOW)
    mails = ann.page.get_by_role("list", name="Mails, oldest first").get_by_role("article")
    expect(mails).to_have_count(3, timeout=SLOW)  # one was taken back
    expect(mails.last).to_contain_text("Thank you!")


def test_the_transcript_is_mailed_to_the_visitor(centre: MailCentre, windows: Windows) -> None:
    ann = desk_of(windows)
    visitor = windows.visitor(viewport=USUAL)
    bring_axe(visitor.page.context)
    visitor.start("María", "orders", "Hello <b>there</b>", centre.customer)
    mail_it = visitor.chat.get_by_role("button", name="E-mail transcript")
    expect(mail_it).to_be_hidden()  # nobody has answered: it would be a stranger's words alone
    ann.accept()
    ann.say("Hello María")
    expect(mail_it).to_be_visible(timeout=SLOW)
    mail_it.click()
    address = visitor.chat.get_by_label("Send the transcript to")
    expect(address).to_be_focused()
    address.fill("maria")
    address.press("Enter")
    expect(visitor.chat.get_by_role("alert").last).to_contain_text("does not look like")
    look(visitor.page, "transcript-wrong")
    address.fill(centre.customer)
    address.press("Enter")
    done = visitor.chat.get_by_text(f"The transcript is on its way to {centre.customer}.")
    expect(done).to_be_visible(timeout=SLOW)
    look(visitor.page, "transcript-sent")
    (mail,) = centre.answers()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "You: Hello <b>there</b>" in words(mail)
    visitor.chat.get_by_role("button", name="End chat").click()
    visitor.chat.get_by_role("alertdialog").get_by_role("button", name="End chat").click()
    expect(mail_it).to_be_visible(timeout=SLOW)
    mail_it.click()
    look(visitor.page, "transcript-ended")
    address.press("Enter")  # the same address again: it was sent already
    expect(done).to_be_visible(timeout=SLOW)
    assert len(centre.answers()) == 1

    # The chat is written up; a letter can be written meanwhile, and the contact is still there.
    by_mail = ann.work.get_by_role("region", name="Continue by e-mail")
    expect(by_mail).to_contain_text("The chat is over.", timeout=SLOW)
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    by_mail.get_by_role("button", name="Continue by e-mail").click()
    by_mail.get_by_label("Text of the mail").fill("One more thing: it is free of charge.")
    look(ann.page, "wrap-up")
    by_mail.get_by_label("Text of the mail").press("Control+Enter")
    expect(by_mail).to_contain_text("✓ Sent to", timeout=SLOW)
    ann.wrap_up("Solved")
    assert words(centre.answers(2)[1]).startswith("One more thing")


def test_whom_the_site_vouches_for_gets_the_transcript_at_that_address_alone(
    centre: MailCentre, windows: Windows
) -> None:
    ann = desk_of(windows)
    visitor = windows.visitor(viewport=USUAL)
    bring_axe(visitor.page.context)
    visitor.open()
    vouch(visitor.page, name="María Díaz", email=centre.customer)
    visitor.page.get_by_label("Your name").fill("Somebody else", timeout=SLOW)
    visitor.topics.select_option("orders", timeout=SLOW)
    visitor.page.get_by_label("Your message").fill("Where is it?")
    visitor.page.get_by_role("button", name="Start chat").click()
    expect(visitor.thread.first).to_have_text("Where is it?", timeout=SLOW)
    ann.accept()
    expect(ann.page.get_by_text("Verified by 127.0.0.1").first).to_be_visible(timeout=SLOW)
    ann.say("On its way.")
    mail_it = visitor.chat.get_by_role("button", name="E-mail transcript")
    mail_it.click(timeout=SLOW)
    address = visitor.chat.get_by_label("Send the transcript to")
    expect(address).to_have_value(centre.customer)
    expect(address).not_to_be_editable()
    look(visitor.page, "vouched-transcript")
    address.press("Enter")
    done = visitor.chat.get_by_text(f"The transcript is on its way to {centre.customer}.")
    expect(done).to_be_visible(timeout=SLOW)
    (mail,) = centre.answers()
    assert "You: Where is it?" in words(mail)


def vouch(page: Page, **claims: object) -> None:
    """The site's page says who looks at it."""
    key = OctKey.import_key(SITE_SECRET)
    whole = {"sub": claims["email"], "exp": int(time.time()) + 600, **claims}
    token = jwt.encode({"alg": "HS256"}, whole, key)
    script = page.locator("script[data-entry]")
    script.evaluate("(script, token) => (script.dataset.visitor = token)", token)


def test_while_nobody_is_there_a_question_is_left_and_answered_by_mail(
    centre: MailCentre, windows: Windows
) -> None:
    visitor = Visitor(windows.window(viewport=USUAL).new_page())
    bring_axe(visitor.page.context)
    visitor.open()
    closed = visitor.chat.get_by_text("Nobody can chat right now.")
    expect(closed).to_be_visible(timeout=SLOW)
    visitor.page.get_by_label("Your name").fill("María")
    visitor.topics.select_option("orders")
    visitor.page.get_by_label("Your question").fill("When do you open?")
    visitor.page.get_by_role("button", name="Send question").click()
    expect(visitor.chat.get_by_role("alert").first).to_have_text("Please tell us where to answer.")
    look(visitor.page, "form")
    visitor.page.get_by_label("E-mail address").fill(centre.customer)
    visitor.page.get_by_role("button", name="Send question").click()
    expect(visitor.chat.get_by_text(f"by e-mail to {centre.customer}")).to_be_visible(timeout=SLOW)
    look(visitor.page, "form-taken")
    chinese = windows.window(viewport=USUAL).new_page()
    bring_axe(chinese.context)
    chinese.goto("/chat?lang=zh")
    chinese.locator("patchbay-chat .launcher").click()
    nobody = chinese.locator("patchbay-chat").get_by_text("现在无人在线")
    expect(nobody).to_be_visible(timeout=SLOW)
    chinese.get_by_label("您的问题").fill("你们几点开门？")
    chinese.locator("patchbay-chat form button[type=submit]:visible").click()
    expect(chinese.locator("patchbay-chat").get_by_role("alert").first).to_have_text(HAN)
    look(chinese, "form-chinese")
    visitor.page.get_by_role("button", name="Ask something else").click()
    expect(visitor.page.get_by_label("Your name")).to_have_value("María")

    ann = desk_of(windows)
    expect(ann.offer).to_contain_text("the form on the site", timeout=SLOW)
    ann.accept()
    ann.page.keyboard.press("w")
    ann.page.get_by_label("Text of the mail").fill("At nine.")
    ann.page.keyboard.press("Control+Enter")
    (mail,) = centre.answers()
    assert mail["Subject"] == "Re: Your question: My order"
    assert words(mail).startswith("At nine.")

    back = visitor.chat.get_by_text("We are back: you can chat now.")
    expect(back).to_be_visible(timeout=60_000)  # it looks again every 20 s
    look(visitor.page, "form-back")
    visitor.page.get_by_label("Your message").fill("Hello?")
    visitor.page.get_by_role("button", name="Start chat").click()
    expect(visitor.thread.first).to_have_text("Hello?", timeout=SLOW)


def test_without_a_mailbox_a_question_becomes_a_message_that_says_where_to_answer(
    browser: Browser, mail_servers: MailServers, tmp_path: Path
) -> None:
    centre = MailCentre(
        tmp_path, mail_servers, catalog=CATALOG, chat_form="unstaffed", mailbox=False
    )
    centre.start()
    opened = Windows(browser, centre)  # type: ignore[arg-type] - as good as the demo here
    try:
        visitor = Visitor(opened.window(viewport=USUAL).new_page())
        bring_axe(visitor.page.context)
        visitor.open()
        visitor.page.get_by_label("Your name").fill("María", timeout=SLOW)
        visitor.topics.select_option("orders")
        visitor.page.get_by_label("Your question").fill("When do you open?")
        visitor.page.get_by_label("E-mail address").fill(centre.customer)
        visitor.page.get_by_role("button", name="Send question").click()
        taken = visitor.chat.get_by_text(f"by e-mail to {centre.customer}")
        expect(taken).to_be_visible(timeout=SLOW)
        look(visitor.page, "form-without-mailbox")
        ann = desk_of(opened)
        expect(ann.offer).to_contain_text("the form on the site", timeout=SLOW)
        ann.accept()
        expect(ann.work).to_contain_text("When do you open?", timeout=SLOW)
        expect(ann.customer).to_contain_text(centre.customer)
        look(ann.page, "question-without-mailbox")
    finally:
        opened.close()
        centre.stop()
    assert opened.complaints == []
