"""One page's connection: replies, resends, floods, and readers that are too slow."""

from __future__ import annotations

import asyncio

import pytest

from router.core import commands as c
from router.core.durations import SECOND
from router.outbox import MAX_CHANGES, MAX_REPLIES
from router.ports import JournalUnavailable, OutcomeUnknown, Overloaded


async def ready_page(centre):
    page = centre.page("ann")
    await page.read()
    await page.act("go_ready")
    return page


async def test_an_act_sent_again_is_done_once_and_answered_alike(centre):
    page = await ready_page(centre)
    centre.arrive("k1")
    first = await page.act("accept_offer", "same", offer="k1.1")
    again = await page.act("accept_offer", "same", offer="k1.1")
    assert {**first, "n": 0} == {**again, "n": 0}
    assert first["ok"]
    assert sum(isinstance(x, c.Accept) for x in centre.submitted) == 1


async def test_a_refusal_sent_again_is_answered_alike(centre):
    page = await ready_page(centre)
    first = await page.act("accept_offer", "same", offer="none")
    again = await page.act("accept_offer", "same", offer="none")
    assert first["code"] == "offer_gone"
    assert {**first, "n": 0} == {**again, "n": 0}


async def test_an_act_may_be_sent_again_on_another_connection_while_it_is_under_way(centre):
    page = await ready_page(centre)
    centre.arrive("k1")
    gate = asyncio.Event()
    submit = centre.submit

    async def slow(command):
        await gate.wait()
        return await submit(command)

    centre.submit = slow
    frame = b'{"type":"accept_offer","id":"same","offer":"k1.1"}'
    sending = asyncio.ensure_future(page.session.receive(frame))
    await asyncio.sleep(0)
    other = centre.page("ann")
    await other.read()
    resending = asyncio.ensure_future(other.session.receive(frame))
    await asyncio.sleep(0)
    sending.cancel()  # the first connection breaks
    gate.set()
    await resending
    (reply,) = [m for m in await other.read() if m["type"] == "reply"]
    assert reply["ok"]
    assert sum(isinstance(x, c.Accept) for x in centre.submitted) == 1


async def test_an_act_done_before_a_restart_is_answered_as_done(centre, new_centre):
    page = await ready_page(centre)
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    await page.act("end_contact_now", contact="k1")
    await page.act("finish_wrap", "before", contact="k1", disposition="paid")
    restarted = type(centre.hub)(centre, centre.replica, centre.pops, centre.drafts, centre.clock)
    centre.hub = restarted
    back = centre.page("ann")
    await back.read()
    assert (await back.act("finish_wrap", "before", contact="k1", disposition="paid"))["ok"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [(Overloaded("full"), "overloaded"), (JournalUnavailable("disk"), "journal_unavailable")],
)
async def test_a_passing_failure_is_one_sentence_and_the_act_can_be_sent_again(
    centre, failure, code
):
    page = await ready_page(centre)
    centre.arrive("k1")
    centre.failure = failure
    refused = await page.act("accept_offer", "same", offer="k1.1")
    assert (refused["ok"], refused["code"]) == (False, code)
    assert refused["reason"].endswith(".")
    centre.failure = None
    assert (await page.act("accept_offer", "same", offer="k1.1"))["ok"]


async def test_what_may_have_been_done_is_not_told_as_not_done_and_its_repetition_tells(centre):
    page = await ready_page(centre)
    centre.arrive("k1")
    submit = centre.submit

    async def late(command):
        await submit(command)
        raise OutcomeUnknown("nobody has answered yet")

    centre.submit = late
    told = await page.act("accept_offer", "same", offer="k1.1")
    assert (told["ok"], told["code"]) == (False, "outcome_unknown")
    assert "nothing was done" not in told["reason"]
    centre.submit = submit
    assert (await page.act("accept_offer", "same", offer="k1.1"))["ok"]
    assert sum(isinstance(x, c.Accept) for x in centre.submitted) == 1


async def test_the_cores_refusal_reaches_the_agent_as_it_is(centre):
    page = await ready_page(centre)
    reply = await page.act("go_not_ready", reason="")
    assert not reply["ok"]
    assert reply["code"] == "invalid"
    assert reply["reason"].endswith(".")


async def test_being_ready_after_signing_out_signs_in_again(centre):
    page = await ready_page(centre)
    await page.act("go_signed_out")
    assert page.me["state"] == "signed_out"
    assert (await page.act("go_ready"))["ok"]
    assert page.me["state"] == "ready"


async def test_a_desk_opens_even_when_nothing_can_be_saved(centre):
    centre.failure = JournalUnavailable("disk full")
    page = centre.page("ann")
    await page.read()
    assert page.me["state"] == "signed_out"


async def test_a_desk_opens_and_works_when_drafts_cannot_be_kept(centre):
    async def broken(*_):
        raise ConnectionError("no database")

    centre.drafts.load = broken
    centre.drafts.save = broken
    page = await ready_page(centre)
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    reply = await page.act("save_draft", contact="k1", text="note")
    assert (reply["ok"], reply["code"]) == (False, "draft_not_saved")


async def test_resync_brings_everything_anew_and_numbers_go_on(centre):
    page = await ready_page(centre)
    before = page.n
    await page.act("resync")
    assert page.frames[before]["type"] == "desk_snapshot"
    assert page.frames[before]["n"] == before + 1


async def test_ping_is_answered_with_the_servers_time(centre):
    page = await ready_page(centre)
    await page.session.receive('{"type":"ping","id":"1"}')
    (pong,) = await page.read()
    assert (pong["type"], pong["at"]) == ("pong", centre.clock.now())


async def test_a_bad_message_is_answered_and_the_desk_goes_on(centre):
    page = await ready_page(centre)
    await page.session.receive(b'{"type":"say","id":"9"}')
    (reply,) = await page.read()
    assert (reply["to"], reply["code"]) == ("9", "malformed")
    assert (await page.act("go_ready"))["ok"]


async def test_repeated_abuse_closes_the_connection(centre):
    page = await ready_page(centre)
    for _ in range(30):
        await page.session.receive(b"\xff\xff")
    await page.read()
    assert page.ended
    assert page.frames[-1]["code"] == "closing"
    assert centre.hub.desks_connected == 0


async def test_a_flood_is_refused_and_then_closed(centre):
    page = await ready_page(centre)
    for number in range(400):
        await page.session.receive(b'{"type":"ping","id":"%d"}' % number)
    await page.read()
    codes = [m.get("code") for m in page.frames]
    assert "too_fast" in codes
    assert page.ended


async def test_a_desk_that_comes_back_may_send_all_it_had_kept(centre):
    page = await ready_page(centre)
    for number in range(200):
        await page.session.receive(b'{"type":"go_ready","id":"kept%d"}' % number)
    await page.read()
    assert not page.ended
    assert all(m["ok"] for m in page.frames if m["type"] == "reply")


async def test_one_who_sends_and_never_reads_is_closed_and_holds_little(centre):
    page = await ready_page(centre)
    for number in range(MAX_REPLIES + 10):
        centre.advance(SECOND)
        await page.session.receive(b'{"type":"resync","id":"%d"}' % number)
    assert page.session.closed


async def test_a_slow_reader_gets_one_snapshot_in_place_of_what_it_missed(centre):
    page = await ready_page(centre)
    centre.arrive("k1")
    await page.act("accept_offer", offer="k1.1")
    for number in range(3 * MAX_CHANGES):
        centre.say(
            c.PostMessage, contact="k1", message=f"m{number}", author="customer", text=str(number)
        )
    heard = await page.read()
    assert len(heard) <= 2  # a frame that was being read when it fell behind, then the snapshot
    assert heard[-1]["type"] == "desk_snapshot"
    texts = [m["text"] for m in page.contacts["k1"]["messages"]]
    assert texts == [str(n) for n in range(3 * MAX_CHANGES)]
    centre.say(c.PostMessage, contact="k1", message="last", author="customer", text="last")
    assert [m["type"] for m in await page.read()] == ["message_added"]


async def test_messages_from_the_page_are_ignored_once_it_is_closed(centre):
    page = await ready_page(centre)
    await page.leave()
    commands = len(centre.submitted)
    await page.session.receive(b'{"type":"go_not_ready","id":"late","reason":"break"}')
    assert len(centre.submitted) == commands
