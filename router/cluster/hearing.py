"""When Redis last did what this node asked of it, and what is said when that is too long ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from redis.exceptions import AuthenticationError, ResponseError

from router.journal.redis_words import ReplicasMissing, sentence

_TOLD: Final = (AuthenticationError, ReplicasMissing, ResponseError)  # by a Redis that answers

STALE: Final = 3.0  # seconds without Redis, after which a node that follows is not ready


class Hearing:
    """``time`` is a clock of seconds that only grows."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._heard = time()
        self._refusal = ""  # what Redis answered instead, if it answered at all

    @property
    def silent(self) -> float:
        """Seconds since Redis last did what it was asked."""
        return max(self._time() - self._heard, 0.0)

    def answered(self) -> None:
        self._heard = self._time()
        self._refusal = ""

    def failed(self, problem: Exception) -> None:
        """``problem`` came of what Redis answered, or did not."""
        cause = problem.__cause__
        self._refusal = sentence(cause) if isinstance(cause, _TOLD) else ""

    def trouble(self, longest: float) -> str:
        """A sentence for the operator when the silence has lasted for ``longest`` seconds."""
        silent = self.silent
        if silent <= longest:
            return ""
        if self._refusal:
            return f"Redis has refused for {silent:.0f} s what a node asks. {self._refusal}"
        return f"Redis has not answered for {silent:.0f} s: check that it is up and reachable."
