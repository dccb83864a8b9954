"""The demo as people start it: colleagues work, customers call and write, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from tests.e2e.centre import Centre, until
from tests.e2e.people import SLOW, Desk
from tests.e2e.windows import Windows, picture

MARIA = "+13055550142"  # ann is her account manager
BUSY = ("--calls", "60", "--chats", "20")


@pytest.fixture(scope="module")
def centre(make_centre: Callable[..., Centre]) -> Centre:
    return make_centre(*BUSY)


def accepted(centre: Centre) -> float:
    """Offers that agents accepted since the start, by the metrics."""
    shown = centre.api("sue").get("/metrics").text
    figures = re.findall(r'^patchbay_offers_total\{.*"accepted".*\} (\S+)$', shown, re.MULTILINE)
    return sum(map(float, figures))


def is_offered(agent: Desk, customer: str) -> bool:
    """Whoever else comes first is sent on to colleagues; an offer may also go by itself."""
    asking = agent.page.get_by_role("dialog")
    try:
        if asking.count():  # it stayed when its offer went
            agent.page.keyboard.press("Escape")
            expect(asking).to_have_count(0)
        agent.be_ready()
        if customer in agent.offer.inner_text(timeout=2_000):
            return True
        agent.page.keyboard.press("Escape")
        asking.wait_for(timeout=2_000)
        if customer not in agent.offer.inner_text(timeout=2_000):
            asking.get_by_role("button", name="Still busy").click(timeout=2_000)
    except TooLate:
        pass
    return False


def test_among_simulated_contacts_a_customer_reaches_her_own_agent(
    centre: Centre, windows: Windows
) -> None:
    until(lambda: accepted(centre) >= 3, within=90, what="colleagues answer simulated contacts")
    ann = windows.desk("ann").be_ready()
    centre.call(MARIA, choice="1")
    until(lambda: is_offered(ann, "María Díaz"), within=180, what="her own customer is offered")
    ann.accept()
    expect(ann.work).to_contain_text("On the phone with María Díaz", timeout=SLOW)
    picture(ann.page, "busy-desk")
    ann.page.set_viewport_size({"width": 1920, "height": 1080})
    picture(ann.page, "busy-desk-1920")
    board = windows.window("sue").new_page()
    board.goto("/board")
    agents = board.get_by_role("table", name="Agents")
    expect(agents.get_by_role("row").filter(has_text="Ann Lindqvist")).to_contain_text(
        "Talking", timeout=SLOW
    )
    expect(board.get_by_role("banner")).to_contain_text(re.compile(r"as of .* live"))
    picture(board, "busy-board")
    board.set_viewport_size({"width": 1920, "height": 1080})
    picture(board, "busy-board-1920")
    board.keyboard.press("w")
    expect(board.get_by_role("button", name="Leave the wallboard")).to_be_visible()
    picture(board, "busy-wallboard-1920")
