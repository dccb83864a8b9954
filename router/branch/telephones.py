"""Which agents cannot be rung at the branch, as the centre is told of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from router.branch.messages import LARGEST_PHONES, Phones, write
from router.core.commands import SetReachable

log = logging.getLogger(__name__)


class Telephones:
    """``note`` what is found of each agent's; what changed since is said ``in_session``."""

    def __init__(self) -> None:
        self._out: dict[str, str] = {}  # agents who cannot be rung, and why
        self._known: Callable[[], bool] = lambda: False
        self._told: tuple[int, bool, Mapping[str, str]] | None = None  # in which session

    def begin(self, known: Callable[[], bool]) -> None:
        """All begins anew; ``known``: whether their system can be asked."""
        self._out, self._known = {}, known

    def note(self, found: SetReachable) -> None:
        if found.reachable:
            self._out.pop(found.agent, None)
        else:
            self._out[found.agent] = found.reason[:200]

    def in_session(self, session: int) -> Phones | None:
        """What is to be said, None when the centre knows it or could not read it."""
        now = (session, self._known(), dict(self._out))
        if now == self._told:
            return None
        self._told = now
        said = Phones(session=session, known=now[1], out=now[2])
        if len(write(said)) > LARGEST_PHONES:
            log.error("the centre is not told of telephones: too many cannot be rung")
            return None
        return said
