"""The demo's catalog is believable and serves whoever tries it."""

from pathlib import Path

from config.catalog import check_file
from router.core.catalog import Catalog
from router.core.requirements import satisfies

AT = 1_795_000_000_000_000


def demo() -> Catalog:
    report = check_file(Path("config/demo.yaml"), at=AT)
    assert report.problems == ()
    assert report.catalog is not None
    return report.catalog


def test_the_demo_has_the_people_who_may_sign_in() -> None:
    people = "ann ben chi dora eli fay gus hana ivo jun kay leo mia noa"
    assert list(demo().agents) == people.split()


def test_most_queues_never_close_and_one_keeps_office_hours() -> None:
    with_hours = [queue.id for queue in demo().queues.values() if queue.hours]
    assert with_hours == ["business"]


def test_ann_and_ben_are_offered_most_chats_without_waiting_for_later_steps() -> None:
    catalog = demo()
    topics = set(catalog.entry_points["website"].choices.values())
    for agent_id in ("ann", "ben"):
        agent = catalog.agents[agent_id]
        profile = catalog.profiles[agent.profile]
        assert profile.capacity["chat"] >= 2
        serving = {entry.queue for entry in profile.queues}
        assert topics <= serving
        at_once = [
            queue for queue in topics
            if satisfies(catalog.queues[queue].steps[0].condition, agent.traits)
        ]  # fmt: skip
        ever = [
            queue for queue in topics
            if any(satisfies(step.condition, agent.traits) for step in catalog.queues[queue].steps)
        ]  # fmt: skip
        assert len(at_once) >= 3
        assert len(ever) >= 5


def test_every_topic_has_words_for_customers_and_several_agents() -> None:
    catalog = demo()
    for entry in catalog.entry_points.values():
        assert entry.label
        assert set(entry.choice_labels) == set(entry.choices)
        for queue in {entry.queue, *entry.choices.values()}:
            able = [
                agent for agent in catalog.agents.values()
                if entry.channel in catalog.profiles[agent.profile].capacity
                and any(term.queue == queue for term in catalog.profiles[agent.profile].queues)
                and satisfies(catalog.queues[queue].steps[-1].condition, agent.traits)
            ]  # fmt: skip
            assert len(able) >= 3, (entry.id, queue)


def test_valued_customers_have_a_head_start() -> None:
    tiers = demo().credits.tiers
    assert tiers["platinum"] > tiers["gold"] > tiers["silver"] > 0
