"""Services under test believe that copies of what they send are back soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from cti_adapters.email.channel import MailParts
from server.building.channels import mail_parts


@contextmanager
def copies_back_within(microseconds: int) -> Iterator[None]:
    """For every Patchbay that is begun while the context is entered."""

    def hurried(*parts: Any) -> MailParts:
        return replace(mail_parts(*parts), copy_within=microseconds)

    with patch("server.bootstrap.mail_parts", hurried):
        yield
