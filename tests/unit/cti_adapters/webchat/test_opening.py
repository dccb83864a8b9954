"""When visitors chat and when they leave a question."""

import pytest

from cti_adapters.webchat.opening import is_open, queue_of, staffed_queues
from router.core.catalog import Catalog, EntryPoint, Hours, Profile, ProfileQueue, Queue
from router.core.model import AgentState

CATALOG = Catalog(
    queues={
        "help": Queue(id="help", label="Help", hours="day"),
        "night": Queue(id="night", label="Night"),
    },
    hours={"day": Hours(id="day", spans=((100, 200),), until=1_000)},
    profiles={
        "chats": Profile(
            id="chats", label="", queues=(ProfileQueue(queue="help"),), capacity={"chat": 2}
        ),
        "calls": Profile(
            id="calls", label="", queues=(ProfileQueue(queue="night"),), capacity={"voice": 1}
        ),
    },
)
EVERYBODY = frozenset({"help", "night"})


class Agent:
    def __init__(self, profile, state=AgentState.READY):
        self.definition = self
        self.profile = profile
        self.state = state


@pytest.mark.parametrize(
    ("queue", "at", "when", "staffed", "opened"),
    [
        ("help", 150, "closed", frozenset(), True),
        ("help", 99, "closed", EVERYBODY, False),
        ("help", 200, "closed", EVERYBODY, False),
        ("help", 200, "never", frozenset(), True),
        ("night", 5, "closed", frozenset(), True),
        ("night", 5, "unstaffed", frozenset(), False),
        ("night", 5, "unstaffed", EVERYBODY, True),
        ("help", 99, "unstaffed", EVERYBODY, False),
        ("gone", 99, "unstaffed", EVERYBODY, True),
    ],
)
def test_a_form_stands_in_for_the_chat_when_the_operator_says_so(queue, at, when, staffed, opened):
    assert is_open(CATALOG, queue, at, when, staffed) is opened


def test_a_queue_is_staffed_by_who_is_signed_in_and_takes_chats():
    assert staffed_queues(CATALOG, [Agent("chats")]) == {"help"}
    assert staffed_queues(CATALOG, [Agent("chats", AgentState.NOT_READY)]) == {"help"}
    assert staffed_queues(CATALOG, [Agent("chats", AgentState.SIGNED_OUT)]) == frozenset()
    assert staffed_queues(CATALOG, [Agent("calls"), Agent("no such profile")]) == frozenset()


def test_a_topic_has_its_own_queue():
    entry = EntryPoint(id="e", channel="chat", queue="help", choices={"n": "night"})
    assert [queue_of(entry, one) for one in ("", "n", "x")] == ["help", "night", "help"]
