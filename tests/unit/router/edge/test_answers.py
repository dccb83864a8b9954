"""``router.edge.answers``: an answer goes to whoever asked, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.edge.answers import LONGEST_CORRELATION, LONGEST_TOPIC, answer_to
from router.edge.naming import Topics

TOPICS = Topics("main")
OWN = "patchbay/main/answers/leeds"


@pytest.mark.parametrize("topic", [None, OWN, f"{OWN}/7", f"{OWN}/a/b"])
def test_a_client_chooses_among_its_own_topics(topic):
    found = answer_to("leeds", topic, b"7", TOPICS)
    assert (found.topic, found.correlation, found.problem) == (topic or OWN, b"7", "")


@pytest.mark.parametrize(
    "topic",
    [
        "patchbay/main/agents/ann/presence",
        "patchbay/main/answers/bath",
        "patchbay/main/answers/leeds2",
        "patchbay/other/answers/leeds",
        f"{OWN}/#",
        f"{OWN}/+",
        f"{OWN}/\x00",
        f"{OWN}/" + "x" * LONGEST_TOPIC,
        "",
        "$SYS/broker",
    ],
)
def test_nobody_has_patchbay_write_where_they_may_not(topic):
    found = answer_to("leeds", topic, b"7", TOPICS)
    assert found.topic == OWN
    assert "not one of yours" in found.problem


def test_correlation_data_is_short():
    found = answer_to("leeds", OWN, b"x" * (LONGEST_CORRELATION + 1), TOPICS)
    assert (found.correlation, found.topic) == (None, OWN)
    assert found.problem


@given(st.text(max_size=60))
def test_an_answer_stays_among_the_clients_topics(topic):
    found = answer_to("leeds", topic, None, TOPICS)
    assert found.topic == OWN or found.topic.startswith(f"{OWN}/")
    assert not {"+", "#", "\x00"} & set(found.topic)
