"""The Asterisk of the voice benchmark: agents' telephones, callers, and a record of what happened.

The same Asterisk, telephones and callers serve both contestants. Callers who wait hear music.
Asterisk writes the time of each event into it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from pathlib import Path

from benchmarks.voice_events import KINDS, Floor, parse
from tests.asterisk import scenarios
from tests.asterisk.scenarios import Talk
from tests.asterisk.server import AsteriskServer
from tests.asterisk.sipp import CALLER_TONE, NUMBER, Running, registered
from tests.asterisk.sipp_parts import (
    SDP,
    answer_call,
    answer_last,
    expect,
    receive,
    receive_call,
    scenario,
)
from tests.asterisk.tones import mu_law, tone

NUMBER_OF_PATCHBAY = "100"
NUMBER_OF_APP_QUEUE = "200"
NUMBER_OF_ANSWER_FIRST = "300"
NO_LIMIT = 1_000_000
EMPTY_WITHIN = 20.0  # seconds
PIECE = 1 << 20

DIALPLAN = f"""
[patchbay]
exten => _[+0-9a-zA-Z].,1,AGI(agi:async)
 same => n,Hangup()
[from-trunk]
exten => {NUMBER_OF_PATCHBAY},1,Goto(patchbay,{NUMBER_OF_PATCHBAY},1)
exten => {NUMBER_OF_APP_QUEUE},1,Queue(care)
 same => n,Hangup()
exten => {NUMBER_OF_ANSWER_FIRST},1,Answer()
 same => n,Queue(care)
 same => n,Hangup()
[from-agents]
"""


def agents(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]


def site(count: int) -> AsteriskServer:
    """An Asterisk, not started yet, with ``count`` agents."""
    return AsteriskServer(
        DIALPLAN,
        agents=tuple(agents(count)),
        browsers=(),
        extra={
            "queues.conf": _queue(count),
            "manager.conf": "[general](+)\ntimestampevents=yes",
        },
    )


def _queue(count: int) -> str:
    """app_queue as fast as it can be set: no pause of its own, everybody is looked at."""
    members = "\n".join(f"member => PJSIP/{agent}" for agent in agents(count))
    return f"""[care]
strategy=leastrecent
autofill=yes
ringinuse=no
wrapuptime=0
timeout=20
retry=1
joinempty=yes
leavewhenempty=no
announce-frequency=0
{members}
"""


# -- telephones and callers -------------------------------------------------------------------


def telephones(server: AsteriskServer, count: int, talk: tuple[float, float]) -> Running:
    """Registered telephones that answer at once and hang up after ``talk`` (least and most)."""
    least, most = (round(1_000 * seconds) for seconds in talk)
    pause = f'<pause distribution="uniform" min="{least}" max="{most}"/>'
    phone = scenario(
        receive_call(),
        answer_last("180 Ringing", tag=";tag=[pid]-[call_number]"),
        answer_call("200 OK", SDP),
        receive("ACK"),
        pause,
        scenarios.hang_up_as_called(),
        expect(200),
    )
    phones = Running(server, phone, agents(count), traced=False)
    try:
        registered(server, agents(count), phones.port)
    except BaseException:
        phones.stop()
        raise
    return phones


def callers(
    server: AsteriskServer,
    number: str,
    rate: float,
    *,
    talk: float | None = None,
    at_once: int | None = None,
    heard: bool = False,
) -> Running:
    """``rate`` calls a second, never more than ``at_once``; they hang up ``talk`` seconds after
    they were answered, or wait until they are hung up. ``heard``: they send sound.
    """
    limits = ["-r", f"{rate:g}", "-l", str(at_once or NO_LIMIT), "-m", str(NO_LIMIT)]
    doing = Talk(talk, _voice(server) if heard else None)
    return Running(server, scenarios.caller(number, doing), [NUMBER], *limits, traced=False)


def _voice(server: AsteriskServer) -> Path:
    path = server.folder / "voice.ul"
    path.write_bytes(mu_law(tone(CALLER_TONE, 1)))
    return path


def send_home(server: AsteriskServer, running: Running) -> None:
    """No more callers; those who are there are hung up on. Returns when the lines are free."""
    end = time.monotonic() + EMPTY_WITHIN
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGUSR1)  # ends after its last call
    with server.judge() as judge:
        judge.do("Events", EventMask="off")
        while judge.list("CoreShowChannels") and time.monotonic() < end:
            judge.do("Hangup", Channel="/^PJSIP/trunk-/")
            time.sleep(0.3)
    running.stop()


# -- the record -------------------------------------------------------------------------------


class Record:
    """Everything Asterisk tells of channels, put aside as it comes and read afterwards."""

    def __init__(self, server: AsteriskServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.ports.ami))
        user = server.site.judge
        self._do("Login", Username=user.name, Secret=user.secret, Events="call")
        for kind in KINDS:
            self._do("Filter", Operation="Add", MatchCriteria=f"name({kind})")
        self._pieces: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def floor(self, agents: int) -> Floor:
        """What happened until now; the record ends."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()
        floor = Floor(agents)
        for event in parse(b"".join(self._pieces)):
            floor.hear(event)
        floor.finish()
        return floor

    def _do(self, action: str, **headers: str) -> None:
        fields = {"Action": action, **headers}
        text = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
        self._socket.sendall(text.encode() + b"\r\n")

    def _read(self) -> None:
        while piece := self._socket.recv(PIECE):
            self._pieces.append(piece)
