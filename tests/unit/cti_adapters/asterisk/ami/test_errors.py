"""Errors are sentences that can be logged, whatever Asterisk put into them."""

from __future__ import annotations

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.errors import ActionFailed


def test_a_refused_action_says_which_and_why() -> None:
    answer = Message((("Response", "Error"), ("Message", "No such channel")))
    error = ActionFailed("Hangup", answer)
    assert str(error) == "Asterisk refuses Hangup: No such channel"
    assert (error.action, error.message, error.reason) == ("Hangup", answer, "No such channel")


def test_the_reason_is_one_line_of_bounded_length() -> None:
    hostile = "a\nlevel=info\x1b[2J" + "x" * 10_000
    reason = ActionFailed("X", Message((("Response", "Error"), ("Message", hostile)))).reason
    assert reason.startswith("a level=info[2Jx")
    assert len(reason) == 200
