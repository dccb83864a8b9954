"""Passwords: argon2id hashes only, and answers that take as long for a user who does not exist."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200  # hashing cost must not be in the hands of whoever sends the password
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1


def problem_with_password(password: str) -> str | None:
    """Why ``password`` is refused, in one sentence, or None."""
    if len(password) < MIN_LENGTH:
        return f"Choose a password of at least {MIN_LENGTH} characters."
    if len(password) > MAX_LENGTH:
        return f"Choose a password of at most {MAX_LENGTH} characters."
    return None


def generate_password() -> str:
    """A random password of 75 bits that can be read aloud: three groups of five."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(5)) for _ in range(3))
    return "-".join(groups)


class Passwords:
    """Hashes and verifies. Both take tens of milliseconds by design: call them in a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` fits. ``stored`` None (no such user) costs the same and is False."""
        if not self._nobody:  # made at the first use, whoever asks: it takes as long as a check
            self._nobody = self.hash(secrets.token_hex(16))
        try:
            self._hasher.verify(stored or self._nobody, password[:MAX_LENGTH])
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None and len(password) <= MAX_LENGTH
