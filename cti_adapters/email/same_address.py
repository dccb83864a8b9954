"""Mail addresses, compared: whether two are of one mailbox, and parts of one."""

from __future__ import annotations

from typing import Final

MAX_LOCAL_PART: Final = 64  # characters before the @ (RFC 5321, 4.5.3.1.1)


def parts(address: str) -> tuple[str, str]:
    """What stands before and after the last ``@``; the domain is empty when there is none."""
    local, at, domain = address.strip().rpartition("@")
    return (local, domain.lower()) if at else (domain, "")


def key_of(address: str) -> str:
    """The same for every way of writing one address. Nobody tells two people apart by capitals."""
    local, domain = parts(address)
    return f"{local.casefold()}@{domain}" if domain else local.casefold()


def base_of(address: str) -> str:
    """``key_of`` the mailbox: without what follows a plus, ``ann+shop@x.org`` as ``ann@x.org``."""
    local, domain = parts(address)
    base = local.partition("+")[0] or local
    return key_of(f"{base}@{domain}" if domain else base)
