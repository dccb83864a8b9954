"""What an operator is warned of."""

from types import SimpleNamespace

from server.telephony import Telephony


def pbx(name, *, problem="", was_forged=False, lacks_recordings=False):
    return SimpleNamespace(
        settings=SimpleNamespace(id=name, recordings="/calls"),
        problem=problem,
        was_forged=was_forged,
        lacks_recordings=lacks_recordings,
    )


def test_a_telephone_system_at_work_is_no_warning():
    assert Telephony([pbx("main")]).warnings() == []


def test_one_that_is_out_of_reach_and_one_whose_callers_forge_events_are_named():
    away, attacked = Telephony(
        [pbx("main", problem="Cut."), pbx("two", was_forged=True)]
    ).warnings()
    assert away == "The telephone system main is out of reach: Cut."
    assert attacked.startswith("Callers of the telephone system two try to forge events")


def test_one_whose_recordings_are_not_there_is_named():
    (only,) = Telephony([pbx("main", lacks_recordings=True), pbx("two")]).warnings()
    assert only.startswith("Recordings of the telephone system main are missing in /calls: let")
