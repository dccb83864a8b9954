"""The hub: what each desk hears, and what it does not."""

from __future__ import annotations

import asyncio

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.desk import DeskHub
from router.core import commands as c
from router.core.durations import SECOND
from router.core.model import CustomerRef
from router.customers import CustomerRecord, Identification
from router.elsewhere import Elsewhere, agent_page

MARIA = CustomerRef(id="7", name="María Díaz", tier="gold", value=3_200)


async def test_the_first_page_signs_the_agent_in_and_begins_with_a_snapshot(centre):
    page = centre.page("ann")
    await page.read()
    assert page.kinds() == ["desk_snapshot"]
    assert page.me["state"] == "not_ready"
    assert page.me["reason"] == "signed_in"
    assert set(page.colleagues) == {"ben", "chi"}
    assert [row["queue"] for row in page.waiting] == ["billing", "support"]


async def test_a_second_page_resumes_without_signing_in_again(centre):
    first = centre.page("ann")
    await first.read()
    await first.act("go_ready")
    second = centre.page("ann")
    await second.read()
    assert second.me["state"] == "ready"
    assert sum(isinstance(x, c.SignIn) for x in centre.submitted) == 1


async def test_an_unknown_agent_is_told_so_and_let_go(centre):
    page = centre.page("nobody")
    heard = await page.read()
    assert [(m["type"], m["code"]) for m in heard] == [("reply", "unknown_agent")]
    assert page.ended


async def test_an_offer_brings_the_record_with_it(centre):
    centre.records.records["7"] = CustomerRecord(id="7", name="María Díaz", why_valued="14 orders")
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.say(c.Arrive, contact="k1", channel="chat", address="maria@example.org")
    centre.pops.prefetch("k1", Identification(customers=(MARIA,), matched_by=("email",)))
    centre.say(c.IdentifyCustomer, contact="k1", customer=MARIA)
    await asyncio.sleep(0)
    centre.say(c.Enqueue, contact="k1", queue="billing")
    (offer,) = [m for m in await page.read() if m["type"] == "offer_made"]
    assert offer["offer"]["pop"]["case"] == "one"
    assert offer["offer"]["pop"]["customer"]["why_valued"] == "14 orders"
    assert offer["offer"]["customer"]["tier"] == "gold"
    assert offer["offer"]["why"]["reason"] == "strategy"
    assert offer["offer"]["expires_at"] > centre.clock.now()


async def test_an_accepted_chat_moves_from_offer_to_contact_with_its_thread(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.say(c.Arrive, contact="k1", channel="chat")
    centre.say(c.PostMessage, contact="k1", message="m1", author="customer", text="Hello?")
    centre.say(c.Enqueue, contact="k1", queue="billing")
    await page.read()
    assert page.offers["k1.1"]["said"] == "Hello?"
    centre.say(c.PostMessage, contact="k1", message="m2", author="customer", text="x" * 1_000)
    await page.read()
    assert page.offers["k1.1"]["said"] == "Hello?\n" + "x" * 293
    reply = await page.act("accept_offer", offer="k1.1")
    assert reply["ok"]
    assert page.offers == {}
    assert [m["text"] for m in page.contacts["k1"]["messages"]] == ["Hello?", "x" * 1_000]
    assert page.contacts["k1"]["role"] == "holder"
    assert page.contacts["k1"]["dispositions"] == ["paid", "promised"]
    gone = next(m for m in page.frames if m["type"] == "offer_gone")
    assert gone["reason"] == "accepted"


async def test_only_the_agents_concerned_hear_of_an_entry(centre):
    pages = {agent: centre.page(agent) for agent in ("ann", "ben")}
    for page in pages.values():
        await page.read()
    await pages["ann"].act("go_ready")
    before = len(pages["ben"].frames)
    centre.arrive("k1")
    await pages["ann"].act("accept_offer", offer="k1.1")
    await pages["ann"].act("say", contact="k1", text="Good morning")
    await pages["ben"].read()
    assert len(pages["ben"].frames) == before


async def test_both_pages_of_one_agent_stay_in_step(centre):
    one, two = centre.page("ann"), centre.page("ann")
    await one.read()
    await two.read()
    await one.act("go_ready")
    centre.arrive("k1")
    await two.read()
    await two.act("accept_offer", offer="k1.1")
    await one.act("say", contact="k1", text="Hello")
    await two.read()
    assert one.shows() == two.shows()
    assert one.contacts["k1"]["messages"][0]["text"] == "Hello"


async def test_a_missed_offer_says_why_the_agent_is_not_ready(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    centre.advance(21 * SECOND)
    await page.read()
    changed = [m for m in page.frames if m["type"] == "me_changed"][-1]
    assert changed["why"] == "missed_offer"
    assert page.me["state"] == "not_ready"
    gone = [m for m in page.frames if m["type"] == "offer_gone"]
    assert [m["reason"] for m in gone] == ["missed"]
    assert (await page.act("go_ready"))["ok"]
    assert page.me["state"] == "ready"


async def test_a_supervisors_act_is_named_as_such_and_ones_own_is_not(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.say(c.ForceState, agent="ann", state="not_ready", by="sue")
    await page.read()
    whys = [m["why"] for m in page.frames if m["type"] == "me_changed"]
    assert whys == ["", "supervisor"]


async def test_a_phone_that_cannot_be_rung_is_shown_and_is_nobodys_act(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    phone = {"agent": "ann", "channel": "voice", "by": "asterisk"}
    centre.say(c.SetReachable, **phone, reachable=False, reason="phone not registered")
    await page.read()
    assert (page.me["state"], page.me["unreachable"]) == (
        "ready",
        {"voice": "phone not registered"},
    )
    centre.say(c.SetReachable, **phone, reachable=True)
    await page.read()
    assert page.me["unreachable"] == {}
    assert {m["why"] for m in page.frames if m["type"] == "me_changed"} == {""}


async def test_an_offer_whose_phone_is_gone_says_so(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    centre.say(c.SetReachable, agent="ann", channel="chat", reachable=False, by="chat")
    (gone,) = [m for m in await page.read() if m["type"] == "offer_gone"]
    assert gone["reason"] == "unreachable"


async def test_a_state_asked_for_during_a_contact_is_no_supervisors_doing(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    await page.act("go_not_ready", reason="break")
    assert page.me["next_state"] == "not_ready"
    centre.say(c.EndContact, contact="k1", ended_by="customer", by="webchat")
    centre.advance(40 * SECOND)
    await page.read()
    assert page.me["state"] == "not_ready"
    assert page.me["reason"] == "break"
    assert {m["why"] for m in page.frames if m["type"] == "me_changed"} == {""}


async def test_a_record_that_comes_late_announces_the_card_again(centre):
    centre.records.records["7"] = CustomerRecord(id="7", name="María Díaz", watch_out="deaf")
    centre.records.gate = asyncio.Event()
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.say(c.Arrive, contact="k1", channel="chat")
    centre.say(c.IdentifyCustomer, contact="k1", customer=MARIA)
    centre.say(c.Enqueue, contact="k1", queue="billing")
    await page.read()
    assert page.offers["k1.1"]["pop"]["customer"]["watch_out"] == ""
    centre.records.gate.set()
    heard = await page.read()
    assert [m["type"] for m in heard] == ["offer_made"]
    assert page.offers["k1.1"]["pop"]["customer"]["watch_out"] == "deaf"


async def test_the_pop_follows_when_the_agent_says_who_it_really_is(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    assert page.contacts["k1"]["pop"]["case"] == "none"
    centre.say(c.IdentifyCustomer, contact="k1", customer=MARIA, by="ann")
    await page.read()
    assert page.contacts["k1"]["customer"]["name"] == "María Díaz"
    assert page.contacts["k1"]["pop"]["case"] == "one"


async def test_consult_cards_say_who_plays_which_part(centre):
    ann, ben = centre.page("ann"), centre.page("ben")
    for page in (ann, ben):
        await page.read()
    await ann.act("go_ready")
    centre.say(c.Arrive, contact="k1", channel="voice", address="+34600000000")
    centre.say(c.IdentifyCustomer, contact="k1", customer=MARIA)
    centre.say(c.Enqueue, contact="k1", queue="billing")
    await ann.act("accept_offer", offer="k1.1")
    await ben.act("go_ready")
    await ann.act("consult_colleague", contact="k1", agent="ben")
    await ben.read()
    consult = ann.contacts["k1"]["consult"]
    assert ann.contacts["k1"]["consult_state"] == "offered"
    assert ann.contacts["k1"]["consult_agent"] == "ben"
    (offer,) = ben.offers.values()
    assert offer["consult_of"] == "k1"
    assert offer["customer"]["name"] == "María Díaz"
    assert offer["address"] == "+34600000000"
    await ben.act("accept_offer", offer=offer["offer"])
    await ann.read()
    assert ann.contacts["k1"]["consult_state"] == "connected"
    assert ben.contacts[consult]["role"] == "consulted"
    await ann.act("start_conference", contact="k1")
    await ben.read()
    assert set(ben.contacts) == {"k1"}
    assert ben.contacts["k1"]["role"] == "participant"
    assert ben.contacts["k1"]["participants"] == ["ann"]
    assert ann.contacts["k1"]["participants"] == ["ben"]
    await ann.act("leave_contact", contact="k1")
    await ben.read()
    assert ben.contacts["k1"]["role"] == "holder"
    assert ann.contacts["k1"]["doing"] == "wrapping"


async def test_waiting_and_colleagues_are_told_once_a_second_at_most(centre):
    page = centre.page("ann")
    await page.read()
    for number in range(5):
        centre.arrive(f"k{number}", queue="support")
    centre.ready("ben")
    assert await page.read() == []
    for _ in range(10):
        centre.hub.tick()
    heard = await page.read()
    assert sorted(m["type"] for m in heard) == [
        "colleagues_changed",
        "figures_changed",
        "waiting_changed",
    ] or sorted(m["type"] for m in heard) == ["colleagues_changed", "waiting_changed"]
    assert page.colleagues["ben"]["state"] == "ready"
    support = next(row for row in page.waiting if row["queue"] == "support")
    assert support["waiting"] == 5
    assert support["longest_since"] == centre.clock.now()
    for _ in range(10):
        centre.hub.tick()
    assert await page.read() == []


async def test_own_figures_follow_the_work(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    centre.advance(60 * SECOND)
    await page.act("end_contact_now", contact="k1")
    await page.act("finish_wrap", contact="k1", disposition="paid")
    for _ in range(10):
        centre.hub.tick()
    await page.read()
    assert page.figures["handled"] == 1
    assert page.figures["handle_time"] == 60 * SECOND
    assert page.figures["occupancy"] == 1.0


async def test_nobody_ends_a_contact_over_words_they_have_not_seen(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    centre.say(c.PostMessage, contact="k1", message="m1", author="customer", text="one more thing")
    reply = await page.act("end_contact_now", contact="k1", seen="")
    assert (reply["ok"], reply["code"]) == (False, "unread_message")
    assert (await page.act("end_contact_now", contact="k1", seen="m1"))["ok"]


async def test_typing_passes_both_ways_and_is_no_command(centre):
    told = []
    centre.hub.on_typing = lambda contact, typing: told.append((contact, typing))
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    commands = len(centre.submitted)
    assert (await page.act("typing", contact="k1", typing=True))["ok"]
    assert told == [("k1", True)]
    assert len(centre.submitted) == commands
    centre.hub.customer_typing("k1", True)
    (heard,) = await page.read()
    assert (heard["type"], heard["contact"], heard["typing"]) == ("customer_typing", "k1", True)


async def test_what_each_side_has_read_passes_both_ways_and_is_no_command(centre):
    told = []
    centre.hub.on_read = lambda contact, until: told.append((contact, until))
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    commands = len(centre.submitted)
    assert (await page.act("mark_read", contact="k1", until=7))["ok"]
    assert (await page.act("mark_read", contact="k2", until=7))["code"] == "not_yours"
    assert told == [("k1", 7)]
    assert len(centre.submitted) == commands
    centre.hub.customer_seen("k1", 9, 8)
    (heard,) = await page.read()
    assert (heard["type"], heard["received"], heard["read"]) == ("customer_seen", 9, 8)
    centre.hub.seen = lambda contact: (9, 8)
    other = centre.page("ann")
    first = (await other.read())[0]
    assert first["seen"] == {"k1": {"received": 9, "read": 8}}


async def test_the_desk_sees_who_has_left_the_page_also_after_a_reload(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    centre.hub.customer_away("k1", True)
    centre.hub.customer_away("k2", True)
    (heard,) = await page.read()
    assert (heard["type"], heard["contact"], heard["away"]) == ("customer_away", "k1", True)
    centre.hub.is_away = lambda contact: contact == "k1"
    other = centre.page("ann")
    assert (await other.read())[0]["away"] == ["k1"]


async def test_a_draft_survives_a_reload_and_shows_on_the_other_page(centre):
    page, other = centre.page("ann"), centre.page("ann")
    await page.read()
    await other.read()
    await page.act("go_ready")
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    await other.read()
    heard_before = len(page.frames)
    assert (await page.act("save_draft", contact="k1", text="asked for a copy"))["ok"]
    assert [m["type"] for m in page.frames[heard_before:]] == ["reply"]
    await other.read()
    assert other.contacts["k1"]["draft"] == "asked for a copy"
    await page.leave()
    reloaded = centre.page("ann")
    await reloaded.read()
    assert reloaded.contacts["k1"]["draft"] == "asked for a copy"
    assert await centre.drafts.load("ann") == {"k1": "asked for a copy"}
    await reloaded.act("end_contact_now", contact="k1")
    await reloaded.act("finish_wrap", contact="k1", disposition="paid", note="done")
    assert await centre.drafts.load("ann") == {}


async def test_a_new_catalog_reaches_every_page_as_a_snapshot(centre):
    page = centre.page("ann")
    await page.read()
    labels = {
        queue.id: msgspec.structs.replace(queue, label=f"New {queue.label}")
        for queue in centre.state.catalog.queues.values()
    }
    catalog = msgspec.structs.replace(centre.state.catalog, version=2, queues=labels)
    centre.say(c.PublishCatalog, catalog=catalog, replaces=1)
    for _ in range(10):
        centre.hub.tick()
    heard = await page.read()
    assert heard[-1]["type"] == "desk_snapshot"
    assert [row["label"] for row in page.waiting] == ["New Billing", "New Support"]


async def test_an_agent_taken_from_the_catalog_loses_the_desk(centre):
    page = centre.page("chi")
    await page.read()
    agents = {k: v for k, v in centre.state.catalog.agents.items() if k != "chi"}
    catalog = msgspec.structs.replace(centre.state.catalog, version=2, agents=agents)
    centre.say(c.SignOut, agent="chi", by="chi")
    centre.say(c.PublishCatalog, catalog=catalog, replaces=1)
    for _ in range(10):
        centre.hub.tick()
    await page.read()
    assert page.ended
    assert page.frames[-1]["code"] == "unknown_agent"


async def test_one_desk_too_many_closes_the_oldest(centre):
    pages = [centre.page("ann") for _ in range(9)]
    for page in pages:
        await page.read()
    assert [page.ended for page in pages] == [True] + [False] * 8
    assert pages[0].frames[-1]["code"] == "too_many_desks"
    assert centre.hub.desks_connected == 8


# -- presence ---------------------------------------------------------------------------------


async def working_page(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    return page


async def test_a_reload_within_the_grace_changes_nothing(centre):
    page = await working_page(centre)
    await page.leave()
    await centre.rest(10)
    again = centre.page("ann")
    await again.read()
    await centre.rest(10)
    assert again.me["state"] == "ready"


async def test_a_closed_desk_takes_the_agent_out_of_the_line_after_the_grace(centre):
    page = await working_page(centre)
    await page.leave()
    await centre.rest(14)
    assert centre.state.agents["ann"].state == "ready"
    await centre.rest(2)
    assert centre.state.agents["ann"].state == "not_ready"
    back = centre.page("ann")
    await back.read()
    assert back.me["reason"] == "desk_lost"
    assert (await back.act("go_ready"))["ok"]
    await centre.rest(5)
    assert centre.state.agents["ann"].state == "ready"


async def test_an_offer_to_a_closed_desk_goes_to_the_next_agent_quickly(centre):
    page = await working_page(centre)
    centre.arrive("k1")
    await page.leave()
    other = centre.page("ben")
    await other.read()
    await other.act("go_ready")
    await centre.rest(6)
    await other.read()
    assert [o["contact"] for o in other.offers.values()] == ["k1"]
    assert centre.state.agents["ann"].reason == "desk_lost"


async def test_a_half_open_desk_is_closed_and_its_offer_goes_back(centre):
    page = await working_page(centre)
    for _ in range(3):
        await centre.rest(9)
        await page.session.receive(b'{"type":"ping","id":"p"}')
    assert centre.state.agents["ann"].state == "ready"
    await centre.rest(19)
    assert centre.hub.desks_connected == 1
    await centre.rest(2)
    await page.read()
    assert page.ended
    assert centre.hub.desks_connected == 0
    assert centre.state.agents["ann"].state == "not_ready"


async def test_contacts_in_hand_stay_with_an_agent_whose_desk_is_gone(centre):
    page = await working_page(centre)
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    await page.leave()
    await centre.rest(30)
    back = centre.page("ann")
    await back.read()
    assert set(back.contacts) == {"k1"}
    assert (await back.act("say", contact="k1", text="I am back"))["ok"]


async def test_who_signed_out_is_not_missed(centre):
    page = await working_page(centre)
    await page.act("go_signed_out")
    await page.leave()
    await centre.rest(30)
    assert not any(isinstance(x, c.LoseAgent) for x in centre.submitted)


async def test_after_a_restart_agents_have_the_grace_time_to_come_back(centre, new_centre):
    restarted = new_centre()
    restarted.ready("ann", "ben")
    again = type(restarted.hub)(
        restarted, restarted.replica, restarted.pops, restarted.drafts, restarted.clock,
        deskless=frozenset({"ben"}),
    )  # fmt: skip
    restarted.hub = again
    await restarted.rest(14)
    assert restarted.state.agents["ann"].state == "ready"
    await restarted.rest(3)
    assert restarted.state.agents["ann"].reason == "desk_lost"
    assert restarted.state.agents["ben"].state == "ready"


# -- desks at two nodes -----------------------------------------------------------------------


class Told(Elsewhere):
    """What the writing node last heard of the pages at the other, whoever is at that by now."""

    def __init__(self):
        self.names = frozenset()

    def has(self, name):
        return name in self.names

    def hear_of(self, hub):
        self.names = frozenset(agent_page(agent) for agent in hub.agents_here())


def second_node(centre, **fields):
    """Another node on the same log, and a page of ann at it."""
    here = centre.hub
    centre.hub = DeskHub(centre, centre.replica, centre.pops, centre.drafts, centre.clock, **fields)
    there, page = centre.hub, centre.page("ann")
    centre.hub = here
    return there, page


async def signed_in_without_a_desk(centre):
    """Not ready, and known to have no desk for longer than any grace."""
    centre.say(c.SignIn, agent="ann", by="ann")
    await centre.rest(20)


async def test_who_becomes_ready_at_another_node_is_not_lost_before_it_has_told_of_the_desk(
    new_centre,
):
    told = Told()
    centre = new_centre(elsewhere=told)
    await signed_in_without_a_desk(centre)
    there, page = second_node(centre, in_charge=lambda: False)
    await page.read()
    assert (await page.act("go_ready"))["ok"]
    await centre.rest(2)
    assert centre.state.agents["ann"].state == "ready"
    told.hear_of(there)
    await centre.rest(30)
    assert centre.state.agents["ann"].state == "ready"


async def test_who_becomes_ready_is_not_lost_before_the_desks_have_heard_of_it(new_centre):
    centre = new_centre(elsewhere=Told())
    await signed_in_without_a_desk(centre)
    centre.held_back = []
    centre.say(c.SetReady, agent="ann", by="ann")
    await centre.hub.sweep()
    assert centre.state.agents["ann"].state == "ready"


async def test_who_is_made_ready_and_has_no_desk_anywhere_is_lost_after_the_grace(new_centre):
    centre = new_centre(elsewhere=Told())
    await signed_in_without_a_desk(centre)
    centre.say(c.SetReady, agent="ann", by="sue")
    await centre.rest(13)
    assert centre.state.agents["ann"].state == "ready"
    await centre.rest(3)
    assert centre.state.agents["ann"].reason == "desk_lost"


async def test_work_at_another_node_begins_the_grace_anew(new_centre):
    centre = new_centre(elsewhere=Told())
    centre.ready("ann")
    await centre.rest(14)
    _, page = second_node(centre, in_charge=lambda: False)
    await page.read()
    assert (await page.act("go_not_ready", reason="break"))["ok"]
    assert (await page.act("go_ready"))["ok"]
    await centre.rest(13)
    assert centre.state.agents["ann"].state == "ready"


async def test_a_node_that_takes_over_gives_everybody_the_whole_grace(new_centre):
    charge = []
    centre = new_centre(elsewhere=Told(), in_charge=lambda: bool(charge))
    page = await working_page(centre)
    await page.leave()  # to a desk at the node that writes
    await centre.rest(60)
    charge.append("now")  # that node died
    await centre.rest(13)
    assert centre.state.agents["ann"].state == "ready"
    await centre.rest(3)
    assert centre.state.agents["ann"].reason == "desk_lost"


# -- the promise ------------------------------------------------------------------------------

AGENTS = st.sampled_from(("ann", "ben", "chi"))
CONTACTS = st.sampled_from(tuple(f"k{n}" for n in range(5)))
STEPS = st.one_of(
    st.tuples(st.just("arrive"), CONTACTS, st.sampled_from(("chat", "voice"))),
    st.tuples(st.just("ready"), AGENTS, st.just("")),
    st.tuples(st.just("break"), AGENTS, st.just("")),
    st.tuples(st.just("accept"), AGENTS, st.just("")),
    st.tuples(st.just("reject"), AGENTS, st.just("")),
    st.tuples(st.just("say"), CONTACTS, st.just("")),
    st.tuples(st.just("end"), CONTACTS, st.just("")),
    st.tuples(st.just("abandon"), CONTACTS, st.just("")),
    st.tuples(st.just("finish"), AGENTS, st.just("")),
    st.tuples(st.just("consult"), CONTACTS, AGENTS),
    st.tuples(st.just("merge"), CONTACTS, st.sampled_from(("transfer", "conference", "cancel"))),
    st.tuples(st.just("leave"), CONTACTS, AGENTS),
    st.tuples(st.just("transfer"), CONTACTS, AGENTS),
    st.tuples(st.just("requeue"), CONTACTS, st.just("")),
    st.tuples(st.just("identify"), CONTACTS, st.just("")),
    st.tuples(st.just("lose"), AGENTS, st.just("")),
    st.tuples(st.just("time"), st.just(""), st.just("")),
    st.tuples(st.just("read"), AGENTS, st.just("")),
    st.tuples(st.just("deliver"), st.just(""), st.just("")),
    st.tuples(st.just("reconnect"), AGENTS, st.just("")),
)


def play(centre, step):
    kind, who, what = step
    match kind:
        case "arrive":
            centre.arrive(who, channel=what)
        case "ready":
            centre.say(c.SetReady, agent=who, by=who)
        case "break":
            centre.say(c.SetNotReady, agent=who, reason="break", by=who)
        case "accept" | "reject":
            command = c.Accept if kind == "accept" else c.Reject
            for offer in [o.id for o in centre.state.offers.values() if o.agent == who]:
                centre.say(command, offer=offer, by=who)
        case "say":
            message = centre.new_id()
            centre.say(c.PostMessage, contact=who, message=message, author="customer", text="Hi")
        case "end":
            centre.say(c.EndContact, contact=who)
        case "abandon":
            centre.say(c.Abandon, contact=who)
        case "finish":
            for contact in list(centre.state.agents[who].slots):
                centre.say(c.FinishWrapUp, contact=contact, agent=who)
        case "consult":
            centre.say(c.Consult, contact=who, consult=f"q{centre.ids}", agent=what)
        case "merge":
            merge = {
                "transfer": c.CompleteTransfer,
                "conference": c.Conference,
                "cancel": c.CancelConsult,
            }[what]
            centre.say(merge, contact=who)
        case "leave":
            centre.say(c.LeaveConference, contact=who, agent=what)
        case "transfer":
            centre.say(c.TransferToAgent, contact=who, agent=what)
        case "requeue":
            centre.say(c.Requeue, contact=who)
        case "identify":
            centre.say(c.IdentifyCustomer, contact=who, customer=MARIA)
        case "lose":
            centre.say(c.LoseAgent, agent=who, by="presence")
        case "time":
            centre.advance(11 * SECOND)


async def changes_add_up_to_what_a_fresh_page_shows(build, steps):
    centre = build()
    pages = {agent: [centre.page(agent), centre.page(agent)] for agent in ("ann", "ben", "chi")}
    for both in pages.values():
        for page in both:
            await page.read()
    for agent in pages:
        centre.say(c.SetReady, agent=agent, by=agent)
    centre.arrive("k0")
    centre.arrive("k1", channel="voice")
    centre.held_back = []  # from here the hub hears of entries later than the state has them
    for step in steps:
        if step[0] == "read":
            await pages[step[1]][0].read()
        elif step[0] == "deliver":
            centre.deliver(2)
        elif step[0] == "reconnect":
            await pages[step[1]][1].leave()
            pages[step[1]][1] = centre.page(step[1])
            await pages[step[1]][1].read()
        else:
            play(centre, step)
    centre.deliver()
    await asyncio.sleep(0)
    for _ in range(10):
        centre.hub.tick()
    for agent, both in pages.items():
        fresh = centre.page(agent)
        await fresh.read()
        for page in both:
            await page.read()
            assert page.shows() == fresh.shows()
    await centre.finish()


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_a_page_that_follows_the_changes_shows_what_a_fresh_page_shows(make_centre, steps):
    asyncio.run(changes_add_up_to_what_a_fresh_page_shows(make_centre, steps))
