"""``webchat.prompter``: visitors are led through a flow, whatever breaks in between."""

import pytest
from msgspec.structs import replace

from cti_adapters.texting import prompter
from cti_adapters.texting.prompts import LEAST_PATIENCE
from cti_adapters.webchat.hub import ChatHub
from ivr.entry import route
from router.core.commands import IntoQueue, IntoVoicemail, OutTo, SaidGoodbye
from router.core.durations import MINUTE, SECOND
from router.core.model import ContactState
from router.intake import Intake
from router.ports import JournalUnavailable, Overloaded, PromptLine
from tests.unit.cti_adapters.webchat.fake_flows import (
    ACCOUNT,
    LOOKING,
    MENU,
    NEWS,
    PIN,
    FakeFlows,
    lead_through_a_flow,
    settle,
)

TO_SALES = IntoQueue(queue="sales", attributes={"account": "4711"})
OPENING = ["Hello", "Welcome.", "What is it about?"]


@pytest.fixture
async def led(centre, settings, browser):
    """Give it a script: chats are led through it. Returns a visitor's tab, its hub and the flow."""
    hubs = []

    async def make(*script, end=TO_SALES, last=()):
        flows = FakeFlows(centre, *script, end=end, last=last)
        lead_through_a_flow(centre)
        centre.intake = Intake(
            centre, centre.replica, centre, flow=route, flows=flows, lookup_timeout=5 * SECOND
        )
        hub = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings, flows=flows)
        hubs.append(hub)
        centre.adapters.append(hub)
        tab = browser(of=hub)
        await tab.start()
        await settle(tab)
        return tab, hub, flows

    yield make
    for hub in hubs:
        await hub.stop()


async def answer(tab, text, turn=None):
    at = tab.status["prompt"]["turn"] if turn is None else turn
    reply = await tab.send("answer_prompt", turn=at, text=text)
    await settle(tab)
    return reply


async def test_a_chat_is_asked_answers_and_lands_where_the_flow_leads(centre, led):
    tab, _hub, flows = await led(MENU, ACCOUNT)
    assert tab.lines == OPENING
    assert tab.status["state"] == "in_flow"
    assert tab.status["prompt"]["kind"] == "choice"
    assert tab.status["prompt"]["buttons"] == [
        {"key": "1", "text": "Billing"},
        {"key": "2", "text": "Faults"},
    ]
    assert (await answer(tab, "2"))["ok"]
    assert tab.lines == [*OPENING, "Faults", "Your account number?"]
    assert (tab.status["prompt"]["kind"], tab.status["prompt"]["digits"]) == ("text", True)
    assert (await answer(tab, "4711#"))["ok"]
    assert flows.told == [(1, "2"), (2, "4711")]
    assert tab.status["state"] == "waiting"
    assert tab.status["prompt"] is None
    contact = centre.contact(tab.contact)
    assert (contact.queue, contact.attributes["account"]) == ("sales", "4711")
    authors = [message.author for message in contact.messages]
    assert authors == ["customer", "system", "system", "customer", "system", "customer"]


@pytest.mark.parametrize("typed", ["Faults", "  faults ", "FAULTS", "2"])
async def test_a_buttons_words_are_its_key_in_any_capitals(led, typed):
    tab, _hub, flows = await led(MENU)
    await tab.say(typed)
    await settle(tab)
    assert flows.told == [(1, "2")]


async def test_other_words_go_to_the_flow_as_they_are(led):
    tab, _hub, flows = await led(MENU)
    await answer(tab, "<b>something else</b>")
    assert flows.told == [(1, "<b>something else</b>")]
    assert tab.lines[-1] == "<b>something else</b>"


@pytest.mark.parametrize("kind", ["answer_prompt", "say_line"])
async def test_a_secret_is_in_no_thread_and_no_entry_of_the_journal(centre, led, kind):
    tab, _hub, flows = await led(PIN)
    assert tab.status["prompt"]["secret"]
    fields = {"text": "31415926", **({"turn": 1} if kind == "answer_prompt" else {})}
    assert (await tab.send(kind, **fields))["ok"]
    await settle(tab)
    assert flows.told == [(1, "31415926")]
    assert tab.lines[-1] == "****"
    assert "31415926" not in repr(centre.entries) + repr(tab.heard)


async def test_what_is_only_said_is_heard_at_once_and_stands_in_order(led):
    tab, _hub, flows = await led(NEWS, NEWS, MENU)
    assert flows.told == [(1, "(heard)"), (2, "(heard)")]
    news = NEWS.say[0].text
    assert tab.lines == ["Hello", news, news, "Welcome.", "What is it about?"]
    shown = [m for m in tab.heard if m["type"] in ("line_added", "status_changed")]
    assert shown[-1]["type"] == "status_changed", "the buttons come after what is asked"


async def test_a_recording_is_not_read_and_its_text_is(led):
    say = (PromptLine(audio="welcome.wav", text="Welcome."), PromptLine(audio="jingle.wav"))
    tab, _hub, _flows = await led(replace(MENU, say=say))
    assert tab.lines == ["Hello", "Welcome."]
    assert tab.status["prompt"]["kind"] == "choice"


async def test_a_prompt_that_is_only_a_recording_still_shows_its_buttons(led):
    tab, _hub, _flows = await led(replace(MENU, say=(PromptLine(audio="menu.wav"),)))
    assert len(tab.status["prompt"]["buttons"]) == 2


async def test_something_that_is_looked_up_is_shown_and_asks_nothing(centre, led):
    tab, hub, flows = await led(LOOKING, MENU)
    assert tab.lines == ["Hello", "One moment."]
    assert tab.status["prompt"]["kind"] == "wait"
    assert (await answer(tab, "hello?", turn=1))["code"] == "late"
    await tab.say("And my router blinks.")
    centre.pass_time(10 * SECOND)
    await hub.sweep()
    await settle(tab)
    assert flows.told == []
    await flows.advance(tab.contact, 1)
    await settle(tab)
    assert tab.status["prompt"]["kind"] == "choice"


async def test_the_first_answer_to_a_turn_counts_and_later_ones_are_late(led, browser):
    tab, hub, flows = await led(MENU, ACCOUNT)
    other = browser(of=hub)
    await other.resume(tab.token)
    assert other.status["prompt"] == tab.status["prompt"], "the second tab has the buttons"
    await answer(tab, "1")
    reply = await other.send("answer_prompt", turn=1, text="2")
    assert (reply["ok"], reply["code"]) == (False, "late")
    await settle(other)
    assert flows.told == [(1, "1")]
    assert other.status == tab.status
    assert other.lines == [*OPENING, "Billing", "Your account number?"]


async def test_an_answer_that_the_flow_could_not_take_is_the_one_that_counts(led):
    tab, _hub, flows = await led(MENU, ACCOUNT)
    flows.trouble = Overloaded()
    assert (await answer(tab, "1"))["code"] == "overloaded"
    flows.trouble = None
    assert (await answer(tab, "2", turn=1))["ok"]
    assert flows.told == [(1, "1")], "what stands in the thread is what the flow was told"
    assert tab.lines.count("Billing") == 1
    assert "Faults" not in tab.lines


async def test_a_restart_asks_again_and_says_nothing_twice(centre, led, settings, browser):
    tab, hub, flows = await led(MENU, ACCOUNT)
    await answer(tab, "1")
    await hub.stop()
    reborn = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings, flows=flows)
    await reborn.start()
    centre.adapters[:] = [reborn]
    centre.heard = 0  # the journal is replayed from its beginning
    back = browser(of=reborn)
    await back.resume(tab.token)
    await settle(back)
    assert back.lines == [*OPENING, "Billing", "Your account number?"]
    assert back.status["prompt"]["turn"] == 2
    await answer(back, "4711")
    assert flows.told == [(1, "1"), (2, "4711")]
    assert back.status["state"] == "waiting"
    await reborn.stop()


@pytest.mark.parametrize("trouble", [Overloaded(), JournalUnavailable("full")])
async def test_a_busy_engine_delays_what_is_said_and_doubles_nothing(centre, led, trouble):
    tab, hub, flows = await led(LOOKING, MENU)
    await flows.advance(tab.contact, 1)
    centre.trouble = trouble
    await settle(tab)
    assert tab.lines == ["Hello", "One moment."]
    centre.trouble = None
    for _ in range(2):
        await hub.sweep()
        await settle(tab)
    assert tab.lines == ["Hello", "One moment.", "Welcome.", "What is it about?"]
    assert tab.status["prompt"]["kind"] == "choice"


async def test_silence_counts_only_after_the_patience_that_typing_needs(centre, led):
    tab, hub, flows = await led(MENU, ACCOUNT)
    centre.pass_time(LEAST_PATIENCE - SECOND)
    await hub.sweep()
    await settle(tab)
    assert flows.told == []
    centre.pass_time(SECOND)
    await hub.sweep()
    await settle(tab)
    assert flows.told == [(1, "(silence)")]
    assert tab.status["prompt"]["turn"] == 2


async def test_a_flow_that_gives_more_time_is_given_it(centre, led):
    tab, hub, flows = await led(replace(MENU, within=20 * MINUTE), ACCOUNT)
    centre.pass_time(20 * MINUTE - SECOND)
    await hub.sweep()
    await settle(tab)
    assert flows.told == []
    centre.pass_time(SECOND)
    await hub.sweep()
    await settle(tab)
    assert flows.told == [(1, "(silence)")]


async def test_a_visitor_who_leaves_in_the_flow_has_abandoned(centre, led):
    tab, _hub, _flows = await led(MENU)
    contact = tab.contact
    await tab.send("leave_chat")
    assert centre.names(contact)[-1] == "Abandoned"
    assert (tab.status["state"], tab.status["prompt"]) == ("ended", None)


async def test_a_visitor_who_is_gone_for_the_grace_time_has_abandoned(centre, led, settings):
    tab, hub, _flows = await led(MENU)
    contact = tab.contact
    tab.connection.close()
    centre.pass_time(settings.grace)
    await hub.sweep()
    assert centre.names(contact)[-1] == "Abandoned"


async def test_last_words_on_the_way_to_a_queue_are_lines_of_the_thread(centre, led):
    tab, _hub, _flows = await led(MENU, last=("I put you through.",))
    await answer(tab, "1")
    assert tab.lines[-1] == "I put you through."
    assert centre.contact(tab.contact).messages[-1].author == "system"
    assert tab.status["state"] == "waiting"


@pytest.mark.parametrize(
    ("end", "state", "closing"),
    [
        (SaidGoodbye(text="Goodbye."), "ended", "Goodbye."),
        (SaidGoodbye(), "ended", "We are closed."),
        (IntoVoicemail(box="care"), "message_taken", "We are closed."),
        (OutTo(address="+44"), "ended", "We are closed."),
    ],
)
async def test_a_flow_that_ends_the_chat_says_why(centre, led, end, state, closing):
    tab, _hub, _flows = await led(MENU, end=end, last=("We are closed.",))
    contact = tab.contact
    await answer(tab, "1")
    assert (tab.status["state"], tab.status["text"]) == (state, closing)
    assert (await tab.say("wait!"))["code"] == "chat_over"
    assert contact not in centre.replica.state.contacts


async def test_a_promised_call_is_kept_when_the_visitor_goes(centre, led, settings):
    promise = IntoQueue(queue="care", call_back="+442079460001")
    tab, hub, _flows = await led(MENU, end=promise)
    await answer(tab, "1")
    contact = tab.contact
    tab.connection.close()
    centre.pass_time(settings.grace)
    await hub.sweep()
    assert centre.contact(contact).state is ContactState.CALLBACK_PROMISED


async def test_the_visitors_first_words_stand_before_what_the_flow_says(centre, led):
    tab, _hub, _flows = await led(MENU)
    first = centre.contact(tab.contact).messages[0]
    assert (first.author, first.text) == ("customer", "Hello")


async def test_a_flow_that_fails_is_tried_again(centre, led, monkeypatch):
    tab, hub, flows = await led(LOOKING, MENU)
    working = flows.prompt

    def failing(contact):
        raise RuntimeError

    monkeypatch.setattr(flows, "prompt", failing)
    await flows.advance(tab.contact, 1)
    await settle(tab)
    monkeypatch.setattr(flows, "prompt", working)
    await hub.sweep()
    await settle(tab)
    assert tab.status["prompt"]["kind"] == "choice"


async def test_a_chat_that_enters_no_flow_makes_no_task_and_asks_nothing(centre, hub, browser):
    tab = browser()
    await tab.start()
    assert (tab.status["state"], tab.status["prompt"]) == ("waiting", None)
    assert (await tab.send("answer_prompt", turn=1, text="1"))["code"] == "late"


async def test_a_flow_that_talks_without_end_leaves_room_for_people(led, monkeypatch):
    monkeypatch.setattr(prompter, "MOST_LINES", 3)
    tab, _hub, flows = await led(NEWS, NEWS, NEWS, NEWS, MENU)
    assert len(tab.lines) == 3
    assert len(flows.told) == 4
    assert tab.status["prompt"]["kind"] == "choice", "what may be answered is shown all the same"
    await answer(tab, "1")
    assert tab.lines[-1] == "Billing"


@pytest.mark.parametrize("turn", [0, 2, -1, 10**30])
async def test_an_answer_to_no_turn_that_is_asked_is_late(led, turn):
    tab, _hub, flows = await led(MENU)
    assert (await answer(tab, "1", turn=turn))["code"] == "late"
    assert (flows.told, tab.lines) == ([], OPENING)


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("\x00 \n", "empty"), ("x" * 2_001, "too_long")]
)
async def test_an_answer_is_bounded_like_any_line(led, text, code):
    tab, _hub, flows = await led(MENU)
    assert (await answer(tab, text))["code"] == code
    assert (flows.told, tab.lines) == ([], OPENING)


@pytest.mark.parametrize("turn", ["1", 1.5, None, True, [1]])
async def test_a_turn_that_is_no_number_is_refused_as_malformed(led, turn):
    tab, _hub, flows = await led(MENU)
    await tab.send("answer_prompt", turn=turn, text="1")
    assert tab.heard[-1]["code"] == "malformed"
    assert flows.told == []


async def test_answers_have_the_limits_of_lines(led, settings):
    tab, hub, flows = await led(MENU, *[MENU] * 5)
    hub.settings = replace(settings, lines_per_chat=2)
    assert (await answer(tab, "1"))["ok"]
    assert (await answer(tab, "1"))["code"] == "too_many_lines"
    assert len(flows.told) == 1
