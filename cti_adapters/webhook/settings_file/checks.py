"""What the file means, checked on the document: one run names all problems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.durations import format_duration
from config.endpoints.checks import check_headers, check_secret, check_trust
from config.endpoints.values import parse_url
from config.problems import Path, excerpt, suggest
from cti_adapters.webhook.settings_file.document import (
    EventSource,
    HookSource,
    OutgoingSource,
    SignatureSource,
)
from cti_adapters.webhook.settings_file.values import parse_signed
from router.core.catalog import Catalog
from router.core.durations import DAY, MILLISECOND, MINUTE, SECOND
from router.outgoing.templates import body_slots, slots

CHANNEL: Final = "webhook"
SLOTS: Final = ("id", "conversation", "address", "text", "author", "name", "contact", "at")
"""What a message of ours can tell its service."""
RESERVED: Final = frozenset({"dead"})
_LEAST_SECRET: Final = 16  # characters
_CUSTOMERS: Final = frozenset({"message", "ended"})


def check_hook(
    path: Path,
    source: HookSource,
    folder: FilePath,
    environment: Mapping[str, str],
    checker: Checker,
) -> None:
    """One hook; names of files count from ``folder``."""
    if path[-1] in RESERVED:
        checker.report(path, "this name is an address of Patchbay's own", "choose another")
    incoming = source.incoming
    _check_signature((*path, "incoming", "signature"), incoming.signature, environment, checker)
    for number, event in enumerate(incoming.events):
        _check_event((*path, "incoming", "events", number), event, checker)
    if incoming.handshake is not None:
        here = (*path, "incoming", "handshake", "token_env")
        _check_long(here, incoming.handshake.token_env, environment, checker)
    if source.outgoing is not None:
        _check_outgoing((*path, "outgoing"), source.outgoing, folder, environment, checker)
    _check_durations(path, source, checker)


def _check_signature(
    path: Path, source: SignatureSource, environment: Mapping[str, str], checker: Checker
) -> None:
    _check_long((*path, "secret_env"), source.secret_env, environment, checker)
    if source.previous_secret_env is not None:
        here = (*path, "previous_secret_env")
        _check_long(here, source.previous_secret_env, environment, checker)
    named = () if source.signed is None else tuple(slots(parse_signed(source.signed)))
    if source.timestamp_header is None:
        if "timestamp" in named:
            what = "nothing says where the timestamp stands"
            checker.report((*path, "signed"), what, "add 'timestamp_header'")
        else:
            what = "what was sent once could be sent again by others, at any time"
            checker.warn(path, what, "add 'timestamp_header', if the service has one")
    elif source.signed is not None and "timestamp" not in named:
        what = "the timestamp is not signed: anybody could change it"
        checker.report((*path, "signed"), what, "write it as '{timestamp}.{body}'")


def _check_long(
    path: Path, variable: str, environment: Mapping[str, str], checker: Checker
) -> None:
    check_secret(path, variable, environment, checker)
    if 0 < len(environment.get(variable, "")) < _LEAST_SECRET:
        what = f"what the environment has as {excerpt(variable)} could be guessed"
        checker.report(path, what, f"set it to {_LEAST_SECRET} characters or more")


def _check_event(path: Path, source: EventSource, checker: Checker) -> None:
    fields, whole = source.fields or {}, source.whole or {}
    both = sorted(set(fields) & set(whole))
    if both:
        fix = "write it once"
        checker.report((*path, "whole", both[0]), f"'{both[0]}' is given twice", fix)
    given = {*fields, *whole}
    if source.event not in _CUSTOMERS:
        if "about" not in given:
            what = "nothing says which message it is about"
            checker.report(path, what, "add 'about' to its fields")
        return
    if not given & {"conversation", "address"}:
        what = "nothing says which conversation it is of"
        checker.report(path, what, "add 'conversation' or 'address' to its fields")
    if source.event == "message" and not given & {"text", "attachments"}:
        checker.report(path, "a message says nothing", "add 'text' to its fields")
    if "id" not in given:
        what = "an event that is sent again is known by its bytes alone"
        checker.warn(path, what, "add 'id' to its fields, if the service gives one")


def _check_outgoing(
    path: Path,
    source: OutgoingSource,
    folder: FilePath,
    environment: Mapping[str, str],
    checker: Checker,
) -> None:
    url = parse_url(source.url)
    check_trust(path, source, url, folder, checker)
    check_headers(path, source.headers or {}, environment, checker)
    if source.signature is not None:
        _check_signature((*path, "signature"), source.signature, environment, checker)
    for segment in url.path:
        for name in slots(segment):
            _check_slot((*path, "url"), name, checker)
    named = set(body_slots(source.body))
    for name in sorted(named):
        _check_slot((*path, "body"), name, checker)
    if "text" not in named:
        checker.report((*path, "body"), "nothing is said", "add '{text}'")


def _check_slot(path: Path, name: str, checker: Checker) -> None:
    if name not in SLOTS:
        fix = suggest(name, SLOTS, otherwise=f"write one of {', '.join(SLOTS)}")
        checker.report(path, f"there is no '{excerpt(name)}'", fix)


def _check_durations(path: Path, source: HookSource, checker: Checker) -> None:
    incoming, outgoing = source.incoming, source.outgoing
    bounds = [
        ((*path, "reopens_within"), source.reopens_within, 0, 365 * DAY),
        ((*path, "same_agent_for"), source.same_agent_for, 0, 7 * DAY),
        ((*path, "incoming", "order_within"), incoming.order_within, 0, 10 * SECOND),
        (
            (*path, "incoming", "signature", "tolerance"),
            incoming.signature.tolerance,
            SECOND,
            60 * MINUTE,
        ),
    ]
    if outgoing is not None:
        here = (*path, "outgoing")
        bounds += [
            ((*here, "timeout"), outgoing.timeout, 100 * MILLISECOND, 60 * SECOND),
            ((*here, "give_up_after"), outgoing.give_up_after, SECOND, 30 * DAY),
        ]
    for where, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            fix = f"write {format_duration(least) if least else '0'} to {format_duration(most)}"
            checker.report(where, f"{format_duration(value)} makes no sense here", fix)


def check_against(path: Path, source: HookSource, catalog: Catalog, checker: Checker) -> None:
    """Whether the entry point that is named is one of this channel."""
    known = catalog.entry_points.get(source.entry_point)
    if known is not None and known.channel != CHANNEL:
        name = excerpt(source.entry_point)
        what = f"'{name}' is an entry point of the channel {excerpt(known.channel)}"
        checker.report((*path, "entry_point"), what, f"name one of the channel {CHANNEL}")
