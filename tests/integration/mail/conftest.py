"""One mail centre for all tests here; each test has mailboxes of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mail.installed import require_mail_servers
from tests.mail.servers import MailServers


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """Dovecot and Exim on loopback."""
    require_mail_servers()
    with MailServers() as running:
        yield running
