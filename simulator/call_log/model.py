"""A call log as the simulator uses it, whatever columns it came from.

Times are microseconds on the clock of the log: when it writes no zone, its wall clock is taken for
UTC, so that an hour in a report is an hour as the centre saw it. Durations are microseconds.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["answered", "abandoned", "left", "ignored"]
"""How a call ended. ``left``: in self-service, before there was anything to wait for;
``ignored``: the log itself says that the row is no call."""

Ending = Literal[Outcome, "overflowed"]
"""What only our own journal knows: sent elsewhere by a rule before anybody answered."""


class LogError(ValueError):
    """The file as a whole is not a call log; the text says what to do."""


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call. ``id`` need not be unique; ``line`` is its place in the file, counted from 1.

    ``arrived_at`` is the entry to the centre and ``queued_at`` the moment from which the caller
    wanted somebody: with a ``waited`` of 0 somebody was free at once. ``answered_at`` is as
    recorded, may lie a second or two before the end of the wait, and is 0 for calls not answered;
    then ``talk`` is 0 too. ``customer`` and ``agent`` are empty where unknown. ``type`` is the
    kind of call that agents are skilled in. With ``tier_known`` False the log did not say how
    valued the caller is, and ``tier`` is only what it wrote instead.
    """

    line: int
    id: str
    customer: str
    tier: str
    type: str
    arrived_at: int
    queued_at: int
    waited: int
    outcome: Ending
    answered_at: int = 0
    talk: int = 0
    agent: str = ""
    tier_known: bool = True

    @property
    def wait_ends(self) -> int:
        """When the caller stopped waiting; the earlier moment where the log contradicts itself."""
        ends = self.queued_at + self.waited
        return min(ends, self.answered_at) if self.answered_at else ends

    @property
    def talk_ends(self) -> int:
        """When the conversation was over; the end of the wait when there was none."""
        return (self.answered_at or self.queued_at + self.waited) + self.talk


class LogProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in ``line``: ``reason`` is a sentence, ``found`` an excerpt of the culprit."""

    line: int
    reason: str
    found: str = ""
    dropped: bool = True  # False: the call was kept all the same

    def __str__(self) -> str:
        found = f" ({self.found})" if self.found else ""
        return f"line {self.line}: {self.reason}{found}"


class CallLog(msgspec.Struct, frozen=True, kw_only=True):
    """``calls`` in order of ``queued_at``, with ``rows`` = calls + ``ignored`` + ``dropped``.

    ``problems`` are the first of each reason, in order of lines; ``problem_counts`` has them all.
    ``tier_without_wait`` is the tier that the log writes for whoever did not wait, where it does
    that. ``credits`` is the head start that each tier had in the recorded centre, as far as
    known; ``served_as`` the shares of callers of a tier who had that of another. ``clock`` says in
    a sentence what the times are.
    """

    name: str
    mapping: str
    clock: str
    calls: tuple[RecordedCall, ...]
    rows: int
    ignored: int = 0
    dropped: int = 0
    problems: tuple[LogProblem, ...] = ()
    problem_counts: dict[str, int] = {}
    tier_without_wait: str = ""
    credits: dict[str, int] = {}
    served_as: dict[str, dict[str, float]] = {}
