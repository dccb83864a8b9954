import pytest

from router.core.catalog import HOUR, MINUTE, SECOND
from simulator.ledger import Ledger, Outcome, Workload
from simulator.scenario import Scenario
from simulator.staff import Member, Pause, Shift
from simulator.summary import EVERYBODY, SLICE, Summary, sum_up
from tests.unit.simulator.centres import MONDAY, centre, outcome

ENDS = MONDAY + 2 * HOUR
HALF = SLICE // SECOND


def summed(
    *outcomes: Outcome,
    scenario: Scenario | None = None,
    staff: tuple[Member, ...] = (),
    measured_from: int = MONDAY,
    **ledger: object,
) -> Summary:
    books = Ledger(begins=MONDAY, ends=ENDS, outcomes=list(outcomes), **ledger)
    catalog = (scenario or centre(hours=2)).catalog
    return sum_up(books, catalog, staff, seed=5, measured_from=measured_from)


def test_contacts_are_grouped_by_queue_stream_and_tier() -> None:
    found = summed(outcome("answered", tier="gold"), outcome("abandoned", SECOND, stream="mails"))
    assert {name: group.tally.contacts for name, group in found.groups.items()} == {
        EVERYBODY: 2,
        "queue help": 2,
        "stream calls": 1,
        "stream mails": 1,
        "tier gold": 1,
        "tier no tier": 1,
    }


def test_the_warm_up_is_not_measured() -> None:
    early, late = outcome("answered"), outcome("answered", at=MONDAY + HOUR)
    found = summed(early, late, measured_from=MONDAY + HOUR)
    assert found.groups[EVERYBODY].tally.contacts == 1
    assert [one.begins for one in found.slices] == [MONDAY + HOUR, MONDAY + HOUR + SLICE]


def test_each_contact_is_in_the_half_hour_it_came_in() -> None:
    moments = [0, SLICE - 1, SLICE, 2 * HOUR]
    found = summed(*(outcome("answered", at=MONDAY + one) for one in moments))
    assert [one.tally.contacts for one in found.slices] == [2, 1, 0, 1]


def test_who_comes_at_the_very_end_belongs_to_the_last_half_hour() -> None:
    found = summed(outcome("unfinished", at=ENDS))
    assert found.slices[-1].tally.unfinished == 1


def test_agents_are_present_in_their_shifts_without_their_pauses() -> None:
    member = Member(
        agent="agent-0",
        shifts=(
            Shift(
                begins=MONDAY + 15 * MINUTE,
                ends=MONDAY + 75 * MINUTE,
                pauses=(Pause(begins=MONDAY + 35 * MINUTE, ends=MONDAY + 45 * MINUTE),),
            ),
        ),
    )
    found = summed(staff=(member,))
    assert [one.present for one in found.slices] == [HALF / 2, HALF * 2 / 3, HALF / 2, 0.0]


def test_conversations_are_spread_over_the_half_hours_they_go_on_in() -> None:
    long = outcome("answered", 20 * MINUTE, talked=20 * MINUTE)
    unfinished = outcome("answered", 110 * MINUTE)
    found = summed(long, unfinished)
    assert [one.talking for one in found.slices] == [HALF / 3, HALF / 3, 0.0, HALF / 3]


def test_a_conversation_from_the_warm_up_that_goes_on_keeps_its_agent_talking() -> None:
    early = outcome("answered", talked=75 * MINUTE)
    found = summed(early, measured_from=MONDAY + HOUR)
    assert [one.talking for one in found.slices] == [HALF / 2, 0.0]
    assert [one.tally.contacts for one in found.slices] == [0, 0]


def test_occupancy_is_work_by_time_present_of_those_who_were_there() -> None:
    work = {
        "agent-0": Workload(present=HOUR, busy=HOUR // 2),
        "agent-1": Workload(present=HOUR // 2, busy=HOUR // 2),
        "agent-2": Workload(),
    }
    found = summed(workloads=work)
    assert found.occupancy == pytest.approx(2 / 3)
    assert found.occupancies == {"agent-0": 0.5, "agent-1": 1.0}
    assert summed().occupancy is None


def test_each_queue_has_its_own_objective() -> None:
    strict = centre(queue={"service_within": 5 * SECOND})
    found = summed(outcome("answered", 6 * SECOND), scenario=strict)
    assert found.groups["queue help"].tally.within == 0
    assert summed(outcome("answered", 6 * SECOND)).groups["queue help"].tally.within == 1
