"""Being let in: one step after the other, as a generator that is sent Asterisk's answers."""

from __future__ import annotations

import hashlib
from collections.abc import Generator

from cti_adapters.asterisk.ami.codec import Header, Message, ProtocolError
from cti_adapters.asterisk.ami.errors import LoginRefused
from cti_adapters.asterisk.ami.settings import AmiSettings

Step = tuple[str, tuple[Header, ...]]  # an action and its headers


def login(settings: AmiSettings) -> Generator[Step, Message, None]:
    """Actions to send, each once the one before it is answered; ends when we are in.

    Raises ``LoginRefused`` and ``ProtocolError``.
    """
    credentials = settings.login
    if settings.challenge:
        answer = yield "Challenge", (("AuthType", "MD5"),)
        challenge = answer.get("Challenge")
        if answer.name != "Success" or not challenge:
            raise ProtocolError(f"The PBX at {settings.place} gives no challenge to log in with.")
        credentials = (
            ("AuthType", "MD5"),
            ("Username", settings.username),
            ("Key", _key(challenge, settings.secret)),
            ("Events", settings.event_mask),
        )
    answer = yield "Login", credentials
    if answer.name != "Success":
        raise LoginRefused(
            f"The PBX at {settings.place} refuses the user {settings.username!r}: "
            "check its secret, permit and deny in manager.conf."
        )


def _key(challenge: str, secret: str) -> str:
    """What Asterisk asks for; that MD5 is weak is why there is TLS."""
    return hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
