"""What the service under test and its judge agree on: folder, mailbox, catalog, words."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings, load_settings
from tests.mail.configuration import DOMAIN
from tests.mail.servers import MailServers

AGENT = "ann"
HELP = f"support@{DOMAIN}"
COPY_WITHIN = 8  # seconds; a copy takes much less here

_CATALOG = f"""
queues:
  help: {{label: Help, wrap_up: 0s, offer_for: 10m}}
profiles:
  all: {{label: All, queues: [help], capacity: {{email: 50}}}}
agents:
  {AGENT}: {{name: Ann, profile: all}}
entry_points:
  post: {{label: Mail, channel: email, queue: help}}
"""


def prepare(folder: Path, servers: MailServers, password: str) -> None:
    """Everything that the service reads when it starts."""
    (folder / "secret").write_text(password)
    (folder / "catalog.yaml").write_text(_CATALOG)
    (folder / "mailboxes.yaml").write_text(
        f"""
mailboxes:
  help:
    address: {HELP}
    name: Help desk
    entry_point: post
    password_file: {folder}/secret
    imap: {{host: localhost, port: {servers.ports.imaps}, ca_file: {servers.ca_file}}}
    smtp: {{host: localhost, port: {servers.ports.submissions}, ca_file: {servers.ca_file}}}
    from_the_first: true
    undo: 0s
"""
    )


def settings(folder: Path) -> Settings:
    return load_settings(
        data_directory=folder,
        catalog_path=folder / "catalog.yaml",
        mailboxes_path=folder / "mailboxes.yaml",
        region="GB",
    )


def letter(number: int, customer: str) -> bytes:
    return (
        f"From: Customer <{customer}>\r\nTo: {HELP}\r\nSubject: Matter {number}\r\n"
        f"Message-ID: <matter-{number}@outside.test>\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nQuestion {number}\r\n"
    ).encode()
