"""Opening the socket to a PBX, with TLS when it is asked for."""

from __future__ import annotations

import asyncio
import socket
import ssl

from cti_adapters.asterisk.ami.connection import Connection
from cti_adapters.asterisk.ami.errors import Unreachable
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import SECOND


async def connect(connection: Connection, settings: AmiSettings) -> None:
    """Raises ``Unreachable``, which says in one sentence what to look at."""
    context = await asyncio.to_thread(_trust, settings) if settings.tls else None
    try:
        async with asyncio.timeout(settings.connect_timeout / SECOND):
            await asyncio.get_running_loop().create_connection(
                lambda: connection, settings.host, settings.port, ssl=context
            )
    except OSError as error:
        raise Unreachable(_why(error, settings)) from error
    except (ValueError, OverflowError) as error:  # a host or a port that cannot be one
        raise Unreachable(f"{settings.place} is no address: check host and port.") from error


def _trust(settings: AmiSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise Unreachable(
            f"{settings.ca_file} cannot be read as certificates ({error.strerror or error}): "
            "name a PEM file with the authority of the PBX."
        ) from error


def _why(error: OSError, settings: AmiSettings) -> str:
    place = settings.place
    if isinstance(error, TimeoutError):
        return f"The PBX at {place} does not answer: check its address, and firewalls on the way."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {place}: is Asterisk running, and AMI enabled in manager.conf?"
    if isinstance(error, socket.gaierror):
        return f"The name {settings.host} is not known: check the host of the PBX."
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of the PBX at {place} is not trusted ({error.verify_message}): "
            "name its authority's file, and the host as in the certificate."
        )
    if isinstance(error, ssl.SSLError):
        return f"The PBX at {place} does not speak TLS: check tlsenable and tlsbindaddr there."
    return f"The PBX at {place} cannot be reached: {error.strerror or error}."
