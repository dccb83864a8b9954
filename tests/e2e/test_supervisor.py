"""A supervisor sees who waits and why, and gives a contact to an agent."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.centre import Centre
from tests.e2e.people import SLOW
from tests.e2e.windows import Windows, picture


def waiting(page: Page) -> Locator:
    """Rows of the open queue, in the order of service."""
    table = page.get_by_role("table", name=re.compile("Waiting, in the order"))
    return table.locator("tbody tr")


def expect_order(page: Page, names: list[str]) -> None:
    expect(waiting(page)).to_have_text([re.compile(name) for name in names], timeout=SLOW)


def give(board: Page, act: str, agent: str) -> None:
    board.get_by_role("button", name=act).click()
    field = board.get_by_role("dialog").get_by_role("combobox")
    field.fill(agent)
    field.press("Enter")
    board.get_by_role("button", name="Do it").click()


def test_a_supervisor_finds_who_waits_learns_why_and_changes_it(
    centre: Centre, windows: Windows
) -> None:
    ann = windows.desk("ann")  # there, but not ready
    rita = windows.visitor()
    rita.start("Rita", "billing", "I was here first.")
    sven = windows.visitor()
    sven.start("Sven", "billing", "It is urgent!")
    board = windows.window("sue").new_page()
    board.goto("/board")
    row = board.get_by_role("table", name="Queues").get_by_role(
        "row", name=re.compile("^Billing English")
    )
    expect(row.get_by_role("cell").nth(1)).to_have_text("2", timeout=SLOW)
    row.click()
    picture(board, "board-two-wait")
    row.get_by_role("button", name="Billing English").click()
    expect_order(board, ["Rita", "Sven"])
    picture(board, "board-queue")

    waiting(board).nth(1).get_by_role("button").click()
    why = board.get_by_role("region", name="Why it waits")
    expect(why).to_contain_text("Number 2 in Billing English", timeout=SLOW)
    expect(why).to_contain_text("Before it: ")
    expect(why).to_contain_text("Not ready: Ann Lindqvist")
    picture(board, "board-contact")
    board.get_by_role("button", name="Prioritise").click()
    board.get_by_role("dialog").get_by_role("combobox").select_option("10 minutes")
    picture(board, "board-prioritise")
    board.get_by_role("button", name="Do it").click()
    expect(why).to_contain_text("Number 1 in Billing English", timeout=SLOW)
    expect(why).to_contain_text("Head start of 10:00: a supervisor 10:00.")
    board.keyboard.press("Escape")
    expect_order(board, ["Sven", "Rita"])
    expect(sven.status).to_contain_text("You are next", timeout=SLOW)
    expect(rita.status).to_contain_text("You are number 2", timeout=SLOW)

    waiting(board).first.get_by_role("button").click()
    give(board, "Give to…", "Ann")
    dialog = board.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_have_text("Ann Lindqvist is not ready.", timeout=SLOW)
    picture(board, "board-give-refused")
    dialog.get_by_role("button", name="Cancel").click()
    board.keyboard.press("Escape")
    expect_order(board, ["Sven", "Rita"])

    waiting(board).nth(1).get_by_role("button").click()
    give(board, "Offer to…", "Ann")
    expect(board.locator(".toasts")).to_contain_text("Rita is offered to Ann", timeout=SLOW)
    ann.be_ready()
    expect(ann.offer).to_contain_text("Rita", timeout=SLOW)  # although Sven stands before
    expect(ann.offer).to_contain_text("A person chose you")
    picture(ann.page, "desk-offer-named")
    ann.accept()
    expect(rita.status).to_contain_text("You are talking to Ann", timeout=SLOW)

    board.keyboard.press("Escape")
    expect_order(board, ["Sven.*ringing"])
    waiting(board).first.get_by_role("button").click()
    timeline = board.get_by_role("complementary")
    expect(timeline.get_by_role("listitem").filter(has_text="Offered to Ann")).to_be_visible(
        timeout=SLOW
    )
    give(board, "Give to…", "Ann")
    expect(ann.cards).to_have_count(2, timeout=SLOW)
    expect(sven.status).to_contain_text("You are talking to Ann", timeout=SLOW)
    picture(board, "board-contact-given")
    for name in ("Rita", "Sven"):
        ann.cards.filter(has_text=name).click()
        ann.end()
        ann.wrap_up("Explained")
    ann.sign_out()


def test_a_supervisor_is_not_let_to_a_desk_nor_an_agent_to_the_board(windows: Windows) -> None:
    desk = windows.window("sue").new_page()
    desk.goto("/desk")
    expect(desk.get_by_role("heading", name="You have no desk")).to_be_visible(timeout=SLOW)
    board = windows.window("ben").new_page()
    board.goto("/board")
    expect(board.get_by_role("heading", name="The board is for supervisors")).to_be_visible(
        timeout=SLOW
    )
