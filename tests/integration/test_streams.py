"""``router.streams``: who writes to a connection that was reset is told the same on every loop."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from router.streams import write
from server import interpreter


@pytest.mark.parametrize("run", [asyncio.run, interpreter.run], ids=["asyncio", "service"])
def test_writing_to_a_connection_that_was_reset_is_an_error_of_the_connection(run) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own: socket.socket = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def tried() -> None:
        server = await asyncio.start_server(reset, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        with pytest.raises(ConnectionResetError):
            await reader.read()
        with pytest.raises(ConnectionResetError):
            write(writer, b"hello")
        writer.close()
        server.close()

    run(tried())
