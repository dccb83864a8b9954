import asyncio

from starlette.websockets import WebSocketState

from server.sockets import pump


class Frame(bytes):
    """Says when nobody holds it any more."""

    gone = 0

    def __del__(self) -> None:
        Frame.gone += 1


class Session:
    """One message out, then silence; ``heard`` is what came in."""

    def __init__(self):
        self.silent = asyncio.Event()
        self.heard = []
        self.closed = False

    async def outgoing(self):
        yield Frame(b"snapshot")
        self.silent.set()
        await asyncio.Event().wait()

    async def receive(self, frame):
        self.heard.append(frame)

    def close(self):
        self.closed = True


class Socket:
    application_state = WebSocketState.DISCONNECTED

    def __init__(self, *messages):
        self.sent = []
        self.messages = asyncio.Queue()
        for message in messages:
            self.messages.put_nowait(message)

    async def receive(self):
        return await self.messages.get()

    async def send_text(self, text):
        self.sent.append(text)


GONE = {"type": "websocket.disconnect"}


async def test_a_message_that_was_sent_is_not_kept_until_the_next():
    session, socket = Session(), Socket()
    before = Frame.gone
    pumping = asyncio.create_task(pump(socket, session, None))
    await session.silent.wait()
    assert socket.sent == ["snapshot"]
    assert Frame.gone == before + 1
    socket.messages.put_nowait(GONE)
    await pumping
    assert session.closed


async def test_text_and_bytes_are_heard_until_the_peer_is_gone():
    session = Session()
    socket = Socket({"type": "x", "text": "é"}, {"type": "x", "bytes": b"b"}, GONE)
    await pump(socket, session, None)
    assert session.heard == ["é".encode(), b"b"]


async def test_what_comes_after_the_right_is_gone_is_not_heard():
    class Watched:
        authorised = False

    session = Session()
    await pump(Socket({"type": "x", "text": "late"}), session, Watched())
    assert session.heard == []
    assert session.closed
