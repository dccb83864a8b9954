"""What cannot be done for a while is logged when that begins and when it is over: once each."""

from __future__ import annotations

import logging


class Outage:
    """``began`` has a place for the problem, ``over`` has none."""

    def __init__(self, log: logging.Logger, began: str, over: str) -> None:
        self._log = log
        self._began = began
        self._over = over
        self._lasts = False

    def goes_on(self, problem: object) -> None:
        if not self._lasts:
            self._log.warning(self._began, problem)
        self._lasts = True

    def is_over(self) -> None:
        if self._lasts:
            self._log.warning(self._over)
        self._lasts = False
