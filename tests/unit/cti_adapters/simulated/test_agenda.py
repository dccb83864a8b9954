"""``simulated.agenda``: one plan a person, taken in time and in order."""

from cti_adapters.simulated.agenda import Agenda


def test_plans_are_taken_in_order_of_time_then_of_making():
    agenda = Agenda()
    agenda.plan("b", 5, "second")
    agenda.plan("c", 5, "third")
    agenda.plan("a", 1, "first")
    assert agenda.next_deadline() == 1
    assert agenda.due(0) == []
    assert agenda.due(5) == [("a", "first"), ("b", "second"), ("c", "third")]
    assert agenda.next_deadline() is None


def test_a_new_plan_replaces_the_old_one():
    agenda = Agenda()
    agenda.plan("a", 1, "old")
    agenda.plan("a", 9, "new")
    assert agenda.due(5) == []
    assert agenda.planned("a") == "new"
    assert agenda.due(9) == [("a", "new")]


def test_a_cancelled_plan_is_not_taken():
    agenda = Agenda()
    agenda.plan("a", 1, "x")
    agenda.cancel("a")
    agenda.cancel("never planned")
    assert (agenda.next_deadline(), list(agenda), agenda.due(9)) == (None, [], [])
