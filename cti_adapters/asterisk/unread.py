"""What Asterisk need not say: half of its events about a call are of no use here.

They are left out twice. The printed manager user filters them in Asterisk, which saves both sides
the work, and keeps out ``DialEnd``, the one event that ends in what a telephone wrote and so may be
followed by anything. Where that user was made in another way they are dropped unread.
"""

from __future__ import annotations

from typing import Final

UNREAD: Final = frozenset(
    {
        "AGIExecEnd",
        "AGIExecStart",
        "BridgeCreate",
        "BridgeDestroy",
        "DialBegin",
        "DialEnd",
        "DialState",
        "MusicOnHoldStart",
        "MusicOnHoldStop",
        "NewConnectedLine",
        "Newexten",
        "QueueMemberStatus",
        "RTCPReceived",
        "RTCPSent",
        "SoftHangupRequest",
        "TestEvent",
        "VarSet",
    }
)


def event_filters() -> tuple[str, ...]:
    """Values of ``eventfilter`` in a user's section of ``manager.conf``."""
    return tuple(f"!^Event: {name}" for name in sorted(UNREAD))
