"""The judge: agrees with what is right, and says in a sentence what is not."""

from __future__ import annotations

import msgspec
import pytest

from router.core import events as e
from router.core.catalog import SECOND, ProfileQueue
from router.core.model import AgentState, Callback, Choice, ContactState, Offer
from simulator.judging.decisions import Judge, judge_entry
from tests.unit.router.core.centre import Centre
from tests.unit.simulator.judging.hall import (
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

LATER = NOW + 10 * SECOND


def offered(contact: str, who: str, sequence: int = 1, **why) -> e.Offered:
    """An offer of the next contact in line to somebody idle since a minute."""
    reason = {"reason": "next_waiting", "band": 1, "waiting_contacts": 1, "free_agents": 1}
    return e.Offered(
        contact=contact,
        sequence=sequence,
        offer=f"{contact}.1",
        agent=who,
        expires_at=LATER,
        why=Choice(**{"idle_for": 60 * SECOND, **reason, **why}),
    )


def by_strategy(contact: str, who: str, free: int, runner_up: str, **why) -> e.Offered:
    chosen = {"strategy": "longest_idle", "free_agents": free, "runner_up": runner_up}
    empty = {"reason": "strategy", "band": 0, "waiting_contacts": 0}
    return offered(contact, who, **{**chosen, **empty, **why})


def said(state, *events: e.Event) -> list[str]:
    return [one.what for one in Judge(state).judge(events, NOW)]


# -- offers -----------------------------------------------------------------------------------


def test_the_right_offer_is_agreed_with_and_counted():
    judge = Judge(hall(person("ann"), caller("k")))
    assert judge.judge([offered("k", "ann")], NOW) == []
    assert judge.judged == {"next_waiting": 1}


def test_a_disagreement_names_moment_contact_and_agent():
    (one,) = Judge(hall(person("ann", slots=having("voice")), caller("k"))).judge(
        [offered("k", "ann", load=1, waiting_contacts=0)], NOW
    )
    assert (one.at, one.contact, one.agent) == (NOW, "k", "ann")
    assert one.what == "ann may not take k: busy"


def test_the_contact_that_comes_first_must_be_offered():
    state = hall(person("ann"), caller("old", 20), caller("young", 10))
    assert said(state, offered("young", "ann")) == [
        "ann is offered young, but old comes first for them"
    ]


def test_the_agent_whom_the_strategy_chooses_must_be_offered_it():
    state = hall(person("ann", idle=61), person("ben"), caller("k"))
    assert said(state, by_strategy("k", "ben", 2, "ben")) == [
        "k is offered to ben, but should go to ann"
    ]


def test_of_those_freed_together_another_may_take_it_when_the_first_has_another():
    """Ann has been idle for longer, and takes what comes first for her."""
    made = catalog(
        queue(),
        queue("r"),
        profile(queues=("r", ProfileQueue(queue="q", band=2))),
        profile("q", queues=("q",)),
        agent("ann"),
        agent("ben", "q"),
    )
    people = person(made.agents["ann"], idle=61), person(made.agents["ben"])
    state = hall(*people, caller("k"), caller("other", queue="r"), made=made)
    found = said(state, offered("k", "ben"))
    assert found == ["other waits, and ann is free for it"], "but the offer itself is right"


def test_a_favourite_is_asked_before_the_strategy():
    state = hall(person("ann", idle=99), person("ben"), caller("k", preferred=("ben",)))
    assert said(state, by_strategy("k", "ann", 2, "ben", idle_for=99 * SECOND)) == [
        "k is offered to ann, but should go to ben"
    ]


def test_what_is_kept_says_so():
    kept = caller("k", preferred=("ann",), preferred_until=LATER, named="ann")
    assert said(hall(person("ann"), kept), offered("k", "ann", reason="preferred")) == [
        "the offer of k to ann says preferred, not named"
    ]


def test_a_callback_that_pauses_is_offered_to_nobody():
    pause = Callback(address="+1", promised_at=0, not_before=LATER)
    state = hall(person("ann"), caller("k", state=ContactState.CALLBACK_PROMISED, callback=pause))
    assert said(state, offered("k", "ann", waiting_contacts=0)) == [
        "k is offered to ann and does not wait"
    ]


# -- what the offer says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"load": 1}, "the offer of k says load 1, it is 0"),
        ({"idle_for": 0}, "the offer of k says idle_for 0, it is 60000000"),
        ({"band": 2}, "the offer of k says band 2, it is 1"),
        ({"waiting_contacts": 2}, "the offer of k says waiting_contacts 2, it is 1"),
    ],
)
def test_figures_that_are_wrong(wrong, sentence):
    assert said(hall(person("ann"), caller("k")), offered("k", "ann", **wrong)) == [sentence]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"free": 3}, "the offer of k says 3 are free, 2 are"),
        ({"runner_up": ""}, "the offer of k says next is '', it is 'ben'"),
        (
            {"strategy": "linear"},
            "the offer of k says linear, its queue uses longest_idle",
        ),
    ],
)
def test_a_comparison_that_is_wrong(wrong, sentence):
    state = hall(person("ann", idle=61), person("ben"), caller("k"))
    right = {"free": 2, "runner_up": "ben", "idle_for": 61 * SECOND}
    assert said(state, by_strategy("k", "ann", **{**right, **wrong})) == [sentence]


# -- a person decides -------------------------------------------------------------------------


def pulled(who: str = "ann") -> tuple[e.Event, ...]:
    taken = e.OfferAccepted(
        contact="k", sequence=2, offer="k.1", agent=who, waited=0, waited_in_queue=0
    )
    return offered("k", who, reason="named"), taken


def test_what_is_pulled_passes_demands_but_not_state_and_room():
    unable = caller("k", steps=steps(skill("es")), excluded={"ann": LATER})
    assert said(hall(person("ann"), unable), *pulled()) == []
    assert said(hall(person("ann", state=AgentState.NOT_READY), caller("k")), *pulled()) == [
        "k is given to ann, who takes no work"
    ]
    assert said(hall(person("ann", slots=having("voice")), caller("k")), *pulled()) == [
        "k is given to ann, who has no room for it"
    ]


def test_nobody_is_named_whom_nobody_named():
    state = hall(person("ann"), caller("k"))
    assert said(state, pulled()[0]) == ["k rings at ann as named, and nobody named them"]


# -- ringing at several -----------------------------------------------------------------------


def ringing(*people, reason: str = "strategy", also=(), **rules):
    """``k`` rings at the first of ``people``."""
    made = catalog(queue(strategy="ring_all", **rules), *(one.definition for one in people))
    rings = {"state": ContactState.OFFERED, "offers": {people[0].id: "k.0"}}
    state = hall(*people, caller("k", **rings), *also, made=made)
    state.offers["k.0"] = Offer(
        id="k.0",
        contact="k",
        agent=people[0].id,
        offered_at=NOW,
        expires_at=LATER,
        why=Choice(reason=reason),
    )
    people[0].slots["k"] = next(iter(having("voice").values()))
    return state


ALONG = {"free": 1, "runner_up": "", "strategy": "ring_all"}


def test_who_is_free_rings_along():
    state = ringing(person("ann"), person("ben"))
    assert said(state, by_strategy("k", "ben", **ALONG)) == []
    assert said(ringing(person("ann"), person("ben"))) == ["k rings, and ben is free to ring along"]


@pytest.mark.parametrize(
    ("reason", "rules"),
    [("preferred", {}), ("named", {}), ("strategy", {"ring_all_limit": 1})],
)
def test_nobody_rings_along_for_a_claim_or_past_the_limit(reason, rules):
    state = ringing(person("ann"), person("ben"), reason=reason, **rules)
    assert Judge(state).left_undone(NOW) == []
    assert said(state, by_strategy("k", "ben", **ALONG))[0] == (
        "k rings already and may not ring at ben as well"
    )


def test_a_contact_that_waits_comes_before_ringing_along():
    state = ringing(person("ann"), person("ben"), also=(caller("w"),))
    assert said(state, by_strategy("k", "ben", **ALONG)) == [
        "ben rings along for k while w waits for them"
    ]


def test_the_longest_idle_rings_along_first():
    state = ringing(person("ann"), person("ben"), person("chi", idle=90))
    other = person("dora")
    assert other.idle_since > state.agents["chi"].idle_since
    found = said(state, by_strategy("k", "ben", **ALONG))
    assert "k rings, and chi is free to ring along" in found


# -- what is left undone ----------------------------------------------------------------------


def test_nobody_who_is_free_is_left_beside_a_contact_they_could_take():
    state = hall(person("ann"), caller("k"), caller("m", steps=steps(skill("es"))))
    assert [one.what for one in Judge(state).left_undone(NOW)] == [
        "k waits, and ann is free for it"
    ]


def test_nothing_is_kept_for_those_who_will_not_come():
    kept = caller("k", preferred=("ann",), preferred_until=LATER)
    state = hall(person("ann", state=AgentState.SIGNED_OUT), kept)
    assert said(state) == ["k is kept for agents none of whom will come"]


def test_nothing_rings_and_is_kept_past_its_time():
    kept = caller("k", preferred=("ann",), preferred_until=NOW, state=ContactState.OFFERED)
    assert said(hall(kept)) == ["k rings and is kept past its time"]


def test_nobody_waits_in_a_step_that_cannot_be_met():
    state = hall(caller("k", steps=steps((skill("es"), 30), skill("tax"))))
    assert said(state) == ["k waits in a step that nobody signed in can meet"]


# -- steps and preferences --------------------------------------------------------------------


def entered(step: int, reason: str) -> e.StepEntered:
    return e.StepEntered(contact="k", sequence=1, step=step, step_until=0, reason=reason)


def test_a_step_is_left_when_it_is_over_or_hopeless():
    stages = steps((skill("es"), 30), skill("tax"), skill("tax"))
    over = {"steps": stages, "step_until": NOW}
    able = person(agent("ann", skills={"es": 1, "tax": 1}), state=AgentState.NOT_READY)
    assert Judge(hall(able, caller("k", **over))).judge([entered(1, "elapsed")], NOW) == []
    assert said(hall(caller("k", steps=stages)), entered(1, "nobody_signed_in"))[0] == (
        "k waits in a step that nobody signed in can meet"
    ), "the next one as well"
    goes_on = caller("k", steps=stages, step_until=LATER)
    for reason in ("elapsed", "nobody_signed_in"):
        state = hall(able, msgspec.structs.replace(goes_on))
        assert f"k leaves a step that goes on ({reason})" in said(state, entered(1, reason))
    assert "k goes from step 0 to 2" in said(hall(caller("k", **over)), entered(2, "elapsed"))


@pytest.mark.parametrize(
    ("reason", "given", "wrong"),
    [
        ("elapsed", {}, True),
        ("elapsed", {"preferred_until": NOW}, False),
        ("rejected", {"excluded": {"ann": LATER}}, False),
        ("rejected", {"excluded": {"ann": LATER - 1}}, True),
        ("rejected", {"excluded": {"ann": NOW}, "named": "ann"}, False),
        ("nobody_signed_in", {}, True),
    ],
)
def test_a_preference_ends_when_it_may(reason, given, wrong):
    kept = caller("k", **{"preferred": ("ann",), "preferred_until": LATER, **given})
    state = hall(person("ann", state=AgentState.NOT_READY), kept)
    ended = e.PreferenceEnded(contact="k", sequence=1, reason=reason)
    told = ["k is kept no longer, and its agents may still come"] if wrong else []
    assert said(state, ended) == told


# -- following a core -------------------------------------------------------------------------


def recorded() -> Centre:
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    for name in ("k1", "k2", "k3"):
        centre.arrive(name)
    centre.accept("k1")
    centre.end("k1")
    return centre


def test_a_whole_log_is_followed_from_its_beginning():
    judge = Judge()
    for entry in recorded().log:
        assert judge.judge(entry.events, entry.at) == []
    assert judge.judged == {"strategy": 2, "next_waiting": 1}


def test_what_is_only_followed_is_not_judged():
    judge = Judge()
    for entry in recorded().log:
        judge.follow(entry.events, entry.at)
    assert not judge.judged
    assert judge.left_undone(judge.state.at) == []


def test_one_entry_is_judged_on_a_copy_of_the_state_before():
    *earlier, last = recorded().log
    judge = Judge()
    for entry in earlier:
        judge.follow(entry.events, entry.at)
    before = judge.state.snapshot()
    assert judge_entry(judge.state, last) == []
    silent = msgspec.structs.replace(last, events=last.events[:-1])
    (one,) = judge_entry(judge.state, silent)
    assert one.what == "k3 waits, and ann is free for it"
    assert judge.state.snapshot() == before


def test_events_about_nobody_are_followed_too():
    judge = Judge(hall(person("ann"), made=catalog(queue(), agent("ann"))))
    assert judge.judge([], NOW) == []
    assert judge.judge([e.AgentNotReady(agent="ann", reason="break")], NOW) == []
    assert judge.state.agents["ann"].state is AgentState.NOT_READY


# -- who cannot be reached --------------------------------------------------------------------

CUT = e.ReachabilityChanged(agent="ann", channel="voice", reachable=False, reason="cut")


def test_nothing_may_be_offered_to_who_cannot_be_reached():
    deaf = person("ann", unreachable={"voice": "cut"})
    state = hall(deaf, caller("k"))
    assert said(state, offered("k", "ann", waiting_contacts=0)) == [
        "ann may not take k: unreachable",
        "k rings at ann, who cannot be reached",
    ]


def test_nothing_may_go_on_ringing_at_who_cannot_be_reached():
    state = hall(person("ann"), caller("k"))
    assert said(state, offered("k", "ann"), CUT) == ["k rings at ann, who cannot be reached"]


def test_a_person_gives_nothing_to_who_cannot_be_reached():
    taken = e.OfferAccepted(
        contact="k", sequence=2, offer="k.1", agent="ann", waited=0, waited_in_queue=0
    )
    state = hall(person("ann"), caller("k"))
    assert said(state, CUT, offered("k", "ann", reason="named"), taken) == [
        "k is given to ann, who cannot be reached"
    ]
