"""Where Redis is: one server, the one that Sentinels say is the primary now, or a Redis Cluster."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from router.journal.redis_heeding import heeding
from router.journal.redis_slots import at_primary_of
from router.ports import JournalUnavailable

TIMEOUT: Final = 5.0  # seconds for one answer, and for a turn
OWN: Final = 1_000  # connections at most of a client whose number of users is known
IN_TURN: Final = 32  # of one that anybody may use: a command takes Redis less than a millisecond
SENTINEL_PORT: Final = 26_379
REDIS_PORT: Final = 6_379
SCHEMES: Final = ("redis", "rediss", "sentinel", "sentinels", "redis+cluster", "rediss+cluster")
ADVICE: Final = (
    "PATCHBAY_REDIS_URL cannot be used: write redis://HOST:6379/0, or"
    " sentinel://HOST:26379,HOST:26379/NAME, or redis+cluster://HOST:6379,HOST:6379;"
    " rediss, sentinels and rediss+cluster for TLS."
)


AUTHORITY: Final = "ssl_ca_certs"
SENTINEL_USER, SENTINEL_PASSWORD = "sentinel_username", "sentinel_password"


class AddressRefused(JournalUnavailable, ValueError):
    """The address cannot be used; the text says what to write."""


def connect(url: str, key: str = "", *, in_turn: bool = False) -> Redis:
    """A client that sends nothing twice by itself. Nothing is connected yet.

    ``redis://:password@host:6379/0`` is one server; ``sentinel://:password@a:26379,b:26379/name``
    the primary called ``name``, asked for at each new connection; ``redis+cluster://a:6379,b:6379``
    whoever has the slot of ``key`` in a Redis Cluster, asked for likewise: only keys of that slot
    can be used. With an ``s`` at the end of the scheme, or of its first half, the servers
    (not the Sentinels) are spoken to by TLS; ``?ssl_ca_certs=FILE`` names an authority of your own.
    ``?sentinel_username=…&sentinel_password=…`` let in to the Sentinels. What is asked ``in_turn``
    shares a few connections and waits for one, rather than failing when all are in use. Raises
    ``AddressRefused``.
    """
    check(url)
    return heeding(_client(url, key, in_turn=in_turn))


def _client(url: str, key: str, *, in_turn: bool) -> Redis:
    scheme = urlsplit(url).scheme
    if scheme.startswith("sentinel"):
        return _of_sentinels(url, in_turn=in_turn)
    if scheme.endswith("+cluster"):
        return _of_cluster(url, key, in_turn=in_turn)
    kind = BlockingConnectionPool if in_turn else ConnectionPool
    return Redis.from_pool(kind.from_url(url, **_shared(in_turn=in_turn), **_quiet()))


def _shared(*, in_turn: bool) -> dict[str, Any]:
    """How many connections, and for how long one is waited for."""
    return {"max_connections": IN_TURN, "timeout": TIMEOUT} if in_turn else {"max_connections": OWN}


class _InTurn(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the primary for which others wait."""


class _Primary(Redis):
    """Whichever the Sentinels name. ``asked`` are the clients with which they are asked."""

    asked: tuple[Redis, ...] = ()

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001
        await super().aclose(close_connection_pool)
        for sentinel in self.asked:
            await sentinel.aclose()


def check(url: str) -> None:
    """Raises ``AddressRefused``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused(ADVICE) from None
    try:
        fits = parts.scheme in SCHEMES and bool(parts.netloc)
        if fits and parts.scheme.startswith("sentinel"):
            fits = bool(parts.path.strip("/")) and bool(_hosts(parts.netloc, SENTINEL_PORT))
        elif fits and parts.scheme.endswith("+cluster"):
            fits = parts.path in {"", "/", "/0"} and bool(_hosts(parts.netloc, REDIS_PORT))
        elif fits:
            fits = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise AddressRefused(ADVICE)
    if parts.scheme not in {"redis", "rediss"}:  # of those the client itself knows more
        _check_options(parts.scheme, parts.query)


def _check_options(scheme: str, query: str) -> None:
    """That nothing is written which has no effect. Raises ``AddressRefused``."""
    known = set()
    if scheme in {"sentinels", "rediss+cluster"}:
        known.add(AUTHORITY)
    if scheme.startswith("sentinel"):
        known |= {SENTINEL_USER, SENTINEL_PASSWORD}
    for name in parse_qs(query, keep_blank_values=True):
        if name not in known:
            takes = f"it takes {' and '.join(sorted(known))}" if known else "remove it"
            raise AddressRefused(
                f"PATCHBAY_REDIS_URL cannot be used: {scheme} does not know ?{name[:40]}; {takes}."
            )


def _quiet() -> dict[str, Any]:
    """Of every connection: bounded waits, and no retries of the client's own."""
    return {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
    }


def _of_sentinels(url: str, *, in_turn: bool) -> Redis:
    parts = urlsplit(url)
    options = {**_quiet(), **_secret(parts.netloc)}
    tls = parts.scheme == "sentinels"
    if tls and (authority := _option(parts.query, AUTHORITY)):
        options["ssl_ca_certs"] = authority
    asking = _quiet()
    if user := _option(parts.query, SENTINEL_USER):
        asking["username"] = user
    if password := _option(parts.query, SENTINEL_PASSWORD):
        asking["password"] = password
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts.netloc, SENTINEL_PORT), sentinel_kwargs=asking
    )
    primary: _Primary = sentinels.master_for(
        parts.path.strip("/"),
        redis_class=_Primary,
        connection_pool_class=_InTurn if in_turn else SentinelConnectionPool,
        ssl=tls,
        **_shared(in_turn=in_turn),
        **options,
    )
    primary.asked = tuple(sentinels.sentinels)
    return primary


def _of_cluster(url: str, key: str, *, in_turn: bool) -> Redis:
    parts = urlsplit(url)
    tls = parts.scheme.startswith("rediss")
    options = {**_quiet(), **_secret(parts.netloc)}
    if tls and (authority := _option(parts.query, AUTHORITY)):
        options["ssl_ca_certs"] = authority
    kind = BlockingConnectionPool if in_turn else ConnectionPool
    pool = partial(kind, **_shared(in_turn=in_turn))
    return at_primary_of(key, _hosts(parts.netloc, REDIS_PORT), options, tls=tls, pool=pool)


def _option(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0]


def _secret(netloc: str) -> dict[str, Any]:
    """User and password as the client wants them."""
    secret, _, _ = netloc.rpartition("@")
    user, _, password = secret.partition(":")
    known: dict[str, Any] = {"password": unquote(password)} if password else {}
    if user:
        known["username"] = unquote(user)
    return known


def _hosts(netloc: str, port_unless_named: int) -> list[tuple[str, int]]:
    """Raises ValueError."""
    _, _, places = netloc.rpartition("@")
    hosts = []
    for place in places.split(","):
        host, colon, port = place.rpartition(":") if ":" in place else (place, "", "")
        if not host or not 0 < (int(port) if colon else port_unless_named) < 65_536:
            raise ValueError(place)
        hosts.append((host, int(port) if colon else port_unless_named))
    return hosts
