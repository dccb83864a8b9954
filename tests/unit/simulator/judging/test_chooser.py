"""The chooser's own rules, each with an example small enough to see through."""

from __future__ import annotations

import pytest

from router.core.catalog import SECOND, ProfileQueue
from router.core.model import AgentState, Callback, ContactState
from router.core.requirements import Not, SkillAtLeast
from simulator.judging.chooser import (
    Found,
    best_agents,
    best_contact,
    best_ringing,
    eligible_agents,
    kinds_open_to,
    waits,
)
from tests.unit.simulator.judging.hall import (
    CAPACITY,
    NOW,
    agent,
    caller,
    catalog,
    hall,
    having,
    person,
    profile,
    queue,
    skill,
    steps,
)

LATER = NOW + SECOND
LATE = profile("late", queues=(ProfileQueue(queue="q", delay=30 * SECOND),))
OTHERS = profile("others", queues=("r",))
SPANISH = steps(skill("es", 3))


def reasons(state, contact, who="ann") -> list[str]:
    (found,) = [
        one for one in eligible_agents(state, state.contacts[contact], NOW) if one.agent == who
    ]
    return [str(reason) for reason in found.reasons]


# -- may this agent take this contact ---------------------------------------------------------


def test_who_is_ready_and_able_may_take_it():
    assert reasons(hall(person("ann"), caller("k")), "k") == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"state": AgentState.SIGNED_OUT}, "signed_out"),
        ({"state": AgentState.NOT_READY}, "not_ready"),
        ({"next_state": AgentState.NOT_READY}, "leaving"),
        ({"unreachable": {"voice": "cut"}}, "unreachable"),
        ({"slots": having("voice")}, "busy"),
    ],
)
def test_what_the_agent_does_may_keep_them_from_it(given, reason):
    assert reasons(hall(person("ann", **given), caller("k")), "k") == [reason]


def test_who_rejected_it_may_see_it_again_at_that_moment():
    assert reasons(hall(person("ann"), caller("k", excluded={"ann": LATER})), "k") == ["excluded"]
    assert reasons(hall(person("ann"), caller("k", excluded={"ann": NOW})), "k") == []


def test_who_writes_it_up_may_not_take_it_again():
    ann = person("ann", slots={"k": next(iter(having("chat").values()))})
    assert reasons(hall(ann, caller("k", channel="chat")), "k") == ["busy"]


def test_queue_channel_and_demands_must_fit():
    made = catalog(queue(), queue("r"), profile(), OTHERS, agent("ann", "others"))
    assert reasons(hall(person(made.agents["ann"]), caller("k"), made=made), "k") == [
        "other_queues"
    ]
    assert reasons(hall(person("ann"), caller("k", channel="fax")), "k") == ["other_queues", "busy"]
    assert reasons(hall(person("ann"), caller("k", steps=SPANISH)), "k") == ["lacks"]
    able = agent("ann", skills={"es": 3})
    assert reasons(hall(person(able), caller("k", steps=SPANISH)), "k") == []


@pytest.mark.parametrize(("waited", "seen"), [(29, False), (30, True), (-5, False)])
def test_a_delay_holds_until_it_has_waited_that_long(waited, seen):
    made = catalog(queue(), LATE, agent("ann", "late"))
    state = hall(person(made.agents["ann"]), caller("k", waited), made=made)
    assert reasons(state, "k") == ([] if seen else ["delayed"])


def test_without_a_delay_even_negative_credit_is_seen():
    assert reasons(hall(person("ann"), caller("k", -5)), "k") == []


def test_what_is_kept_is_for_those_agents_whatever_they_can_and_see():
    made = catalog(queue(), LATE, agent("ann", "late"), agent("ben", "late"))
    kept = caller("k", steps=SPANISH, preferred=("ann",), preferred_until=LATER)
    state = hall(person(made.agents["ann"]), person(made.agents["ben"]), kept, made=made)
    assert reasons(state, "k") == []
    assert reasons(state, "k", "ben") == ["lacks", "kept", "delayed"]


def test_every_reason_is_told_in_the_order_of_explanations():
    made = catalog(queue(), queue("r"), profile(), OTHERS, agent("ann", "others"))
    ann = person(
        made.agents["ann"],
        state=AgentState.NOT_READY,
        next_state=AgentState.SIGNED_OUT,
        slots=having("voice"),
        unreachable={"voice": "cut"},
    )
    contact = caller(
        "k",
        steps=SPANISH,
        excluded={"ann": LATER},
        preferred=("ben",),
        preferred_until=LATER,
    )
    assert reasons(hall(ann, contact, made=made), "k") == [
        "other_queues",
        "lacks",
        "not_ready",
        "unreachable",
        "excluded",
        "busy",
        "leaving",
        "kept",
    ]


@pytest.mark.parametrize(
    ("in_hand", "new", "fits"),
    [
        ((), "voice", True),
        (("voice",), "voice", False),
        (("voice",), "chat", False),
        (("voice",), "email", False),
        (("chat",), "voice", False),
        (("chat",), "chat", True),
        (("chat", "chat"), "chat", False),
        (("chat",), "email", True),
        (("email",), "voice", True),
        (("email", "chat"), "voice", False),
        (("email", "email"), "email", True),
    ],
)
def test_a_call_goes_beside_nothing_but_mails(in_hand, new, fits):
    state = hall(person("ann", slots=having(*in_hand)), caller("k", channel=new))
    assert reasons(state, "k") == ([] if fits else ["busy"])


def test_two_calls_fit_where_two_are_allowed():
    made = catalog(queue(), profile(capacity={**CAPACITY, "voice": 2}), agent("ann"))
    state = hall(person("ann", slots=having("voice")), caller("k"), made=made)
    assert reasons(state, "k") == []


# -- which contact an agent takes -------------------------------------------------------------


def test_a_callback_that_pauses_does_not_wait():
    promised = {"state": ContactState.CALLBACK_PROMISED}
    ready = caller("k", callback=Callback(address="+1", promised_at=0), **promised)
    pausing = caller(
        "p", callback=Callback(address="+1", promised_at=0, not_before=LATER), **promised
    )
    assert [waits(ready), waits(pausing), waits(caller("q"))] == [True, False, True]
    assert not waits(caller("r", state=ContactState.OFFERED))


def first(state, who="ann") -> Found | None:
    return best_contact(state, state.agents[who], NOW)


def test_the_longest_wait_comes_first_and_nothing_that_may_not_be_taken():
    state = hall(
        person("ann"),
        caller("young", 10),
        caller("old", 20),
        caller("older", 30, steps=SPANISH),
        caller("oldest", 40, excluded={"ann": LATER}),
    )
    assert first(state) == Found("old", 1)


def test_nobody_waits():
    assert first(hall(person("ann"), caller("k", state=ContactState.OFFERED))) is None


def test_ties_go_by_order_of_arrival():
    state = hall(person("ann"), caller("k2", number=2), caller("k1", number=1))
    assert first(state) == Found("k1", 1)


def test_the_lower_band_comes_first():
    mine = profile(queues=(ProfileQueue(queue="q", band=2), "r"))
    made = catalog(queue(), queue("r"), mine, agent("ann"))
    state = hall(person("ann"), caller("old", 90), caller("new", 1, queue="r"), made=made)
    assert first(state) == Found("new", 1)


def test_by_objective_the_larger_share_of_it_comes_first():
    mine = profile(queues=("q", "r"), order="objective")
    quick, slow = queue(service_within=10 * SECOND), queue("r", service_within=60 * SECOND)
    made = catalog(quick, slow, mine, agent("ann"))
    state = hall(person("ann"), caller("slow", 59, queue="r"), caller("quick", 10), made=made)
    assert first(state) == Found("quick", 1)
    state.contacts["slow"].waiting_since = NOW - 61 * SECOND
    assert first(state) == Found("slow", 1)


def test_what_is_kept_for_the_agent_comes_before_everything():
    kept = {"preferred": ("ann",), "preferred_until": LATER}
    state = hall(person("ann"), caller("old", 90), caller("mine", 1, **kept))
    assert first(state) == Found("mine", 0)


def test_kinds_are_counted_by_queue_channel_and_demands():
    ann = person(agent("ann", skills={"es": 5}))
    kept = {"preferred": ("ann",), "preferred_until": LATER}
    state = hall(
        ann,
        caller("one"),
        caller("same"),
        caller("other channel", channel="chat"),
        caller("other demand", steps=SPANISH),
        caller("kept", **kept),
        caller("not for ann", channel="fax"),
    )
    assert kinds_open_to(state, ann, NOW) == 3


def test_out_of_those_that_ring_the_first_in_order_is_found():
    state = hall(person("ann"), caller("k1", 10), caller("k2", 20))
    contacts = list(state.contacts.values())
    assert best_ringing(state, state.agents["ann"], contacts, NOW) == Found("k2", 1)
    assert best_ringing(state, state.agents["ann"], [], NOW) is None


# -- which agent a contact goes to ------------------------------------------------------------


def chosen(strategy, *people, contact=None) -> set[str]:
    made = catalog(queue(strategy=strategy), *(one.definition for one in people))
    state = hall(*people, contact or caller("k"), made=made)
    return best_agents(state, state.contacts["k"], NOW)


def test_longest_idle_looks_at_load_before_idle_time():
    people = (person("ann", idle=50), person("ben", idle=60))
    assert chosen("longest_idle", *people) == {"ben"}
    people = (person("ann", idle=50), person("ben", idle=60, slots=having("email")))
    assert chosen("longest_idle", *people) == {"ann"}


@pytest.mark.parametrize(
    "strategy",
    [
        "longest_idle",
        "least_occupied",
        "most_skilled",
        "least_skilled",
        "fewest_contacts",
        "round_robin",
        "linear",
        "ring_all",
    ],
)
def test_ties_go_by_place_in_the_catalog(strategy):
    assert chosen(strategy, person("zoe"), person("ann")) == {"zoe"}


def test_least_occupied_takes_the_share_from_when_work_last_changed():
    ann = person("ann", signed_in=1_000, idle=900, busy_total=50 * SECOND)  # 50 s of 100 s
    ben = person("ben", signed_in=1_000, idle=0, busy_total=400 * SECOND)  # 400 s of 1,000 s
    assert chosen("least_occupied", ann, ben) == {"ben"}


def test_fewest_contacts_counts_what_was_taken():
    people = (person("ann", handled=3, offered=3), person("ben", handled=2, offered=9))
    assert chosen("fewest_contacts", *people) == {"ben"}


def test_round_robin_goes_by_the_last_offer_not_by_idle_time():
    assert chosen("round_robin", person("ann", turn=7, idle=99), person("ben", turn=3)) == {"ben"}


def test_linear_looks_at_nothing_but_the_line():
    front = person(agent("ben", order=1), slots=having("email"), idle=0)
    assert chosen("linear", person(agent("ann", order=2)), front) == {"ben"}


def test_levels_count_in_the_skills_asked_for():
    broad = person(agent("ann", skills={"es": 3, "tax": 9}))
    deep = person(agent("ben", skills={"es": 7}), slots=having("email"))
    asked = caller("k", steps=SPANISH)
    assert chosen("most_skilled", broad, deep, contact=asked) == {"ben"}
    assert chosen("least_skilled", broad, deep, contact=asked) == {"ann"}


def test_levels_count_in_all_skills_when_none_is_asked_for():
    broad = person(agent("ann", skills={"es": 3, "tax": 9}))
    deep = person(agent("ben", skills={"es": 7}))
    assert chosen("most_skilled", broad, deep) == {"ann"}
    assert chosen("least_skilled", broad, deep) == {"ben"}


def test_a_skill_that_must_be_missing_is_asked_for_too():
    nobody_with_tax = steps(Not(of=SkillAtLeast(skill="tax", level=9)))
    people = (
        person(agent("ann", skills={"tax": 1, "es": 1})),
        person(agent("ben", skills={"es": 9})),
    )
    asked = caller("k", steps=nobody_with_tax)
    assert chosen("most_skilled", *people, contact=asked) == {"ann"}


def test_least_skilled_spares_who_knows_more_besides():
    broad = person(agent("ann", skills={"es": 3, "tax": 9}), idle=90)
    plain = person(agent("ben", skills={"es": 3}))
    assert chosen("least_skilled", broad, plain, contact=caller("k", steps=SPANISH)) == {"ben"}


def test_lots_fall_on_everybody_who_is_free():
    people = (person("ann"), person("ben"), person("chi", slots=having("voice")))
    assert chosen("random", *people) == {"ann", "ben"}


def test_weighted_lots_never_fall_on_who_weighs_nothing():
    people = (person(agent("ann", weight=0)), person(agent("ben", weight=1)))
    assert chosen("weighted", *people) == {"ben"}


def test_nobody_is_free():
    assert chosen("longest_idle", person("ann", state=AgentState.NOT_READY)) == set()


def test_preferred_agents_are_asked_first_in_their_order():
    people = (person("ann", idle=99), person("ben"), person("chi"))
    asked = {"preferred": ("gone", "chi", "ben")}
    assert chosen("random", *people, contact=caller("k", **asked)) == {"chi"}
    kept = caller("k", **asked, preferred_until=LATER)
    assert chosen("longest_idle", *people, contact=kept) == {"chi"}


def test_once_it_rings_the_next_in_line_rings_and_no_favourite():
    people = (person("ann", idle=99), person("ben"))
    rings = caller("k", state=ContactState.OFFERED, preferred=("ben",))
    assert chosen("ring_all", *people, contact=rings) == {"ann"}


def test_an_unknown_strategy_has_no_order():
    with pytest.raises(ValueError, match="'tossing coins'"):
        chosen("tossing coins", person("ann"), person("ben"))
