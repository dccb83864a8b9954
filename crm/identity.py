"""Addresses in the one form they are stored and compared in. Pure.

Phone numbers become E.164, mail addresses and chat handles lower case. Mail servers may in
principle tell ``Ann@`` from ``ann@``; none do, and a customer types it either way.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import phonenumbers

from router.customers import VERIFIED, Identity

PHONE: Final = "phone"
EMAIL: Final = "email"
CHAT: Final = "chat"
KINDS: Final = (PHONE, EMAIL, CHAT)

_KIND_OF_CHANNEL: Final = {"voice": PHONE, "fax": PHONE, "email": EMAIL, VERIFIED: EMAIL}

MAX_PHONE: Final = 64  # as written, with blanks and an extension
MAX_MAIL: Final = 254  # RFC 5321
MAX_LOCAL_PART: Final = 64
MAX_HANDLE: Final = 100

_PHONE: Final = re.compile(r"\+?\(?[0-9][0-9 ().\-/]*(?:(?:x|ext\.?|;ext=) ?[0-9]{1,7})?")
_SIP: Final = re.compile(r"(?:sips?|tel):([^@;]+)(?:[@;].*)?", re.IGNORECASE)
_LOCAL_PART: Final = re.compile(r"[^\s\"(),:;<>@\[\\\]]+")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]")
_IN_ANGLES: Final = re.compile(r"[^<>]*<([^<>]+)>")


def normalise(kind: str, value: str, region: str) -> str | None:
    """``value`` in its stored form, None when it is no address of that kind.

    ``region`` (``GB``, ``ES`` …) is assumed for phone numbers written without a country code.
    """
    match kind:
        case "phone":
            return phone(value, region)
        case "email":
            return mail(value)
        case "chat":
            return handle(value)
        case _:
            return None


def phone(value: str, region: str) -> str | None:
    """E.164, e.g. ``+441632960001``; an extension is dropped, ``sip:`` and ``tel:`` are read."""
    if len(value) > MAX_MAIL:
        return None
    value = unicodedata.normalize("NFKC", value).strip()
    if uri := _SIP.fullmatch(value):
        value = uri[1]
    if len(value) > MAX_PHONE or not _PHONE.fullmatch(value):
        return None
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not valid: numbering plans change, and a caller with a new prefix is still one.
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mail(value: str) -> str | None:
    """``"Ann" <Ann@Example.COM>`` as ``ann@example.com``; other alphabets' domains as xn--."""
    if len(value) > 2 * MAX_MAIL:
        return None
    value = unicodedata.normalize("NFC", value).strip().removeprefix("mailto:")
    if bracketed := _IN_ANGLES.fullmatch(value):
        value = bracketed[1].strip()
    local, at, domain = value.rpartition("@")
    if not at or len(value) > MAX_MAIL or len(local) > MAX_LOCAL_PART:
        return None
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or not _LOCAL_PART.fullmatch(local) or not local.isprintable():
        return None
    return f"{local.lower()}@{ascii_domain}"


def _ascii_domain(domain: str) -> str | None:
    try:
        name = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return name if _DOMAIN.fullmatch(name) else None


def handle(value: str) -> str | None:
    """A chat handle, case and width folded; blanks inside collapse."""
    if len(value) > 4 * MAX_HANDLE:
        return None
    folded = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if not 0 < len(folded) <= MAX_HANDLE or not folded.isprintable():
        return None
    return folded


def readings(channel: str, address: str, region: str) -> tuple[Identity, ...]:
    """What an address that came over ``channel`` can mean, the likeliest first.

    A number or mailbox means one thing. What a visitor types into a chat (or what an unknown
    channel brings) may be a mail address, a number or a handle.
    """
    kind = _KIND_OF_CHANNEL.get(channel)
    kinds = (kind,) if kind else (EMAIL, PHONE, CHAT)
    values = ((each, normalise(each, address, region)) for each in kinds)
    return tuple(Identity(kind=each, value=value) for each, value in values if value)
