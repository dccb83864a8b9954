"""What the service under test and its judge agree on: folder, hook, catalog, words."""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings, load_settings

AGENT = "ann"
ENDS_AFTER = 3  # answers: then the customer's next message is a new contact

_CATALOG = f"""
queues:
  help: {{label: Help, wrap_up: 0s, offer_for: 10m}}
profiles:
  all: {{label: All, queues: [help], capacity: {{webhook: 50}}}}
agents:
  {AGENT}: {{name: Ann, profile: all}}
entry_points:
  sms: {{label: SMS, channel: webhook, queue: help}}
"""


def prepare(folder: Path, service: int) -> None:
    """Everything that Patchbay reads when it starts; ``service``: the port of the SMS service."""
    (folder / "catalog.yaml").write_text(_CATALOG)
    (folder / "webhooks.yaml").write_text(
        f"""
hooks:
  sms:
    label: SMS
    entry_point: sms
    incoming:
      signature:
        header: X-Signature
        prefix: "sha256="
        timestamp_header: X-Timestamp
        secret_env: SMS_SECRET
      order_within: 300ms
      events:
        - event: message
          when: {{at: /type, is: [message]}}
          fields: {{id: /id, conversation: /from, address: /from, text: /text, sequence: /number}}
    outgoing:
      url: http://127.0.0.1:{service}/messages
      allow_private: true
      headers: {{Authorization: {{env: SMS_TOKEN, before: "Bearer "}}}}
      body: {{to: "{{address}}", text: "{{text}}", reference: "{{id}}"}}
      answer_id: /id
      timeout: 5s
      give_up_after: 24h
"""
    )


def settings(folder: Path) -> Settings:
    return load_settings(
        data_directory=folder,
        catalog_path=folder / "catalog.yaml",
        webhooks_path=folder / "webhooks.yaml",
        region="GB",
    )


def question(number: int) -> str:
    return f"Question {number}"


def is_question(text: str) -> bool:
    """Nobody answers a flood, line by line."""
    return text.startswith("Question ")


def answer(text: str) -> str:
    return f"About {text}"
