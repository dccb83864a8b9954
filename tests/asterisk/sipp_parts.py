"""The elements of a SIPp scenario as text: send, receive, wait, play, jump."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SDP: Final = """v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv"""


def scenario(*parts: str) -> str:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="Patchbay">\n'
    return start + "\n".join(part for part in parts if part) + "\n</scenario>\n"


def send(headers: str, body: str = "", *, again: bool = True) -> str:
    """``again``: repeated until it is answered, for UDP loses."""
    if body:
        kind = "application/sdp" if body == SDP else "application/dtmf-relay"
        headers += f"\nContent-Type: {kind}"
    retrans = ' retrans="500"' if again else ""
    return f"<send{retrans}><![CDATA[\n\n{headers}\nContent-Length: [len]\n\n{body}\n\n]]></send>"


def via(transaction: str) -> str:
    """An INVITE, its CANCEL and the ACK of its refusal are one transaction."""
    branch = f"z9hG4bK-[pid]-[call_number]-{transaction}"
    return f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}"


def expect(
    code: int,
    *,
    optional: bool = False,
    sign: bool = False,
    routes: bool = False,
    within: float | None = None,
    otherwise: str = "",
) -> str:
    """Waits for a response; after ``within`` seconds it goes to the label ``otherwise``.

    ``sign`` keeps the challenge for the next request, ``routes`` where the next one must go.
    """
    flags = {"optional": optional, "auth": sign, "rrs": routes}
    more = "".join(f' {name}="true"' for name, on in flags.items() if on)
    return f'<recv response="{code}"{more}{_limit(within, otherwise)}/>'


def receive(
    method: str, *, within: float | None = None, otherwise: str = "", then: str = ""
) -> str:
    """Waits for a request and goes to ``then``, or after ``within`` seconds to ``otherwise``.

    Both are labels; without ``then`` it goes on with what follows.
    """
    jump = f' next="{then}"' if then else ""
    return f'<recv request="{method}"{jump}{_limit(within, otherwise)}/>'


def receive_call() -> str:
    """Waits for an INVITE and keeps what later messages of the call repeat."""
    kept = ("Via", "From", "To", "CSeq")
    actions = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{name}"/>' for name in kept
    )
    return f'<recv request="INVITE" rrs="true"><action>{actions}</action></recv>'


def answer_last(status: str, *, tag: str = "") -> str:
    """Answers the request that came last."""
    return send(
        f"""SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port]>""",
        again=False,
    )


def answer_call(status: str, body: str = "") -> str:
    """Answers the INVITE that ``receive_call`` kept, whatever came since."""
    return send(
        f"""SIP/2.0 {status}
Via:[$Via]
From:[$From]
To:[$To];tag=[pid]-[call_number]
[last_Call-ID:]
CSeq:[$CSeq]
Contact: <sip:phone@[local_ip]:[local_port]>""",
        body,
    )


def play(tone: Path | None) -> str:
    """Sends a file of mu-law samples, again and again, until the call ends."""
    if tone is None:
        return ""
    return f'<nop><action><exec rtp_stream="{tone},-1,0"/></action></nop>'


def pause(seconds: float) -> str:
    return f'<pause milliseconds="{round(seconds * 1000)}"/>'


def label(name: str) -> str:
    return f'<label id="{name}"/>'


def go_to(name: str) -> str:
    return f'<nop next="{name}"/>'


def _limit(within: float | None, otherwise: str) -> str:
    if within is None:
        return ""
    return f' timeout="{max(1, round(within * 1000))}" ontimeout="{otherwise}"'
