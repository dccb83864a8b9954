"""What may be changed, and what is refused in a sentence."""

from __future__ import annotations

import msgspec
import pytest

from router.core import commands as c
from router.core.catalog import MINUTE
from simulator.replay.centre import infer_catalog
from simulator.replay.change import (
    CentreChange,
    ChangeError,
    changed_catalog,
    changed_staff,
    changed_supervision,
    resolved,
)
from simulator.staff import Member, Shift

CENTRE = infer_catalog(["sales", "help"], {"ann": ["sales"], "bob": ["help"]}, {"gold": MINUTE})
STAFF = tuple(Member(agent=name, shifts=(Shift(begins=0, ends=9),)) for name in ("ann", "bob"))


def test_nothing_set_changes_nothing():
    assert changed_catalog(CENTRE, CentreChange()) == CENTRE
    assert changed_staff(STAFF, CentreChange()) == STAFF


def test_credits_replace_those_of_the_tiers_that_are_named():
    changed = changed_catalog(CENTRE, CentreChange(credits={"gold": 0, "plain": MINUTE}))
    assert changed.credits.tiers == {"gold": 0, "plain": MINUTE}


def test_a_strategy_holds_for_every_queue_and_must_exist():
    changed = changed_catalog(CENTRE, CentreChange(strategy="random"))
    assert {queue.strategy for queue in changed.queues.values()} == {"random"}
    with pytest.raises(ChangeError, match=r"no strategy 'longest'.*longest_idle"):
        changed_catalog(CENTRE, CentreChange(strategy="longest"))


def test_everybody_can_be_given_every_skill():
    change = CentreChange(everyone_does=True)
    skills = {agent.traits.skills for agent in changed_catalog(CENTRE, change).agents.values()}
    assert skills == {(("help", 1), ("sales", 1))}
    assert change.redefines_skills


def test_who_stays_away_and_who_is_there_twice():
    change = resolved(CentreChange(without=("BOB",), extra=("ann", "ann")), ["ann", "bob"], [])
    assert [one.agent for one in changed_staff(STAFF, change)] == ["ann", "ann+1", "ann+2"]
    assert set(changed_catalog(CENTRE, change).agents) == {"ann", "bob", "ann+1", "ann+2"}
    lent = ((5, c.LendSkills(id="", agent="ann", skills={"sales": 0})),)
    assert [command.agent for _, command in changed_supervision(lent, change)] == [
        "ann",
        "ann+1",
        "ann+2",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (CentreChange(without=("anna",)), "Nobody called 'anna' works here: did you mean 'ann'"),
        (CentreChange(extra=("zoe",)), "Nobody called 'zoe' works here: name one of ann, bob"),
        (CentreChange(credits={"glod": 0}), "No caller is of tier 'glod': did you mean 'gold'"),
        (CentreChange(without=("ann", "bob")), "Nobody would be at work"),
    ],
)
def test_names_nobody_knows_are_refused_with_what_to_write(change, said):
    with pytest.raises(ChangeError, match=said):
        resolved(change, ["ann", "bob"], ["gold", "plain"])


def test_whoever_is_not_in_another_catalog_does_not_come():
    other = msgspec.structs.replace(CENTRE, agents={"bob": CENTRE.agents["bob"]})
    change = CentreChange(catalog=other)
    assert [one.agent for one in changed_staff(STAFF, change)] == ["bob"]
    assert changed_catalog(CENTRE, change) == other
