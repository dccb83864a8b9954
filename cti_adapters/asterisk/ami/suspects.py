"""Whose channel is hung up for what its caller wrote. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Final

from cti_adapters.asterisk.ami.names import is_channel_name
from cti_adapters.asterisk.ami.protocol import Tampered

PATIENCE: Final = 3
"""Lists that what may be the other end's text breaks open, until its channel goes all the same."""
MOST: Final = 10_000  # channels


class Suspects:
    """Of one connection. At first only who certainly wrote it goes, because the conversation with
    whoever it is ends then; a caller who makes it look like another's text has no more of it.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def is_to_go(self, tampered: Tampered) -> bool:
        """Whether the channel is to be hung up now. What cannot be one channel's name never is."""
        if not is_channel_name(tampered.channel):
            return False
        if not tampered.by_another:
            return True
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[tampered.channel] += 1
        return self._seen[tampered.channel] >= PATIENCE
