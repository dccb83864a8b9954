"""Which free agent a contact goes to: each strategy's order, ties and barred agents."""

from __future__ import annotations

from collections import Counter

import pytest

from router.core import commands as c
from router.core.machine import RoutingCore
from router.core.model import Choice
from router.core.state import State
from router.core.strategies import STRATEGIES
from tests.unit.router.core.centre import Centre, agent, offers_of, profile, queue, skill, steps

DETERMINISTIC = sorted(set(STRATEGIES) - {"random", "weighted"})
ABC = ("ann", "ben", "chi")


def centre_of(strategy: str, *agents, asks=None, **rules) -> Centre:
    demands = {"steps": steps(asks)} if asks else {}
    people = agents or tuple(agent(name) for name in ABC)
    return Centre(queue(strategy=strategy, **demands, **rules), *people)


def served(centre: Centre, contact: str, channel: str = "voice") -> str:
    """Who is offered the next contact; they take it and end it at once."""
    ((_, who),) = offers_of(centre.arrive(contact, channel))
    centre.accept(contact)
    centre.at += 1
    centre.end(contact)
    centre.at += 1
    return who


def test_every_strategy_of_the_design_is_in_the_table():
    assert set(STRATEGIES) == {
        "longest_idle",
        "least_occupied",
        "most_skilled",
        "least_skilled",
        "fewest_contacts",
        "round_robin",
        "random",
        "weighted",
        "linear",
        "ring_all",
    }


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_is_listed_under_its_own_name(name: str):
    assert STRATEGIES[name].name == name


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_only_free_agent_is_chosen_by_every_strategy(name: str):
    centre = centre_of(name)
    centre.ready("ben")
    assert offers_of(centre.arrive("k")) == [("k", "ben")]


@pytest.mark.parametrize("name", STRATEGIES)
def test_nobody_is_offered_a_contact_they_may_not_see(name: str):
    centre = centre_of(name)
    centre.ready("ann", "ben")
    centre.arrive("k")
    first = centre.ringing("k")[0]
    centre.reject("k", by=first)
    assert first not in centre.ringing("k")
    assert len(centre.ringing("k")) == 1


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_agents_who_are_the_same_in_all_respects_go_by_their_place_in_the_catalog(name: str):
    centre = centre_of(name)
    for who in ("chi", "ben", "ann"):
        centre.do(c.SignIn(id="", agent=who))
        centre.do(c.SetReady(id="", agent=who))  # all at the same moment
    assert offers_of(centre.arrive("k"))[0] == ("k", "ann")


# -- one by one -------------------------------------------------------------------------------


def test_longest_idle_takes_whose_work_changed_longest_ago():
    centre = centre_of("longest_idle")
    centre.ready("ben", "chi", "ann")
    assert [served(centre, f"k{n}") for n in range(6)] == ["ben", "chi", "ann"] * 2


def test_longest_idle_is_not_reset_by_an_offer_that_came_to_nothing():
    centre = centre_of("longest_idle", reoffer_after=0)
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.do(c.Abandon(id="", contact="k"))
    assert offers_of(centre.arrive("k2")) == [("k2", "ann")]


def test_longest_idle_spreads_chats_before_it_piles_them_up():
    centre = centre_of("longest_idle")
    centre.ready("ann", "ben")
    got = [offers_of(centre.arrive(f"k{n}", "chat"))[0][1] for n in range(4)]
    assert got == ["ann", "ben", "ann", "ben"]


def test_fewest_contacts_goes_by_contacts_taken_since_signing_in():
    centre = centre_of("fewest_contacts")
    centre.ready("ann", "ben")
    assert [served(centre, f"k{n}") for n in range(2)] == ["ann", "ben"]
    centre.ready("chi")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    assert [served(centre, f"m{n}") for n in range(2)] == ["chi", "ann"]
    centre.do(c.SetReady(id="", agent="ben"))
    assert served(centre, "last") == "chi", "ann 2, ben 1, chi 1; chi idle longest"


def test_an_offer_that_was_not_taken_is_no_contact():
    centre = centre_of("fewest_contacts", reoffer_after=1)
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.reject("k")
    assert centre.agent("ann").handled == 0


def test_round_robin_goes_round_whether_the_offer_is_taken_or_not():
    centre = centre_of("round_robin", reoffer_after=1)
    centre.ready("chi", "ben", "ann")
    assert [served(centre, f"k{n}") for n in range(4)] == ["ann", "ben", "chi", "ann"]
    centre.arrive("k")
    assert centre.ringing("k") == ["ben"]
    centre.reject("k")
    assert centre.ringing("k") == ["chi"]
    centre.accept("k")
    centre.wait(1)
    assert [served(centre, f"m{n}") for n in range(2)] == ["ann", "ben"]


def test_least_occupied_goes_by_the_share_of_time_spent_busy():
    centre = centre_of("least_occupied")
    centre.ready("ann")
    centre.wait(1_000)
    centre.ready("ben")
    centre.wait(100)
    assert centre.talk("k1") == "ann"
    centre.wait(60)
    assert centre.talk("k2") == "ben"
    centre.wait(60)
    centre.end("k1")
    centre.end("k2")  # ann: 120 s of 1,220 s; ben: 60 s of 160 s
    assert offers_of(centre.arrive("k3")) == [("k3", "ann")]


def busy_for(seconds: int, who: str, centre: Centre) -> None:
    assert centre.talk(f"for {who}", preferred=(who,)) == who
    centre.wait(seconds)
    centre.end(f"for {who}")


def test_the_share_is_taken_when_work_changed_and_an_offer_changes_no_work():
    centre = centre_of("least_occupied", reoffer_after=1)
    centre.ready("ann", "ben")
    busy_for(10, "ann", centre)
    centre.wait(90)
    busy_for(20, "ben", centre)  # ann: all of 10 s; ben: 20 s of 120 s
    centre.wait(900)
    centre.arrive("k")
    assert centre.ringing("k") == ["ben"]
    centre.reject("k")
    assert centre.ringing("k") == ["ann"]
    centre.reject("k")
    centre.wait(2)
    centre.do(c.Abandon(id="", contact="k"))
    assert offers_of(centre.arrive("k2")) == [("k2", "ben")], "ann's 10 s are still all of her 10 s"


def test_a_restart_changes_no_order():
    centre = centre_of("least_occupied")
    centre.ready("ann", "ben")
    busy_for(10, "ann", centre)
    centre.wait(90)
    busy_for(20, "ben", centre)
    centre.wait(900)
    centre.core = RoutingCore(State.restore(centre.state.snapshot()))
    assert offers_of(centre.arrive("k")) == [("k", "ben")]


def test_most_skilled_takes_the_highest_levels_in_what_is_asked_for():
    people = (
        agent("ann", skills={"es": 3, "tax": 9}),
        agent("ben", skills={"es": 7}),
        agent("chi", skills={"es": 7}),
    )
    centre = centre_of("most_skilled", *people, asks=skill("es", 2))
    centre.ready("ann", "chi", "ben")
    assert [offers_of(centre.arrive(f"k{n}"))[0][1] for n in range(3)] == ["chi", "ben", "ann"]


def test_least_skilled_spares_the_specialists():
    people = (
        agent("ann", skills={"es": 9}),
        agent("ben", skills={"es": 3, "tax": 8}),
        agent("chi", skills={"es": 3}),
    )
    centre = centre_of("least_skilled", *people, asks=skill("es", 2))
    centre.ready("ann", "ben", "chi")
    assert [offers_of(centre.arrive(f"k{n}"))[0][1] for n in range(3)] == ["chi", "ben", "ann"]


def test_without_a_skill_asked_for_all_skills_count():
    people = (agent("ann", skills={"es": 2}), agent("ben", skills={"x": 1, "y": 2}), agent("chi"))
    most = centre_of("most_skilled", *people)
    most.ready("chi", "ann", "ben")
    assert offers_of(most.arrive("k"))[0][1] == "ben"
    least = centre_of("least_skilled", *people)
    least.ready("ben", "ann", "chi")
    assert offers_of(least.arrive("k"))[0][1] == "chi"


def test_linear_always_takes_the_first_free_one_of_the_line():
    people = (agent("ann", order=3), agent("ben", order=1), agent("chi", order=2))
    centre = centre_of("linear", *people)
    centre.ready(*ABC)
    assert [served(centre, f"k{n}") for n in range(3)] == ["ben", "ben", "ben"]
    centre.talk("k")
    assert served(centre, "next") == "chi"


def test_linear_ties_go_by_place_in_the_catalog():
    centre = centre_of("linear")
    centre.ready("chi", "ben", "ann")
    assert served(centre, "k") == "ann"


def test_random_gives_everybody_the_same_chance():
    people = [agent(f"a{n}", skills={"x": n}) if n else agent("a0") for n in range(4)]
    centre = centre_of("random", *people)
    centre.ready(*(one.id for one in people))
    counts = Counter(served(centre, f"k{n}") for n in range(800))
    assert set(counts) == {"a0", "a1", "a2", "a3"}
    assert all(150 < count < 250 for count in counts.values())


def test_weighted_gives_chances_in_proportion_to_weights():
    people = (agent("ann", weight=1), agent("ben", weight=3), agent("chi", weight=1))
    centre = centre_of("weighted", *people)
    centre.ready(*ABC)
    counts = Counter(served(centre, f"k{n}") for n in range(1_000))
    assert 530 < counts["ben"] < 670
    assert 140 < counts["ann"] < 260
    assert 140 < counts["chi"] < 260


def test_lots_are_the_same_for_the_same_seed():
    def drawn(seed: int) -> list[str]:
        centre = Centre(queue(strategy="random"), *(agent(name) for name in ABC), seed=seed)
        centre.ready(*ABC)
        return [served(centre, f"k{n}") for n in range(20)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_ring_all_rings_at_several_longest_idle_first_up_to_the_limit():
    centre = centre_of("ring_all", ring_all_limit=2)
    centre.ready("chi", "ann", "ben")
    assert offers_of(centre.arrive("k")) == [("k", "chi"), ("k", "ann")]


# -- the reason that is kept with the offer ---------------------------------------------------


def why(centre: Centre, contact: str) -> Choice:
    (offer,) = centre.contact(contact).offers.values()
    return centre.state.offers[offer].why


@pytest.mark.parametrize(
    ("strategy", "chosen", "next_best"),
    [
        ("longest_idle", "ann", "ben"),
        ("fewest_contacts", "ann", "ben"),
        ("linear", "chi", "ben"),
        ("most_skilled", "chi", "ann"),
        ("least_skilled", "ben", "ann"),
        ("round_robin", "ann", "ben"),
    ],
)
def test_the_runner_up_is_whom_the_strategy_would_have_chosen_next(
    strategy: str, chosen: str, next_best: str
):
    people = (
        agent("ann", skills={"es": 5}, order=3),
        agent("ben", skills={"es": 3}, order=2),
        agent("chi", skills={"es": 9}, order=1),
    )
    centre = centre_of(strategy, *people, asks=skill("es"))
    centre.ready(*ABC)
    assert offers_of(centre.arrive("k")) == [("k", chosen)]
    found = why(centre, "k")
    assert (found.reason, found.strategy, found.free_agents) == ("strategy", strategy, 3)
    assert found.runner_up == next_best


@pytest.mark.parametrize("strategy", ["random", "weighted"])
def test_a_lot_has_no_runner_up(strategy: str):
    centre = centre_of(strategy)
    centre.ready(*ABC)
    centre.arrive("k")
    assert why(centre, "k").runner_up == ""


def test_load_and_idle_time_of_the_chosen_are_noted():
    centre = centre_of("longest_idle", agent("ann"))
    centre.ready("ann")
    centre.talk("mail", "email")
    centre.wait(9)
    centre.arrive("call")
    found = why(centre, "call")
    assert (found.load, found.idle_for) == (1, 9_000_000)


@pytest.mark.parametrize("strategy", DETERMINISTIC)
def test_groups_of_different_skills_are_compared_like_one_group(strategy: str):
    """Traits that nobody asks for split agents into groups; the choice must not change by it."""
    plain = [agent(f"a{n}") for n in range(5)]
    split = [agent(f"a{n}", team=f"team{n}") for n in range(5)]
    got = []
    for people in (plain, split):
        centre = Centre(queue(strategy=strategy), profile(), *people)
        centre.ready("a3", "a1", "a4", "a0", "a2")
        got.append([offers_of(centre.arrive(f"k{n}")) for n in range(4)])
    assert got[0] == got[1]
