"""The mailboxes an admin describes in YAML: read, checked, made into settings."""

from cti_adapters.email.settings_file.load import (
    MailboxesRefused,
    MailboxReport,
    check_file,
    check_text,
    read_mailboxes,
)

__all__ = ["MailboxReport", "MailboxesRefused", "check_file", "check_text", "read_mailboxes"]
