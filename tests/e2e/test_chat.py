"""A chat from the sample page to an agent with the right skill, through reloads and second tabs."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.centre import Centre, until
from tests.e2e.people import SLOW, Desk, Visitor
from tests.e2e.windows import Windows, picture

ASKED = "Hola, me han cobrado dos veces la factura de marzo."


def expect_thread(visitor: Visitor, desk: Desk, lines: list[str]) -> None:
    """On both pages: every line once, in order."""
    expect(visitor.thread).to_have_text(lines, timeout=SLOW)
    expect(desk.thread).to_have_text(lines, timeout=SLOW)


def test_a_chat_flows_both_ways_and_survives_reloads_and_a_second_tab(
    centre: Centre, windows: Windows
) -> None:
    ann, chi = windows.desk("ann").be_ready(), windows.desk("chi").be_ready()
    visitor = windows.visitor()
    visitor.start("Inés", "billing_es", ASKED)
    expect(visitor.status).to_contain_text("You are next", timeout=SLOW)
    expect(ann.offer).to_contain_text("Billing Spanish", timeout=SLOW)
    expect(ann.offer).to_contain_text("Inés")
    expect(ann.offer).to_contain_text("Facturas y pagos (español)")
    expect(ann.offer).to_contain_text(ASKED)
    expect(chi.offer).to_have_count(0)  # free for longer, but speaks no Spanish
    picture(ann.page, "desk-offer-chat")
    picture(visitor.page, "chat-waiting")
    ann.accept()
    expect(visitor.status).to_contain_text("You are talking to Ann", timeout=SLOW)
    ann.say("Buenos días, Inés. Lo miro ahora mismo.")
    visitor.say("Gracias.")
    lines = [ASKED, "Buenos días, Inés. Lo miro ahora mismo.", "Gracias."]
    expect_thread(visitor, ann, lines)

    ann.composer.press_sequentially("Ya lo veo", delay=20)
    expect(visitor.typing).to_contain_text("Ann is typing", timeout=SLOW)
    picture(visitor.page, "chat-talking")
    visitor.chat.get_by_role("textbox").press_sequentially("Tengo", delay=20)
    expect(ann.work).to_contain_text("Inés is typing", timeout=SLOW)
    picture(ann.page, "desk-chat")

    visitor.page.reload()
    expect(visitor.status).to_contain_text("You are talking to Ann", timeout=SLOW)
    expect(visitor.thread).to_have_text(lines, timeout=SLOW)
    expect(visitor.chat.get_by_role("textbox")).to_have_value("Tengo")
    ann.page.reload()
    expect(ann.thread).to_have_text(lines, timeout=SLOW)
    expect(ann.composer).to_have_value("Ya lo veo")

    second = Visitor(visitor.page.context.new_page()).open()
    expect(second.thread).to_have_text(lines, timeout=SLOW)
    second.say("Escribo desde otra pestaña.")
    ann.composer.press("Enter")
    lines = [*lines, "Escribo desde otra pestaña.", "Ya lo veo"]
    until(lambda: len(ann.thread.all()) == len(lines), within=30, what="both lines arrived")
    lines = ann.thread.all_inner_texts()
    assert sorted(lines[3:]) == sorted(["Escribo desde otra pestaña.", "Ya lo veo"])
    expect_thread(visitor, ann, lines)
    expect(second.thread).to_have_text(lines, timeout=SLOW)
    picture(second.page, "chat-second-tab")

    ann.end()
    for page in (visitor, second):
        expect(page.status).to_contain_text("This chat has ended", timeout=SLOW)
        expect(page.thread).to_have_text(lines)
    picture(visitor.page, "chat-ended")
    picture(ann.page, "desk-chat-wrap-up")
    ann.wrap_up("Refunded")
    expect(ann.contacts).to_contain_text("No contacts yet", timeout=SLOW)
    ann.sign_out()
    chi.sign_out()


def test_a_visitor_who_ends_the_chat_lets_the_agent_write_it_up(
    centre: Centre, windows: Windows
) -> None:
    ann = windows.desk("ann").be_ready()
    visitor = windows.visitor()
    visitor.start("Oscar", "billing", "Where do I see my invoices?", "oscar.osborne@example.org")
    expect(ann.offer).to_contain_text("Oscar Osborne", timeout=SLOW)  # known by the mail address
    ann.accept()
    ann.say("In your account, under Bills.")
    expect(visitor.thread).to_have_count(2, timeout=SLOW)
    visitor.chat.get_by_role("button", name="End chat").first.click()
    visitor.chat.get_by_text("End this chat?").wait_for()
    picture(visitor.page, "chat-leave-question")
    visitor.chat.get_by_role("button", name="End chat").last.click()
    expect(visitor.status).to_contain_text("This chat has ended", timeout=SLOW)
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    ann.wrap_up("Explained")
    ann.sign_out()


def test_without_an_answer_the_form_keeps_what_was_written_and_says_what_is_missing(
    windows: Windows,
) -> None:
    visitor = windows.visitor().open()
    page = visitor.page
    page.get_by_label("Your message").fill("Hello?")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_text("Please tell us your name.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("Hello?")
    expect(visitor.topics.get_by_role("option")).to_have_count(7, timeout=SLOW)
    expect(visitor.topics).to_contain_text(re.compile("Invoices and payments.*技术支持"))
