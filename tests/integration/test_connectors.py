"""Connectors against a real system that hangs, lies, floods, redirects or is somebody else."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import logging
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ivr.connectors.breaker import FAILURES, REST
from ivr.connectors.client import HttpConnectors
from ivr.connectors.definitions import Connector, Parameter, Reading, Sign
from router.clock import ManualClock
from router.core.durations import MILLISECOND, SECOND
from router.outgoing.templates import parse_template
from tests.integration.foreign import CRUEL, PATCH, Foreign

PATIENCE = 60  # seconds; the machine may be busy
LATE = 300 * MILLISECOND


class Client:
    """Connectors with one connector, ``crm``, and what became of each look-up."""

    def __init__(self, port: int, resolve=None, **changes) -> None:
        values = {
            "id": "crm",
            "host": "127.0.0.1",
            "port": port,
            "tls": False,
            "path": (parse_template("c"), parse_template("{account}")),
            "headers": (("Authorization", "Bearer s3cret-token"),),
            "parameters": {"account": Parameter(), "pin": Parameter(optional=True)},
            "query": (("pin", parse_template("{pin}")),),
            "reading": Reading(
                fields={"balance": ("balance",), "name": ("name",)},
                not_found=Sign(at=("state",), values=("closed",)),
                failed=Sign(at=("error",)),
            ),
            "timeout": 20 * SECOND,
            "allow_private": True,
        }
        self.clock = ManualClock(1_700_000_000 * SECOND)
        self.outcomes: list[str] = []
        self.connectors = HttpConnectors(
            [Connector(**(values | changes))],
            self.clock,
            on_asked=lambda one: self.outcomes.append(one.outcome),
            resolve=resolve,
        )

    async def ask(self, account: str, pin: str = "4711-pin"):
        async with asyncio.timeout(PATIENCE):
            return await self.connectors.ask("crm", {"account": account, "pin": pin})


@pytest.fixture
async def foreign():
    async with Foreign() as system:
        yield system


@pytest.fixture
async def client(foreign):
    made = Client(foreign.port)
    yield made
    made.connectors.close()


# -- as it should be --------------------------------------------------------------------------


async def test_an_answer_is_found_and_clean(client, foreign):
    found = await client.ask("good")
    assert found.result == "found"
    assert found.answer == {"balance": "12.50", "name": "Ann"}
    (asked,) = foreign.asked
    assert asked.startswith(b"GET /c/good?pin=4711-pin HTTP/1.1\r\n")
    assert b"Bearer s3cret-token\r\n" in asked


async def test_a_post_sends_its_body(foreign):
    body = {"account": parse_template("{account}")}
    client = Client(foreign.port, method="POST", body=body)
    assert (await client.ask("good")).result == "found"
    assert foreign.asked[0].endswith(b'\r\n\r\n{"account": "good"}')


@pytest.mark.parametrize("account", ["none", "closed"])
async def test_a_status_or_the_answer_says_that_there_is_nothing(client, account):
    assert (await client.ask(account)).result == "not_found"


async def test_an_unknown_connector_is_no_answer(client):
    assert await client.connectors.ask("erp", {}) is None


async def test_of_two_answers_to_one_question_the_first_counts(client):
    assert (await client.ask("smuggled")).answer == {"balance": "1"}


# -- as it should not be ----------------------------------------------------------------------


@pytest.mark.parametrize(("account", "outcome"), CRUEL.items())
async def test_whatever_it_does_the_look_up_fails_in_bounded_time_and_memory(
    foreign, caplog, account, outcome
):
    client = Client(foreign.port, timeout=LATE if outcome == "timeout" else 20 * SECOND)
    with caplog.at_level(logging.DEBUG):
        found = await client.ask(account)
    assert (found.result, found.answer) == ("failed", {})
    assert client.outcomes == [outcome]
    assert foreign.arrived == 1, "nobody is asked twice"
    assert foreign.sent < 200 * PATCH
    for secret in ("s3cret-token", "4711-pin", "alert(1)"):
        assert secret not in caplog.text


async def test_nothing_listens_there(unused_port):
    client = Client(unused_port)
    assert (await client.ask("good")).result == "failed"
    assert client.outcomes == ["unreachable"]


@pytest.fixture
def unused_port():
    with contextlib.closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def test_parameters_that_do_not_fit_are_not_sent(client, foreign):
    for account in ("", "..", "a/../b", "x" * 999):
        assert (await client.ask(account)).result == "failed"
    assert set(client.outcomes) == {"parameters"}
    assert foreign.arrived == 0


async def test_values_that_would_break_out_stay_values(client, foreign):
    await client.ask("good", pin="1&admin=1 HTTP/1.1\r\nHost: evil\r\n\r\nGET /")
    (asked,) = foreign.asked
    assert asked.split(b"\r\n")[0].count(b" ") == 2
    assert b"&" not in asked
    assert b"evil\r\n" not in asked
    assert asked.count(b"\r\nHost:") == 1


# -- where it leads ---------------------------------------------------------------------------


class Names:
    """A name server of which each answer is another."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0)


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(foreign):
    names = Names(["127.0.0.1"])
    client = Client(foreign.port, names, host="crm.invalid")
    assert (await client.ask("good")).result == "found"
    assert names.asked == ["crm.invalid"], "a second question could have had another answer"
    assert f"Host: crm.invalid:{foreign.port}".encode() in foreign.asked[0]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"],
)
async def test_a_name_that_leads_inside_is_not_followed(foreign, address):
    client = Client(foreign.port, Names([address]), host="crm.example", allow_private=False)
    assert (await client.ask("good")).result == "failed"
    assert client.outcomes == ["forbidden_address"]
    assert foreign.arrived == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433"])
async def test_however_this_machine_is_written_it_is_not_asked(foreign, host):
    client = Client(foreign.port, host=host, allow_private=False)
    assert (await client.ask("good")).result == "failed"
    assert client.outcomes[0] in ("forbidden_address", "unreachable")
    assert foreign.arrived == 0
    client.connectors.close()


async def test_the_data_of_a_cloud_machine_are_never_asked_for():
    client = Client(80, Names(["169.254.169.254"], ["fd00:ec2::254"]), host="crm.example")
    for _ in range(2):
        assert (await client.ask("good")).result == "failed"
    assert client.outcomes == ["forbidden_address"] * 2


async def test_the_next_address_is_tried_when_the_first_does_not_answer(foreign):
    client = Client(foreign.port, Names(["127.0.0.2", "127.0.0.1"]), host="crm.example")
    assert (await client.ask("good")).result == "found"


async def test_a_name_that_is_not_found_or_never_resolved_is_a_failure(foreign):
    async def fails(host, port):
        raise socket.gaierror

    async def hangs(host, port):
        await asyncio.Event().wait()

    assert (await Client(foreign.port, fails).ask("good")).result == "failed"
    slow = Client(foreign.port, hangs, timeout=LATE)
    assert (await slow.ask("good")).result == "failed"
    assert slow.outcomes == ["timeout"]


async def test_no_proxy_of_the_environment_is_asked(foreign, unused_port, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
    assert (await Client(foreign.port).ask("good")).result == "found"


# -- who it is --------------------------------------------------------------------------------


def certificate(file, *, name: str, days: int = 1):
    """Of ``name``, its own authority; with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "crm")])
    now = dt.datetime.now(dt.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@contextlib.asynccontextmanager
async def guarded(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    async with Foreign(context) as system:
        yield system


async def test_a_system_whose_authority_is_known_is_asked(tmp_path):
    file = certificate(tmp_path / "crm.pem", name="crm.example")
    async with guarded(file) as system:
        names = Names(["127.0.0.1"])
        client = Client(system.port, names, host="crm.example", tls=True, ca_file=file)
        assert (await client.ask("good")).result == "found"


@pytest.mark.parametrize(
    ("certified", "days", "known"),
    [("127.0.0.1", 1, False), ("other.example", 1, True), ("127.0.0.1", -1, True)],
)
async def test_a_system_that_may_be_another_is_told_nothing(tmp_path, certified, days, known):
    file = certificate(tmp_path / "crm.pem", name=certified, days=days)
    async with guarded(file) as system:
        client = Client(system.port, tls=True, ca_file=file if known else None)
        assert (await client.ask("good")).result == "failed"
        assert client.outcomes == ["tls"]
        assert system.asked == []
        client.connectors.close()


async def test_a_system_without_tls_is_told_nothing(foreign):
    client = Client(foreign.port, tls=True, timeout=LATE)
    assert (await client.ask("good")).result == "failed"
    assert client.outcomes[0] in ("tls", "timeout", "unreachable")
    assert foreign.asked == []
    client.connectors.close()


# -- many at once -----------------------------------------------------------------------------


async def test_a_system_that_hangs_is_left_alone_and_tried_again_by_one(foreign, caplog):
    client = Client(foreign.port, timeout=LATE)
    await asyncio.gather(*(client.ask("hang") for _ in range(FAILURES)))
    assert client.outcomes == ["timeout"] * FAILURES
    assert client.connectors.resting == ["crm"]
    arrived = foreign.arrived
    for _ in range(50):
        assert (await client.ask("good")).result == "failed"
    assert client.outcomes[-50:] == ["resting"] * 50
    assert foreign.arrived == arrived
    assert caplog.text.count("it is left alone") == 1
    client.clock.advance(REST)
    assert (await client.ask("good")).result == "found"
    assert client.connectors.resting == []
    assert (await client.ask("good")).result == "found"


async def test_answers_of_which_the_customer_may_be_the_cause_leave_it_in_use(foreign):
    client = Client(foreign.port)
    for account in ("refused", "types", "html", "huge", "twice") * 3:
        await client.ask(account)
    assert client.connectors.resting == []
    assert (await client.ask("good")).result == "found"


async def test_no_more_are_asked_at_once_than_are_allowed(foreign):
    client = Client(foreign.port, at_once=2)
    first = [asyncio.ensure_future(client.ask("hang")) for _ in range(2)]
    await foreign.comes(2)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(LATE / SECOND):
            await client.ask("good")
    assert client.outcomes == ["busy"]
    assert foreign.arrived == 2
    waiting = asyncio.ensure_future(client.ask("good"))
    foreign.released.set()
    await asyncio.gather(*first)
    assert (await waiting).result == "found"


async def test_a_flow_that_waits_no_longer_ends_the_look_up(foreign):
    client = Client(foreign.port)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(LATE / SECOND):
            await client.ask("hang")
    assert client.outcomes == ["timeout"]
    await asyncio.gather(*(client.ask("good") for _ in range(20)))
    assert client.outcomes[1:] == ["found"] * 20
