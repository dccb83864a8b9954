"""The durable view takes entries in order, each once."""

from __future__ import annotations

import pytest

from router.core.events import ContactArrived, Entry
from router.core.state import State
from router.replica import Replica


def entry(position: int) -> Entry:
    arrived = ContactArrived(
        contact=f"k{position}", sequence=1, channel="voice", direction="inbound"
    )
    return Entry(position=position, at=position, cause=f"c{position}", by="", events=(arrived,))


def test_it_holds_what_it_was_fed() -> None:
    replica = Replica(State())
    replica.feed(entry(1))
    replica.feed(entry(2))
    assert replica.position == 2
    assert set(replica.state.contacts) == {"k1", "k2"}


@pytest.mark.parametrize("wrong", [0, 1, 3])
def test_a_gap_or_a_repetition_is_refused_and_changes_nothing(wrong: int) -> None:
    replica = Replica(State())
    replica.feed(entry(1))
    with pytest.raises(ValueError, match="cannot follow 1"):
        replica.feed(entry(wrong))
    assert replica.position == 1
    assert set(replica.state.contacts) == {"k1"}
