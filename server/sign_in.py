"""Signing in: slow on purpose for whoever guesses, and silent about which users exist."""

from __future__ import annotations

import asyncio

import structlog

from router.core.durations import HOUR, MINUTE, SECOND
from router.limits import Buckets, Rate, source_of
from router.ports import Clock
from server.accounts import AccountStore, Identity, User
from server.errors import ApiError
from server.passwords import Passwords

log = structlog.get_logger(__name__)

SESSION_LASTS = 12 * HOUR
HASHES_AT_ONCE = 2  # each takes 64 MiB

PER_USER_AND_ADDRESS = Rate(burst=5, every=15 * SECOND)
PER_USER = Rate(burst=50, every=5 * SECOND)  # loose: others must not be able to lock a user out

WRONG = "The user or the password is wrong."


class SignIn:
    """Checks passwords and opens sessions of ``session_lasts`` microseconds.

    ``per_minute`` attempts are allowed from one address (one household, where a household has
    many) in the long run.
    """

    def __init__(
        self,
        accounts: AccountStore,
        passwords: Passwords,
        clock: Clock,
        *,
        per_minute: int = 10,
        session_lasts: int = SESSION_LASTS,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._clock = clock
        self.session_lasts = session_lasts
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._pair_limit = Buckets(PER_USER_AND_ADDRESS)
        self._address_limit = Buckets(Rate(burst=3 * per_minute, every=MINUTE // per_minute))
        self._user_limit = Buckets(PER_USER)

    async def sign_in(self, user: str, password: str, address: str) -> tuple[User, str]:
        """The user and a new session's token. Raises ``ApiError`` 401 or 429."""
        source = source_of(address)
        self._limit(user, source)
        found = await self._accounts.credentials(user)
        stored = found[1] if found else None
        async with self._hashing:
            good = await asyncio.to_thread(self._passwords.verify, stored, password)
        if found is None or not good:
            log.info("sign_in_refused", address=address)
            raise ApiError(401, "wrong_credentials", WRONG)
        self._pair_limit.forgive(f"{user} {source}")
        token = await self._accounts.open_session(user, self._clock.now(), self.session_lasts)
        log.info("signed_in", user=user)
        return found[0], token

    async def identity(self, token: str | None) -> Identity | None:
        """Who holds the token of a cookie."""
        if not token or len(token) > 100:
            return None
        return await self._accounts.identity(token, self._clock.now())

    def _limit(self, user: str, source: str) -> None:
        at = self._clock.now()
        limits = (
            (self._pair_limit, f"{user} {source}"),
            (self._address_limit, source),
            (self._user_limit, user),
        )
        wait = max(limiter.wait_for(key, at) for limiter, key in limits)
        if wait:
            seconds = -(-wait // SECOND)
            message = f"Too many attempts: try again in {seconds} seconds."
            raise ApiError(429, "too_many_attempts", message, {"Retry-After": str(seconds)})
        for limiter, key in limits:
            limiter.take(key, at)
