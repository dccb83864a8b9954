"""The core as its caller sees it: what is refused, what is repeated, what is the same each time."""

from __future__ import annotations

from random import Random

import pytest
from core_world import World

from router.core import commands as c
from router.core import events as e
from router.core.machine import HANDLERS
from tests.unit.router.core.centre import Centre, agent, kinds, queue


def test_every_command_has_a_handler():
    assert {*HANDLERS, c.Tick} == set(c.Command.__args__)


def test_a_refusal_says_what_is_so_in_one_sentence():
    centre = Centre(agent("ann"))
    result = centre.send(c.SetReady(id="", agent="ann"))
    assert isinstance(result, e.Rejected)
    assert (result.code, result.reason) == ("signed_out", "Ann is not signed in.")


@pytest.mark.parametrize(
    "command",
    [
        c.Enqueue(id="", contact="none", queue="q"),
        c.EditContact(id="", contact="none"),
        c.PostMessage(id="", contact="none", message="m", author="customer", text="x"),
        c.Abandon(id="", contact="none"),
        c.PromiseCallback(id="", contact="none", address="+1"),
        c.FailCallback(id="", contact="none"),
        c.FailConnection(id="", contact="none"),
        c.EndContact(id="", contact="none"),
        c.Requeue(id="", contact="none"),
        c.TransferToQueue(id="", contact="none", queue="q"),
        c.CompleteTransfer(id="", contact="none"),
        c.Conference(id="", contact="none"),
        c.CancelConsult(id="", contact="none"),
        c.LeaveConference(id="", contact="none", agent="ann"),
        c.Reprioritise(id="", contact="none", boost=1),
        c.Pull(id="", contact="none", agent="ann"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_contact_that_is_not_there_is_refused_by_name(command: c.Command):
    centre = Centre(agent("ann"))
    centre.ready("ann")
    assert centre.refused(command) == "unknown_contact"


def test_one_command_is_one_entry_with_all_it_set_in_motion():
    centre = Centre(agent("ann"), queue())
    centre.arrive("k1")
    centre.arrive("k2")
    centre.do(c.SignIn(id="", agent="ann"))
    before = centre.state.position
    assert kinds(centre.do(c.SetReady(id="", agent="ann"))) == ["AgentReady", "Offered"]
    assert centre.state.position == before + 1


def test_the_same_commands_at_the_same_moments_give_the_same_events():
    def played() -> list[e.Entry]:
        world = World("random")
        world.busy_stretch(Random(3), 120)
        return world.log

    assert played() == played()


def test_sequence_numbers_of_a_contact_have_no_gaps_over_its_life():
    centre = Centre(agent("ann"), agent("ben"), queue(wrap_up=1_000_000))
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.reject("k")
    centre.accept("k")
    centre.do(c.Hold(id="", contact="k"))
    centre.do(c.TransferToQueue(id="", contact="k", queue="q"))
    centre.wait(31)
    centre.accept("k")
    centre.end("k")
    centre.wait(1)
    numbers = [one.sequence for one in centre.happened(e.ContactEvent)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "k" not in centre.state.contacts
