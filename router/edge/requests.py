"""Commands as they come from other programs: a CloudEvent whose ``type`` is the kind of command and
whose ``data`` are its fields. Pure; nothing of it is believed.

Ids of commands are the client's own: in the router they begin with its name, so that no client
can make another's command, or a desk's, count as done.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from router.core import commands as c
from router.edge.foreign import Malformed, check_plain, read_object
from router.edge.settings import EdgeClient

KINDS: Final[dict[str, type[c.Command]]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        c.Arrive,
        c.IdentifyCustomer,
        c.Enqueue,
        c.EditContact,
        c.PostMessage,
        c.Abandon,
        c.PromiseCallback,
        c.FailCallback,
        c.Accept,
        c.Reject,
        c.FailConnection,
        c.Hold,
        c.Retrieve,
        c.EndContact,
        c.Requeue,
        c.TransferToQueue,
        c.TransferToAgent,
        c.TransferOut,
        c.Consult,
        c.CompleteTransfer,
        c.Conference,
        c.CancelConsult,
        c.LeaveConference,
        c.ExtendWrapUp,
        c.FinishWrapUp,
        c.SignIn,
        c.SignOut,
        c.SetReady,
        c.SetNotReady,
        c.LoseAgent,
        c.SetReachable,
        c.LendSkills,
        c.ForceState,
        c.Reassign,
        c.Pull,
        c.Reprioritise,
    )
}
"""What may be allowed to a client at all: not what flows do to contacts, not what admins publish,
not listening to people.
"""

MAX_ID: Final = (
    80  # characters of a command's id, which with the client's name is one of the core's
)
_ID: Final = re.compile(r"[!-~]{1,80}", re.ASCII)
_ATTRIBUTE: Final = re.compile(r"[a-z0-9]{1,20}", re.ASCII)
_MAX_VALUE: Final = 2_000
_OURS: Final = frozenset({"id", "by", "type"})


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is the client's."""

    id: str
    command: c.Command


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is empty when it could not be read; ``reason`` is a sentence."""

    id: str
    code: str
    reason: str


def read_request(payload: bytes, client: EdgeClient | None, name: str) -> Request | Refused:
    """What ``name`` asks for; ``client`` is what the operator allows it, None: nothing."""
    if client is None:
        reason = f"Nobody called {name!r} may send commands: add it to the MQTT settings."
        return Refused(id="", code="unauthorised", reason=reason)
    request_id = ""
    try:
        envelope = read_object(payload)
        request_id = _id_of(envelope)
        check_plain(envelope)
        kind = _kind_of(envelope)
        if kind not in client.commands:
            reason = f"{client.name} may not send {kind}: allow it in the MQTT settings."
            return Refused(id=request_id, code="unauthorised", reason=reason)
        _check_envelope(envelope)
        command = _command(kind, request_id, client.name, envelope.get("data", {}))
    except Malformed as problem:
        return Refused(id=request_id, code="malformed", reason=str(problem))
    return Request(id=request_id, command=command)


def _id_of(envelope: dict[str, Any]) -> str:
    found = envelope.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise Malformed(
            f"The id is missing or cannot be used: write 1 to {MAX_ID} visible characters of ASCII."
        )
    return found


def _kind_of(envelope: dict[str, Any]) -> str:
    kind = envelope.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed("The type is no command that can be sent here, such as set_not_ready.")
    return kind


def _check_envelope(envelope: dict[str, Any]) -> None:
    if envelope.get("specversion") != "1.0":
        raise Malformed("The specversion is not 1.0: send a CloudEvent 1.0.")
    source = envelope.get("source")
    if not isinstance(source, str) or not 0 < len(source) <= _MAX_VALUE:
        raise Malformed("The source is missing: write who sends it, such as /branch/leeds.")
    if envelope.get("datacontenttype", "application/json") != "application/json":
        raise Malformed("The datacontenttype is not application/json: send JSON.")
    for name, value in envelope.items():
        if name != "data" and not (_ATTRIBUTE.fullmatch(name) and _is_plain(value)):
            raise Malformed(f"{_shown(name)} is no attribute of a CloudEvent: remove it.")


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_VALUE
    return isinstance(value, bool | int)


def _command(kind: str, request_id: str, client: str, data: object) -> c.Command:
    """Raises ``Malformed``."""
    if not isinstance(data, dict):
        raise Malformed("The data is no JSON object: write the command's fields into it.")
    for name in sorted(_OURS & data.keys()):
        raise Malformed(f"The data has {name!r}: the command's stands beside the data.")
    ours = {"id": f"mqtt/{client}/{request_id}", "by": f"mqtt:{client}"}
    try:
        command = msgspec.convert({**data, **ours}, KINDS[kind], strict=True)
    except msgspec.ValidationError as problem:
        raise Malformed(f"The data does not fit {kind}: {problem}.") from None
    except RecursionError:
        raise Malformed(f"The data does not fit {kind}: it is nested too deep.") from None
    unknown = _unknown(data, msgspec.to_builtins(command))
    if unknown:
        raise Malformed(f"The data has {_shown(unknown)}, which {kind} does not know: remove it.")
    return command


def _unknown(given: object, kept: object) -> str:
    """A key of ``given`` that nobody read; empty when there is none."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                return str(key)
            if deeper := _unknown(value, kept[key]):
                return deeper
    elif isinstance(given, list) and isinstance(kept, list | tuple):
        for value, one in zip(given, kept, strict=False):
            if deeper := _unknown(value, one):
                return deeper
    return ""


def _shown(name: str) -> str:
    return repr(name[:40])
