"""A connector, ready to be used: what is sent where, for how long, and how the answer is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from ivr.core.scope import Signature
from router.core.durations import SECOND
from router.foreign_json import Pointer
from router.outgoing.requests import Destination
from router.outgoing.templates import Body, Template, slots

KIBIBYTE: Final = 1024
MAX_VALUE: Final = 500  # characters of one attribute from an answer


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """``longest`` in characters. What names an ``optional`` one is left out while it is empty."""

    optional: bool = False
    longest: int = 200


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an answer has one of ``values`` at a place; with none, whether anything is there."""

    at: Pointer
    values: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """``fields``: what an answer gives, and where it stands. An answer with a ``found_status`` is
    judged by its signs: ``failed`` before ``not_found`` before ``found``; all others failed.
    """

    fields: dict[str, Pointer] = {}
    found_status: tuple[int, ...] = (200,)
    not_found_status: tuple[int, ...] = (404,)
    found: Sign | None = None
    not_found: Sign | None = None
    failed: Sign | None = None


class Connector(msgspec.Struct, frozen=True, kw_only=True):
    """``timeout`` (microseconds) counts for everything, from finding the host to the last byte.

    ``headers`` may be secret: what describes a connector does not show them.
    """

    id: str
    label: str = ""
    method: Literal["GET", "POST"] = "GET"
    host: str
    port: int
    tls: bool = True
    path: tuple[Template, ...] = ()  # the segments after the first slash
    query: tuple[tuple[str, Template], ...] = ()
    body: Body | None = None
    headers: tuple[tuple[str, str], ...] = ()
    parameters: dict[str, Parameter] = {}
    reading: Reading = Reading()
    timeout: int = 3 * SECOND
    max_answer: int = 64 * KIBIBYTE  # bytes
    at_once: int = 10
    allow_private: bool = False
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Connector({self.id!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("id", self.id)]

    @property
    def destination(self) -> Destination:
        return Destination(
            host=self.host,
            port=self.port,
            tls=self.tls,
            allow_private=self.allow_private,
            max_answer=self.max_answer,
            body_of=self.reading.found_status,
        )

    @property
    def signature(self) -> Signature:
        """What flows need to know of it."""
        parameters = self.parameters.items()
        return Signature(
            label=self.label,
            needs=tuple(name for name, one in parameters if not one.optional),
            takes=tuple(self.parameters),
            gives=tuple(self.reading.fields),
            shows=tuple(dict.fromkeys(self._in_address())),
        )

    def _in_address(self) -> list[str]:
        texts = (*self.path, *(template for _, template in self.query))
        return [name for template in texts for name in slots(template)]
