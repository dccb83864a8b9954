"""``simulated.visitors``: chat customers type, wait for answers, thank and leave."""

from collections import Counter

import msgspec

from cti_adapters.simulated.scripts import STILL_THERE
from cti_adapters.simulated.settings import SimulationSettings, VisitorBehaviour
from cti_adapters.simulated.visitors import Visitors
from cti_adapters.webchat.messages import ClientMessage
from router.core.catalog import Catalog, EntryPoint
from router.core.durations import MINUTE, SECOND

CATALOG = Catalog(
    entry_points={
        "line": EntryPoint(id="line", channel="voice", queue="q"),
        "site": EntryPoint(id="site", channel="chat", queue="q", choices={"billing": "b"}),
    }
)
TALKING = {"type": "status_changed", "status": {"state": "talking"}}
ANSWER = {"type": "line_added", "line": {"author": "agent", "text": "…"}}


def somebody(**behaviour):
    settings = SimulationSettings(chats_per_minute=60, visitor=VisitorBehaviour(**behaviour))
    party = Visitors(settings, 0)
    at = party.next_deadline()
    [(visit, start)] = party.due(at, CATALOG)
    party.set_rate(0, at)
    return party, visit, start, at


def until_frame(party, at):
    while (deadline := party.next_deadline()) is not None:
        at = deadline
        frames = party.due(at, CATALOG)
        if frames:
            return at, frames[0][1]
    return at, None


def test_every_frame_is_one_the_chat_understands():
    party, visit, start, at = somebody()
    frames = [start]
    party.hear(visit, TALKING, at)
    while visit in party and len(frames) < 50:
        at, frame = until_frame(party, at)
        if frame is None:
            break
        frames.append(frame)
        if frame["type"] == "say_line":
            party.hear(visit, ANSWER, at)
    for frame in frames:
        msgspec.json.decode(msgspec.json.encode(frame), type=ClientMessage)
    assert len({frame["id"] for frame in frames}) == len(frames)


def test_a_conversation_runs_from_question_to_thanks_to_leaving():
    party, visit, start, at = somebody()
    assert start["type"] == "start_chat"
    assert (start["entry_point"], start["choice"]) == ("site", "billing")
    party.hear(visit, TALKING, at)
    party.hear(visit, ANSWER, at)
    kinds = []
    for _ in range(20):
        at, frame = until_frame(party, at)
        kinds.append(frame["type"])
        if frame["type"] == "leave_chat":
            break
        if frame["type"] == "say_line":
            party.hear(visit, ANSWER, at)
    assert kinds == ["visitor_typing", "say_line", "visitor_typing", "say_line", "leave_chat"]
    party.hear(visit, {"type": "status_changed", "status": {"state": "ended"}}, at)
    assert visit not in party


def test_without_an_agent_patience_ends_it():
    party, _, _, at = somebody()
    later, frame = until_frame(party, at)
    assert frame["type"] == "leave_chat"
    assert later - at >= 20 * SECOND


def test_an_agent_who_says_nothing_is_reminded_once_and_then_left():
    party, visit, _, at = somebody()
    party.hear(visit, TALKING, at)
    at, frame = until_frame(party, at)
    assert frame["text"] == STILL_THERE
    at, frame = until_frame(party, at)
    assert frame["type"] == "leave_chat"


def test_one_whom_nobody_hears_any_more_gives_up():
    party, visit, _, at = somebody()
    at, frame = until_frame(party, at)
    assert frame["type"] == "leave_chat"
    assert until_frame(party, at)[1] is None
    assert visit not in party


def test_a_refused_start_is_the_end_of_the_visit():
    party, visit, start, at = somebody()
    refusal = {"type": "reply", "ok": False, "to": start["id"], "code": "too_many_chats"}
    party.hear(visit, refusal, at)
    assert visit not in party
    assert party.next_deadline() is None


def test_visitors_come_at_the_asked_rate_but_only_so_many_at_once():
    settings = SimulationSettings(chats_per_minute=30, visitor=VisitorBehaviour(at_once=5))
    party = Visitors(settings, 0)
    kinds = Counter()
    while (at := party.next_deadline()) < 10 * MINUTE:
        kinds.update(frame["type"] for _, frame in party.due(at, CATALOG))
        assert len(party) <= 5
    assert kinds["start_chat"] > 5


def test_the_same_seed_brings_the_same_visitors():
    def first(seed):
        party = Visitors(SimulationSettings(seed=seed), 0)
        return [until_frame(party, 0) for _ in range(30)]

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_a_message_about_nobody_changes_nothing():
    party, _, _, at = somebody()
    before = party.next_deadline()
    party.hear("nobody", TALKING, at)
    assert party.next_deadline() == before
