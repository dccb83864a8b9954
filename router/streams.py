"""Writing to a connection or a process, alike on every event loop."""

from __future__ import annotations

from asyncio import StreamWriter


def write(writer: StreamWriter, data: bytes) -> None:
    """Raises ``ConnectionResetError`` when the other side is gone already: of asyncio's own loop
    the next ``drain`` does, and uvloop raises a ``RuntimeError`` here.
    """
    if writer.is_closing():
        raise ConnectionResetError("The connection was closed by the other side.")
    writer.write(data)
