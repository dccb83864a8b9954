"""Who can serve which arrivals, and which channels take each other's place."""

from pathlib import Path

import pytest

from router.core.catalog import Profile, ProfileQueue
from simulator.scenario.crews import _exclude, capacity_for, crews_of, exclusive_channels
from tests.unit.simulator.scenario.written import CATALOG, SCENARIO, changed, compiled

MORE = """\
  chats: {channel: chat, queue: support, per_hour: 9, handling: 5m}
  spanish: {channel: voice, queue: spanish, per_hour: 3, handling: 5m}
  sales: {channel: voice, queue: sales, per_hour: 3, handling: 5m}
"""
TEXT = changed(("staff:", f"{MORE}staff:"), ("[ann, ben]", "all"))


@pytest.mark.parametrize(
    ("agent", "capacities"),
    [("ann", [1, 3, 1, 0]), ("ben", [1, 3, 0, 0]), ("cat", [0, 0, 0, 1])],
)
def test_who_can_serve_depends_on_queue_channel_and_skills(
    agent: str, capacities: list[int], tmp_path: Path
) -> None:
    scenario = compiled(tmp_path, TEXT)
    found = [capacity_for(scenario.catalog, agent, stream) for stream in scenario.streams]
    assert found == capacities


def test_the_steps_of_a_stream_count_instead_of_the_queues(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 10\n    steps: [{ask: {spanish: 4}}]"), text=TEXT)
    scenario = compiled(tmp_path, text)
    found = [capacity_for(scenario.catalog, one, scenario.streams[0]) for one in ("ann", "ben")]
    assert found == [1, 0]


def test_people_who_can_serve_the_same_are_one_crew(tmp_path: Path) -> None:
    text = changed(("breaks:", "pace: 1.5\n    breaks:"), text=TEXT)
    scenario = compiled(tmp_path, text)
    crews = crews_of(scenario, scenario.streams)
    assert [[one.agent for one in crew.members] for crew in crews] == [["ann"], ["ben"], ["cat"]]
    assert [crew.shares for crew in crews] == [{0: 1.5, 1: 0.5, 2: 1.5}, {0: 1.5, 1: 0.5}, {3: 1.5}]


def test_who_can_serve_nothing_is_in_no_crew(tmp_path: Path) -> None:
    scenario = compiled(tmp_path, changed(("[ann, ben]", "all")))
    crews = crews_of(scenario, scenario.streams)
    assert [[one.agent for one in crew.members] for crew in crews] == [["ann", "ben"]]


def profile(**given: tuple[str, ...]) -> Profile:
    return Profile(
        id="p",
        label="P",
        queues=(ProfileQueue(queue="q"),),
        capacity={"voice": 1, "chat": 3, "email": 4},
        **given,
    )


@pytest.mark.parametrize(
    ("one", "other", "exclusive"),
    [("voice", "chat", True), ("voice", "email", False), ("chat", "email", False)],
)
def test_calls_take_the_place_of_chats_and_not_of_mails(
    one: str, other: str, exclusive: bool
) -> None:
    assert _exclude(one, other, [profile()]) is exclusive
    assert _exclude(other, one, [profile()]) is exclusive


def test_a_profile_may_allow_a_call_beside_chats() -> None:
    assert not _exclude("voice", "chat", [profile(), profile(alone=())])


def test_channels_of_which_an_agent_has_one_at_a_time_are_judged_together(tmp_path: Path) -> None:
    catalog = CATALOG.replace("chat: 3", "chat: 3, email: 5")
    mails = "  mails: {channel: email, queue: support, per_hour: 9, handling: 5m}\n"
    text = changed(("staff:", f"{MORE}{mails}staff:"))
    scenario = compiled(tmp_path, text, catalog=catalog)
    assert exclusive_channels(scenario, scenario.streams) == [("chat", "voice"), ("email",)]


def test_without_arrivals_there_are_no_channels(tmp_path: Path) -> None:
    assert exclusive_channels(compiled(tmp_path, SCENARIO), ()) == []
