"""A caller who writes line ends into what Asterisk passes on: one INVITE over a bare socket."""

from __future__ import annotations

import itertools
import re
import socket
import time
from typing import Self

from tests.asterisk.server import AsteriskServer

_CALLS = itertools.count(1)
_FINAL = re.compile(rb"SIP/2\.0 [3-6]\d\d |BYE ")
_OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


class Forger:
    """Calls ``dialled`` from ``number``, both with any characters."""

    def __init__(self, server: AsteriskServer, number: str, dialled: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        me = f"127.0.0.1:{self._socket.getsockname()[1]}"
        call = f"forged-{next(_CALLS)}"
        lines = [
            f"INVITE sip:{_escaped(dialled)}@{server.sip} SIP/2.0",
            f"Via: SIP/2.0/UDP {me};branch=z9hG4bK{call}",
            "Max-Forwards: 70",
            f"From: <sip:{_escaped(number)}@127.0.0.1>;tag={call}",
            f"To: <sip:{_escaped(dialled)}@{server.sip}>",
            f"Call-ID: {call}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:forger@{me}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(_OFFER)}",
        ]
        text = "\r\n".join([*lines, "", _OFFER])
        host, port = server.sip.split(":")
        self._socket.sendto(text.encode(), (host, int(port)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def is_hung_up_on(self, timeout: float = 10) -> bool:
        """Waits for a refusal, or for the end of the call."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if _FINAL.match(self._socket.recv(65_536)):
                    return True
            except TimeoutError:
                break
        return False


def _escaped(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in text)
