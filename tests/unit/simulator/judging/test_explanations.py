"""An answer to "why?" that is altered anywhere is noticed, and a right one is agreed with."""

from __future__ import annotations

import msgspec
import pytest

from router.core import commands as c
from router.core.catalog import MINUTE, SECOND, OverflowRule, ProfileQueue, ToMessage
from router.core.explain import Ahead, Coming, ContactExplanation, Obstacle, explain_contact
from router.core.model import ContactState
from router.core.requirements import TeamIs
from simulator.judging.explanations import judge_explanation, positions
from tests.unit.router.core.centre import Centre
from tests.unit.simulator.judging.hall import (
    NOW,
    agent,
    caller,
    catalog,
    hall,
    person,
    profile,
    queue,
    skill,
    steps,
)

LATER = NOW + 10 * SECOND


def centre() -> Centre:
    """One agent of each kind, and ``k`` who waits for all of them."""
    late = profile("late", queues=(ProfileQueue(queue="q", delay=MINUTE),))
    rules = (OverflowRule(when="wait", at=5 * MINUTE, to=ToMessage(text="sorry")),)
    es = {"es": 5}
    made = Centre(
        queue(steps=steps((skill("es", 3), 30), TeamIs(team="")), overflow=rules),
        queue("other"),
        profile(),
        late,
        profile("elsewhere", queues=("other",)),
        agent("busy", skills=es),
        agent("paused", skills=es),
        agent("deaf", skills=es),
        agent("rejected", skills=es),
        agent("helper", "late", skills=es),
        agent("weak", skills={"es": 2}),
        agent("stranger", "elsewhere"),
    )
    made.ready("busy")
    made.talk("call")
    made.ready("paused")
    made.do(c.SetNotReady(id="", agent="paused", reason="break"))
    made.do(c.SetReachable(id="", agent="deaf", channel="voice", reachable=False))
    made.ready("deaf")
    made.arrive("before")
    made.ready("weak", "stranger", "helper", "rejected")
    made.arrive("k")
    for contact in ("before", "k"):
        made.reject(contact, by="rejected")
    return made


@pytest.fixture(scope="module")
def answered() -> tuple[Centre, ContactExplanation]:
    made = centre()
    said = explain_contact(made.state, "k", made.at)
    assert said is not None
    return made, said


def judged(made: Centre, said: ContactExplanation) -> list[str]:
    return [one.what for one in judge_explanation(made.state, said, made.at)]


def test_a_right_answer_is_agreed_with(answered):
    assert judged(*answered) == []


def test_the_answer_spoke_of_every_kind(answered):
    _, said = answered
    assert [len(part) for part in (said.busy, said.not_ready, said.later)] == [1, 1, 2]
    assert [one.agent for one in said.unreachable] == ["deaf"]
    assert [one.what for one in said.coming] == ["step", "delay_ends", "overflow"]
    assert (len(said.obstacles), len(said.ahead), said.other_queues) == (1, 1, 1)


@pytest.mark.parametrize(
    ("altered", "sentence"),
    [
        ({"busy": ()}, "the explanation names nobody as busy, it is busy"),
        ({"later": ()}, "the explanation names nobody as later, it is helper, rejected"),
        ({"signed_in": 9}, "the explanation says signed_in 9, it is 7"),
        ({"other_queues": 0}, "the explanation says other_queues 0, it is 1"),
        ({"unreachable": ()}, "the explanation names nobody as unreachable, it is deaf"),
        ({"can_take": 4}, "the explanation says can_take 4, it is 5"),
        ({"obstacles": ()}, "the explanation says 'es >= 3' keeps out 0, it is Weak"),
        ({"asks_for": "tax"}, "the explanation says asks_for 'tax', it is 'es >= 3'"),
        ({"step": 2}, "the explanation says step 2, it is 1"),
        ({"kept_for": ("weak",)}, "the explanation says kept_for ('weak',), it is ()"),
        ({"ahead": ()}, "the explanation says nobody stand before it, it is before"),
    ],
)
def test_what_is_altered_is_noticed(answered, altered, sentence):
    made, said = answered
    assert judged(made, msgspec.structs.replace(said, **altered)) == [sentence]


def test_an_agent_in_the_wrong_list_is_noticed(answered):
    made, said = answered
    wrong = msgspec.structs.replace(said.busy[0], code="free")
    found = judged(made, msgspec.structs.replace(said, free=(wrong,), busy=()))
    assert "the explanation says busy is free, they are busy" in found


def test_an_obstacle_with_the_wrong_people_is_noticed(answered):
    made, said = answered
    wrong = Obstacle(condition="es >= 3", count=1, agents=("Stranger",))
    assert judged(made, msgspec.structs.replace(said, obstacles=(wrong,))) == [
        "the explanation says 'es >= 3' keeps out Stranger, it is Weak"
    ]


def test_a_position_that_is_wrong_is_noticed(answered):
    made, said = answered
    wrong = msgspec.structs.replace(said.estimate, position=1)
    assert judged(made, msgspec.structs.replace(said, estimate=wrong)) == [
        "the explanation says position 1, it is 2"
    ]
    assert judged(made, msgspec.structs.replace(said, estimate=None)) == [
        "the explanation estimates a contact that is queued or does not for one that waits"
    ]


def test_what_comes_must_be_told_once_and_in_order(answered):
    made, said = answered
    step, delay, rule = said.coming
    none_more = msgspec.structs.replace(step, more=0)
    assert judged(made, msgspec.structs.replace(said, coming=(none_more, delay, rule))) == [
        f"the explanation does not tell of step team =  at {step.at}",
        f"the explanation tells of step team =  at {step.at}, bringing 0, and it does not come so",
    ]
    assert judged(made, msgspec.structs.replace(said, coming=(delay, step, rule))) == [
        "the explanation does not tell what comes in the order in which it comes"
    ]
    more = Coming(what="callback_due", at=made.at + MINUTE)
    assert len(judged(made, msgspec.structs.replace(said, coming=(*said.coming, more)))) == 1 + 1


def test_a_long_list_may_name_some_only():
    people = [agent(f"a{n}") for n in range(25)]
    made = Centre(queue(steps=steps(skill("es"))), *people)
    made.ready(*(one.id for one in people))
    made.arrive("k")
    said = explain_contact(made.state, "k", made.at)
    assert said is not None
    assert judged(made, said) == []
    (obstacle,) = said.obstacles
    fewer = msgspec.structs.replace(obstacle, agents=obstacle.agents[:9])
    assert len(judged(made, msgspec.structs.replace(said, obstacles=(fewer,)))) == 1


def test_only_the_last_few_before_it_are_told():
    made = Centre(agent("ann"))
    for number in range(8):
        made.arrive(f"k{number}")
    said = explain_contact(made.state, "k7", made.at)
    assert said is not None
    assert judged(made, said) == []
    all_before = tuple(Ahead(contact=f"k{n}", customer="", waiting_since=0) for n in range(7))
    assert len(judged(made, msgspec.structs.replace(said, ahead=all_before))) == 1


# -- positions --------------------------------------------------------------------------------


def place(state, contact="k") -> tuple[int, int]:
    return positions(state, state.contacts[contact], NOW)


def test_those_of_the_same_kind_count_also_when_nobody_is_signed_in():
    state = hall(caller("old", 20), caller("k"), caller("young", 5))
    assert place(state) == (2, 2)


def test_one_that_rings_is_first():
    assert place(hall(caller("old", 20), caller("k", state=ContactState.OFFERED))) == (1, 1)


def test_other_kinds_count_where_an_agent_serves_both():
    deep = caller("deep", 20, steps=steps(skill("es")))
    assert place(hall(person("ann"), deep, caller("k"))) == (1, 1)
    able = person(agent("ann", skills={"es": 1}))
    assert place(hall(able, deep, caller("k"))) == (2, 2)


def test_bands_and_objectives_decide_who_counts():
    mine = profile(queues=(ProfileQueue(queue="q", band=2), "r"))
    made = catalog(queue(), queue("r"), mine, agent("ann"))
    state = hall(person("ann"), caller("k", 90), caller("new", 1, queue="r"), made=made)
    assert (place(state), place(state, "new")) == ((2, 2), (1, 1))


def test_a_mail_is_not_before_a_call_and_a_call_is_before_a_mail():
    state = hall(person("ann"), caller("mail", 20, channel="email"), caller("k"))
    assert place(state) == (1, 1)
    state = hall(person("ann"), caller("call", 20), caller("k", channel="email"))
    assert place(state) == (2, 2)


def test_where_agents_differ_both_are_right():
    first, last = (
        profile(name, queues=("q", ProfileQueue(queue="r", band=band)))
        for name, band in (("a", 1), ("z", 2))
    )
    made = catalog(queue(), queue("r"), first, last, agent("ann", "a"), agent("ben", "z"))
    people = [person(one) for one in made.agents.values()]
    state = hall(*people, caller("k", 5), caller("older", 20, queue="r"), made=made)
    assert place(state) == (1, 2)


def test_what_is_kept_for_somebody_may_count_or_not():
    kept = caller("kept", 5, preferred=("ann",), preferred_until=LATER)
    assert place(hall(person("ann"), caller("k"), kept)) == (1, 2)
    for_another = caller("kept", 5, preferred=("ben",), preferred_until=LATER)
    assert place(hall(person("ann"), caller("k"), for_another)) == (1, 1)
