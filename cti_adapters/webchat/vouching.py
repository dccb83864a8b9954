"""Whom a site vouches for: its pages sign who the visitor is."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from cti_adapters.webchat.claims import Known, Unproven, UsedTokens, read
from router.ports import Clock

log = logging.getLogger(__name__)


class Vouching:
    """``secrets`` are the sites' by their origin."""

    def __init__(self, secrets: Mapping[str, bytes], clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._used = UsedTokens()

    def vouched_for(self, token: str, site: str, contact: str) -> Known | None:
        """Whom the visitor's page vouches for; None, with a line in the log, when that is unproven:
        then they are whom they say they are, like everybody else.
        """
        if not token:
            return None
        at = self._clock.now()
        known = read(token, site, self._secrets, at)
        if isinstance(known, Known) and not self._used.take(known, contact, at):
            known = Unproven(reason="the token has opened another chat")
        if isinstance(known, Known):
            return known
        log.warning("a visitor of %s is not who they say: %s", site[:100], known.reason)
        return None
