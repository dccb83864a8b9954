"""The board: what a supervisor sees, how they drill down, and what they can do about it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from msgspec import structs
from playwright.sync_api import Page, expect

from reporting.messages import AgentRow, BoardSnapshot, QueueRow, Reason, RowsChanged
from router.core.durations import SECOND

SUE = {"user": "sue", "name": "Sue Park", "roles": ["supervisor"], "agent": None}
CATALOG = {
    "version": 1,
    "source": "",
    "catalog": {"queues": {}, "skills": {"es": "Spanish"}, "not_ready_reasons": ["break"]},
}


def ago(seconds: int) -> int:
    return int(time.time() * SECOND) - seconds * SECOND


def queue(name: str, label: str, **change: Any) -> QueueRow:
    row: dict[str, Any] = {
        "queue": name,
        "label": label,
        "status": "ok",
        "waiting": 0,
        "longest_since": 0,
        "late_at": 0,
        "estimate_50": 20 * SECOND,
        "estimate_90": 55 * SECOND,
        "service_within": 60 * SECOND,
        "service_target": 0.8,
        "objective_hours": "",
        "service_now": 0.92,
        "service_today": 0.88,
        "offered_today": 10,
        "answered_today": 9,
        "abandoned_today": 1,
        "abandoned_share": 0.1,
        "ready": 3,
        "busy": 4,
        "wrapping": 1,
        "not_ready": 0,
        "open": True,
        "trend": (0,) * 12,
        "why": (),
    }
    return QueueRow(**{**row, **change})


def agent(agent_id: str, name: str, **change: Any) -> AgentRow:
    row: dict[str, Any] = {
        "agent": agent_id,
        "name": name,
        "team": "Billing",
        "state": "ready",
        "reason": "",
        "since": ago(65),
        "next_state": "",
        "skills": (("es", 2),),
        "contacts": (),
        "handled": 7,
        "missed": 0,
        "occupancy": 0.8,
    }
    return AgentRow(**{**row, **change})


def snapshot() -> BoardSnapshot:
    lend = {"agent": "ben", "name": "Ben", "skill": "es", "has": 2, "needs": 3}
    longest = {"contact": "c1", "customer": "Mei", "tier": "", "credit": 0, "since": ago(192)}
    hurts = queue(
        "billing_es",
        "Billing ES",
        status="bad",
        waiting=2,
        longest_since=ago(192),
        late_at=ago(132),
        why=(Reason(code="lendable", values=lend), Reason(code="longest_waits", values=longest)),
    )
    calm = queue("billing_en", "Billing EN")
    return BoardSnapshot(
        n=0,
        at=ago(0),
        queues=(calm, hurts),
        agents=(agent("ben", "Ben"), agent("dee", "Dee", team="Orders")),
    )


def waiting() -> dict[str, Any]:
    shared = {
        "channel": "voice",
        "address": "",
        "arrived_at": ago(200),
        "waiting_since": ago(192),
        "credit": [],
        "boost": 0,
        "estimate": None,
        "asks_for": "es >= 3",
        "state": "queued",
    }
    mei = {"id": "1", "name": "Mei", "tier": "gold", "value": 1}
    first = {**shared, "contact": "c1", "customer": mei, "called": "Mei"}
    first |= {"queued_at": ago(192), "position": 1}
    second = {**shared, "contact": "c2", "customer": None, "called": ""}
    second |= {"queued_at": ago(20), "position": 2}
    return {"at": ago(0), "total": 2, "contacts": [first, second]}


def explanation() -> dict[str, Any]:
    nobody: list[object] = []
    return {
        **waiting()["contacts"][0],
        "queue": "billing_es",
        "step": 1,
        "steps": 1,
        "kept_for": nobody,
        "estimate": {"position": 1, "low": 30 * SECOND, "high": 90 * SECOND},
        "ahead": nobody,
        "can_take": 0,
        "signed_in": 2,
        "free": nobody,
        "busy": nobody,
        "not_ready": nobody,
        "unreachable": nobody,
        "later": nobody,
        "obstacles": [{"condition": "es >= 3", "count": 2, "agents": ["Ben", "Dee"]}],
        "other_queues": 0,
        "coming": nobody,
    }


def figures() -> dict[str, Any]:
    took = {"mean": 15 * SECOND, "median": 9 * SECOND, "ninetieth": 42 * SECOND, "longest": 0}
    never = dict.fromkeys(took)
    names = (
        "offered answered abandoned overflowed transferred_out callbacks offers_missed "
        "offers_rejected"
    )
    times = {"answered_after": took, "abandoned_after": never, "handling": took}
    recent = dict.fromkeys(names.split(), 2) | times
    return {"recent": recent, "today": recent | {"offered": 1_234}}


@pytest.fixture
def board(service, page) -> Page:
    service.on_open = lambda: [snapshot()]
    line = {"at": ago(200), "code": "contact_arrived", "values": {"channel": "voice"}, "by": ""}
    service.answers = {
        "session": SUE,
        "catalog": CATALOG,
        "queues/billing_es/contacts": waiting(),
        "queues/billing_es/figures": figures(),
        "contacts/c1/explanation": explanation(),
        "contacts/c1/timeline": {"contact": "c1", "lines": [line], "complete": True, "left_out": 0},
        "contacts/c1/reprioritise": {"position": 1},
        "agents/ben/skills": {"position": 1},
    }
    page.goto("/board")
    expect(page.get_by_role("row", name="Billing ES")).to_be_visible()
    return page


def writes(service) -> list[tuple[str, Any]]:
    return [(path, body) for method, path, body in service.asked if method == "POST"]


def test_the_queue_that_hurts_comes_first_with_why_and_what_helps(board, service):
    names = board.locator("tbody th button").all_inner_texts()
    assert names[:2] == ["Billing ES", "Billing EN"]
    expect(board.get_by_text("1 queue needs you")).to_be_visible()
    expect(board.get_by_text("Ben has Spanish 2; level 3 is asked for.")).to_be_visible()
    board.get_by_role("button", name="Lend Spanish 3 for 1 h").click()
    expect(board.get_by_text("Ben now has Spanish 3.").first).to_be_visible()
    assert writes(service) == [("agents/ben/skills", {"skills": {"es": 3}, "for_seconds": 3600})]
    board.get_by_role("button", name="Undo").click()
    expect(board.get_by_text("Ben has Spanish as before.").first).to_be_visible()
    assert writes(service)[1][1] == {"skills": {"es": 2}, "for_seconds": 0}


def test_figures_change_as_they_come(board, service):
    changed = queue("billing_en", "Billing EN", waiting=12)
    service.push(RowsChanged(n=0, at=ago(0), queues=(changed,)))
    row = board.get_by_role("row", name="Billing EN")
    expect(row.get_by_role("cell", name="12", exact=True)).to_be_visible()


def test_the_keyboard_leads_from_a_queue_to_a_contact_and_back(board, service):
    board.keyboard.press("q")
    board.keyboard.press("Enter")
    expect(board.get_by_role("row", name="Mei")).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(board.get_by_role("row", name="Unknown customer")).to_be_focused()
    board.keyboard.press("Home")
    board.keyboard.press("Enter")
    place = re.compile(r"Number 1 in Billing ES; waits for 3:1\d")
    expect(board.get_by_text(place)).to_be_visible()
    expect(board.get_by_text("Spanish ≥ 3 keeps out 2: Ben, Dee")).to_be_visible()
    expect(board.get_by_text("Arrived: Call.")).to_be_visible()
    board.get_by_role("button", name="Prioritise").click()
    board.get_by_role("button", name="Do it").click()
    expect(board.get_by_role("dialog")).to_have_count(0)
    assert writes(service) == [("contacts/c1/reprioritise", {"boost_seconds": 300})]
    board.keyboard.press("Escape")
    expect(board.get_by_role("row", name="Mei")).to_be_visible()
    board.keyboard.press("Backspace")
    expect(board.get_by_role("row", name="Billing EN")).to_be_visible()


def test_a_queue_from_near_tells_what_became_of_its_contacts(board, service):
    board.get_by_role("button", name="Billing ES").click()
    came_in = board.get_by_role("row", name="Came in")
    expect(came_in.get_by_role("cell")).to_have_text(["2", "1,234"])
    slow = board.get_by_role("row", name="Nine in ten answered within")
    expect(slow.get_by_role("cell")).to_have_text(["0:42", "0:42"])
    nobody_left = board.get_by_role("row", name="Left after, on average")
    expect(nobody_left.get_by_role("cell")).to_have_text(["–", "–"])


def test_a_reload_lands_where_one_was(board):
    board.get_by_role("button", name="Billing ES").click()
    expect(board.get_by_role("row", name="Mei")).to_be_visible()
    board.reload()
    expect(board.get_by_role("row", name="Mei")).to_be_visible()


def test_a_refusal_is_said_in_one_sentence(board, service):
    error = {"error": {"code": "unknown_agent", "message": "There is no agent 'ben'."}}
    service.answers["agents/ben/skills"] = (404, error)
    board.get_by_role("button", name="Lend Spanish 3 for 1 h").click()
    expect(board.get_by_text("There is no agent 'ben'.").first).to_be_visible()


def test_old_figures_say_so_in_large_letters(board, service):
    service.cut(stay_away=True)
    title = board.get_by_text(re.compile(r"These figures are 0:\d\d old"))
    expect(title).to_be_visible(timeout=15_000)
    assert float(title.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 24
    service.refuse = False
    expect(title).to_be_hidden(timeout=20_000)


def test_the_team_filter_shows_only_its_agents(board):
    board.get_by_role("button", name="Team").click()
    board.get_by_role("menuitemradio", name="Orders").click()
    expect(board.get_by_role("row", name="Dee")).to_be_visible()
    expect(board.get_by_role("row", name=re.compile("^Ben"))).to_have_count(0)


def test_who_cannot_be_reached_is_marked_with_the_reason(service, page):
    gone = agent("ben", "Ben", unreachable={"voice": "phone not registered"})
    service.answers |= {"session": SUE, "catalog": CATALOG}
    service.on_open = lambda: [structs.replace(snapshot(), agents=(gone,))]
    page.goto("/board")
    row = page.get_by_role("row", name="Ben")
    expect(row.get_by_text("no calls", exact=True)).to_be_visible()
    expect(row.get_by_title("Phone not registered: no calls")).to_be_visible()


def test_the_wallboard_comes_and_goes(board):
    board.keyboard.press("w")
    expect(board.get_by_role("heading", name="Billing ES")).to_be_visible()
    board.get_by_role("button", name="Leave the wallboard").click()
    expect(board.get_by_role("row", name="Billing ES")).to_be_visible()


def test_somebody_who_may_only_watch_sees_no_acts(service, page):
    service.on_open = lambda: [snapshot()]
    service.answers = {"session": {**SUE, "roles": ["admin"]}, "catalog": CATALOG}
    page.goto("/board")
    expect(page.get_by_text("Ben has Spanish 2; level 3 is asked for.")).to_be_visible()
    expect(page.get_by_role("button", name="Lend")).to_have_count(0)
    expect(page.get_by_role("button", name="Act on Ben")).to_have_count(0)


def test_an_agent_is_sent_to_the_desk(service, page):
    service.answers = {"session": {**SUE, "roles": ["agent"]}}
    page.goto("/board")
    expect(page.get_by_text("The board is for supervisors")).to_be_visible()


def test_an_empty_board_teaches(service, page):
    service.on_open = lambda: [BoardSnapshot(n=0, at=ago(0), queues=(), agents=())]
    service.answers = {"session": SUE, "catalog": CATALOG}
    page.goto("/board")
    expect(page.get_by_text("No queues yet")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chinese_in_both_themes(service, browser, theme):
    service.on_open = lambda: [snapshot()]
    service.answers = {"session": SUE, "catalog": CATALOG}
    context = browser.new_context(base_url=service.url, locale="zh-CN", color_scheme=theme)
    page = context.new_page()
    page.goto("/board")
    expect(page.get_by_text("Ben 的 Spanish 为 2 级，要求 3 级。")).to_be_visible()
    context.close()
