"""Which channel has which name: an event that says otherwise was not written by Asterisk. Pure.

A caller can make an event of the own channel say that it is about another one, by its ``Uniqueid``;
but its name stands before everything that callers write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cti_adapters.asterisk.ami.codec import Message

MOST: Final = 65_536  # channels, and as many that are gone: their last events may still come
MOST_NAMES: Final = 16  # of one channel, in its life

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*/[!#%-+.-\[\]-{}~-]{1,200}[0-9A-Za-z>]", re.ASCII)


def is_channel_name(name: str) -> bool:
    """Whether ``name`` is one channel's, as in ``PJSIP/ann-00000001``: actions take patterns, such
    as ``/.*/`` for all channels, where they want a name, and a caller may forge an event with one.
    """
    return _NAME.fullmatch(name) is not None


class Names:
    """The names of each channel: events from before a ``Rename`` come after it. What Asterisk adds
    in pointed brackets when it puts one channel in the place of another is no part of them.
    """

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}  # by Uniqueid
        self._gone: dict[str, set[str]] = {}

    def agree(self, event: Message) -> bool:
        """Whether it may be; what it says is remembered."""
        if event.name == "Rename":
            self._renamed(event)
            return True
        if not event.get("ChannelState"):
            return True
        unique, name = event.get("Uniqueid"), _plain(event.get("Channel"))
        known = self._names.get(unique) or self._gone.get(unique)
        if not unique or (known and name not in known):
            return False
        if event.name == "Hangup":
            _remember(self._gone, unique, self._names.pop(unique, {name}))
        elif not known:
            _remember(self._names, unique, {name})
        return True

    def learn(self, listed: Iterable[Message]) -> None:
        """From a list of channels, which is right whatever was heard before."""
        for entry in listed:
            if entry.get("ChannelState"):
                _remember(self._names, entry.get("Uniqueid"), {_plain(entry.get("Channel"))})

    def _renamed(self, event: Message) -> None:
        names = self._names.get(event.get("Uniqueid"), set())
        if len(names) < MOST_NAMES:
            new = {_plain(event.get("Channel")), _plain(event.get("Newname"))}
            _remember(self._names, event.get("Uniqueid"), names | new)


def _remember(names: dict[str, set[str]], unique: str, those: set[str]) -> None:
    names[unique] = those
    if len(names) > MOST:
        del names[next(iter(names))]


def _plain(name: str) -> str:
    return name.partition("<")[0]
