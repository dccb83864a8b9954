"""What an operator is warned of."""

from types import SimpleNamespace

from server.telephony import Telephony


def pbx(name, *, problem="", was_forged=False):
    settings = SimpleNamespace(id=name)
    return SimpleNamespace(settings=settings, problem=problem, was_forged=was_forged)


def test_a_telephone_system_at_work_is_no_warning():
    assert Telephony([pbx("main")]).warnings() == []


def test_one_that_is_out_of_reach_and_one_whose_callers_forge_events_are_named():
    away, attacked = Telephony(
        [pbx("main", problem="Cut."), pbx("two", was_forged=True)]
    ).warnings()
    assert away == "The telephone system main is out of reach: Cut."
    assert attacked.startswith("Callers of the telephone system two try to forge events")
