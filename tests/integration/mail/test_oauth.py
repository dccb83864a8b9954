"""Access tokens from a refresh token: asked for when needed, and never more than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cti_adapters.email.imap import ImapClient, LoginRefused, Unreachable
from cti_adapters.email.oauth import TokenRefused, TokenSource, TokenUnavailable
from cti_adapters.email.settings import Account, ImapSettings, OAuth, Secret
from router.core.durations import MILLISECOND, SECOND
from tests.mail.servers import MailServers
from tests.mail.token_server import TokenServer


class Watch:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def server() -> AsyncIterator[TokenServer]:
    async with TokenServer() as running:
        yield running


def settings_of(server: TokenServer, **given) -> OAuth:
    values = {
        "token_url": server.url,
        "client_id": "patchbay",
        "client_secret": Secret("client-s3cret"),
        "refresh_token": Secret("refresh-1"),
        "scope": "mail offline",
        "timeout": 5 * SECOND,
    }
    return OAuth(**(values | given))


async def test_a_refresh_token_is_exchanged_for_an_access_token(server):
    assert await TokenSource(settings_of(server)).token() == "access-1"
    assert server.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "patchbay",
            "client_secret": "client-s3cret",
            "scope": "mail offline",
        }
    ]
    assert server.heads[0].startswith("POST /oauth2/token?tenant=x HTTP/1.1\r\n")


async def test_a_public_client_has_no_secret_to_send(server):
    await TokenSource(settings_of(server, client_secret=None, scope="")).token()
    assert set(server.forms[0]) == {"grant_type", "refresh_token", "client_id"}


async def test_a_token_is_used_until_shortly_before_its_end(server):
    watch = Watch()
    tokens = TokenSource(settings_of(server), watch)
    await tokens.token()
    watch.now += 3_479
    await tokens.token()
    assert len(server.forms) == 1
    watch.now += 2
    server.says = {"access_token": "access-2", "expires_in": "3600"}
    assert await tokens.token() == "access-2"
    assert len(server.forms) == 2


async def test_many_who_ask_at_once_are_one_question(server):
    tokens = TokenSource(settings_of(server))
    assert set(await asyncio.gather(*(tokens.token() for _ in range(20)))) == {"access-1"}
    assert len(server.forms) == 1


async def test_a_token_that_was_not_taken_is_asked_for_anew(server):
    tokens = TokenSource(settings_of(server))
    await tokens.token()
    tokens.forget()
    await tokens.token()
    assert len(server.forms) == 2


async def test_a_new_refresh_token_replaces_the_old_one(server):
    tokens = TokenSource(settings_of(server))
    server.says = {"access_token": "a", "expires_in": 60, "refresh_token": "refresh-2"}
    await tokens.token()
    tokens.forget()
    await tokens.token()
    assert [form["refresh_token"] for form in server.forms] == ["refresh-1", "refresh-2"]


async def test_a_refusal_is_told_and_not_asked_for_again_at_once(server):
    watch = Watch()
    tokens = TokenSource(settings_of(server), watch)
    server.status, server.says = 400, {"error": "invalid_grant", "error_description": "It ended."}
    for _ in range(5):
        with pytest.raises(TokenRefused, match=r"It ended\."):
            await tokens.token()
    assert len(server.forms) == 1
    watch.now += 61
    server.status, server.says = 200, {"access_token": "back", "expires_in": 60}
    assert await tokens.token() == "back"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (500, b"oops"),
        (503, {"error": "temporarily_unavailable"}),
        (400, b"<html>a proxy</html>"),
        (302, b""),
        (200, b"not json"),
        (200, b"[" * 60_000),
        (200, {"access_token": ""}),
        (200, {"access_token": "with\r\nline"}),
        (200, {"access_token": "x" * 20_000}),
        (200, {"access_token": 5}),
        (200, b"\xff\xfe"),
        (200, b'{"access_token": "' + b"x" * 100_000 + b'"}'),
    ],
)
async def test_what_is_no_token_is_for_later(server, status, says):
    server.status, server.says = status, says
    with pytest.raises(TokenUnavailable):
        await TokenSource(settings_of(server)).token()


@pytest.mark.parametrize("lasts", [None, "soon", -5, 0, 1e300, "nan"])
async def test_a_strange_lifetime_is_put_into_bounds(server, lasts):
    watch = Watch()
    server.says = {"access_token": "a", "expires_in": lasts}
    tokens = TokenSource(settings_of(server), watch)
    await tokens.token()
    watch.now += 9
    await tokens.token()
    assert len(server.forms) == 1
    watch.now += 86_401
    await tokens.token()
    assert len(server.forms) == 2


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Future[None]()


async def junk(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-x\r\n\r\n")


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4_096 + b"\r\n")
        await writer.drain()


async def flood_of_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 x\r\n")
    while True:
        writer.write(b"X-Header: " + b"x" * 4_096 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize("deed", [hang, junk, hang_up, flood, flood_of_headers])
async def test_a_server_that_fails_is_for_later(server, deed):
    server.instead = deed
    with pytest.raises(TokenUnavailable):
        await TokenSource(settings_of(server, timeout=500 * MILLISECOND)).token()


async def test_nobody_at_home_is_for_later(server):
    with pytest.raises(TokenUnavailable, match="cannot be reached"):
        await TokenSource(settings_of(server, token_url="http://127.0.0.1:9/")).token()


async def test_no_secret_goes_to_another_machine_unencrypted(server):
    with pytest.raises(TokenUnavailable, match="https"):
        await TokenSource(settings_of(server, token_url="http://192.0.2.1/")).token()


async def test_no_secret_is_shown(server):
    settings = settings_of(server)
    tokens = TokenSource(settings)
    await tokens.token()
    for shown in (repr(settings), repr(tokens), str(settings.refresh_token)):
        assert "s3cret" not in shown
        assert "refresh-1" not in shown
        assert "access-1" not in shown


# -- with a mailbox -------------------------------------------------------------------------------


def client_of(mails: MailServers, address: str, oauth: OAuth) -> ImapClient:
    return ImapClient(
        ImapSettings(
            host="localhost",
            port=mails.ports.imaps,
            ca_file=mails.ca_file,
            account=Account(username=address, oauth=oauth),
        ),
        TokenSource(oauth),
    )


async def test_a_mailbox_is_reached_with_what_the_token_server_gives(server, mail_servers):
    address, _ = mail_servers.add_user()
    server.says = {"access_token": mail_servers.token(address), "expires_in": 3_600}
    client = client_of(mail_servers, address, settings_of(server))
    await client.connect()
    assert (await client.select()).exists == 0
    await client.close()


async def test_a_token_that_the_mailbox_refuses_is_replaced_at_the_next_try(server, mail_servers):
    address, _ = mail_servers.add_user()
    server.says = {"access_token": "revoked", "expires_in": 3_600}
    client = client_of(mail_servers, address, settings_of(server))
    with pytest.raises(LoginRefused):
        await client.connect()
    server.says = {"access_token": mail_servers.token(address), "expires_in": 3_600}
    await client.connect()
    await client.close()


async def test_a_refused_refresh_token_is_a_refused_login_and_a_lost_server_is_not(
    server, mail_servers
):
    address, _ = mail_servers.add_user()
    server.status, server.says = 401, {"error": "invalid_client"}
    with pytest.raises(LoginRefused, match="invalid_client"):
        await client_of(mail_servers, address, settings_of(server)).connect()
    server.status = 502
    with pytest.raises(Unreachable):
        await client_of(mail_servers, address, settings_of(server)).connect()
