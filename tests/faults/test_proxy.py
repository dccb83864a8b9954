"""The failing network of the other tests fails as it says."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy

PATIENCE = 10  # seconds
HARDLY = 0.2  # seconds in which what passes would have passed


class Side:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, text: bytes) -> None:
        self.writer.write(text)

    def reset(self) -> None:
        plain = self.writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hears(self, text: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            assert await self.reader.readexactly(len(text)) == text

    async def hears_nothing(self) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), HARDLY)

    async def hears_the_end(self) -> None:
        async with asyncio.timeout(PATIENCE):
            assert await self.reader.read() == b""

    async def is_reset(self) -> None:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionResetError):
                await self.reader.read()


class Net:
    def __init__(self) -> None:
        self.servers: asyncio.Queue[Side] = asyncio.Queue()
        self.opened: list[Side] = []

    async def __call__(self) -> tuple[Side, Side]:
        """A client, and the server's side of its connection."""
        client = await self.client()
        return client, await asyncio.wait_for(self.servers.get(), PATIENCE)

    async def client(self) -> Side:
        self.opened.append(Side(*await asyncio.open_connection("127.0.0.1", self.proxy.port)))
        return self.opened[-1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened.append(Side(reader, writer))
        self.servers.put_nowait(self.opened[-1])

    async def close(self) -> None:
        for side in self.opened:
            side.writer.close()
        await asyncio.gather(
            *(side.writer.wait_closed() for side in self.opened), return_exceptions=True
        )

    proxy: Proxy


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    net = Net()
    server = await asyncio.start_server(net.serve, "127.0.0.1", 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as net.proxy:
        yield net
        await net.close()


async def test_what_either_side_says_passes_and_so_does_the_end(net: Net) -> None:
    client, server = await net()
    client.say(b"a question")
    await server.hears(b"a question")
    server.say(b"an answer")
    await client.hears(b"an answer")
    client.writer.close()
    await server.hears_the_end()
    assert net.proxy.made == 1


async def test_cut_is_a_reset_for_both_sides_of_every_connection(net: Net) -> None:
    pairs = [await net(), await net()]
    net.proxy.cut()
    for side in (side for pair in pairs for side in pair):
        await side.is_reset()
    await net()
    assert net.proxy.made == 3


async def test_a_reset_of_one_side_is_one_for_the_other(net: Net) -> None:
    client, server = await net()
    client.reset()
    await server.is_reset()


async def test_in_the_dark_nothing_passes_and_nobody_is_told(net: Net) -> None:
    client, server = await net()
    net.proxy.go_dark()
    client.say(b"lost")
    server.say(b"lost")
    await server.hears_nothing()
    await client.hears_nothing()
    client.writer.close()
    await server.hears_nothing()
    another, there = await net()
    another.say(b"heard")
    await there.hears(b"heard")


async def test_an_answer_that_is_eaten_was_to_a_question_that_arrived(net: Net) -> None:
    client, server = await net()
    net.proxy.eats = 1
    client.say(b"a question")
    await server.hears(b"a question")
    server.say(b"an answer")
    await client.is_reset()
    again, there = await net()
    there.say(b"an answer")
    await again.hears(b"an answer")


async def test_it_is_cut_in_the_middle_of_what_the_server_says(net: Net) -> None:
    client, server = await net()
    cut = asyncio.ensure_future(net.proxy.cut_after(b"Hang"))
    await asyncio.sleep(0)
    client.say(b"Hang is what the client says")
    await server.hears(b"Hang is what the client says")
    server.say(b"Event: Ha")
    await client.hears(b"Event: Ha")
    server.say(b"ngup Channel: 1")
    await client.hears(b"ng")
    await asyncio.wait_for(cut, PATIENCE)
    await client.is_reset()
    await server.is_reset()


async def test_while_it_is_away_who_connects_is_sent_off(net: Net) -> None:
    net.proxy.away = True
    await (await net.client()).is_reset()
    net.proxy.away = False
    client, server = await net()
    client.say(b"heard")
    await server.hears(b"heard")


async def test_delayed_it_carries_so_many_bytes_at_a_time(net: Net) -> None:
    client, server = await net()
    net.proxy.delay, net.proxy.piece = 0.05, 2
    client.say(b"first")
    await server.hears(b"first")
    began = time.monotonic()
    client.say(b"123456")
    await server.hears(b"123456")
    assert time.monotonic() - began >= 3 * 0.05


async def test_without_a_server_who_connects_is_sent_off() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    async with Proxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await Side(reader, writer).is_reset()
        writer.close()


async def test_who_is_still_being_connected_is_reset_when_the_network_ends() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = socket.create_connection(("127.0.0.1", port))  # the one place there is
        async with Proxy(port) as proxy:
            client = Side(*await asyncio.open_connection("127.0.0.1", proxy.port))
            await asyncio.sleep(HARDLY)
            assert proxy.made == 0
        await client.is_reset()
        waiting.close()
    client.writer.close()
