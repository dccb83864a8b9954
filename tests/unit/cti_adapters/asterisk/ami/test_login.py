"""Logging in, with the challenge and without, and being turned away."""

from __future__ import annotations

import hashlib

import pytest

from cti_adapters.asterisk.ami.codec import Message, ProtocolError
from cti_adapters.asterisk.ami.errors import LoginRefused
from cti_adapters.asterisk.ami.login import login
from cti_adapters.asterisk.ami.settings import AmiSettings

SUCCESS = Message((("Response", "Success"),))
REFUSED = Message((("Response", "Error"), ("Message", "Authentication failed")))
CHALLENGE = Message((("Response", "Success"), ("Challenge", "148309770")))


def settings(**given: object) -> AmiSettings:
    return AmiSettings(secret="hush", event_mask="call,agi", **given)


def test_with_a_challenge_the_secret_is_not_sent() -> None:
    steps = login(settings())
    assert next(steps) == ("Challenge", (("AuthType", "MD5"),))
    action, headers = steps.send(CHALLENGE)
    assert action == "Login"
    assert dict(headers) == {
        "AuthType": "MD5",
        "Username": "patchbay",
        "Key": hashlib.md5(b"148309770hush").hexdigest(),
        "Events": "call,agi",
    }
    with pytest.raises(StopIteration):
        steps.send(SUCCESS)


def test_without_a_challenge_it_is() -> None:
    steps = login(settings(challenge=False))
    action, headers = next(steps)
    assert action == "Login"
    assert dict(headers) == {"Username": "patchbay", "Secret": "hush", "Events": "call,agi"}
    with pytest.raises(StopIteration):
        steps.send(SUCCESS)


@pytest.mark.parametrize("challenge", [True, False])
def test_a_wrong_secret_is_one_sentence_that_says_where_to_look(challenge: bool) -> None:
    steps = login(settings(challenge=challenge))
    next(steps)
    if challenge:
        steps.send(CHALLENGE)
    with pytest.raises(
        LoginRefused, match=r"refuses the user 'patchbay'.*manager\.conf"
    ) as refused:
        steps.send(REFUSED)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("answer", [SUCCESS, REFUSED], ids=["without", "refused"])
def test_no_challenge_no_login(answer: Message) -> None:
    steps = login(settings())
    next(steps)
    with pytest.raises(ProtocolError, match="no challenge"):
        steps.send(answer)
