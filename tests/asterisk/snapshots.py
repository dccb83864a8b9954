"""What Asterisk 22 says of a channel in every event about it, header by header."""

from __future__ import annotations

Header = tuple[str, str]


def snapshot(channel: str, unique: str = "", prefix: str = "", **changes: str) -> list[Header]:
    """In Asterisk's order; ``changes`` by header, without the prefix."""
    given = {
        "Channel": channel,
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "CallerIDNum": "+441632960001",
        "CallerIDName": "<unknown>",
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "",
        "Context": "patchbay",
        "Exten": "100",
        "Priority": "1",
        "Uniqueid": unique or channel,
        "Linkedid": unique or channel,
    }
    return [(f"{prefix}{key}", value) for key, value in (given | changes).items()]


def event(name: str, channel: str, unique: str = "", *more: Header, **changes: str) -> str:
    """As text, with ``\\n`` for line ends."""
    headers = [("Event", name), ("Privilege", "call,all"), *snapshot(channel, unique, **changes)]
    return "\n".join(f"{key}: {value}" for key, value in (*headers, *more))
