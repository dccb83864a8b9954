import msgspec

from router.core.catalog import MINUTE, Credits
from simulator.scenario import Scenario
from simulator.wording import Section, sections
from tests.unit.simulator.centres import centre


def with_streams(*queues: str) -> Scenario:
    """A stream for each of ``queues``: stream-0, stream-1 …"""
    scenario = centre()
    replace = msgspec.structs.replace
    help_queue, stream = scenario.catalog.queues["help"], scenario.streams[0]
    catalog = replace(
        scenario.catalog,
        queues={name: replace(help_queue, id=name) for name in ("help", "early", "late")},
        credits=Credits(tiers={"silver": MINUTE, "gold": 2 * MINUTE}),
    )
    streams = tuple(
        replace(stream, name=f"stream-{n}", queue=queue) for n, queue in enumerate(queues)
    )
    return replace(scenario, catalog=catalog, streams=streams)


def names(kind: str, found: list[Section]) -> list[str]:
    return [name for one in found if one.kind == kind for name, _ in one.rows]


def test_queues_are_in_the_catalogs_order_and_only_those_somebody_came_to() -> None:
    found = sections(with_streams("late", "help"), {"all", "queue late", "queue help"})
    assert found == [
        Section(kind="queue", rows=(("help", "queue help"), ("late", "queue late"))),
    ]


def test_tiers_are_in_the_order_of_their_credit_and_no_tier_is_last() -> None:
    groups = [f"tier {name}" for name in ("no tier", "silver", "unknown", "gold")]
    found = sections(with_streams("help"), groups)
    assert names("tier", found) == ["gold", "silver", "unknown", "no tier"]


def test_streams_are_told_of_where_they_share_a_queue() -> None:
    groups = {f"stream stream-{n}" for n in range(3)}
    assert names("stream", sections(with_streams("late", "help", "late"), groups)) == [
        "stream-0",
        "stream-2",
    ]
    assert sections(with_streams("late", "help"), groups) == []


def test_a_single_group_of_its_kind_says_nothing_new() -> None:
    groups = {"all", "queue help", "tier no tier", "stream calls"}
    assert sections(centre(), groups) == []
