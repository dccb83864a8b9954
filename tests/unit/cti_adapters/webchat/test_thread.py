"""``webchat.thread``: the visitor sees their chat, and nothing of what goes on behind it."""

import random

from cti_adapters.webchat.messages import Line, LineAdded, Prompt
from cti_adapters.webchat.thread import Thread
from router.core import events as e
from router.core.catalog import ToMessage, ToVoicemail
from router.core.model import Callback, Choice, Message
from router.quotes import Quote


def name_of(agent):
    return {"ann": "Ann", "ben": "Benny"}.get(agent, "")


class Story:
    """Numbers events as the core does."""

    def __init__(self):
        self.events = []

    def then(self, kind, **fields):
        self.events.append(kind(contact="k", sequence=len(self.events) + 1, **fields))
        return self

    def said(self, ident, author="customer", text="hi", agent=""):
        message = Message(id=ident, author=author, text=text, at=5, agent=agent)
        return self.then(e.MessagePosted, message=message)

    def queued(self, reason="arrival"):
        return self.then(
            e.Enqueued,
            queue="q",
            steps=(),
            step_until=0,
            waiting_since=0,
            credit=(),
            waited=0,
            reason=reason,
        )

    def offered(self, agent="ann"):
        return self.then(
            e.Offered, offer="o", agent=agent, expires_at=9, why=Choice(reason="strategy")
        )

    def accepted(self, agent="ann"):
        return self.then(e.OfferAccepted, offer="o", agent=agent, waited=1, waited_in_queue=1)


def told(story):
    thread = Thread(name_of)
    for event in story.events:
        thread.apply(event)
    return thread


def arrived():
    return Story().then(e.ContactArrived, channel="chat", direction="inbound")


def test_an_agents_answer_names_the_agent_as_customers_know_them():
    thread = told(arrived().queued().offered().accepted("ben").said("m1", "agent", "Hi!", "ben"))
    assert (thread.status().state, thread.status().agent_name) == ("talking", "Benny")
    (line,) = thread.lines
    assert line == Line(id=line.id, author="agent", text="Hi!", at=5, name="Benny")


def test_the_ids_of_an_agents_lines_differ_and_do_not_say_who_the_agent_is():
    story = arrived().queued().offered().accepted("ben")
    first, second = told(
        story.said("ben:1", "agent", "Hi!", "ben").said("ben:2", "agent", "Well?", "ben")
    ).lines
    assert first.id != second.id
    assert "ben" not in first.id + second.id


def test_a_visitor_cannot_take_the_id_of_an_agents_line_and_hide_it():
    story = arrived().queued().accepted("ben").said("ben:1", "customer", "Mine")
    assert [line.text for line in told(story.said("ben:1", "agent", "Hi!", "ben")).lines] == [
        "Mine",
        "Hi!",
    ]


def test_being_offered_and_refused_is_not_shown():
    thread = Thread(name_of)
    story = (
        arrived()
        .queued()
        .offered()
        .then(e.OfferRejected, offer="o", agent="ann", reason="busy", excluded_until=9)
    )
    changes = [thread.apply(event) for event in story.events]
    assert changes == [None] * 4
    assert thread.status().state == "waiting"


def test_a_transfer_waits_again_and_promises_anew():
    story = arrived().queued().accepted()
    thread = told(story)
    thread.quote = Quote(position=1, low=0, high=9, staffed=1)
    change = thread.apply(story.queued("transfer").events[-1])
    assert change.status.state == "waiting"
    assert change.status.wait_high is None
    assert change.status.agent_name == ""


def test_hold_and_consultation_do_not_show():
    story = (
        arrived().queued().accepted().then(e.Held).then(e.ConsultStarted, consult="c", agent="ann")
    )
    thread = told(story.then(e.Retrieved))
    assert thread.status().agent_name == "Ann"


def test_a_warm_transfer_changes_who_is_speaking():
    story = arrived().queued().accepted("ann")
    thread = told(story.then(e.AgentJoined, agent="ben", role="participant", consult="c"))
    assert thread.status().agent_name == "Ann"
    thread = told(story.then(e.AgentJoined, agent="ben", role="holder", consult="c"))
    assert thread.status().agent_name == "Benny"


def test_a_message_taken_says_its_text_and_other_overflow_says_nothing_internal():
    thread = told(
        arrived()
        .queued()
        .then(e.Overflowed, to=ToMessage(text="We are closed."), cause="closed", queue="q")
    )
    assert (thread.status().state, thread.status().text) == ("message_taken", "We are closed.")
    assert thread.over
    voicemail = ToVoicemail(box="internal-box")
    thread = told(arrived().queued().then(e.Overflowed, to=voicemail, cause="closed", queue="q"))
    assert (thread.status().state, thread.status().text) == ("message_taken", "")


def test_a_promised_callback_waits():
    callback = Callback(address="+34", promised_at=1)
    thread = told(arrived().queued().then(e.CallbackPromised, callback=callback))
    assert thread.status().state == "waiting"


def whole_story():
    return (
        arrived()
        .queued()
        .said("m1")
        .offered()
        .accepted()
        .said("m2", "agent", "Hello", "ann")
        .said("m3")
        .then(e.ContactEnded, ended_by="customer")
        .then(e.AgentReleased, agent="ann")
        .then(e.Completed)
    )


def test_replaying_any_part_of_the_story_again_changes_nothing():
    chance = random.Random(7)
    events = whole_story().events
    once = told(whole_story())
    for _ in range(200):
        thread = Thread(name_of)
        reached = 0
        while reached < len(events):
            start = chance.randint(0, reached)
            end = chance.randint(reached, len(events))
            for event in events[start:end]:
                thread.apply(event)
            reached = max(reached, end)
        assert thread.lines == once.lines
        assert thread.status() == once.status()


def test_a_message_posted_twice_under_one_id_is_one_line():
    thread = Thread(name_of)
    changes = [thread.apply(event) for event in arrived().said("m1").said("m1").events]
    assert isinstance(changes[1], LineAdded)
    assert changes[2] is None


def test_an_unknown_agent_has_no_name_rather_than_an_id():
    thread = told(arrived().queued().accepted("agent-4711").said("m", "agent", "Hi", "agent-4711"))
    assert thread.status().agent_name == ""
    assert thread.lines[0].name == ""


def test_only_what_a_flow_says_keeps_the_flows_ids():
    story = arrived().said("flow/3/0", "system").said("announcement-1", "system")
    ids = [line.id for line in told(story.said("flow/3/0", "agent")).lines]
    assert ids[0] == "flow/3/0"
    assert [one[0] for one in ids[1:]] == ["~", "~"]


def in_flow():
    story = arrived().then(e.FlowEntered, flow="main")
    return story.then(e.FlowAdvanced, turn=1, node="menu", passed=(), session=b"s")


def test_what_a_flow_asks_is_shown_until_the_flow_goes_on():
    thread = told(in_flow())
    prompt = Prompt(turn=1, kind="choice")
    assert thread.ask(prompt).status.prompt == prompt
    assert thread.ask(prompt) is None, "nothing new"
    story = in_flow().then(e.FlowAdvanced, turn=2, node="end", passed=(), session=b"s")
    assert thread.apply(story.events[-1]).status.prompt is None
    assert thread.apply(story.events[-1]) is None, "it was folded already"


def test_what_a_flow_asks_is_not_shown_to_who_waits_or_talks():
    for story in (in_flow().queued(), in_flow().queued().offered().accepted()):
        assert told(story).ask(Prompt(turn=1, kind="choice")) is None


def test_entering_a_flow_alone_shows_nothing_new():
    assert told(arrived().then(e.FlowEntered, flow="website")).state == "waiting"
