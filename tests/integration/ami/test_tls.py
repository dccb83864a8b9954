"""AMI over TLS: only with the PBX that is meant."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from router.core.durations import MILLISECOND
from tests.asterisk.fake_ami import FakeAmi
from tests.integration.ami.owner import Owner


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, its own authority; with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pbx.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "pbx.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
async def guarded(certificate: Path) -> AsyncIterator[FakeAmi]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with FakeAmi(tls=context) as pbx:
        yield pbx


async def first_word(owner: Owner) -> str:
    await owner.client.start()
    await owner.until("")
    await owner.client.stop()
    return owner.story[0]


async def test_it_talks_to_the_pbx_whose_authority_it_knows(
    guarded: FakeAmi, certificate: Path
) -> None:
    owner = Owner(port=guarded.port, tls=True, ca_file=certificate)
    await owner.client.start()
    await owner.until("stock taken")
    assert (await owner.client.send("Ping")).get("Ping") == "Pong"
    guarded.emit("Hangup", ("Channel", "x" * 100_000))
    guarded.cut()
    await owner.until("stock taken", 2)
    await owner.client.stop()
    assert len(guarded.named("Logoff")) == 1


async def test_a_stranger_is_told_nothing(guarded: FakeAmi) -> None:
    said = await first_word(Owner(port=guarded.port, tls=True))
    assert "is not trusted" in said
    assert "name its authority's file" in said
    assert guarded.actions == []


async def test_the_certificate_must_be_of_that_host(guarded: FakeAmi, certificate: Path) -> None:
    owner = Owner(host="localhost", port=guarded.port, tls=True, ca_file=certificate)
    assert "is not trusted" in await first_word(owner)
    assert guarded.actions == []


@pytest.mark.parametrize("content", [None, "not a certificate"], ids=["missing", "wrong"])
async def test_a_file_that_is_no_authority_is_named(
    guarded: FakeAmi, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    said = await first_word(Owner(port=guarded.port, tls=True, ca_file=file))
    assert f"{file} cannot be read as certificates" in said


async def test_a_port_without_tls_is_recognised(pbx: FakeAmi, certificate: Path) -> None:
    said = await first_word(Owner(port=pbx.port, tls=True, ca_file=certificate))
    assert "does not speak TLS" in said


async def test_a_port_with_tls_does_not_hold_up_a_client_without(guarded: FakeAmi) -> None:
    owner = Owner(port=guarded.port, connect_timeout=50 * MILLISECOND)
    assert "does not answer the login" in await first_word(owner)
