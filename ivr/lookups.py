"""What a flow asks of others for a contact: customers of the directory, other systems by their
connectors. It is answered in bounded time, whatever they do.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from ivr.core import session as flows
from ivr.core.values import MASK
from router.core.durations import SECOND
from router.core.model import Contact, CustomerRef
from router.ports import CustomerDirectory, CustomerRecords

FAILED = flows.LookedUp(turn=0, result="failed")

log = logging.getLogger(__name__)


class Connectors(Protocol):
    """Other systems that flows ask (``LookUp`` nodes)."""

    async def ask(self, connector: str, parameters: Mapping[str, str]) -> flows.LookedUp | None:
        """The answer with turn 0, None when there is no such connector. May take for ever."""


class NoConnectors(Connectors):
    async def ask(self, connector: str, parameters: Mapping[str, str]) -> None:  # noqa: ARG002
        return None


class Directory(CustomerDirectory, CustomerRecords, Protocol):
    """Where customers are found, by an address or by their number."""


class LookUps:
    """Nothing here raises, and nothing takes longer than the flow allows."""

    def __init__(self, directory: Directory, connectors: Connectors) -> None:
        self._directory = directory
        self._connectors = connectors

    async def customers(
        self, contact: Contact, wanted: flows.FindCustomer
    ) -> tuple[CustomerRef, ...]:
        try:
            async with asyncio.timeout(wanted.within / SECOND):
                return await self._customers(contact, wanted)
        except TimeoutError:
            pass
        except Exception:
            log.exception("looking for the customer of a contact in its flow failed")
        return ()

    async def _customers(
        self, contact: Contact, wanted: flows.FindCustomer
    ) -> tuple[CustomerRef, ...]:
        """By where they come from; else by their own number with us, or another address."""
        if not wanted.wanted:
            return ()
        if not wanted.by_address:
            record = await self._directory.record(wanted.wanted)
            if record is not None:
                known = CustomerRef(
                    id=record.id, name=record.name, tier=record.tier, value=record.value
                )
                return (known,)
        return (await self._directory.identify(contact.channel, wanted.wanted)).customers

    async def answer(self, asked: flows.AskSystem, secrets: Mapping[str, str]) -> flows.LookedUp:
        """``secrets`` are those of the contact, by name: without one that is asked for it fails."""
        if not all(secret in secrets for secret in asked.secrets.values()):
            return FAILED
        given = {name: secrets[secret] for name, secret in asked.secrets.items()}
        try:
            async with asyncio.timeout(asked.within / SECOND):
                parameters = {**asked.parameters, **given}
                found = await self._connectors.ask(asked.connector, parameters)
        except TimeoutError:
            log.info("the connector %s did not answer in time", asked.connector)
            return FAILED
        except Exception:
            log.exception("asking the connector %s failed", asked.connector)
            return FAILED
        return FAILED if found is None else _masked(found, given.values())


def _masked(found: flows.LookedUp, secrets: Iterable[str]) -> flows.LookedUp:
    """A system may repeat the secret it was given; an attribute would be written down."""
    words = [re.escape(one) for one in secrets if one]
    if not words or not found.answer:
        return found
    secret = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")
    answer = {name: secret.sub(MASK, value) for name, value in found.answer.items()}
    return msgspec.structs.replace(found, answer=answer)
