"""What Asterisk counted of the sound of each call: packets that came and went."""

from __future__ import annotations

from dataclasses import dataclass

from tests.asterisk.manager import Manager
from tests.asterisk.server import AsteriskServer


@dataclass(frozen=True)
class Packets:
    """Of 20 ms each."""

    received: int
    sent: int
    lost: int
    """On the way to Asterisk."""


def packets(server: AsteriskServer) -> dict[str, Packets]:
    """By channel, as "PJSIP/ann-00000001", for every call of a phone that is up now."""
    with server.judge() as judge:
        names = [entry["Channel"] for entry in judge.list("CoreShowChannels")]
        counted = {name: _packets(judge, name) for name in names if name.startswith("PJSIP/")}
    return {name: count for name, count in counted.items() if count is not None}


def _packets(judge: Manager, channel: str) -> Packets | None:
    answer = judge.do("Getvar", Channel=channel, Variable="CHANNEL(rtcp,all)")
    fields = dict(part.partition("=")[::2] for part in answer.get("Value", "").split(";"))
    if "rxcount" not in fields:
        return None  # it has just ended
    return Packets(int(fields["rxcount"]), int(fields["txcount"]), int(fields["rlp"]))
