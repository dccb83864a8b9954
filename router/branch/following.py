"""How a branch follows the log of the centre: in order, without gaps, over sessions. Pure.

One thing is done about everything that goes wrong: another session, which begins where the branch
stands.
"""

from __future__ import annotations

from typing import Final

from router.branch.messages import (
    MOST_PIECES,
    Alive,
    Down,
    Have,
    Hello,
    Piece,
    Told,
    Unfit,
    Welcome,
)
from router.core.durations import SECOND

SIGN_EVERY: Final = 2 * SECOND  # of life
SILENT_AFTER: Final = 8 * SECOND


class Following:
    """``position`` is the log's entry that the branch has, of the time ``at``; ``in_step`` whether
    it had all there was when the session began.
    """

    def __init__(self, position: int, at: int, last_session: int) -> None:
        self.position = position
        self.at = at
        self.session = last_session
        self.reason = ""  # why the two cannot work together
        self._welcomed = False
        self._goal = 0  # where the log stood at the welcome
        self._heard_at = 0
        self._pieces: list[bytes] = []

    @property
    def welcomed(self) -> bool:
        return self._welcomed

    @property
    def in_step(self) -> bool:
        return self._welcomed and self.position >= self._goal

    def hello(self, floor: int, now: int) -> Hello:
        """Begin another session."""
        self.session = max(self.session + 1, now)
        self._welcomed, self._pieces = False, []
        self._heard_at = now
        return Hello(session=self.session, position=self.position, at=self.at, floor=floor)

    def cut(self) -> None:
        """There is no connection."""
        self._welcomed = False

    def sign(self, floor: int, now: int) -> Hello | Have:
        """What is said every ``SIGN_EVERY``. Until it is welcomed, it is the same hello: on a slow
        line each new one would bring another snapshot, behind the one that is on its way.
        """
        if now - self._heard_at > SILENT_AFTER:
            return self.hello(floor, now)
        if not self._welcomed:
            return Hello(session=self.session, position=self.position, at=self.at, floor=floor)
        return Have(session=self.session, position=self.position, floor=floor)

    def hear(self, message: Down, now: int) -> Told | bytes | bool | None:
        """What is to be done: fold what was ``Told``, take ``bytes`` as the new state (then say so
        with ``reached``), nothing (None), or say hello (False); True: it is of this session, and
        none of these.
        """
        if isinstance(message, Unfit):
            self.reason = message.reason
            return None
        session = getattr(message, "session", None)
        if session is None:  # it does not know us
            return False if self._welcomed else None
        self._heard_at = now  # what is left of another session holds this one's up
        if session != self.session:
            return None
        match message:
            case Welcome(position=position):
                self._welcomed, self._goal, self.reason = True, position, ""
                return None
            case Told(position=position):
                return self._next(message, position)
            case Piece():
                return self._piece(message)
            case Alive(position=position):
                return None if position <= self.position or self._pieces else False
            case _:
                return True

    def _next(self, told: Told, position: int) -> Told | bool | None:
        if position <= self.position:
            return None
        return told if position == self.position + 1 else False

    def _piece(self, piece: Piece) -> bytes | bool | None:
        if piece.number != len(self._pieces) or not 0 < piece.of <= MOST_PIECES:
            self._pieces = []
            return False
        self._pieces.append(piece.body)
        if len(self._pieces) < piece.of:
            return None
        whole, self._pieces = b"".join(self._pieces), []
        return whole

    def reached(self, position: int, at: int) -> None:
        """The replica holds everything up to ``position``, whose entry is of ``at``."""
        self.position, self.at = position, at
