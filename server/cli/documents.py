"""``patchbay asyncapi``: the document of the websockets and MQTT."""

from __future__ import annotations

import typer

from server import asyncapi as socket_document


def asyncapi() -> None:
    """Print the AsyncAPI document of the websockets and MQTT (kept as docs/asyncapi.json)."""
    typer.echo(socket_document.text(), nl=False)
