"""Where Dovecot and Exim are, and as whom they run: never as root, whoever runs the tests."""

from __future__ import annotations

import os
import pwd
import shutil
from typing import Final

import pytest

DOVECOT: Final = "/usr/sbin/dovecot"
EXIM: Final = "/usr/sbin/exim4"
_LMTP: Final = "/usr/lib/dovecot/lmtp"
_PACKAGES: Final = {
    "/usr/lib/dovecot/imap": "dovecot-imapd",
    _LMTP: "dovecot-lmtpd",
    EXIM: "exim4-daemon-light",
}


def missing() -> str:
    """What is not there, as a sentence that says what to do; empty when all is there."""
    absent = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    return f"needs Debian's packages {' and '.join(absent)}: install them" if absent else ""


def require_mail_servers() -> None:
    """Skips the test that asks, when it cannot have a mailbox and a mail server."""
    if reason := missing():
        pytest.skip(reason)


def owner() -> pwd.struct_passwd:
    """As whom the servers run."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
