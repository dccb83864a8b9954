"""What we write into our own mails so that an answer finds its thread, and nobody else makes one.

An answer names our Message-ID, ``t.<thread>.<unique>.<mac>@domain``, in its References; or it goes
to ``support+t-<thread>-<mac>@domain``. Both are signed, so they hold even when what was sent is no
longer known. Servers may change capitals, so only small letters and digits are used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final, Literal

from cti_adapters.email.same_address import MAX_LOCAL_PART, parts

MAX_THREAD: Final = 32  # characters of a thread's id
MAX_UNIQUE: Final = 40
MAC: Final = 16  # characters, 80 bits
_THREAD: Final = re.compile(rf"[a-z0-9]{{1,{MAX_THREAD}}}")
_UNIQUE: Final = re.compile(rf"[a-z0-9]{{1,{MAX_UNIQUE}}}")
_DOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_MESSAGE_ID: Final = re.compile(
    rf"t\.([a-z0-9]{{1,{MAX_THREAD}}})\.([a-z0-9]{{1,{MAX_UNIQUE}}})\.([a-z2-7]{{{MAC}}})"
)
_TAG: Final = re.compile(rf"(?:[^+]*-)?t-([a-z0-9]{{1,{MAX_THREAD}}})-([a-z2-7]{{{MAC}}})")
_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~+-]+")
_LONGEST: Final = 1_000  # characters of anything that is looked at


def message_id(thread: str, unique: str, secret: bytes, domain: str) -> str:
    """The Message-ID, without ``<>``, of a mail of ours; the same for the same arguments.

    ``thread`` and ``unique`` are small letters and digits. Raises ValueError for anything else.
    """
    if not _UNIQUE.fullmatch(unique):
        raise ValueError(f"a mail's part of its Message-ID is 1 to {MAX_UNIQUE} of a-z and 0-9")
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("a Message-ID ends in a domain of small letters")
    mac = _mac(secret, "message", _checked(thread), unique)
    return f"t.{thread}.{unique}.{mac}@{domain}"


def thread_of_message(message_id: str, secret: bytes) -> str:
    """The thread that one of our Message-IDs names; empty when it is not one of ours."""
    if len(message_id) > _LONGEST:
        return ""
    found = _MESSAGE_ID.fullmatch(parts(message_id)[0].lower())
    if found is None:
        return ""
    thread, unique, mac = found.groups()
    return thread if _same(mac, _mac(secret, "message", thread, unique)) else ""


def reply_address(mailbox: str, thread: str, secret: bytes) -> str:
    """``mailbox`` with the thread's token. As it is when there is no room for it (64 characters).

    Raises ValueError for a thread that is not small letters and digits, and for no mail address.
    """
    local, domain = parts(mailbox)
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError("an address to answer to is written name@domain")
    token = f"t-{_checked(thread)}-{_mac(secret, 'address', thread)}"
    tagged = f"{local}{'-' if '+' in local else '+'}{token}"
    return f"{tagged}@{domain}" if len(tagged) <= MAX_LOCAL_PART else mailbox


def thread_of_address(address: str, secret: bytes) -> str:
    """The thread whose token ``address`` carries; empty when it carries none of ours."""
    local, _ = parts(address[-_LONGEST:])
    if len(local) > MAX_LOCAL_PART:
        return ""
    found = _TAG.fullmatch(local.lower().partition("+")[2])
    if found is None:
        return ""
    thread, mac = found.groups()
    return thread if _same(mac, _mac(secret, "address", thread)) else ""


def is_thread(text: str) -> bool:
    return _THREAD.fullmatch(text) is not None


def _checked(thread: str) -> str:
    if not is_thread(thread):
        raise ValueError(f"a thread's id is 1 to {MAX_THREAD} of a-z and 0-9")
    return thread


def _mac(secret: bytes, purpose: Literal["message", "address"], *signed: str) -> str:
    """None of the parts has a space in it, so no two lists of them are the same text."""
    text = " ".join(("mail thread", purpose, *signed)).encode()
    digest = hmac.new(secret, text, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:MAC].lower()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
