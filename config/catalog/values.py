"""Text values that mean more than text: names, shares, amounts, conditions.

``KINDS`` tells for each ``kind`` of ``document`` how a node is read; the matching JSON Schemas
are in ``schema``. A ValueError carries one sentence that says what to write.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from config.durations import parse_duration

MAX_NAME = 64
NAME = r"^[a-z0-9][a-z0-9_.-]*$"
FLOW = r"^[a-z0-9][a-z0-9_.-]*(@[a-z0-9][a-z0-9_.-]*)?$"
MENU_KEY = r"^[a-z0-9*#][a-z0-9_.-]*$"
SHARE = r"^(100|[1-9]?[0-9])(\.[0-9])?%$"

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """A duration in microseconds or a number of contacts."""

    value: int
    unit: Literal["duration", "contacts"]


def parse_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("write a whole number")
    return int(text)


def parse_decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise ValueError("write a number such as 0.8")
    return float(text)


def parse_share(text: str) -> float:
    """``80%`` or ``0.8`` as 0.8."""
    percent = text.endswith("%")
    try:
        value = parse_decimal(text.removesuffix("%").strip()) / (100 if percent else 1)
    except ValueError:
        raise ValueError("write a share as 80% or 0.8") from None
    if not 0 <= value <= 1:
        raise ValueError("a share lies between 0% and 100%")
    return value


def parse_amount(text: str) -> Amount:
    """``20`` as a number of contacts, ``5m`` as a duration."""
    if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
        return Amount(value=int(text), unit="contacts")
    return Amount(value=parse_duration(text), unit="duration")
