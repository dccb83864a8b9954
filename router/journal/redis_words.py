"""What went wrong at Redis, in one sentence that says what to do."""

from __future__ import annotations

from typing import Final

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

_CODES: Final[dict[type[RedisError], str]] = {
    OutOfMemoryError: "OOM",
    ReadOnlyError: "READONLY",
    NoPermissionError: "NOPERM",
}


class ReplicasMissing(RedisError):
    """What was written is not yet where it has to be as well."""


def words_of(error: RedisError) -> str:
    """With the code in front that operators look for; the client takes some of them off."""
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "")
    return f"{code} {error}".strip() or type(error).__name__


def sentence(error: RedisError) -> str:
    """``error`` for an operator."""
    words = words_of(error)
    match error:
        case ReplicasMissing():
            return f"Too few replicas of Redis take part ({words}): start those that are missing."
        case NoPermissionError():
            return f"Redis forbids Patchbay a command ({words}): give its user all rights it needs."
        case AuthenticationError():
            return (
                f"Redis lets Patchbay in with no such user and password ({words}): correct them in"
                " PATCHBAY_REDIS_URL."
            )
        case BusyLoadingError():
            return f"Redis reads its data from the disk ({words}): wait until it has."
        case OutOfMemoryError():
            return f"Redis refused to write ({words}): give it more memory."
        case ReadOnlyError():
            return f"Redis refused to write ({words}): lead its address to the primary."
        case ResponseError() if words.startswith("MISCONF"):
            return f"Redis refused to write ({words}): look at its disk."
        case ResponseError():
            return f"Redis refused ({words}): look at its log and its version."
        case _:
            return f"Redis does not answer ({words}): check that it is up and reachable."
