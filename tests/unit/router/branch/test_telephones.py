"""``router.branch.telephones``: the centre is told of a change once in each session."""

from __future__ import annotations

import pytest

from router.branch.messages import Phones, read_up, write
from router.branch.telephones import Telephones
from router.core.commands import SetReachable


def note(telephones, agent, reason=""):
    telephones.note(
        SetReachable(id="x", agent=agent, channel="voice", reachable=not reason, reason=reason)
    )


def test_what_the_centre_knows_is_not_said_again_in_the_same_session():
    telephones = Telephones()
    telephones.begin(lambda: True)
    note(telephones, "ann", "phone not registered")
    told = Phones(session=5, known=True, out={"ann": "phone not registered"})
    assert telephones.in_session(5) == told
    assert telephones.in_session(5) is None
    assert telephones.in_session(6) == Phones(session=6, known=True, out=told.out)


def test_a_telephone_that_can_be_rung_again_is_said():
    telephones = Telephones()
    note(telephones, "ann", "busy elsewhere")
    telephones.in_session(5)
    note(telephones, "ann")
    assert telephones.in_session(5) == Phones(session=5, known=False, out={})


@pytest.mark.parametrize(("agents", "told"), [(3_000, True), (30_000, False)])
def test_a_whole_centre_of_telephones_may_be_out_of_reach(agents, told):
    telephones = Telephones()
    for number in range(agents):
        note(telephones, f"agent{number}", "phone not registered")
    said = telephones.in_session(5)
    assert (said is not None) == told
    if said is not None:
        assert read_up(write(said)) == said
