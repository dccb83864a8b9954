"""When a queue's announcements are due, and which of them are sounds rather than words.

Every channel says them in its own way: a chat writes a line, a telephone plays it. Each is due at
moments of the contact's waiting, numbered from 0.
"""

from __future__ import annotations

from typing import Final

from router.core.catalog import Announcement

SOUND: Final = "file:"


def repetition(announcement: Announcement, waited: int) -> int | None:
    """The number of the one last due after ``waited`` microseconds, None before the first.

    Those that nobody said in time are not made up for.
    """
    late = waited - announcement.after
    if late < 0:
        return None
    return late // announcement.every if announcement.every else 0


def next_repetition(announcement: Announcement, waited: int) -> int | None:
    """After how much waiting, microseconds, the next one is due; None when there is none."""
    number = repetition(announcement, waited)
    if number is None:
        return announcement.after
    return announcement.after + (number + 1) * announcement.every if announcement.every else None


def is_sound(text: str) -> bool:
    """Whether ``text`` names a sound that is played (``file:custom/welcome``), not words."""
    return text.startswith(SOUND)
