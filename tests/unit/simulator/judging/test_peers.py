"""What other products would tell a caller, worked out by hand."""

from __future__ import annotations

import msgspec
import pytest

from router.core import commands as c
from router.core.durations import SECOND
from router.core.requirements import Step
from simulator.judging.peers import FORMULAS, Memory, Situation
from tests.unit.router.core.centre import Centre, agent, profile, queue, skill

BUSY = Situation(
    ahead=3,
    working=4,
    ready=0,
    shares=2.0,
    handling=120 * SECOND,
    on_this_queue=0.5,
    hold=45 * SECOND,
    last_wait=70 * SECOND,
)


@pytest.mark.parametrize(
    ("product", "seconds"),
    [
        ("Asterisk app_queue", 45),
        ("Genesys Engage", 120 * 4 / (4 * 0.5)),
        ("Google CCAI", 120 / 2 * 4 + 10),
        ("Expertflow", 4 * 120 / 4),
        ("last to be served", 70),
    ],
)
def test_a_busy_queue(product: str, seconds: float):
    assert FORMULAS[product](BUSY) == pytest.approx(seconds * SECOND)


def test_where_nothing_is_known_a_product_says_so_or_assumes():
    new = msgspec.structs.replace(
        BUSY, working=0, shares=0.0, handling=None, hold=0, last_wait=None
    )
    told = {name: formula(new) for name, formula in FORMULAS.items()}
    assert told.pop("Genesys Engage") > 3_600 * SECOND, "nobody at work is almost never"
    assert told.pop("Asterisk app_queue") == 0
    assert set(told.values()) == {None}


def test_the_memory_follows_answers_by_queue():
    memory = Memory()
    centre = Centre(queue(), queue("r"), agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    for waited in (40, 80):
        memory.answered("q", "ann", waited * SECOND)
    memory.answered("r", "ann", 7 * SECOND)
    centre.talk("k1")
    centre.talk("k2")
    centre.arrive("k3")
    centre.arrive("k4")
    found = memory.situation(centre.state, centre.contact("k4"))
    assert (found.ahead, found.working, found.ready) == (1, 2, 0)
    assert found.hold == ((40 * SECOND >> 2) * 3 + 80 * SECOND) >> 2
    assert found.last_wait == 80 * SECOND
    assert found.on_this_queue == pytest.approx(2 / 3)
    assert found.shares == 1, "each of two agents serves two queues"


def test_who_is_on_a_break_is_not_at_work():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.do(c.SignIn(id="", agent="ben"))
    centre.talk("k1")
    centre.arrive("k2")
    assert Memory().situation(centre.state, centre.contact("k2")).working == 1


def test_who_lacks_the_skill_is_not_in_the_queue():
    """However many queues the profile names: a product logs agents in where their skills are."""
    centre = Centre(
        queue(steps=(Step(condition=skill("q")),)),
        queue("r", steps=(Step(condition=skill("r")),)),
        profile(queues=("q", "r")),
        agent("ann", skills={"q": 1}),
        agent("ben", skills={"q": 1, "r": 1}),
        agent("cem", skills={"r": 1}),
    )
    centre.ready("ann", "ben", "cem")
    centre.talk("k1")
    centre.talk("k2")
    centre.arrive("k3")
    found = Memory().situation(centre.state, centre.contact("k3"))
    assert (found.working, found.ready) == (2, 0), "cem is idle and cannot take it"
    assert found.shares == pytest.approx(1 + 1 / 2)
