import msgspec

from router.core.catalog import HOUR, MINUTE
from simulator.agreement.served import ServedQueue, served_queues
from simulator.agreement.stretches import stretches
from simulator.contacts import Rate
from simulator.scenario import Scenario
from simulator.staff import Member, Pause, Shift
from tests.unit.simulator.centres import MONDAY, centre

ENDS = MONDAY + 2 * HOUR


def served(scenario: Scenario) -> ServedQueue:
    (one,) = served_queues(scenario)
    return one


def cut(scenario: Scenario, **how: bool) -> list[tuple[float, float, int]]:
    return [(one.hours, one.per_hour, one.servers) for one in stretches(served(scenario), **how)]


def test_a_day_on_which_nothing_changes_is_one_stretch() -> None:
    assert cut(centre(hours=2)) == [(2.0, 60.0, 4)]


def test_the_day_is_cut_where_arrivals_or_staff_change() -> None:
    half = MONDAY + HOUR
    scenario = centre(
        hours=2,
        stream={
            "rates": (
                Rate(begins=MONDAY, ends=half, per_hour=30),
                Rate(begins=half, ends=ENDS, per_hour=90),
            )
        },
    )
    pause = Pause(begins=MONDAY + 90 * MINUTE, ends=MONDAY + 105 * MINUTE)
    staff = (
        Member(agent="agent-0", shifts=(Shift(begins=MONDAY, ends=ENDS, pauses=(pause,)),)),
        Member(agent="agent-1", shifts=(Shift(begins=MONDAY, ends=half),)),
    )
    assert cut(msgspec.structs.replace(scenario, staff=staff)) == [
        (1.0, 30.0, 2),
        (0.5, 90.0, 1),
        (0.25, 90.0, 0),
        (0.25, 90.0, 1),
    ]


def test_the_warm_up_counts_only_when_asked_for() -> None:
    scenario = centre(hours=2, warm_up=HOUR)
    assert cut(scenario) == [(1.0, 60.0, 4)]
    assert cut(scenario, with_warm_up=True) == [(2.0, 60.0, 4)]


def test_who_has_three_chats_at_once_is_three_servers() -> None:
    scenario = centre(hours=2, stream={"channel": "chat"})
    profile = msgspec.structs.replace(scenario.catalog.profiles["all"], capacity={"chat": 3})
    catalog = msgspec.structs.replace(scenario.catalog, profiles={"all": profile})
    assert cut(msgspec.structs.replace(scenario, catalog=catalog)) == [(2.0, 60.0, 12)]
