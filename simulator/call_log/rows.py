"""From the cells of a row to a recorded call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from config.problems import excerpt
from router.core.catalog import MINUTE, SECOND
from router.core.durations import DAY
from router.text import one_line
from simulator.call_log.clocks import Clocks, NotATime, unix
from simulator.call_log.header import Places
from simulator.call_log.mapping import Mapping
from simulator.call_log.model import Outcome, RecordedCall

LONGEST: Final = DAY
"""No wait, conversation or stay in self-service is longer, microseconds."""

_EARLY: Final = 2 * SECOND  # so little is how clocks are rounded
_LATE: Final = MINUTE
_MAX_WORD: Final = 100
_WORDS_KEPT: Final = 100_000

LATE_ARRIVAL: Final = "the wait begins before the call arrives"
EARLY_SERVICE: Final = "the service begins before the wait is over"
LATE_SERVICE: Final = "the service begins long after the wait is over"

Note = Callable[[str, str], None]


class BadRow(ValueError):
    """The row cannot be used: a reason without particulars, and what was found."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.found = excerpt(found)


class RowReader:
    """Reads rows whose columns stand at ``places``."""

    def __init__(self, mapping: Mapping, places: Places, width: int) -> None:
        self._mapping = mapping
        self._at = places
        self._width = width
        self._clocks = Clocks()
        self._empty = frozenset(mapping.empty)
        self._by_clock = mapping.times == "clock"
        self._outcomes = {word.lower(): what for word, what in mapping.outcomes.items()}
        self._plain: dict[str, str] = {}

    def read(self, line: int, cells: Sequence[str], note: Note) -> RecordedCall | None:
        """The call, or None when the log says that the row is none.

        ``note`` is told of oddities that do not cost the row. Raises ``BadRow``.
        """
        if len(cells) != self._width:
            self._check_width(cells)
        at = self._at
        outcome = self._outcome(cells)
        if outcome == "ignored":
            return None
        waited = self._duration(cells, at.waited)
        talk = self._duration(cells, at.talk)
        arrived = self._arrival(cells)
        joined = self._moment(cells, at.queued_at, arrived, told=waited)
        queued = joined or self._moment(cells, at.asked_at, arrived) or arrived
        served = self._moment(cells, at.answered_at, queued + (waited or 0), told=talk)
        ended = self._moment(cells, at.ended_at, served or queued + (waited or 0))
        if outcome is None:
            outcome = "answered" if served is not None or talk else "abandoned"
        if waited is None:
            waited = _wait(queued, served if outcome == "answered" else ended)
        if outcome == "answered":
            served = queued + waited if served is None else served
            talk = _talk(served, talk, ended)
        else:
            served = talk = 0
        _check(arrived, queued, waited, served, talk)
        _look(arrived, queued, waited, served, note)
        if outcome == "abandoned" and not waited and joined is None:
            outcome = self._mapping.without_queue
        return self._call(
            line, cells, outcome, (min(arrived, queued), queued, waited, served, talk)
        )

    def _call(
        self,
        line: int,
        cells: Sequence[str],
        outcome: Outcome,
        times: tuple[int, int, int, int, int],
    ) -> RecordedCall:
        mapping, at = self._mapping, self._at
        arrived, queued, waited, served, talk = times
        customer = self._word(cells, at.customer)
        if customer in mapping.no_customer:
            customer = ""
        agent = self._word(cells, at.agent) if outcome == "answered" else ""
        tier = self._word(cells, at.tier)
        tier = mapping.tiers.get(tier, tier)
        type_ = self._word(cells, at.type)
        return RecordedCall(
            line=line,
            id="-".join([cells[i] for i in at.id])[:_MAX_WORD],
            customer=customer,
            tier=tier,
            type=mapping.types.get(type_, type_),
            arrived_at=arrived,
            queued_at=queued,
            waited=waited,
            outcome=outcome,
            answered_at=served,
            talk=talk,
            agent="" if agent in mapping.no_agent else agent,
            tier_known=bool(waited or customer or tier != mapping.tier_without_wait or not tier),
        )

    def _check_width(self, cells: Sequence[str]) -> None:
        if len(cells) < self._width:
            raise BadRow("the row has fewer columns than the header")
        if any(cells[self._width :]):
            raise BadRow("the row has more columns than the header")

    def _outcome(self, cells: Sequence[str]) -> Outcome | None:
        """None when nothing is said about it."""
        word = cells[self._at.outcome].strip() if self._at.outcome >= 0 else ""
        if word in self._empty:
            return None
        found = self._outcomes.get(word.lower())
        if found is None:
            raise BadRow("the outcome is a word that the mapping does not have", word)
        return found

    def _arrival(self, cells: Sequence[str]) -> int:
        at = self._at
        try:
            day = self._clocks.day(cells[at.date].strip()) if self._by_clock else 0
        except NotATime as error:
            raise BadRow(str(error), cells[at.date]) from None
        found = self._moment(cells, at.arrived_at, day, nearest=False)
        if found is None:
            raise BadRow("the time of arrival is missing")
        return found

    def _moment(
        self,
        cells: Sequence[str],
        index: int,
        near: int,
        *,
        told: int | None = None,
        nearest: bool = True,
    ) -> int | None:
        """Microseconds, or None where the log says nothing.

        A clock shows a time of the day of ``near``; the day before or after is taken when that
        is nearer. It shows 0:00:00 as well for nothing, so that counts only if ``told``.
        """
        text = cells[index].strip() if index >= 0 else ""
        if text in self._empty:
            return None
        try:
            if not self._by_clock:
                return unix(text) if self._mapping.times == "unix" else self._clocks.moment(text)
            clock = self._clocks.clock(text)
        except NotATime as error:
            raise BadRow(str(error), text) from None
        if not nearest:
            return near + clock
        if told == 0 and (clock == 0 or index == self._at.answered_at):
            return None
        found = near - near % DAY + clock
        return found + DAY * round((near - found) / DAY)

    def _duration(self, cells: Sequence[str], index: int) -> int | None:
        text = cells[index].strip() if index >= 0 else ""
        if text in self._empty:
            return None
        try:
            return self._clocks.duration(text)
        except NotATime as error:
            raise BadRow(str(error), text) from None

    def _word(self, cells: Sequence[str], index: int) -> str:
        """A cell as plain text, the same object for the same text: a million calls repeat them."""
        if index < 0:
            return ""
        text = cells[index]
        found = self._plain.get(text)
        if found is None:
            found = one_line(text[: 4 * _MAX_WORD])[:_MAX_WORD]
            if found in self._empty:
                found = ""
            if len(self._plain) >= _WORDS_KEPT:
                self._plain.clear()
            self._plain[text] = found
        return found


def _wait(queued: int, until: int | None) -> int:
    if until is None:
        raise BadRow("neither the wait nor its end is known")
    return 0 if -_EARLY <= until - queued < 0 else until - queued


def _talk(served: int, talk: int | None, ended: int | None) -> int:
    if talk is not None:
        return talk
    if ended is None:
        raise BadRow("neither the conversation nor its end is known")
    return ended - served


def _check(arrived: int, queued: int, waited: int, served: int, talk: int) -> None:
    """Nothing lasts less than nothing, or longer than ``LONGEST``."""
    for what, lasted in (
        ("wait", waited),
        ("conversation", talk),
        ("self-service", abs(queued - arrived)),
    ):
        if lasted > LONGEST:
            raise BadRow(f"the {what} lasts longer than 24 hours", f"{lasted / SECOND:g} s")
        if lasted < 0:
            raise BadRow(f"the {what} lasts less than nothing", f"{lasted / SECOND:g} s")
    if served and served < queued - _LATE:
        raise BadRow("the service begins before the caller asked for it")


def _look(arrived: int, queued: int, waited: int, served: int, note: Note) -> None:
    """Tell of what does not fit together and can be lived with."""
    if queued < arrived - _EARLY:
        note(LATE_ARRIVAL, f"{(arrived - queued) / SECOND:g} s")
    if not served:
        return
    late = served - queued - waited
    if late < -_EARLY:
        note(EARLY_SERVICE, f"{-late / SECOND:g} s")
    elif late > _LATE:
        note(LATE_SERVICE, f"{late / SECOND:g} s")
