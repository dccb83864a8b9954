"""What may be dialled outside, by whom, and how values are made safe for the telephone system.

Whoever gets at a telephone line calls numbers that earn them money: premium, satellite and far-away
numbers, over and over. So nothing is dialled that is not allowed, in a form that is checked here
and built anew: the number that comes out is ``+`` and digits. Pure; time is an argument.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NewType

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult
from phonenumbers.shortnumberinfo import connects_to_emergency_number

from cti_adapters.asterisk.settings import OutboundRules
from router.core.durations import MINUTE
from router.limits import Buckets, Rate
from router.text import one_line

Number = NewType("Number", str)
"""An E.164 number that may be dialled, e.g. ``+442079460018``."""

MAX_WRITTEN: Final = 40  # characters of a number as people write it
MAX_NUMBER: Final = 32
MAX_NAME: Final = 60  # characters, and no more bytes than Asterisk keeps of a caller's name
MAX_NAME_BYTES: Final = 78
MAX_WORD: Final = 80

_WRITTEN: Final = re.compile(r"\+?[0-9(][0-9 ()./-]*", re.ASCII)
_NUMBER: Final = re.compile(r"\+?[0-9*#]+", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", re.ASCII)
_IN_NAMES: Final = frozenset(" .-_\u2019")  # besides letters, marks and digits of every script

_EVERYWHERE: Final = ("112", "911", "999")  # phones connect them to the emergency services
_COSTLY_TYPES: Final = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number that is charged as a premium one",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail service",
    PhoneNumberType.UNKNOWN: "in no numbering plan that is known, so nobody knows what it costs",
}
_COSTLY_CODES: Final = {
    808: "a shared-cost number",
    870: "a satellite telephone",
    878: "a personal number that is charged as a premium one",
    881: "a satellite telephone",
    882: "of an international network",
    883: "of an international network",
    888: "of an international network",
    979: "a premium-rate number",
}


class Refused(msgspec.Struct, frozen=True):
    """``reason`` is one sentence for whoever wanted to dial; it repeats nothing that they wrote."""

    reason: str


def allowed(number: str, rules: OutboundRules) -> Number | Refused:
    """``number``, as people write it or as E.164, in the form in which it may be dialled."""
    if len(number) > MAX_WRITTEN or not _WRITTEN.fullmatch(number.strip(" ")):
        return Refused("This is no telephone number: write digits such as +44 20 7946 0018.")
    digits = re.sub(r"[^0-9]", "", number)
    if digits in _EVERYWHERE or connects_to_emergency_number(digits, rules.country):
        return Refused("Emergency numbers are not dialled from here: use a telephone.")
    parsed = _parsed(number, rules.country)
    if parsed is None:
        return Refused("No number is that long or short: write it with its area code.")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return _refusal(parsed, e164, rules) or Number(e164)


def _parsed(number: str, country: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    # Not is_possible_number: that one takes numbers which are complete inside one town alone.
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if possible == ValidationResult.IS_POSSIBLE else None


def _refusal(parsed: PhoneNumber, e164: str, rules: OutboundRules) -> Refused | None:
    by_type = _COSTLY_TYPES.get(phonenumbers.number_type(parsed))
    costly = _COSTLY_CODES.get(parsed.country_code or 0, by_type)
    if costly and not rules.premium:
        return Refused(f"This number is {costly}, and such numbers may not be dialled here.")
    if not rules.international and _country(parsed) != rules.country:
        return Refused("This number is in another country, and only this one may be dialled here.")
    if not _prefix_allows(e164, rules):
        return Refused("Numbers that begin like this may not be dialled here.")
    return None


def _country(parsed: PhoneNumber) -> str:
    """Not the calling code's: from the United States, +1 242 is a call to the Bahamas."""
    region = phonenumbers.region_code_for_number(parsed)
    return region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)


def _prefix_allows(e164: str, rules: OutboundRules) -> bool:
    """The longest prefix that fits decides; of the same in both lists, ``deny``."""
    return _longest(e164, rules.allow) > _longest(e164, rules.deny)


def _longest(e164: str, prefixes: tuple[str, ...]) -> int:
    return max((len(prefix) for prefix in prefixes if e164.startswith(prefix)), default=0)


class RateCaps:
    """How often each agent, or each flow, may dial: ``most`` times at once, and then as they are
    earned, as many in ``per`` microseconds. ``has`` begins what is told who may not.
    """

    def __init__(self, most: int, per: int, has: str = "You have") -> None:
        self._buckets = Buckets(Rate(burst=most, every=max(per // most, 1)))
        self._has = has

    def take(self, who: str, at: int) -> Refused | None:
        """Count one call of ``who``; None when it may be made. A refusal is not counted."""
        if self._buckets.take(who, at):
            return None
        minutes = max(-(-self._buckets.wait_for(who, at) // MINUTE), 1)
        unit = "minute" if minutes == 1 else "minutes"
        return Refused(f"{self._has} dialled too often: try again in {minutes} {unit}.")

    def give_back(self, who: str) -> None:
        """A call that was counted is not made."""
        self._buckets.give_back(who)


# -- values that enter a dialplan or a header ---------------------------------------------------


def safe_number(value: str) -> str:
    """``value`` if it is a number (``+``, digits, ``*``, ``#``), else nothing: a part of one would
    be another number.
    """
    return value if len(value) <= MAX_NUMBER and _NUMBER.fullmatch(value) else ""


def safe_name(value: str) -> str:
    """A person's name with letters of any script, digits, spaces, ``.``, ``-`` and ``’``; every
    other character is left out. Nothing is left in it that a dialplan, a header or SIP interprets.
    """
    plain = one_line(value[: 4 * MAX_NAME].replace("'", "\u2019"))
    kept = "".join(c for c in plain if c in _IN_NAMES or unicodedata.category(c)[0] in "LMN")
    kept = " ".join(kept.split())[:MAX_NAME]
    return kept.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", "ignore").strip()


def safe_word(value: str) -> str:
    """``value`` if it is a plain word (a language code, an id, a file's name without folders), else
    nothing.
    """
    fits = len(value) <= MAX_WORD and _WORD.fullmatch(value) and ".." not in value
    return value if fits else ""
