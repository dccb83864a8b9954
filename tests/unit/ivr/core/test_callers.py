"""``ivr.core.callers``: no alias moves away from under the flows that call by it."""

from __future__ import annotations

import pytest

from ivr.core.callers import MAX_BROKEN, Version, broken_by
from tests.unit.ivr.core.judging import COLLECT, MENU, flow, ok, say


def call(name="part", **exits):
    return {"kind": "flow", "flow": name, "exits": {"failed": "end", **exits}}


def returning(*ways, name="part", **nodes):
    choices = {str(number): {"en": way} for number, way in enumerate(ways)}
    exits = {str(number): f"by-{way}" for number, way in enumerate(ways)}
    menu = {**MENU, "choices": choices, "exits": {**exits, "timeout": "end", "invalid": "end"}}
    backs = {f"by-{way}": {"kind": "return", "by": way} for way in ways}
    return flow(name, ask=ok(menu, say=nodes.pop("words", "Which?")), **backs, **nodes)


class Shelf:
    """Flows that are in use: the first of each name is version 1 and live."""

    def __init__(self, *flows):
        self.all = [Version(flow=one, version=1) for one in flows]

    def flow(self, name, version):
        return next((x.flow for x in self.all if (x.flow.id, x.version) == (name, version)), None)

    def version(self, name, alias):
        return 1 if alias == "live" and self.flow(name, 1) else None

    def told(self, moved, alias="live", version=2):
        found = broken_by(Version(flow=moved, version=version), alias, self.all, self)
        return [f"{one.caller}: {one.what}; {one.fix}" for one in found]


PART = returning("done")
MAIN = flow(ask=ok(MENU, exits={**MENU["exits"], "1": "part"}), part=call(done="end"))


def test_a_version_that_comes_back_as_before_breaks_nobody():
    assert Shelf(MAIN, PART).told(returning("done", words="What else?")) == []


def test_an_exit_that_callers_lack_is_told_of_each():
    other = flow("other", part=call(done="end"))
    assert Shelf(MAIN, PART, other).told(returning("done", "cancelled")) == [
        f"{caller}: 'part': flow 'part' comes back by 'cancelled', which leads nowhere; "
        "connect it to a node"
        for caller in ("main", "other")
    ]


def test_callers_that_are_ready_for_more_exits_are_not_in_the_way():
    ready = flow(part=call(done="end", cancelled="end"))
    shelf = Shelf(ready, PART)
    assert shelf.told(returning("done", "cancelled")) == []
    assert shelf.told(returning("cancelled")) == []


def test_a_version_that_never_comes_back_cuts_its_callers_off():
    (told,) = Shelf(MAIN, PART).told(flow("part", ask=MENU))
    assert told == (
        "main: 'part': flow 'part' never comes back by any of its exits; add a return by done"
    )


def test_who_calls_exactly_one_version_or_by_another_alias_is_not_concerned():
    exactly = flow(part={**call(done="end"), "version": 1})
    tester = flow("tester", part={**call(done="end"), "alias": "test"})
    assert Shelf(exactly, tester, PART).told(returning("cancelled")) == []
    assert len(Shelf(tester, PART).told(returning("cancelled"), alias="test")) == 1


def test_what_was_wrong_before_is_in_nobodys_way():
    broken = flow(part=call())
    assert Shelf(broken, PART).told(PART) == []
    assert len(Shelf(broken, PART).told(returning("done", "more"))) == 1


@pytest.mark.parametrize("words", ["Your zone is {zone}.", "{zone}"])
def test_attributes_that_nobody_gives_are_told(words):
    asks = returning("done", words=words)
    (told,) = Shelf(MAIN, PART).told(asks)
    assert told == (
        "main: flow 'part' goes by 'zone', which nothing gives it; set 'zone' before the call"
    )
    assert Shelf(MAIN, asks).told(asks) == [], "no more than it did before"


def test_attributes_may_come_from_the_caller_its_callers_and_what_these_call():
    asks = returning("done", words="Your zone is {zone}.")
    gives = ok(COLLECT, into="zone", exits={**COLLECT["exits"], "collected": "part"})
    assert Shelf(flow(zone=gives, part=call(done="end")), PART).told(asks) == []
    above = flow("above", zone=ok(gives), part=call("main", done="end"))
    assert Shelf(above, MAIN, PART).told(asks) == []
    first = flow("first", zone=ok(gives), part={"kind": "return"})
    both = flow("above", zone=call("first", done="part"), part=call("main", done="end"))
    assert Shelf(both, first, MAIN, PART).told(asks) == []
    aside = flow("aside", zone=ok(gives), part={"kind": "hang_up"})
    assert len(Shelf(aside, MAIN, PART).told(asks)) == 1


def test_a_circle_that_comes_about_is_told_of_all_who_get_into_it():
    above = flow("above", part=call("main"))
    mute = flow("part", a=call("main"), b={"kind": "return"})
    told = Shelf(above, flow(part=call(done="end")), PART).told(mute)
    assert {one.partition(":")[0] for one in told} == {"main", "above"}
    assert any("comes to call itself without asking" in one for one in told)


def test_a_question_that_is_gone_lets_a_caller_go_round():
    caller = flow(part=call(done="part"))
    assert Shelf(caller, PART).told(PART) == []
    told = Shelf(caller, PART).told(flow("part", a=say("b"), b={"kind": "return"}))
    assert any("goes round" in one for one in told)


def test_a_chain_that_becomes_too_deep_is_told():
    def chain(first, last):
        return [flow(f"f{n}", a=call(f"f{n + 1}")) for n in range(first, last)]

    shelf = Shelf(flow(part=call(done="end")), PART, *chain(1, 8), flow("f8", a=MENU))
    deep = flow("part", ask=ok(MENU, exits={**MENU["exits"], "1": "f"}), f=call("f1"))
    assert any("flows call each other here" in one for one in shelf.told(deep))


def test_however_many_callers_there_are_what_is_told_is_bounded():
    many = [flow(f"f{n}", part=call(done="end")) for n in range(150)]
    assert len(Shelf(*many, PART).told(returning("cancelled"))) == MAX_BROKEN


def test_a_flow_that_calls_itself_is_judged_with_its_own_version():
    itself = returning("done", more=call("part", done="end"))
    assert Shelf(itself).told(returning("cancelled")) == []
