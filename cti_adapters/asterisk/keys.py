"""What a caller keys in answer to a prompt of a flow. Pure: every key and the time are arguments.

What was keyed may be a secret: nothing here shows it when it is printed.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from router.core.durations import SECOND
from router.ports import FlowPrompt

KEYS: Final = frozenset("0123456789*#ABCD")
MAX_TYPED: Final = 128  # keys of one answer, whatever the flow says
BETWEEN: Final = 3 * SECOND  # after a digit, where the flow does not say
ENDS: Final = "#"  # an answer that should be a text, of which a telephone has the digits only


class Answer(msgspec.Struct, frozen=True):
    text: str

    def __repr__(self) -> str:
        return "Answer(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("text", "…")]


class Silence(msgspec.Struct, frozen=True):
    """Nothing was keyed in time."""


class Heard(msgspec.Struct, frozen=True):
    """There was nothing to answer, and it was said to its end."""


Outcome = Answer | Silence | Heard
SILENCE, HEARD = Silence(), Heard()


class Keys:
    """For one ``prompt``, which begins ``at``. ``press`` for each key, ``end`` when it has been
    said; ``outcome`` is what came of it so far, and changes by itself at ``next_moment`` at the
    earliest.
    """

    __slots__ = ("_answer", "_end_key", "_ended", "_last", "_longest", "_prompt", "_typed")

    def __init__(self, prompt: FlowPrompt, at: int) -> None:
        self._prompt = prompt
        self._end_key = prompt.end_key or ("" if prompt.digits else ENDS)
        self._longest = max(min(prompt.longest, MAX_TYPED), 1)
        self._ended: int | None = None  # microseconds UTC, as all moments here
        self._answer: str | None = None
        self._typed = prompt.begun[: self._longest] if prompt.kind == "text" else ""
        self._last = max(at, 1) if self._typed else 0  # when the last key was pressed
        self._look_whether_enough()

    @property
    def cut(self) -> bool:
        """Whether a key has stopped the prompt, or would, if it were being said."""
        return self._last > 0

    @property
    def stoppable(self) -> bool:
        return self._prompt.barge_in and self._prompt.kind != "wait"

    def press(self, key: str, at: int) -> None:
        """A key that does not count changes nothing."""
        if key not in KEYS or self._answer is not None or not self._listens:
            return
        self._last = max(at, 1)
        if self._prompt.kind != "text":
            self._answer = key
        elif key == self._end_key:
            self._answer = self._typed
        else:
            self._typed += key
            self._look_whether_enough()

    def _look_whether_enough(self) -> None:
        if len(self._typed) >= self._longest:
            self._answer = self._typed

    @property
    def _listens(self) -> bool:
        match self._prompt.kind:
            case "wait":
                return False
            case "play":
                return self._prompt.barge_in and self._ended is None
            case "choice" | "text":
                return self._prompt.barge_in or self._ended is not None

    def end(self, at: int) -> None:
        """The prompt has come to its end, or was cut short."""
        if self._ended is None:
            self._ended = at

    def outcome(self, at: int) -> Outcome | None:
        """None as long as more may come."""
        if self._answer is not None:
            return Answer(self._answer)
        if self._prompt.kind == "play":
            return None if self._ended is None else HEARD
        due = self.next_moment
        if due is None or at < due:
            return None
        return Answer(self._typed) if self._typed else SILENCE

    @property
    def next_moment(self) -> int | None:
        """Microseconds UTC; None: not before something happens."""
        if self._answer is not None or self._prompt.kind in ("play", "wait"):
            return None
        if self._typed:
            return self._last + (self._prompt.between or BETWEEN)
        return None if self._ended is None else self._ended + self._prompt.within
