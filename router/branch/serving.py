"""What the centre knows of a branch's session: which requests it has seen, and whether the branch
is there. Pure.

A request that comes twice is decided once, also when it was refused: its copy may come after a
later one of the same contact, and must not be judged anew by then. Copies of earlier sessions are
passed over as a whole.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Literal

from router.branch.messages import Answer
from router.core.durations import SECOND

REMEMBERED: Final = 4_096  # answers; a branch has 64 requests under way
IN_HAND: Final = 256  # requests of one branch that are being decided
AWAY_AFTER: Final = 10 * SECOND  # without a sign of life
WINDOW: Final = 256  # entries that the branch has not said it has


class Session:
    """``sent`` is the last entry of the log that was sent in it, ``has`` the last one received."""

    def __init__(self, number: int, position: int, floor: int, at: int) -> None:
        self.number = number
        self.has = position
        self.sent = position
        self._floor = floor
        self._heard_at = at
        self._in_hand: set[int] = set()
        self._answers: OrderedDict[int, Answer] = OrderedDict()

    def alive(self, at: int) -> bool:
        return at - self._heard_at < AWAY_AFTER

    def heard(self, at: int) -> None:
        self._heard_at = max(at, self._heard_at)

    def have(self, position: int, floor: int, at: int) -> None:
        """What the branch says it has; nobody has more than was sent."""
        self.heard(at)
        self.has = min(max(position, self.has), self.sent)
        self._floor = max(floor, self._floor)
        for number in [one for one in self._answers if one < self._floor]:
            del self._answers[number]

    @property
    def room(self) -> int:
        """How many more entries may be sent now."""
        return max(WINDOW - (self.sent - self.has), 0)

    def take(self, number: int) -> Answer | Literal["decide", "pass"]:
        """What to do about request ``number``: decide it, say the same answer again, or nothing,
        because it was answered long ago, is being decided, or too many are.
        """
        if number in self._answers:
            return self._answers[number]
        if number < self._floor or number in self._in_hand or len(self._in_hand) >= IN_HAND:
            return "pass"
        self._in_hand.add(number)
        return "decide"

    def decided(self, answer: Answer) -> None:
        self._in_hand.discard(answer.number)
        self._answers[answer.number] = answer
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def given_up(self, number: int) -> None:
        """It was not decided; it comes again."""
        self._in_hand.discard(number)
