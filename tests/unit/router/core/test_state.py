"""The state: snapshots, what is remembered, the order of those who wait, what time work takes."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core import commands as c
from router.core import events as e
from router.core import state as state_module
from router.core.catalog import MINUTE, SECOND, CallbackOffer
from router.core.experience import ServiceTime
from router.core.machine import RoutingCore
from router.core.matching import IndexSetAside
from router.core.state import State
from tests.unit.router.core.centre import Centre, agent, queue, skill, steps


def eventful() -> Centre:
    """Contacts ring, wait, are kept, promised, in hand, consulted about and written up."""
    centre = Centre(
        queue(wrap_up=MINUTE, strategy="ring_all", callback=CallbackOffer()),
        *(agent(name) for name in ("ann", "ben", "chi", "dora")),
    )
    centre.ready("ann", "ben", "chi", "dora")
    centre.talk("written up")
    centre.end("written up")
    centre.talk("talks")
    centre.do(c.Consult(id="", contact="talks", consult="ask", agent="chi"))
    centre.arrive("rings")
    centre.arrive("kept", preferred=("ann",))
    centre.arrive("promised", steps=steps((skill("es"), 30), skill("es")))
    centre.do(c.PromiseCallback(id="", contact="promised", address="+34600100200"))
    centre.arrive("waits", boost=5 * SECOND)
    centre.do(c.PostMessage(id="", contact="waits", message="m", author="customer", text="hi"))
    centre.do(c.LendSkills(id="", agent="dora", skills={}, until=centre.at + MINUTE))
    centre.do(c.SetReachable(id="", agent="dora", channel="email", reachable=False, reason="cut"))
    return centre


def test_a_snapshot_restores_the_state_as_it_is():
    centre = eventful()
    body = centre.state.snapshot()
    assert State.restore(body).snapshot() == body


def test_a_snapshot_from_before_a_field_came_is_read_as_if_nothing_were_said():
    image = msgspec.msgpack.decode(eventful().state.snapshot())
    for agent_image in image["agents"]:
        del agent_image["unreachable"]
    restored = State.restore(msgspec.msgpack.encode(image))
    assert [one.unreachable for one in restored.agents.values()] == [{}] * 4


def test_the_log_folds_to_the_same_state():
    centre = eventful()
    folded = State()
    for entry in centre.log:
        folded.apply_entry(entry)
    assert folded.snapshot() == centre.state.snapshot()
    assert folded.position == len(centre.log)


def goes_on_exactly_like(centre: Centre, state: State) -> None:
    again = RoutingCore(state, seed=7)
    at = centre.at + 1
    for command in (
        c.EndContact(id="x1", contact="talks"),
        c.SetNotReady(id="x2", agent="dora", reason="break"),
        c.FinishWrapUp(id="x3", contact="written up", agent="ann"),
        c.SetReady(id="x4", agent="dora"),
    ):
        assert again.handle(command, at) == centre.core.handle(command, at)
        at += 1
    assert again.state.snapshot() == centre.state.snapshot()


def test_a_restored_core_goes_on_exactly_as_the_other_would():
    centre = eventful()
    goes_on_exactly_like(centre, State.restore(centre.state.snapshot()))


def test_folding_without_the_index_comes_to_the_same_once_it_is_built():
    centre = eventful()
    folded = State()
    folded.set_index_aside()
    for entry in centre.log:  # a catalog is among them, and does not bring the index back
        folded.apply_entry(entry)
    assert isinstance(folded.index, IndexSetAside)
    folded.reindex(folded.at)
    assert not isinstance(folded.index, IndexSetAside)
    goes_on_exactly_like(centre, folded)


@pytest.mark.parametrize("body", [b"", b"\x80", b"not msgpack at all", b"\xc1" * 50])
def test_bytes_that_are_no_snapshot_are_refused(body: bytes):
    with pytest.raises(msgspec.DecodeError):
        State.restore(body)


def test_a_repeated_command_has_no_second_effect_also_after_a_restart():
    centre = eventful()
    command = c.Arrive(id="only once", contact="new", channel="voice")
    assert centre.do(command) != []
    assert centre.do(command) == []
    again = RoutingCore(State.restore(centre.state.snapshot()))
    assert again.handle(command, centre.at) == []


def test_a_refused_command_may_be_sent_again():
    centre = Centre(agent("ann"))
    command = c.SetReady(id="same", agent="ann")
    assert centre.refused(command) == "signed_out"
    centre.do(c.SignIn(id="", agent="ann"))
    assert centre.do(command) != []


def test_only_so_many_commands_are_remembered_the_newest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state_module, "REMEMBERED_COMMANDS", 3)
    state = State()
    for number in range(10):
        state.close_entry(f"n{number}", number)
    assert list(state.commands) == ["n7", "n8", "n9"]
    state.close_entry("", 11)
    assert list(state.commands) == ["n7", "n8", "n9"], "a tick has no id to remember"
    assert (state.position, state.at) == (11, 11)


def test_the_waiting_are_listed_in_the_order_of_their_places():
    centre = eventful()
    assert centre.line() == ["waits", "kept", "promised"]
    assert centre.line("nowhere") == []


def test_a_finished_contact_leaves_nothing_behind():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    for number in range(5):
        centre.talk(f"k{number}")
        centre.end(f"k{number}")
    assert centre.state.contacts == centre.state.offers == {}


@given(durations=st.lists(st.integers(0, 10**9), min_size=1, max_size=64))
def test_the_first_64_handling_times_are_averaged_evenly(durations: list[int]):
    seen = ServiceTime()
    for duration in durations:
        seen.add(duration)
    assert seen.count == len(durations)
    assert abs(seen.mean - sum(durations) / len(durations)) <= len(durations)


def test_handling_times_follow_a_change_within_some_hundred_contacts():
    seen = ServiceTime()
    for _ in range(1_000):
        seen.add(100 * SECOND)
    for _ in range(300):
        seen.add(200 * SECOND)
    assert 198 * SECOND < seen.mean <= 200 * SECOND


def test_positions_count_entries_and_not_events():
    centre = Centre(agent("ann"))
    centre.ready("ann")
    before = centre.state.position
    happened = centre.arrive("k")
    assert len(happened) == 2
    assert centre.state.position == before + 2, "arrive, enqueue"


def test_offers_are_numbered_over_the_whole_centre_for_taking_turns():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.arrive("k1")
    centre.arrive("k2")
    assert (centre.agent("ann").turn, centre.agent("ben").turn, centre.state.turn) == (1, 2, 2)
    assert len(centre.happened(e.Offered)) == 2
