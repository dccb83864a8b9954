"""The passwords of the agents' softphones: derived whenever needed, stored nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac

PURPOSE = "phones"  # of the key that passwords are derived with
BITS = 160


def phone_password(secret: bytes, pbx: str, agent: str) -> str:
    """The SIP password of ``agent`` at the telephone system ``pbx``.

    ``secret`` is the service's key for ``PURPOSE``. The password is 32 characters of ``a-z2-7``,
    which mean nothing to URLs, configuration files and SIP, and holds 160 bits: neither the key
    nor another agent's password can be found from it.
    """
    name = pbx.encode()
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    message = len(name).to_bytes(4, "big") + name + agent.encode()
    digest = hmac.digest(secret, message, hashlib.sha256)
    return base64.b32encode(digest[: BITS // 8]).decode("ascii").lower()
