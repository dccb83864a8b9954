"""Agents who do not answer, close their page, or work with two of them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import SLOW, Desk, Visitor
from tests.e2e.windows import Windows, picture

MISSED = "You missed an offer, so you were set to not ready."
LOST = "Your desk lost its connection, so you were set to not ready."


def finish(desk: Desk, visitor: Visitor) -> None:
    desk.accept()
    desk.say("Hello, how can I help?")
    expect(visitor.thread).to_have_count(2, timeout=SLOW)
    desk.end()
    desk.wrap_up("Explained")
    desk.sign_out()


def test_an_offer_nobody_answers_goes_to_the_next_and_leads_back_in_one_step(
    windows: Windows,
) -> None:
    ann = windows.desk("ann").be_ready()
    ben = windows.desk("ben").be_ready()
    visitor = windows.visitor()
    visitor.start("Mara", "billing", "Is anybody there?")
    expect(ann.offer).to_contain_text("Mara", timeout=SLOW)  # ready for longer than ben
    expect(ben.offer).to_have_count(0)
    expect(ann.work).to_contain_text(MISSED, timeout=SLOW)
    expect(ann.offer).to_have_count(0)
    expect(ann.state).to_contain_text("Missed an offer")
    picture(ann.page, "desk-missed-offer")
    expect(ben.offer).to_contain_text("Mara", timeout=SLOW)
    ann.page.get_by_role("button", name="Go ready").first.click()
    expect(ann.state).to_contain_text("Ready", timeout=SLOW)
    expect(ann.work.get_by_text(MISSED)).to_have_count(0)
    ann.sign_out()
    finish(ben, visitor)


def test_the_offer_of_an_agent_who_closed_the_page_goes_to_the_next(windows: Windows) -> None:
    ann = windows.desk("ann").be_ready()
    ben = windows.desk("ben").be_ready()
    visitor = windows.visitor()
    visitor.start("Nadia", "billing", "Can you hear me?")
    expect(ann.offer).to_contain_text("Nadia", timeout=SLOW)
    ann.page.context.close()
    expect(ben.offer).to_contain_text("Nadia", timeout=SLOW)
    again = windows.desk("ann")
    expect(again.work).to_contain_text(LOST, timeout=SLOW)  # and not that an offer was missed
    picture(again.page, "desk-lost-connection")
    again.sign_out()
    finish(ben, visitor)


def test_two_desks_of_one_agent_stay_in_step(windows: Windows) -> None:
    first = windows.desk("ann").be_ready()
    second = Desk(first.page.context.new_page()).open()
    expect(second.state).to_contain_text("Ready", timeout=SLOW)
    second.page.keyboard.press("s")
    second.page.get_by_role("menuitemradio", name="Lunch").click()
    expect(first.state).to_contain_text("Lunch", timeout=SLOW)
    first.page.keyboard.press("r")
    expect(second.state).to_contain_text("Ready", timeout=SLOW)
    visitor = windows.visitor()
    visitor.start("Olga", "billing", "Which desk is it?")
    for desk in (first, second):
        expect(desk.offer).to_contain_text("Olga", timeout=SLOW)
    second.accept()
    expect(first.offer).to_have_count(0, timeout=SLOW)
    expect(first.thread).to_have_text(["Which desk is it?"], timeout=SLOW)
    second.say("Both of them.")
    expect(first.thread).to_have_text(["Which desk is it?", "Both of them."], timeout=SLOW)
    expect(visitor.thread).to_have_text(["Which desk is it?", "Both of them."], timeout=SLOW)
    second.page.close()
    first.end()
    first.wrap_up("Explained")
    first.sign_out()
