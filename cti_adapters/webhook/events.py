"""What a service tells us, whatever its own words for it are."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

MAX_NAME: Final = 200  # characters of an id, an address or a name of the service's
MAX_TEXT: Final = 8_000
MAX_ATTACHMENTS: Final = 10
MAX_URL: Final = 1_000


class Kind(StrEnum):
    MESSAGE = "message"  # the customer wrote
    ENDED = "ended"  # the customer left
    DELIVERED = "delivered"  # what we wrote has arrived …
    READ = "read"  # … was read …
    FAILED = "failed"  # … will never arrive


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` and ``conversation`` are the service's; ``about`` is ours or theirs of a message of
    ours. ``at`` is microseconds UTC by the service's clock, 0 when it does not say.
    """

    kind: Kind
    id: str
    conversation: str = ""
    address: str = ""
    name: str = ""
    text: str = ""
    attachments: tuple[str, ...] = ()  # their addresses
    language: str = ""
    about: str = ""
    at: int = 0
    sequence: int = 0

    @property
    def said(self) -> str:
        """The message with the addresses of what is attached: nobody fetches those."""
        return "\n".join((*([self.text] if self.text else []), *self.attachments))[:MAX_TEXT]
