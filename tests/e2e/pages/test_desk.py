"""The agent's desk: what an agent sees and can do, by pointer and by keyboard alone."""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from agents import messages as m
from router.core.durations import DAY, SECOND
from router.core.model import Choice, CustomerRef, Message
from router.customers import (
    Candidate,
    CustomerRecord,
    Identity,
    Note,
    PastContact,
    ScreenPop,
)
from tests.e2e.barriers import barriers, require_axe
from tests.e2e.windows import picture, themes

ANN = {"user": "ann", "name": "Ann Lee", "roles": ["agent"], "agent": "ann"}
SUE = {"user": "sue", "name": "Sue Park", "roles": ["supervisor"], "agent": None}


def now() -> int:
    return int(time.time() * SECOND)


def maria() -> CustomerRecord:
    at = now()
    return CustomerRecord(
        id="c1",
        name="María Díaz Fernández",
        tier="gold",
        value=3200,
        why_valued="14 orders, last 9 days ago",
        language="es",
        account_manager="ann",
        watch_out="Open case 1182, due in 3 hours",
        version=4,
        identities=(
            Identity(kind="phone", value="+34911234567"),
            Identity(kind="email", value="maria.diaz@example.com"),
        ),
        notes=(Note(text="Prefers to be called in the morning.", at=at - 60 * DAY, by="Ben"),),
        history=(
            PastContact(
                contact="h1", channel="voice", at=at - 9 * DAY, queue="billing", agent="ben",
                outcome="handled", disposition="resolved", summary="Refund sent",
            ),
            PastContact(
                contact="h2", channel="chat", at=at - 61 * DAY, queue="orders", agent="ann",
                outcome="handled",
            ),
            PastContact(contact="h3", channel="email", at=at - 200 * DAY, outcome="abandoned"),
        ),
    )  # fmt: skip


def ref(record: CustomerRecord) -> CustomerRef:
    return CustomerRef(id=record.id, name=record.name, tier=record.tier, value=record.value)


def one(record: CustomerRecord) -> ScreenPop:
    return ScreenPop(case="one", customer=record)


def offer(**changes: Any) -> m.OfferCard:
    at = now()
    card = m.OfferCard(
        offer="o1",
        contact="k1",
        channel="voice",
        direction="inbound",
        queue="billing",
        queue_label="Billing · Spanish",
        address="+34911234567",
        arrived_at=at - 41 * SECOND,
        offered_at=at,
        expires_at=at + 20 * SECOND,
        attributes={"choice": "order_status", "order": "4411"},
        customer=ref(maria()),
        asks_for="Spanish ≥ 3",
        why=Choice(
            reason="strategy", strategy="longest_idle", free_agents=4, idle_for=192 * SECOND
        ),
        pop=one(maria()),
    )
    return msgspec.structs.replace(card, **changes)


def contact(**changes: Any) -> m.ContactCard:
    at = now()
    card = m.ContactCard(
        contact="k1",
        channel="voice",
        direction="inbound",
        state="connected",
        doing="active",
        role="holder",
        queue="billing",
        queue_label="Billing · Spanish",
        address="+34911234567",
        arrived_at=at - 90 * SECOND,
        started_at=at - 45 * SECOND,
        since=at - 45 * SECOND,
        attributes={"choice": "order_status", "order": "4411"},
        customer=ref(maria()),
        pop=one(maria()),
        dispositions=("resolved", "follow_up", "wrong_number"),
    )
    return msgspec.structs.replace(card, **changes)


def chat(**changes: Any) -> m.ContactCard:
    at = now()
    lines = (
        Message(
            id="l1", author="customer", text="Hello, where is my order 4411?", at=at - 80 * SECOND
        ),
        Message(
            id="l2",
            author="agent",
            agent="ann",
            text="Good morning! One moment, I look it up.",
            at=at - 60 * SECOND,
        ),
        Message(
            id="l3",
            author="customer",
            text="Thank you. <b>It is urgent</b> 请尽快",
            at=at - 30 * SECOND,
        ),
    )
    base = contact(
        contact="k2",
        channel="chat",
        queue="orders",
        queue_label="Orders",
        address="visitor-8f2a",
        attributes={"name": "Visitor Mei", "choice": "orders"},
        customer=None,
        pop=ScreenPop(),
        messages=lines,
    )
    return msgspec.structs.replace(base, **changes)


def wrapping(**changes: Any) -> m.ContactCard:
    at = now()
    card = contact(
        doing="wrapping",
        state="wrapping",
        since=at - 24 * SECOND,
        wrap_until=at + 36 * SECOND,
        wrap_limit=at + 156 * SECOND,
    )
    return msgspec.structs.replace(card, **changes)


class Desk:
    """One agent's desk as the service would hold it."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.me = m.MyState(
            agent="ann", name="Ann Lee", state="ready", reason="", since=now() - 723 * SECOND
        )
        self.offers: list[m.OfferCard] = []
        self.contacts: list[m.ContactCard] = []
        self.draft = ""
        self.silent: set[str] = set()  # acts that get no answer
        self.refusals: dict[str, tuple[str, str]] = {}  # act type to code and reason
        service.answers["session"] = ANN
        service.on_open = lambda: [self.snapshot()]
        service.on_act = self.act

    def snapshot(self) -> m.DeskSnapshot:
        return m.DeskSnapshot(
            n=0,
            at=now(),
            me=self.me,
            offers=tuple(self.offers),
            contacts=tuple(self.contacts),
            directory=m.Directory(
                not_ready_reasons=("break", "lunch", "training"),
                queues=(("billing", "Billing · Spanish"), ("orders", "Orders")),
                colleagues=(
                    m.Colleague(agent="ben", name="Ben Ode", state="ready", team="Billing"),
                    m.Colleague(agent="chi", name="Chi Wen", state="not_ready", team="Orders"),
                ),
            ),
            waiting=(
                m.Waiting(
                    queue="billing",
                    label="Billing · Spanish",
                    waiting=3,
                    longest_since=now() - 95 * SECOND,
                ),
                m.Waiting(queue="orders", label="Orders", waiting=0),
            ),
            figures=m.MyFigures(handled=7, handle_time=252 * SECOND, occupancy=0.71, missed=1),
        )

    def state(self, state: str, reason: str = "") -> m.MeChanged:
        self.me = msgspec.structs.replace(self.me, state=state, reason=reason, since=now())
        return m.MeChanged(n=0, at=now(), me=self.me)

    def act(self, act: dict[str, Any]) -> list[msgspec.Struct]:
        kind = act["type"]
        if kind in self.silent:
            return []
        if kind in self.refusals:
            code, reason = self.refusals[kind]
            return [m.Reply(n=0, to=act["id"], ok=False, code=code, reason=reason)]
        return [*self.effects(act), m.Reply(n=0, to=act["id"], ok=True)]

    def effects(self, act: dict[str, Any]) -> list[msgspec.Struct]:
        match act["type"]:
            case "ping":
                return [m.Pong(n=0, at=now())]
            case "resync":
                return [self.snapshot()]
            case "go_ready":
                return [self.state("ready")]
            case "go_not_ready":
                return [self.state("not_ready", act["reason"])]
            case "accept_offer":
                taken = self.offers.pop(0)
                self.contacts.append(chat() if taken.channel == "chat" else contact())
                return [
                    m.OfferGone(n=0, offer=act["offer"], reason="accepted"),
                    m.ContactChanged(n=0, at=now(), contact=self.contacts[-1]),
                ]
            case "reject_offer":
                self.offers.clear()
                return [m.OfferGone(n=0, offer=act["offer"], reason="rejected")]
            case "say":
                line = Message(
                    id=f"ann:{act['id']}", author="agent", agent="ann", text=act["text"], at=now()
                )
                return [m.MessageAdded(n=0, contact=act["contact"], message=line)]
            case "hold_contact":
                return self.put(contact(doing="held", state="held", since=now()))
            case "save_draft":
                self.draft = act["text"]
                return []
            case "end_contact_now":
                return self.put(wrapping(draft=self.draft))
            case "finish_wrap":
                self.contacts = [c for c in self.contacts if c.contact != act["contact"]]
                return [m.ContactGone(n=0, contact=act["contact"])]
            case _:
                return []

    def put(self, card: m.ContactCard) -> list[msgspec.Struct]:
        self.contacts = [card if c.contact == card.contact else c for c in self.contacts]
        return [m.ContactChanged(n=0, at=now(), contact=card)]

    def heard(self, kind: str) -> list[dict[str, Any]]:
        return [act for act in self.service.heard if act["type"] == kind]

    def await_heard(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 8
        while len(self.heard(kind)) < count:
            assert time.monotonic() < deadline, f"{kind} was not sent"
            time.sleep(0.02)
        return self.heard(kind)


@pytest.fixture
def desk(service) -> Desk:
    return Desk(service)


def open_desk(page: Page) -> None:
    page.goto("/desk")
    expect(page.get_by_role("button", name="Change state")).to_be_visible()


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(page: Page, service: Any) -> None:
    service.answers["session"] = (401, {"error": {"code": "signed_out", "message": "Sign in."}})
    page.goto("/desk")
    page.wait_for_url("**/login?next=%2Fdesk")


def test_a_user_without_a_desk_is_told_so(page: Page, service: Any) -> None:
    service.answers["session"] = SUE
    page.goto("/desk")
    expect(page.get_by_role("heading", name="You have no desk")).to_be_visible()


def test_an_empty_desk_says_what_happens_next(page: Page, desk: Desk) -> None:
    open_desk(page)
    expect(page.get_by_role("heading", name="Ready for the next contact")).to_be_visible()
    expect(page.get_by_text("No contacts yet")).to_be_visible()


def test_an_idle_desk_offers_a_simulated_call_where_there_are_any(page: Page, desk: Desk) -> None:
    open_desk(page)
    expect(page.get_by_role("heading", name="Ready for the next contact")).to_be_visible()
    expect(page.get_by_role("button", name="Start a simulated call")).to_have_count(0)
    page.keyboard.press("g")
    desk.service.answers["session"] = ANN | {"simulated_calls": True}
    desk.service.answers["simulated/calls"] = (201, {"contact": "k1"})
    page.reload()
    page.get_by_role("button", name="Start a simulated call").click()
    page.wait_for_function("!document.querySelector('main button[disabled]')")
    page.keyboard.press("g")
    call = ("POST", "simulated/calls", {})
    deadline = time.monotonic() + 8
    while desk.service.asked.count(call) < 2:
        assert time.monotonic() < deadline, "no call was asked for"
        time.sleep(0.02)


def test_a_call_that_cannot_be_started_says_why(page: Page, desk: Desk) -> None:
    desk.service.answers["session"] = ANN | {"simulated_calls": True}
    why = {"error": {"code": "overloaded", "message": "Try again in a moment."}}
    desk.service.answers["simulated/calls"] = (503, why)
    open_desk(page)
    page.get_by_role("button", name="Start a simulated call").click()
    expect(page.get_by_text("Try again in a moment.").last).to_be_visible()
    expect(page.get_by_role("button", name="Start a simulated call")).to_be_enabled()


def test_who_is_not_ready_is_not_offered_a_call(page: Page, desk: Desk) -> None:
    desk.service.answers["session"] = ANN | {"simulated_calls": True}
    desk.state("not_ready", "break")
    open_desk(page)
    expect(page.get_by_role("button", name="Go ready")).to_be_visible()
    expect(page.get_by_role("button", name="Start a simulated call")).to_have_count(0)


def test_a_past_chat_is_read_with_one_key_or_click(page: Page, desk: Desk) -> None:
    at = now() - 61 * DAY
    desk.service.answers["customers/c1/contacts/h2/transcript"] = {
        "messages": [
            Message(id="1", author="customer", text="Where is <b>my</b> order?", at=at),
            Message(id="2", author="agent", agent="ann", text="On its way.", at=at + SECOND),
            Message(id="3", author="agent", agent="ben", text="It was sent.", at=at + SECOND),
        ]
    }
    desk.contacts.append(contact())
    open_desk(page)
    history = page.locator("section", has=page.get_by_role("heading", name="Past contacts"))
    expect(history.get_by_role("button")).to_have_count(2)  # a call left nothing to read
    page.keyboard.press("l")
    dialog = page.get_by_role("dialog", name="Chat with María Díaz Fernández")
    for text in ("Where is <b>my</b> order?", "You", "On its way.", "Ben Ode", "It was sent."):
        expect(dialog.get_by_text(text, exact=True).first).to_be_visible()
    page.add_script_tag(path=require_axe())
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    history.get_by_role("button").first.click()
    expect(dialog).to_be_visible()


def test_a_past_chat_that_cannot_be_fetched_says_so(page: Page, desk: Desk) -> None:
    gone = {"error": {"code": "not_found", "message": "There is no contact 'h2'."}}
    desk.service.answers["customers/c1/contacts/h2/transcript"] = (404, gone)
    desk.contacts.append(contact())
    open_desk(page)
    page.keyboard.press("l")
    expect(page.get_by_role("dialog").get_by_text("There is no contact 'h2'.")).to_be_visible()


def test_an_offer_shows_who_what_and_why_at_once(page: Page, desk: Desk) -> None:
    open_desk(page)
    desk.service.push(m.OfferMade(n=0, at=now(), offer=offer()))
    card = page.get_by_role("region", name="Offer")
    for text in (
        "María Díaz",
        "Gold",
        "14 orders",
        "Billing",
        "4411",
        "Longest idle",
        "Spanish ≥ 3",
    ):
        expect(card.get_by_text(text).first).to_be_visible()
    expect(card.get_by_role("timer")).to_have_text(re.compile(r"^(19|20) s$"))
    expect(page.get_by_text("Open case 1182").first).to_be_visible()
    expect(page).to_have_title(re.compile("María"))


def test_an_offer_is_spoken_at_once_to_screen_readers(page: Page, desk: Desk) -> None:
    open_desk(page)
    desk.service.push(m.OfferMade(n=0, at=now(), offer=offer()))
    expect(page.locator("[aria-live=assertive]")).to_contain_text("New offer: Call, Billing")


def test_a_contact_is_handled_with_the_keyboard_alone(page: Page, desk: Desk) -> None:
    desk.offers = [offer()]
    open_desk(page)
    expect(page.get_by_role("region", name="Offer")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("On the phone with María")).to_be_visible()
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Wants an invoice")
    assert desk.await_heard("save_draft")[-1]["text"] == "Wants an invoice"
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Outcome")).to_be_focused()
    assert desk.heard("end_contact_now")[0]["seen"] == ""
    page.keyboard.type("foll")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    done = desk.heard("finish_wrap")[0]
    assert (done["disposition"], done["note"]) == ("follow_up", "Wants an invoice")


def test_an_accepted_chat_can_be_answered_at_once(page: Page, desk: Desk) -> None:
    desk.offers = [offer(channel="chat", contact="k2")]
    open_desk(page)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your answer")).to_be_focused()


def test_ending_says_which_line_was_the_last_on_the_page(page: Page, desk: Desk) -> None:
    """What comes in while the question lies over the thread has not been read."""
    line = Message(id="m1", author="customer", text="Thanks!", at=now())
    desk.contacts.append(contact(channel="chat", messages=(line,)))
    open_desk(page)
    page.get_by_role("button", name=re.compile("^End chat")).click()
    later = msgspec.structs.replace(line, id="m2", text="And one more thing")
    desk.service.push(m.MessageAdded(n=0, contact=desk.contacts[0].contact, message=later))
    expect(page.get_by_text("And one more thing")).to_be_attached()
    unread = "The customer has just written again: read it before you end."
    desk.refusals["end_contact_now"] = ("unread_message", unread)
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.locator(".toasts")).to_contain_text(unread)
    picture(page, "desk-unread-at-the-end")
    del desk.refusals["end_contact_now"]
    page.get_by_role("button", name=re.compile("^End chat")).click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_role("combobox", name="Outcome")).to_be_visible()
    # Who was told once may end it, however quickly the customer goes on writing.
    assert [act["seen"] for act in desk.heard("end_contact_now")] == ["m1", None]


def test_rejecting_asks_for_a_reason(page: Page, desk: Desk) -> None:
    desk.offers = [offer()]
    open_desk(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Why not?")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("region", name="Offer")).to_have_count(0)
    assert desk.heard("reject_offer")[0]["reason"] == "not_my_skill"


def test_enter_in_a_field_answers_and_does_not_accept(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    open_desk(page)
    page.get_by_label("Your answer").fill("On its way.")
    desk.service.push(m.OfferMade(n=0, at=now(), offer=offer()))
    expect(page.get_by_role("region", name="Offer")).to_be_visible()
    page.keyboard.press("Enter")
    desk.await_heard("say")
    assert desk.heard("accept_offer") == []


def test_what_the_customer_writes_is_shown_as_text(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    open_desk(page)
    expect(page.get_by_role("log")).to_contain_text("<b>It is urgent</b>")


def test_an_answer_is_shown_as_sending_until_it_is_there(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    desk.silent = {"say"}
    open_desk(page)
    page.get_by_label("Your answer").fill("It leaves today.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("sending…")).to_be_visible()
    sent = desk.await_heard("say")[0]
    desk.service.push(*desk.effects(sent))
    expect(page.get_by_text("sending…")).to_have_count(0)
    expect(page.get_by_role("log").get_by_text("It leaves today.")).to_have_count(1)


def test_a_broken_connection_keeps_the_words_and_sends_them_once(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    open_desk(page)
    desk.service.cut(stay_away=True)
    expect(page.get_by_text("Reconnecting… your work is kept.")).to_be_visible()
    page.get_by_label("Your answer").fill("Still here.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("sending…")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("where is my order")
    desk.service.refuse = False
    said = desk.await_heard("say")
    expect(page.get_by_text("Reconnecting… your work is kept.")).to_have_count(0)
    expect(page.get_by_role("log").get_by_text("Still here.")).to_have_count(1)
    assert len({act["id"] for act in said}) == 1


def test_a_line_not_yet_confirmed_survives_a_reload_and_is_said_once(
    page: Page, desk: Desk
) -> None:
    desk.contacts = [chat()]
    desk.silent = {"say"}
    open_desk(page)
    page.get_by_label("Your answer").fill("Not lost.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("sending…")).to_be_visible()
    page.reload()
    expect(page.get_by_text("sending…")).to_be_visible()
    said = desk.await_heard("say", 2)
    assert said[0] == said[1]
    desk.service.push(*desk.effects(said[0]))
    expect(page.get_by_role("log").get_by_text("Not lost.")).to_have_count(1)


def test_a_reload_lands_where_one_was(page: Page, desk: Desk) -> None:
    desk.contacts = [contact(), chat()]
    open_desk(page)
    page.keyboard.press("Alt+2")
    page.get_by_label("Your answer").fill("Half a sent")
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Chat.*Visitor Mei"))).to_have_attribute(
        "aria-current", "true"
    )
    expect(page.get_by_label("Your answer")).to_have_value("Half a sent")


def test_a_note_not_yet_saved_survives_a_reload(page: Page, desk: Desk) -> None:
    desk.contacts = [contact()]
    desk.silent = {"save_draft"}
    open_desk(page)
    page.get_by_label("Notes", exact=True).fill("Half a note")
    page.reload()
    expect(page.get_by_label("Notes", exact=True)).to_have_value("Half a note")


def test_a_refused_act_is_explained_and_the_words_come_back(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    desk.refusals = {"say": ("not_yours", "This contact is no longer with you.")}
    open_desk(page)
    page.get_by_label("Your answer").fill("Anyone there?")
    page.keyboard.press("Enter")
    expect(page.locator(".toasts").get_by_text("no longer with you")).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_value("Anyone there?")


def test_a_lost_message_makes_the_page_ask_for_everything(page: Page, desk: Desk) -> None:
    open_desk(page)
    sockets = desk.service._sockets
    for socket in list(sockets):
        sockets[socket] += 1  # one message that never arrives
    desk.contacts = [contact()]
    desk.service.push(m.CustomerTyping(n=0, contact="k1", typing=True))
    desk.await_heard("resync")
    expect(page.get_by_role("heading", name="María Díaz Fernández").first).to_be_visible()


def test_a_missed_offer_says_why_and_leads_back_in_one_step(page: Page, desk: Desk) -> None:
    desk.state("not_ready", "missed_offer")
    open_desk(page)
    expect(page.get_by_text("You missed an offer")).to_be_visible()
    page.get_by_role("button", name="Go ready").first.click()
    expect(page.get_by_text("You missed an offer")).to_have_count(0)
    assert len(desk.heard("go_ready")) == 1


def test_the_state_is_chosen_by_typing(page: Page, desk: Desk) -> None:
    open_desk(page)
    page.keyboard.press("s")
    page.keyboard.type("lu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change state")).to_contain_text("Lunch")
    assert desk.heard("go_not_ready")[0]["reason"] == "lunch"


def test_a_state_asked_for_is_shown_as_next(page: Page, desk: Desk) -> None:
    desk.me = msgspec.structs.replace(desk.me, next_state="not_ready", next_reason="break")
    open_desk(page)
    expect(page.get_by_text("next: Break")).to_be_visible()


def test_a_phone_that_cannot_be_rung_is_shown_beside_the_state(page: Page, desk: Desk) -> None:
    desk.me = msgspec.structs.replace(desk.me, unreachable={"voice": "phone not registered"})
    open_desk(page)
    expect(page.get_by_role("button", name="Change state")).to_contain_text("Ready")
    expect(page.get_by_text("Phone not registered: no calls")).to_be_visible()
    desk.me = msgspec.structs.replace(desk.me, unreachable={})
    desk.service.push(m.MeChanged(n=0, at=now(), me=desk.me))
    expect(page.get_by_text("Phone not registered: no calls")).not_to_be_attached()


def test_a_transfer_takes_a_name_or_a_number(page: Page, desk: Desk) -> None:
    desk.contacts = [contact()]
    open_desk(page)
    page.keyboard.press("t")
    page.get_by_role("combobox").fill("nobody here")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Choose a queue or a colleague from the list, or")).to_be_visible()
    page.get_by_role("combobox").fill("ben")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    sent = desk.await_heard("transfer_contact")[0]
    assert sent["agent"] == "ben"


def test_several_matches_are_chosen_with_their_reason(page: Page, desk: Desk) -> None:
    candidates = (
        Candidate(customer=ref(maria()), matched_by="phone"),
        Candidate(customer=CustomerRef(id="c2", name="Juan Díaz"), matched_by="phone"),
    )
    desk.contacts = [contact(customer=None, pop=ScreenPop(case="several", candidates=candidates))]
    desk.service.answers["contacts/k1/customer"] = {}
    desk.service.answers["customers/c1"] = maria()
    open_desk(page)
    expect(page.get_by_text("same phone number").first).to_be_visible()
    page.get_by_role("button", name="It is María Díaz Fernández").click()
    expect(page.get_by_text("14 orders, last 9 days ago")).to_be_visible()
    said = {"customer": "c1", "remember": False}  # each of them has the address already
    assert ("POST", "contacts/k1/customer", said) in desk.service.asked


def test_an_unknown_customer_is_created_in_place(page: Page, desk: Desk) -> None:
    new = CustomerRecord(id="c9", name="Mei Lin")
    desk.contacts = [chat(address="mei@example.com")]
    desk.service.answers |= {
        "customers": (201, new),
        "contacts/k2/customer": {"position": 1, "remembered": None},
        "customers/c9": new,
    }
    open_desk(page)
    page.get_by_label("Name").fill("Mei Lin")
    page.get_by_label("Remember mei@example.com for next time").uncheck()
    page.get_by_role("button", name="Create customer").click()
    expect(page.get_by_text("This is the first contact.")).to_be_visible()
    assert ("POST", "customers", {"name": "Mei Lin"}) in desk.service.asked
    said = {"customer": "c9", "remember": False}
    assert ("POST", "contacts/k2/customer", said) in desk.service.asked


def test_a_found_customer_is_remembered_by_the_address_and_that_can_be_undone(
    page: Page, desk: Desk
) -> None:
    mail = Identity(kind="email", value="mei@example.com")
    before = CustomerRecord(id="c9", name="Mei Lin")
    after = msgspec.structs.replace(before, identities=(mail,))
    desk.contacts = [chat(address=mail.value)]
    candidate = Candidate(customer=CustomerRef(id="c9", name="Mei Lin"), matched_by="name")
    desk.service.answers |= {
        "customers": {"customers": [candidate]},
        "contacts/k2/customer": {"position": 1, "remembered": mail},
        "customers/c9": after,
        "customers/c9/identities/remove": before,
        "customers/c9/identities": after,
    }
    open_desk(page)
    page.get_by_label("Search customers").fill("mei")
    page.get_by_role("button", name="It is Mei Lin").click()
    notice = page.get_by_role("paragraph").filter(has_text="is remembered for Mei Lin.")
    expect(notice).to_be_visible()
    said = {"customer": "c9", "remember": True}
    assert ("POST", "contacts/k2/customer", said) in desk.service.asked
    remove = page.get_by_role("button", name="Remove mei@example.com")
    expect(remove).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(remove).to_have_count(0)
    gone = ("POST", "customers/c9/identities/remove", msgspec.to_builtins(mail))
    assert gone in desk.service.asked


def test_an_address_that_is_not_theirs_is_removed_with_a_way_back(page: Page, desk: Desk) -> None:
    known = maria()
    wrong, rest = known.identities[0], known.identities[1:]
    desk.service.answers |= {
        "customers/c1/identities/remove": msgspec.structs.replace(known, identities=rest),
        "customers/c1/identities": known,
    }
    desk.contacts = [contact()]
    open_desk(page)
    remove = page.get_by_role("button", name=f"Remove {wrong.value}")
    remove.click()
    notice = page.get_by_role("paragraph").filter(has_text="is no longer an address of María")
    expect(notice).to_be_visible()
    expect(remove).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(remove).to_be_visible()
    sent = msgspec.to_builtins(wrong)
    assert ("POST", "customers/c1/identities", sent) in desk.service.asked


def test_a_consultation_can_be_handed_over_joined_or_ended(page: Page, desk: Desk) -> None:
    desk.contacts = [
        contact(doing="held", consult="x1", consult_state="connected", consult_agent="ben")
    ]
    open_desk(page)
    expect(page.get_by_text("You are talking with Ben Ode")).to_be_visible()
    page.get_by_role("button", name="Hand over").click()
    desk.await_heard("complete_consulted_transfer")


def test_two_desks_of_one_agent_stay_in_step(page: Page, browser: Browser, desk: Desk) -> None:
    desk.offers = [offer()]
    open_desk(page)
    other = browser.new_context(base_url=desk.service.url, locale="en-GB").new_page()
    open_desk(other)
    desk.service.push(
        m.OfferGone(n=0, offer="o1", reason="accepted"),
        m.ContactChanged(n=0, at=now(), contact=contact()),
    )
    for each in (page, other):
        expect(each.get_by_text("On the phone with María")).to_be_visible()
        expect(each.get_by_role("region", name="Offer")).to_have_count(0)
    other.context.close()


def test_the_help_sheet_lists_every_key(page: Page, desk: Desk) -> None:
    open_desk(page)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    for label in ("Accept the offer", "Hold, or take back", "Wrap-up done", "Contact 1 to 9"):
        expect(sheet.get_by_text(label)).to_be_visible()


def test_the_language_changes_without_a_reload_and_stays(page: Page, desk: Desk) -> None:
    desk.contacts = [chat()]
    open_desk(page)
    page.get_by_role("button", name="Ann Lee").click()
    page.get_by_role("menuitemradio", name="中文").click()
    expect(page.get_by_text("我的联络")).to_be_visible()
    page.reload()
    expect(page.get_by_text("我的联络")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize("width", [320, 1280, 1920])
def test_nothing_is_wider_than_the_page(page: Page, desk: Desk, width: int) -> None:
    long = "Wolfgang Amadeus Schmitterhausen-Löwenstein von und zu Hohenzollern"
    desk.contacts = [wrapping(), chat(attributes={"name": long, "choice": "orders"})]
    desk.offers = [offer(customer=CustomerRef(id="c3", name=long), pop=ScreenPop())]
    page.set_viewport_size({"width": width, "height": 720})
    open_desk(page)
    expect(page.get_by_role("region", name="Offer")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    for place in ("main", "aside"):
        assert page.locator(place).evaluate("e => e.scrollWidth - e.clientWidth") <= 0


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_the_desk_has_no_known_barriers(browser: Browser, desk: Desk, language: str) -> None:
    axe = require_axe()
    desk.contacts = [wrapping(), chat()]
    desk.offers = [offer()]
    desk.state("not_ready", "missed_offer")
    context = browser.new_context(
        base_url=desk.service.url, locale=language, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/desk")
    expect(page.get_by_role("timer")).to_be_visible()
    page.add_script_tag(path=axe)
    for theme in themes(page):
        assert barriers(page) == [], theme
    context.close()
