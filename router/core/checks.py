"""What a command may bring: bounds on everything that comes from outside."""

from __future__ import annotations

import re
from typing import Final

from router.core.durations import DAY
from router.core.requirements import Step, problem_with
from router.core.turn import Turn, refuse

MAX_ID: Final = 128
MAX_STEPS: Final = 20
MAX_ATTRIBUTES: Final = 64
MAX_VALUE: Final = 2_000
MAX_TEXT: Final = 8_000
MAX_MESSAGES: Final = 2_000
MAX_FILES: Final = 20  # of one message
MAX_PREFERRED: Final = 20
MAX_BOOST: Final = DAY
LONGEST_PREFERENCE: Final = 365 * DAY
_CHANNEL: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}")  # E.164 has 15 digits; prefixes to dial come on top


def can_be_dialled(address: str) -> bool:
    """Whether it is a telephone number: digits, with or without a plus in front."""
    return _NUMBER.fullmatch(address) is not None


def check_channel(channel: str) -> None:
    if _CHANNEL.fullmatch(channel) is None:
        refuse("invalid", "A channel has 1 to 32 small letters, digits, _ or -, a letter first.")


def check_steps(steps: tuple[Step, ...]) -> None:
    if len(steps) > MAX_STEPS:
        refuse("invalid", f"A contact may have {MAX_STEPS} steps at most.")
    for step in steps:
        problem = problem_with(step.condition)
        if problem is not None:
            refuse("invalid", problem[0].upper() + problem[1:] + ".")
        if step.lasts is not None and step.lasts <= 0:
            refuse("invalid", "A step must last longer than nothing.")


def check_attributes(attributes: dict[str, str]) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        refuse("invalid", f"A contact may have {MAX_ATTRIBUTES} attributes at most.")
    for name, value in attributes.items():
        if not 1 <= len(name) <= MAX_ID or len(value) > MAX_VALUE:
            refuse("invalid", f"Attribute {name[:40]!r} is too long or has no name.")


def check_boost(boost: int) -> None:
    if abs(boost) > MAX_BOOST:
        refuse("invalid", "A boost may be one day at most.")


def known_agents(turn: Turn, agents: tuple[str, ...]) -> tuple[str, ...]:
    """The agents of the catalog among ``agents``; others are forgotten, they may have left."""
    if not agents:
        return ()
    return tuple(dict.fromkeys(a for a in agents[:MAX_PREFERRED] if a in turn.state.agents))
