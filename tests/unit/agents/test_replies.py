"""Canned replies: an agent gets those for all queues and for the queues they serve."""

from agents.replies import replies_for
from router.core.catalog import AgentDefinition, CannedReply, Catalog, Profile, ProfileQueue, Queue


def reply(name: str, *queues: str) -> CannedReply:
    return CannedReply(id=name, shortcut=name, label=name, text=name, queues=queues)


CATALOG = Catalog(
    version=7,
    queues={name: Queue(id=name, label=name) for name in ("help", "sales")},
    profiles={
        "desk": Profile(
            id="desk", label="Desk", queues=(ProfileQueue(queue="help"),), capacity={"chat": 1}
        )
    },
    agents={
        "ann": AgentDefinition(id="ann", name="Ann Lindqvist", profile="desk"),
        "jun": AgentDefinition(id="jun", name="Jun Liu", profile="desk", public_name="J."),
    },
    canned_replies={
        "hi": reply("hi"),
        "ours": reply("ours", "sales", "help"),
        "theirs": reply("theirs", "sales"),
    },
)


def test_replies_are_for_the_agents_queues_in_the_catalogs_order() -> None:
    found = replies_for(CATALOG, "ann")
    assert [one.id for one in found.replies] == ["hi", "ours"]
    assert found.version == 7


def test_customers_are_told_the_public_name() -> None:
    assert replies_for(CATALOG, "ann").agent_name == "Ann"
    assert replies_for(CATALOG, "jun").agent_name == "J."


def test_somebody_who_is_no_agent_any_more_gets_what_is_for_all() -> None:
    found = replies_for(CATALOG, "gone")
    assert ([one.id for one in found.replies], found.agent_name) == (["hi"], "")
