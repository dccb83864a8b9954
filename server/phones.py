"""The agents' softphones: what their desk needs to be a telephone, and where it may connect to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from cti_adapters.asterisk.phone_secrets import phone_password
from cti_adapters.asterisk.provisioning import endpoint_of
from cti_adapters.asterisk.settings import IceServer, PbxSettings, Softphone

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


class BadWebsocket(ValueError):
    """A softphone's websocket cannot be used; the text says what to write instead."""


class PhoneAccount(msgspec.Struct, frozen=True, kw_only=True):
    """With this a browser registers at the telephone system as the agent's phone."""

    websocket: str
    uri: str  # sip:ann@pbx.example
    username: str
    password: str
    ice_servers: tuple[IceServer, ...] = ()


class Phones:
    """The softphones of all telephone systems.

    ``key`` is the service's for ``phone_secrets.PURPOSE``. An agent with a softphone at several
    systems uses the first one's. Raises ``BadWebsocket``.
    """

    def __init__(self, systems: Iterable[PbxSettings] = (), key: bytes = b"") -> None:
        self._systems = [(one, phone) for one in systems if (phone := one.softphone)]
        self._key = key
        origins = (websocket_origin(phone.websocket) for _, phone in self._systems)
        self.origins = tuple(dict.fromkeys(origins))

    def of(self, agent: str) -> PhoneAccount | None:
        """None for an agent whose phone is not in the browser."""
        accounts = (self._account(agent, system, phone) for system, phone in self._systems)
        return next((account for account in accounts if account), None)

    def _account(self, agent: str, system: PbxSettings, phone: Softphone) -> PhoneAccount | None:
        endpoint = endpoint_of(system.phone_of(agent))
        if not endpoint or not system.talks_from_browser(agent):
            return None
        return PhoneAccount(
            websocket=phone.websocket,
            uri=f"sip:{endpoint}@{phone.domain or _host(phone.websocket)}",
            username=endpoint,
            password=phone_password(self._key, system.id, agent),
            ice_servers=phone.ice_servers,
        )


def websocket_origin(address: str) -> str:
    """``wss://host[:port]`` of a websocket's address, safe in a header. Raises ``BadWebsocket``."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _bad(address) from None
    host = _host(address)
    whole = f"{host}:{port}" if port is not None else host
    if parts.scheme not in {"ws", "wss"} or not HOST.fullmatch(host):
        raise _bad(address)
    # Compared whole: names, passwords and what else may stand around a host are refused.
    if parts.netloc.lower() != whole or parts.fragment or not address.isprintable():
        raise _bad(address)
    return f"{parts.scheme}://{whole}"


def _bad(address: str) -> BadWebsocket:
    return BadWebsocket(
        f"{address!r} is not the address of a websocket: write it as wss://host:port/ws."
    )


def _host(address: str) -> str:
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host
