"""``webchat.hub``: one visitor is one contact, on any number of tabs, through anything."""

import msgspec
import pytest

from cti_adapters.webchat.admission import Admission
from cti_adapters.webchat.hub import ChatHub
from router.core.commands import EndContact, PostMessage, Requeue, SetNotReady
from router.core.durations import MINUTE, SECOND
from router.core.model import ContactState
from router.elsewhere import Elsewhere, chat_page
from router.ports import JournalUnavailable, OutcomeUnknown, Overloaded


def answer(centre, contact, text, agent="ann"):
    centre.apply(
        PostMessage(
            id=f"answer {text}",
            contact=contact,
            message=f"m {text}",
            author="agent",
            agent=agent,
            text=text,
        )
    )


async def test_a_chat_waits_is_answered_and_ends(centre, hub, browser):
    tab = browser()
    assert (await tab.start())["ok"]
    contact = centre.contact(tab.contact)
    assert (contact.channel, contact.queue, contact.state) == ("chat", "care", ContactState.QUEUED)
    assert contact.attributes == {"name": "María"}
    assert tab.status["state"] == "waiting"
    assert tab.status["position"] == 1
    assert tab.lines == ["Hello"]
    centre.ready("ann")
    centre.accept(tab.contact)
    answer(centre, tab.contact, "Hi María!")
    await tab.look()
    assert (tab.status["state"], tab.status["agent_name"]) == ("talking", "Ann")
    assert tab.lines == ["Hello", "Hi María!"]
    await tab.say("Thanks")
    assert tab.lines == ["Hello", "Hi María!", "Thanks"]
    centre.apply(EndContact(id="end", contact=tab.contact))
    await tab.look()
    assert tab.status["state"] == "ended"


async def test_what_the_visitor_picked_and_gave_reaches_the_contact(centre, hub, browser):
    tab = browser()
    await tab.start(choice="sales", address=" m@example.org\x00 ", language="es-ES")
    contact = centre.contact(tab.contact)
    assert (contact.queue, contact.address) == ("sales", "m@example.org")
    assert contact.attributes == {"name": "María", "language": "es-ES", "choice": "sales"}


async def test_the_visitor_never_sees_internal_names(centre, hub, browser):
    tab = browser()
    await tab.start()
    centre.ready("ben")
    centre.accept(tab.contact)
    answer(centre, tab.contact, "Hello", agent="ben")
    await tab.look()
    seen = repr(tab.heard)
    for internal in ("ben'", "Ben Roy", "care", tab.contact, "queue"):
        assert internal not in seen
    assert "Benny" in seen


async def test_both_tabs_stay_in_step(centre, hub, browser):
    first, second = browser(), browser()
    await first.start()
    await second.resume(first.token)
    await first.say("from the first")
    await second.say("from the second")
    centre.ready("ann")
    centre.accept(first.contact)
    answer(centre, first.contact, "to both")
    await first.look()
    await second.look()
    assert first.lines == second.lines == ["Hello", "from the first", "from the second", "to both"]
    assert first.status == second.status


async def test_a_reload_loses_and_doubles_nothing(centre, hub, browser):
    tab = browser()
    await tab.start()
    await tab.say("one", "line-1")
    tab.connection.close()
    answer(centre, tab.token and next(iter(centre.replica.state.contacts)), "while away")
    reloaded = browser()
    await reloaded.resume(tab.token)
    await reloaded.say("one", "line-1")
    await reloaded.say("two", "line-2")
    assert reloaded.lines == ["Hello", "one", "while away", "two"]


async def test_a_start_sent_again_after_a_broken_connection_is_the_same_chat(centre, hub, browser):
    tab = browser()
    await tab.start()
    tab.connection.close()
    again = browser()
    assert (await again.start())["ok"]
    assert again.token == tab.token
    assert again.lines == ["Hello"]
    assert len(centre.replica.state.contacts) == 1


async def test_two_visitors_with_the_same_words_are_two_contacts(centre, hub, browser):
    first, second, short = browser(), browser(), browser()
    await first.start("one-0123456789abcdef")
    await second.start("two-0123456789abcdef")
    await short.start("1")
    other = browser()
    await other.start("1")
    assert len({first.token, second.token, short.token, other.token}) == 4


async def test_chats_survive_a_restart_of_the_service(centre, hub, browser, settings):
    tab = browser()
    await tab.start()
    await tab.say("before")
    reborn = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings)
    await reborn.start()
    centre.adapters[:] = [reborn]
    centre.heard = 0  # the journal is replayed from its beginning
    back = browser(of=reborn)
    await back.resume(tab.token)
    await back.say("after")
    assert back.lines == ["Hello", "before", "after"]
    assert back.status["state"] == "waiting"
    await reborn.stop()


async def test_replayed_and_repeated_entries_change_nothing(centre, hub, browser):
    tab = browser()
    await tab.start()
    centre.ready("ann")
    centre.accept(tab.contact)
    answer(centre, tab.contact, "Hi")
    await tab.look()
    before = list(tab.heard)
    for entry in [*centre.entries, *reversed(centre.entries)]:
        hub.handle(entry)
    await tab.look()
    assert tab.heard == before


async def test_leaving_while_waiting_abandons_and_while_talking_ends(centre, hub, browser):
    waiting, talking = browser(), browser()
    await waiting.start("waiting-0123456789ab")
    contact = waiting.contact
    assert (await waiting.send("leave_chat"))["ok"]
    assert centre.names(contact)[-1] == "Abandoned"
    assert waiting.status["state"] == "ended"
    centre.ready("ann")
    await talking.start("talking-0123456789ab")
    centre.accept(talking.contact)
    await talking.look()
    assert (await talking.send("leave_chat"))["ok"]
    assert centre.contact(talking.contact).ended_by == "customer"


async def test_leaving_in_the_moment_an_agent_answers_still_leaves(centre, hub, browser):
    tab = browser()
    await tab.start()
    centre.ready("ann")
    centre.accept(tab.contact)  # the hub has not heard of it yet
    await tab.send("leave_chat")
    assert centre.contact(tab.contact).ended_by == "customer"


async def test_leaving_in_the_moment_the_agent_gives_it_back_still_leaves(centre, hub, browser):
    tab = browser()
    await tab.start()
    centre.ready("ann")
    centre.accept(tab.contact)
    await tab.look()
    centre.apply(Requeue(id="back", contact=tab.contact))
    contact = tab.contact
    await tab.send("leave_chat")
    assert centre.names(contact)[-1] == "Abandoned"


async def test_a_visitor_who_is_gone_for_the_grace_time_has_left(centre, hub, browser):
    tab = browser()
    await tab.start()
    contact = tab.contact
    tab.connection.close()
    centre.pass_time(59 * SECOND)
    await hub.sweep()
    assert centre.contact(contact) is not None
    centre.pass_time(SECOND)
    await hub.sweep()
    assert centre.names(contact)[-1] == "Abandoned"


async def test_a_visitor_gone_from_a_conversation_ends_it(centre, hub, browser):
    tab = browser()
    centre.ready("ann")
    await tab.start()
    contact = tab.contact
    centre.accept(contact)
    await tab.look()
    tab.connection.close()
    centre.pass_time(MINUTE)
    await hub.sweep()
    assert centre.contact(contact).ended_by == "customer"


async def test_coming_back_in_time_stops_the_grace_time(centre, hub, browser):
    tab = browser()
    await tab.start()
    tab.connection.close()
    centre.pass_time(59 * SECOND)
    back = browser()
    await back.resume(tab.token)
    centre.pass_time(10 * MINUTE)
    await hub.sweep()
    assert centre.contact(back.contact).state is ContactState.QUEUED


async def test_one_tab_of_two_closing_is_not_leaving(centre, hub, browser):
    first, second = browser(), browser()
    await first.start()
    await second.resume(first.token)
    first.connection.close()
    centre.pass_time(10 * MINUTE)
    await hub.sweep()
    assert centre.contact(second.contact) is not None


async def test_visitors_who_never_come_back_after_a_restart_are_given_up(
    centre, hub, browser, settings
):
    tab = browser()
    await tab.start()
    contact = tab.contact
    reborn = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings)
    await reborn.start()
    centre.pass_time(MINUTE)
    await reborn.sweep()
    assert centre.names(contact)[-1] == "Abandoned"
    await reborn.stop()


async def test_a_busy_engine_delays_giving_up_but_does_not_forget_it(centre, hub, browser):
    tab = browser()
    await tab.start()
    contact = tab.contact
    tab.connection.close()
    centre.pass_time(MINUTE)
    centre.trouble = Overloaded("full")
    with pytest.raises(Overloaded):
        await hub.sweep()
    centre.trouble = None
    await hub.sweep()
    assert centre.names(contact)[-1] == "Abandoned"


async def test_an_ended_chat_can_be_read_for_a_while_and_then_not(centre, hub, browser):
    tab = browser()
    await tab.start()
    await tab.send("leave_chat")
    reader = browser()
    centre.pass_time(29 * MINUTE)
    await hub.sweep()
    assert (await reader.resume(tab.token))["ok"]
    assert (reader.status["state"], reader.lines) == ("ended", ["Hello"])
    assert (await reader.say("more"))["code"] == "chat_over"
    centre.pass_time(MINUTE)
    await hub.sweep()
    late = browser()
    assert (await late.resume(tab.token))["code"] == "unknown_chat"
    assert reader.connection.closed


@pytest.mark.parametrize("trouble", [Overloaded("full"), JournalUnavailable("disk full")])
async def test_a_refused_start_leaves_nothing_behind(centre, hub, browser, trouble):
    tab = browser()
    centre.trouble = trouble
    reply = await tab.start()
    assert not reply["ok"]
    assert reply["code"] in ("overloaded", "journal_unavailable")
    assert reply["reason"].endswith(".")
    centre.trouble = None
    assert (await tab.start())["ok"]
    assert len(centre.replica.state.contacts) == 1


# -- a start of which nobody can say whether it arrives ---------------------------------------

UNKNOWN = OutcomeUnknown("nobody has answered yet")


class Others(Elsewhere):
    def __init__(self):
        self.names = set()

    def has(self, name):
        return name in self.names


@pytest.fixture
def others():
    return Others()


@pytest.fixture
def follower(centre, settings, others):
    """The hub of a node that does not write."""
    made = ChatHub(
        centre,
        centre.intake,
        centre.replica,
        centre.clock,
        settings,
        elsewhere=others,
        in_charge=lambda: False,
    )
    centre.adapters.append(made)
    return made


async def begun_late(centre, tab, **start):
    """The visitor is told that nobody knows; what they asked for; it is done after all."""
    asked = []
    submit = centre.submit

    async def unanswered(command):
        asked.append(command)
        raise UNKNOWN

    centre.submit = unanswered
    assert (await tab.start(**start))["code"] == "outcome_unknown"
    centre.submit = submit
    for command in asked:
        centre.apply(command)
    (arrived,) = centre.replica.state.contacts
    return arrived


@pytest.mark.parametrize("ident", ["start-0123456789abcdef", "short"])
async def test_a_start_asked_for_again_when_nobody_knew_is_one_contact(
    centre, follower, browser, ident
):
    tab = browser(of=follower)
    contact = await begun_late(centre, tab, ident=ident)
    assert (await tab.start(ident))["ok"]
    assert list(centre.replica.state.contacts) == [tab.contact] == [contact]
    assert centre.contact(contact).state is ContactState.QUEUED
    assert tab.lines == ["Hello"]
    for _ in range(120):
        centre.pass_time(SECOND)
        await follower.sweep()
    assert centre.contact(contact).state is ContactState.QUEUED


async def test_who_has_gone_when_the_chat_begins_after_all_leaves_no_contact(
    centre, follower, browser
):
    tab = browser(of=follower)
    contact = await begun_late(centre, tab)
    tab.connection.close()
    await tab.look()
    centre.pass_time(9 * SECOND)
    await follower.sweep()
    assert centre.names(contact) == ["ContactArrived"]
    centre.pass_time(SECOND)
    await follower.sweep()
    assert centre.names(contact)[-1] == "Abandoned"


async def test_a_chat_that_begins_long_after_the_visitor_asked_waits_a_moment_for_them(
    centre, follower, browser
):
    tab = browser(of=follower)
    centre.trouble = UNKNOWN
    await tab.start()
    centre.trouble = None
    centre.pass_time(30 * SECOND)
    await follower.sweep()
    contact = await begun_late(centre, tab)
    await tab.look()
    await follower.sweep()
    assert centre.names(contact) == ["ContactArrived"]
    assert (await tab.start())["ok"]


async def test_who_has_come_back_at_another_node_is_not_given_up(centre, follower, browser, others):
    tab = browser(of=follower)
    contact = await begun_late(centre, tab)
    others.names.add(chat_page(contact))
    tab.connection.close()
    await tab.look()
    centre.pass_time(MINUTE)
    await follower.sweep()
    assert centre.names(contact) == ["ContactArrived"]


async def test_who_writes_at_another_node_has_their_whole_grace_here_as_well(
    centre, follower, browser
):
    """Also when no node tells of their page for a moment, as while it is loaded anew."""
    tab = browser(of=follower)
    contact = await begun_late(centre, tab)
    tab.connection.close()
    await tab.look()
    said = PostMessage(id="l1", contact=contact, message="m1", author="customer", text="I am here")
    centre.apply(said)
    await tab.look()
    centre.pass_time(30 * SECOND)
    await follower.sweep()
    assert centre.names(contact)[-1] == "MessagePosted"


@pytest.mark.parametrize("after", [None, Overloaded("full")])
async def test_a_start_that_never_arrives_is_forgotten_after_the_grace(
    centre, follower, browser, after
):
    tab = browser(of=follower)
    for trouble in filter(None, (UNKNOWN, after)):
        centre.trouble = trouble
        assert not (await tab.start())["ok"]
    assert len(follower._chats) == 1
    centre.pass_time(MINUTE)
    await follower.sweep()
    assert follower._chats == {}


async def test_a_visitor_who_left_while_the_chat_was_brought_in_is_given_up(centre, hub, browser):
    tab = browser()
    receive = centre.intake.receive

    async def slow(arrival):
        outcome = await receive(arrival)
        tab.connection.close()
        return outcome

    centre.intake.receive = slow
    await tab.start()
    (contact,) = centre.replica.state.contacts
    centre.pass_time(hub.settings.grace)
    await hub.sweep()
    assert centre.names(contact)[-1] == "Abandoned"


async def test_an_unknown_chat_form_is_refused(centre, hub, browser):
    for entry_point in ("nowhere", "line", "", "x" * 10_000):
        reply = await browser().start(entry_point=entry_point)
        assert reply["code"] == "unknown_entry_point"
    assert centre.replica.state.contacts == {}


async def test_open_chats_are_limited_by_source_and_in_all(centre, hub, browser):
    limits = msgspec.structs.replace(hub.settings, chats_per_source=2, chats=3)
    hub._admission = Admission(limits)
    tabs = [browser("192.0.2.1") for _ in range(3)]
    replies = [await tab.start(f"start-{n}-0123456789") for n, tab in enumerate(tabs)]
    assert [reply["ok"] for reply in replies] == [True, True, False]
    assert replies[2]["code"] == "too_many_chats"
    assert (await browser("192.0.2.2").start("other-0123456789abc"))["ok"]
    assert (await browser("192.0.2.3").start("third-0123456789abc"))["code"] == "too_many_chats"
    await tabs[0].send("leave_chat")
    assert (await tabs[2].start("again-0123456789abcd"))["ok"]


async def test_connections_are_limited_by_source_and_one_too_many_is_told_so(centre, hub, browser):
    limits = msgspec.structs.replace(hub.settings, connections_per_source=2)
    hub._admission = Admission(limits)
    first, second, third = browser(), browser(), browser()
    await third.look()
    assert third.of("reply")[0]["code"] == "too_many_connections"
    assert third.connection.closed
    assert not browser("192.0.2.9").connection.closed
    first.connection.close()
    first.connection.close()
    assert not browser().connection.closed
    assert not second.connection.closed


async def test_tabs_of_one_chat_are_limited(centre, hub, browser):
    hub.settings = msgspec.structs.replace(hub.settings, tabs=2)
    tab = browser()
    await tab.start()
    assert (await browser().resume(tab.token))["ok"]
    assert (await browser().resume(tab.token))["code"] == "too_many_tabs"


async def test_typing_goes_both_ways_and_stops_by_itself(centre, hub, browser):
    told = []
    hub.attention.on_visitor_typing = lambda contact, typing: told.append((contact, typing))
    tab = browser()
    await tab.start()
    centre.ready("ann")
    centre.accept(tab.contact)
    for _ in range(5):
        await tab.send("visitor_typing", typing=True)
    await tab.send("visitor_typing", typing=False)
    assert told == [(tab.contact, True), (tab.contact, False)]
    hub.attention.agent_typing(tab.contact, True)
    hub.attention.agent_typing(tab.contact, True)
    centre.pass_time(10 * SECOND)
    await hub.sweep()
    await tab.look()
    assert [message["typing"] for message in tab.of("agent_typing")] == [True, False]
    hub.attention.agent_typing(tab.contact, True)
    answer(centre, tab.contact, "there")
    await tab.look()
    assert [message["typing"] for message in tab.of("agent_typing")][2:] == [True, False]
    hub.attention.agent_typing("another channel's contact", True)


async def test_a_visitor_who_goes_has_stopped_typing(centre, hub, browser):
    told = []
    hub.attention.on_visitor_typing = lambda contact, typing: told.append(typing)
    tab = browser()
    await tab.start()
    await tab.send("visitor_typing", typing=True)
    tab.connection.close()
    assert told == [True, False]


async def test_position_and_wait_are_shown_when_they_change_and_not_otherwise(centre, hub, browser):
    centre.ready("ann")
    centre.apply(SetNotReady(id="pause", agent="ann", reason="break"))
    first, second = browser(), browser()
    await first.start("first-0123456789abcd")
    await second.start("second-0123456789abc")
    assert (first.status["position"], second.status["position"]) == (1, 2)
    await first.send("leave_chat")
    centre.pass_time(3 * SECOND)
    await hub.sweep()
    await second.look()
    assert second.status["position"] == 1
    before = len(second.heard)
    for _ in range(10):
        centre.pass_time(3 * SECOND)
        await hub.sweep()
    await second.look()
    assert len(second.heard) == before


async def test_stopping_closes_every_connection_and_leaves_no_task(centre, hub, browser):
    await hub.start()
    tab = browser()
    await tab.start()
    await hub.stop()
    assert tab.connection.closed
