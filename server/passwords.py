"""Passwords: argon2id hashes only, and answers that take as long for a user who does not exist."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200  # hashing cost must not be in the hands of whoever sends the password
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1
_KEY_BYTES = 32


def problem_with_password(password: str) -> str | None:
    """Why ``password`` is refused, in one sentence, or None."""
    if len(password) < MIN_LENGTH:
        return f"Choose a password of at least {MIN_LENGTH} characters."
    if len(password) > MAX_LENGTH:
        return f"Choose a password of at most {MAX_LENGTH} characters."
    return None


def generate_password() -> str:
    """A random password that can be read aloud."""
    return password_of(secrets.token_bytes(_KEY_BYTES))


def password_of(key: bytes) -> str:
    """The password that belongs to a secret key: 74 bits in three groups of five letters."""
    number, letters = int.from_bytes(key), ""
    for _ in range(15):
        number, letter = divmod(number, len(_READABLE))
        letters += _READABLE[letter]
    return "-".join((letters[:5], letters[5:10], letters[10:]))


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
