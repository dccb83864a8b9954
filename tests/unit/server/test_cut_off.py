"""Pages are sent to another node when this one does not hear Redis: once in a silence."""

from __future__ import annotations

from router.cluster.hearing import STALE
from server.cut_off import CutOff


def test_pages_are_closed_once_in_a_silence_that_is_too_long() -> None:
    silent, closed = 0.0, []
    cut = CutOff(lambda: silent, [lambda: closed.append("desk"), lambda: closed.append("chat")])
    cut.look()
    silent = STALE
    cut.look()
    assert closed == []
    silent = STALE + 1
    cut.look()
    assert closed == ["desk", "chat"]
    silent = STALE + 60
    cut.look()
    assert closed == ["desk", "chat"]  # those that came back stay
    silent = 0.2
    cut.look()
    silent = STALE + 1
    cut.look()
    assert closed == ["desk", "chat"] * 2
