"""What a caller and an agent's phone do in SIPp, message by message.

Both ends leave a call in order whoever hangs up first, so that a failed call in SIPp's statistics
is a failed call, and not a hang-up from the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.asterisk.sipp_parts import (
    SDP,
    answer_call,
    answer_last,
    expect,
    go_to,
    label,
    pause,
    play,
    receive,
    receive_call,
    scenario,
    send,
    via,
)

_ME: Final = "<sip:[field0]@[local_ip]:[local_port]>"
_TAG: Final = "tag=[pid]-[call_number]"


@dataclass(frozen=True)
class Talk:
    """What either end does once they talk."""

    seconds: float | None = None
    """Until this end hangs up; None waits for the other."""
    tone: Path | None = None
    """A file of mu-law samples; None sends no sound."""


def caller(extension: str, talk: Talk, patience: float | None = None, digits: str = "") -> str:
    """Calls; cancels after ``patience`` seconds without an answer, if that is not None."""
    return scenario(
        _invite(extension),
        expect(100, optional=True),
        expect(180, optional=True, within=patience, otherwise="gives-up"),
        expect(183, optional=True, within=patience, otherwise="gives-up"),
        expect(200, routes=True, within=patience, otherwise="gives-up"),
        _in_call("ACK", 1, again=False),
        play(talk.tone),
        *_press(digits),
        receive("BYE", within=talk.seconds, otherwise="hangs-up"),
        label("is-hung-up"),
        answer_last("200 OK"),
        go_to("end"),
        label("hangs-up"),
        _in_call("BYE", 99),
        expect(200),
        go_to("end"),
        label("gives-up"),
        _before_answer("CANCEL", extension),
        expect(200),
        expect(487),
        _before_answer("ACK", extension, "[peer_tag_param]"),
        label("end"),
        pause(0),
    )


def refused_caller(extension: str, code: int) -> str:
    """Calls, and is content with being refused with ``code``."""
    return scenario(
        _invite(extension),
        expect(100, optional=True),
        expect(180, optional=True),
        expect(183, optional=True),
        expect(code),
        _before_answer("ACK", extension, "[peer_tag_param]"),
    )


def phone(talk: Talk, ring: float | None) -> str:
    """Rings for ``ring`` seconds, then answers; with None it rings until the caller gives up."""
    return scenario(
        receive_call(),
        answer_last("180 Ringing", tag=f";{_TAG}"),
        receive("CANCEL", within=ring, otherwise="answers"),
        answer_last("200 OK"),
        answer_call("487 Request Terminated"),
        receive("ACK"),
        go_to("end"),
        label("answers"),
        answer_call("200 OK", SDP),
        receive("ACK"),
        play(talk.tone),
        receive("BYE", within=talk.seconds, otherwise="hangs-up"),
        answer_last("200 OK"),
        go_to("end"),
        label("hangs-up"),
        hang_up_as_called(),
        expect(200),
        label("end"),
        pause(0),
    )


def refusing_phone(status: str) -> str:
    """Answers every call with ``status``, as "486 Busy Here"."""
    return scenario(receive_call(), answer_call(status), receive("ACK"))


def registration(port: int, expires: int) -> str:
    """Registers [field0] at ``port``, signed with [field1]; ``expires`` is in seconds."""
    return scenario(
        _register(port, expires, 1),
        expect(401, sign=True),
        _register(port, expires, 2, "\n[field1]"),
        expect(200),
    )


def _invite(extension: str) -> str:
    return send(_first("INVITE", extension) + f"\nContact: {_ME}", SDP)


def _before_answer(method: str, extension: str, to_tag: str = "") -> str:
    return send(_first(method, extension, to_tag), again=method != "ACK")


def _first(method: str, extension: str, to_tag: str = "") -> str:
    target = f"sip:{extension}@[remote_ip]:[remote_port]"
    return f"""{method} {target} SIP/2.0
{via("1")}
From: {_ME};{_TAG}
To: <{target}>{to_tag}
Call-ID: [call_id]
CSeq: 1 {method}
Max-Forwards: 70"""


def _in_call(method: str, cseq: int, body: str = "", *, again: bool = True) -> str:
    headers = f"""{method} [next_url] SIP/2.0
{via(f"{method}-{cseq}")}
From: {_ME};{_TAG}
[last_To:]
Call-ID: [call_id]
CSeq: {cseq} {method}
Max-Forwards: 70"""
    return send(headers, body, again=again)


def _press(digits: str) -> list[str]:
    """Each digit as SIP INFO: it needs no raw socket, which a container may refuse."""
    parts = []
    for number, digit in enumerate(digits):
        ready = f"digit-{number}"
        body = f"Signal={digit}\nDuration=120"
        parts += [
            receive("BYE", within=0.25, otherwise=ready, then="is-hung-up"),
            label(ready),
            _in_call("INFO", 10 + number, body),
            expect(200),
        ]
    return parts


def hang_up_as_called() -> str:
    return send(f"""BYE [next_url] SIP/2.0
{via("99")}
From:[$To];{_TAG}
To:[$From]
Call-ID: [call_id]
CSeq: 99 BYE
Max-Forwards: 70""")


def _register(port: int, expires: int, cseq: int, signature: str = "") -> str:
    return send(f"""REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
{via(str(cseq))}
From: <sip:[field0]@[remote_ip]>;{_TAG}
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:[field0]@[local_ip]:{port}>
Expires: {expires}
Max-Forwards: 70{signature}""")
