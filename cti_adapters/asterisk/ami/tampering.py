"""Whether a block of lines is a whole event, as Asterisk meant it. Pure.

Asterisk writes a caller's number, and the number that was dialled, as they came: line ends in them
are not escaped, so whoever calls can end an event in its middle and begin others. What Asterisk
says of a channel is always the same headers in the same order (``SNAPSHOT``, the same from
Asterisk 20 to 22, for a second channel with a prefix), and what callers write stands between the
first and the last of them. Where one is missing, comes twice or in another place, a value was more
than a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from cti_adapters.asterisk.ami.codec import Message

SNAPSHOT: Final = (
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
)
_STATE: Final = "channelstate"  # no event that is not a snapshot has one
_OTHERS: Final = frozenset({"connectedlinenum", "connectedlinename"})  # what another party wrote

_ALONE: Final = (
    "AGIExecEnd AGIExecStart AsyncAGIEnd AsyncAGIExec AsyncAGIStart BridgeEnter BridgeLeave "
    "CoreShowChannel DTMFBegin DTMFEnd Hangup HangupRequest Hold MusicOnHoldStart MusicOnHoldStop "
    "NewAccountCode NewCallerid NewConnectedLine Newchannel Newexten Newstate SoftHangupRequest "
    "Unhold VarSet"
)
# Events that are always about a channel, with the prefix of its headers.
_ABOUT: Final[Mapping[str, str]] = dict.fromkeys(_ALONE.split(), "") | {
    "DialBegin": "dest",
    "DialEnd": "dest",
    "DialState": "dest",
    "BlindTransfer": "transferer",
    "LocalBridge": "localone",
}
# What others that are of use here have at least.
_ESSENTIAL: Final[Mapping[str, frozenset[str]]] = {
    "DeviceStateChange": frozenset({"device", "state"}),
    "Rename": frozenset({"channel", "newname", "uniqueid"}),
    "OriginateResponse": frozenset(
        {"response", "channel", "reason", "uniqueid", "calleridnum", "calleridname"}
    ),
}
_ONCE: Final = ("event", "response", "actionid", "eventlist", "uniqueid", "linkedid")
_NOT_INSIDE: Final = frozenset({"event", "response", "actionid", "eventlist", "variable"})
_PLAIN: Final = list(SNAPSHOT)
_SNAPSHOT: Final = frozenset(key.lower() for key in SNAPSHOT)
_ENDS: Final = (_STATE, "linkedid", "transfereeuniqueid")
_LISTED: Final = "chanvariable"  # the only header of a channel's events that comes repeatedly

_VALUE: Final = rb"[^\r]*(?:\r(?!\n)[^\r]*)*"
_FORWARD: Final = b"\r\nforward:"
_WHOLE: Final = re.compile(
    rb"\r\n(\w*)Channel: " + _VALUE + b"".join(
        rb"\r\n\1" + key.encode() + b": " + _VALUE for key in SNAPSHOT[1:]
    ) + rb"(?=\r\n|\Z)"
)  # fmt: skip


def is_whole(event: Message) -> bool:
    """False for what was broken open, for what such a break leaves over, and for what nobody but
    a caller can have written.
    """
    keys = [key for key, _ in event.headers]
    return _is_plain(event, keys) or _is_whole(event, [key.lower() for key in keys])


def is_whole_at_sight(block: bytes) -> bool:
    """As far as it can be told quickly; what is whole may be taken for broken here, not the other
    way round.
    """
    snapshots = block.count(b"ChannelState: ")
    return (
        snapshots > 0 and snapshots == len(_WHOLE.findall(block)) and _FORWARD not in block.lower()
    )


def is_open_ended(event: Message) -> bool:
    """Whether it is whole, but ends in what the telephone that was called wrote (where to forward
    the call), however long: what follows may be forged and whole as well.
    """
    return event.name == "DialEnd" and any(key.lower() == "forward" for key, _ in event.headers)


def torn(keys: Sequence[str], prefix: str = "") -> str:
    """The header (in small letters, without ``prefix``) whose value was more than a value; empty
    when the snapshot is whole. ``keys`` are all of the event, in small letters. Headers of other
    names may stand in between: Asterisk may have more to say in years to come.
    """
    wanted, known = _wanted(prefix)
    place = 0
    for key in keys:
        if place < len(wanted) and key == wanted[place]:
            place += 1
        elif key in known or (0 < place < len(wanted) and _has_no_place_inside(key)):
            break
    else:
        if place == len(wanted):
            return ""
    return wanted[max(place - 1, 0)].removeprefix(prefix)


def is_proof(event: Message) -> bool:
    """Whether what is no whole event of a channel is so because of line ends in a value, and not
    because this Asterisk says more or less of a channel: it stops in the middle, or repeats itself.
    """
    keys = [key.lower() for key, _ in event.headers]
    repeats = any(keys.count(key) > 1 for key in _SNAPSHOT)
    return _STATE in keys and (repeats or "linkedid" not in keys)


def is_by_another(event: Message) -> bool:
    """Whether it is what the other end of the line wrote that broke this event of a channel open,
    as far as it can be told: a caller may write so that it looks like this.
    """
    return torn([key.lower() for key, _ in event.headers]) in _OTHERS


@lru_cache(maxsize=64)
def _wanted(prefix: str) -> tuple[tuple[str, ...], frozenset[str]]:
    wanted = tuple(prefix + key.lower() for key in SNAPSHOT)
    return wanted, frozenset(wanted)


def _has_no_place_inside(key: str) -> bool:
    return key in _NOT_INSIDE or _LISTED in key


def _is_plain(event: Message, keys: list[str]) -> bool:
    """Nearly every event is: one snapshot in one piece, and not much beside it."""
    start = keys.index("Channel") if "Channel" in keys else 0
    end = start + len(_PLAIN)
    if keys[start:end] != _PLAIN or keys[0] != "Event" or event.output:
        return False
    beside = [key.lower() for key in keys[:start] + keys[end:] if key != "ChanVariable"]
    odd = any(key.startswith("channel") or key.endswith(_ENDS) for key in beside)
    return not odd and _SNAPSHOT.isdisjoint(beside) and len(set(beside)) == len(beside)


def _is_whole(event: Message, keys: Sequence[str]) -> bool:
    prefixes = [key.removesuffix(_STATE) for key in keys if key.endswith(_STATE)]
    return (
        _is_named(event)
        and not any(keys.count(key) > 1 for key in _ONCE)
        and not any(torn(keys, prefix) for prefix in prefixes)
        and not _is_rest(keys, prefixes)
        and _has_what_it_must(event, keys, prefixes)
    )


def _is_named(event: Message) -> bool:
    return bool(event.headers) and event.headers[0][0] == "Event" and bool(event.name)


def _is_rest(keys: Sequence[str], prefixes: Sequence[str]) -> bool:
    """The end of a snapshot without its beginning, or who is transferred without all of it."""
    if "transfereeuniqueid" in keys and "transferee" not in prefixes:
        return True
    ends = [key.removesuffix("linkedid") for key in keys if key.endswith("linkedid")]
    return any(end not in prefixes and f"{end}priority" in keys for end in ends)


def _has_what_it_must(event: Message, keys: Sequence[str], prefixes: Sequence[str]) -> bool:
    about, essential = _ABOUT.get(event.name), _ESSENTIAL.get(event.name, frozenset())
    if about is None and not essential:
        return True
    single = [key for key in keys if _LISTED not in key]
    given = set(single)
    return (
        (about is None or about in prefixes)
        and essential <= given
        and len(given) == len(single)
        and not event.output
    )
