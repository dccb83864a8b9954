"""What a connection reads while it answers."""

import h11
import pytest

from server.connections import OneAfterAnother

REQUEST = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Transport:
    def __init__(self):
        self.reads = True

    def pause_reading(self):
        self.reads = False

    def resume_reading(self):
        self.reads = True


@pytest.fixture
def transport():
    return Transport()


@pytest.fixture
def connection():
    return h11.Connection(h11.SERVER)


@pytest.fixture
def flow(transport, connection):
    return OneAfterAnother(transport, connection)


def parse(connection, flow):
    """As uvicorn does with what has come."""
    while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
        assert isinstance(event, h11.Request | h11.Data | h11.EndOfMessage)
    if event is h11.PAUSED:
        flow.pause_reading()


def answer(connection):
    connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())


def test_nothing_more_is_read_while_the_next_request_waits_here(transport, connection, flow):
    connection.receive_data(3 * REQUEST)
    parse(connection, flow)
    flow.resume_reading()  # the application asks for the body
    assert not transport.reads
    answer(connection)
    flow.resume_reading()
    connection.start_next_cycle()
    parse(connection, flow)
    assert not transport.reads
    answer(connection)
    flow.resume_reading()
    connection.start_next_cycle()
    parse(connection, flow)
    assert transport.reads


def test_a_large_body_is_read_to_its_end(transport, connection, flow):
    connection.receive_data(REQUEST[:-1])
    parse(connection, flow)
    flow.pause_reading()
    flow.resume_reading()  # the application took what there was
    assert transport.reads
    connection.receive_data(REQUEST[-1:])
    parse(connection, flow)
    flow.pause_reading()
    flow.resume_reading()
    assert transport.reads
