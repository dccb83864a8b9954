"""How to reach Asterisk's manager interface, and what it may cost. Durations are microseconds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cti_adapters.asterisk.ami.codec import Header, Limits, encode
from router.core.durations import MILLISECOND, SECOND


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Events that Asterisk shall send or spare us (its action ``Filter``).

    ``criteria`` as in ``action(exclude),name(VarSet)`` needs Asterisk 22; without it ``match`` is
    a regular expression over the whole event, and a ``!`` in front turns it round.
    """

    criteria: str = ""
    match: str = ""

    @property
    def headers(self) -> tuple[Header, ...]:
        given = (("MatchCriteria", self.criteria), ("Filter", self.match))
        return ("Operation", "Add"), *((key, value) for key, value in given if value)


class AmiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Raises ``UnsafeValue`` for a name, a password or a filter that Asterisk would misread."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str = "patchbay"
    secret: str = ""
    tls: bool = False
    ca_file: Path | None = None  # None: the machine's own authorities
    challenge: bool = True  # log in with an MD5 challenge rather than the secret itself
    event_mask: str = "on"  # all that the user may read, or "call,agi,dialplan" …
    filters: tuple[EventFilter, ...] = ()
    unread: frozenset[str] = frozenset()  # events that nobody here wants, by name

    connect_timeout: int = 10 * SECOND  # until Asterisk has let us in
    action_timeout: int = 5 * SECOND  # for an answer, and between two entries of a list
    ping_every: int = 5 * SECOND  # of silence
    first_wait: int = 100 * MILLISECOND  # before connecting again, doubled each time …
    longest_wait: int = 2 * SECOND  # … up to this

    limits: Limits = Limits()
    waiting_bytes: int = 32 * 1_048_576  # received and not yet handled
    unsent_bytes: int = 4 * 1_048_576  # that Asterisk does not read
    unanswered: int = 10_000  # actions
    list_entries: int = 100_000  # of the lists that are being received

    def __post_init__(self) -> None:
        encode("Login", self.login)
        for one in self.filters:
            encode("Filter", one.headers)

    def __repr__(self) -> str:
        return f"AmiSettings({self.username!r} at {self.place}, secret not shown)"

    @property
    def login(self) -> tuple[Header, ...]:
        """The headers of a login without a challenge."""
        return ("Username", self.username), ("Secret", self.secret), ("Events", self.event_mask)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"
