"""Where answers go. Pure.

Patchbay may write more than its clients may: an answer goes to the client's own topics alone,
or anybody could have it write anywhere.
"""

from __future__ import annotations

from typing import Final

import msgspec

from router.edge.naming import Topics

LONGEST_TOPIC: Final = 200  # characters
LONGEST_CORRELATION: Final = 1_000  # bytes


class AnswerTo(msgspec.Struct, frozen=True, kw_only=True):
    """``problem`` is a sentence when it is not where it was wanted."""

    topic: str
    correlation: bytes | None = None
    problem: str = ""


def answer_to(
    client: str, response_topic: str | None, correlation: bytes | None, topics: Topics
) -> AnswerTo:
    """``response_topic`` when it is one of the client's, else the client's own."""
    usual = topics.answers(client)
    if correlation is not None and len(correlation) > LONGEST_CORRELATION:
        problem = f"The correlation data has {LONGEST_CORRELATION:,} bytes at most: send less."
        return AnswerTo(topic=usual, problem=problem)
    if response_topic is None or response_topic == usual:
        return AnswerTo(topic=usual, correlation=correlation)
    if _is_below(response_topic, usual):
        return AnswerTo(topic=response_topic, correlation=correlation)
    problem = f"The response topic is not one of yours: use {usual} or one below it."
    return AnswerTo(topic=usual, correlation=correlation, problem=problem)


def _is_below(topic: str, usual: str) -> bool:
    plain = topic.isprintable() and not any(one in topic for one in "+#\x00")
    return plain and len(topic) <= LONGEST_TOPIC and topic.startswith(f"{usual}/")
