"""The installation's secret: made at the first start, kept with the data, never logged."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from config.settings import Settings

BYTES = 32
FILE = "secret.key"  # in the data directory


class SecretProblem(Exception):
    """The secret cannot be read or made; the text says what to do."""


def secret_in_force(settings: Settings) -> bytes:
    """The one that was given, else the one that is kept. Raises ``SecretProblem``."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    return load_secret(settings.data_directory / FILE)


def load_secret(file: Path) -> bytes:
    """The secret in ``file``, which is made when there is none. Raises ``SecretProblem``."""
    try:
        _make(file)
        secret = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SecretProblem(f"The secret {file} cannot be used ({error}): restore it.") from None
    if len(secret) < BYTES:
        raise SecretProblem(f"The secret {file} is too short: restore it from a backup.")
    return secret


def _make(file: Path) -> None:
    """Exclusively, and for the owner alone; another process may have been faster."""
    if file.exists():
        return
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as writing:
            writing.write(secrets.token_hex(BYTES))
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither the secret nor other keys can be found."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)
