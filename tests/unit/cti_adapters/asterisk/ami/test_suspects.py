"""Whose channel is hung up for what its caller wrote."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.ami.protocol import Tampered
from cti_adapters.asterisk.ami.suspects import MOST, PATIENCE, Suspects

FORGER = "PJSIP/trunk-00000002"


def test_who_certainly_wrote_it_goes_at_once() -> None:
    assert Suspects().is_to_go(Tampered(FORGER))


def test_who_may_only_be_talking_to_whoever_wrote_it_goes_when_it_does_not_end() -> None:
    suspects = Suspects()
    maybe = Tampered(FORGER, by_another=True)
    assert [suspects.is_to_go(maybe) for _ in range(PATIENCE)] == [False] * (PATIENCE - 1) + [True]
    assert not suspects.is_to_go(Tampered("PJSIP/ann-00000001", by_another=True))


@pytest.mark.parametrize("name", ["", "/.*/", "PJSIP", "PJSIP/a b-1", "PJSIP/x\r\nAction: Command"])
def test_what_is_no_name_of_one_channel_is_never_hung_up(name: str) -> None:
    assert not Suspects().is_to_go(Tampered(name))


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    suspects = Suspects()
    maybe = Tampered(FORGER, by_another=True)
    for _ in range(PATIENCE - 1):
        suspects.is_to_go(maybe)
    for n in range(MOST):
        suspects.is_to_go(Tampered(f"PJSIP/x-{n}", by_another=True))
    assert not suspects.is_to_go(maybe)
