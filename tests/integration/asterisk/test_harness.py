"""The tests' own Asterisk, callers and phones can be relied on: plain calls, without a router."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.asterisk.installed import require_asterisk
from tests.asterisk.manager import Manager
from tests.asterisk.media import packets
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.asterisk.sipp import Caller, Phones
from tests.asterisk.tones import tone, write_wav

NUMBER = "+441632960001"
ANN, CALLER = 900, 440  # hertz

DIALPLAN = """
[from-trunk]
exten => echo,1,Answer()
 same => n,Echo()
exten => ringing,1,Ringing()
 same => n,Wait(30)
exten => busy,1,Busy()
exten => hangs-up,1,Answer()
 same => n,Wait(0.5)
exten => digits,1,Answer()
 same => n,Read(PRESSED,prompt,3,,1,5)
 same => n,UserEvent(Pressed,Digits: ${PRESSED})
exten => recorded,1,Answer()
 same => n,MixMonitor(call.wav)
 same => n,Wait(1)
 same => n,Playback(prompt)
 same => n,Wait(1)
exten => _8.,1,Dial(PJSIP/${EXTEN:1},20,m)
[from-agents]
exten => echo,1,Answer()
 same => n,Echo()
"""

Plug = Callable[..., Phone]


@pytest.fixture(scope="module")
def server() -> Iterator[AsteriskServer]:
    require_asterisk()
    with AsteriskServer(DIALPLAN) as running:
        yield running


@pytest.fixture
def phone(server: AsteriskServer) -> Iterator[Plug]:
    """``phone("ann", frequency=900)`` is plugged in and registered until the test ends."""
    with ExitStack() as plugged_in:

        def plug_in(name: str, **options: object) -> Phone:
            return plugged_in.enter_context(Phone(server, name, **options))  # type: ignore[arg-type]

        yield plug_in


def test_asterisk_starts_without_an_error_in_its_log(server: AsteriskServer) -> None:
    assert not [line for line in server.log(1_000).splitlines() if "ERROR" in line]


def test_the_routers_user_may_neither_run_commands_nor_change_the_configuration(
    server: AsteriskServer,
) -> None:
    user = server.site.router
    with Manager(server.ports.ami, user.name, user.secret) as manager:
        assert manager.do("CoreShowChannels")["Response"] == "Success"
        for action in ("Command", "GetConfig", "UpdateConfig", "ModuleLoad"):
            answer = manager.do(action, Command="core show version", Filename="manager.conf")
            assert answer["Message"] == "Permission denied", action


def test_a_caller_who_hangs_up_is_told_from_one_who_is_hung_up_on(server: AsteriskServer) -> None:
    with Caller("echo", talk=0.5).call(server) as calls:
        assert calls.wait().successful == 1
        assert (calls.messages("BYE_Sent"), calls.messages("BYE_Recv")) == (1, 0)
    with Caller("hangs-up").call(server) as calls:
        assert calls.wait().successful == 1
        assert (calls.messages("BYE_Sent"), calls.messages("BYE_Recv")) == (0, 1)


def test_a_caller_gives_up_while_it_rings(server: AsteriskServer) -> None:
    with Caller("ringing", patience=0.5).call(server) as calls:
        assert calls.wait().successful == 1
        assert calls.messages("CANCEL_Sent") == 1


def test_a_caller_may_be_refused(server: AsteriskServer) -> None:
    with Caller("busy", refused_with=486).call(server) as calls:
        assert calls.wait().successful == 1


def test_a_call_that_goes_otherwise_is_a_failure_with_its_messages(server: AsteriskServer) -> None:
    with (
        Caller("nobody").call(server) as calls,
        pytest.raises(AssertionError, match="404 Not Found"),
    ):
        calls.wait()


def test_sound_goes_both_ways_between_twenty_callers_and_agents(server: AsteriskServer) -> None:
    with (
        Phones(["ben"]).register(server) as phones,
        Caller("8ben", talk=2.5).call(server, calls=20, per_second=40) as calls,
    ):
        _until(lambda: len(packets(server)) == 40, "20 calls that talk")
        _until(lambda: min(count.sent for count in packets(server).values()) > 10, "sound")
        assert min(count.received for count in packets(server).values()) > 5
        assert calls.wait().successful == 20
        assert phones.until(20).failed == 0
    assert not server.channels()


@pytest.mark.parametrize(
    ("phones", "caller"),
    [
        (Phones(["ben"], talk=0.3), Caller("8ben")),
        (Phones(["ben"], ring=None), Caller("8ben", patience=0.5)),
        (Phones(["ben"], refuse="486 Busy Here"), Caller("8ben", refused_with=486)),
    ],
    ids=["the agent hangs up", "nobody answers", "the phone is busy"],
)
def test_phones_do_what_they_are_asked_to(
    server: AsteriskServer, phones: Phones, caller: Caller
) -> None:
    with phones.register(server) as agents, caller.call(server) as calls:
        assert calls.wait().successful == 1
        assert agents.until(1).failed == 0


def test_digits_arrive_from_callers_and_from_phones(server: AsteriskServer, phone: Plug) -> None:
    server.sound("prompt", 1_500, 0.3)
    with server.judge() as judge:
        with Caller("digits", digits="125").call(server) as calls:
            assert _pressed(judge) == "125"
            calls.wait()
        judge.seen.clear()
        caller = phone(NUMBER, frequency=CALLER, registers=False)
        caller.dial("digits")
        caller.wait_to_hear(1_500, since=0)
        caller.press("907")
        assert _pressed(judge) == "907"


def test_two_phones_hear_each_other_music_while_they_wait_and_silence_when_muted(
    server: AsteriskServer, phone: Plug
) -> None:
    ann = phone("ann", frequency=ANN)
    caller = phone(NUMBER, frequency=CALLER, registers=False)
    caller.dial("8ann")
    ann.wait_until("ringing")
    caller.wait_to_hear(MUSIC)
    ann.accept()
    caller.wait_until("talking")
    ann.wait_to_hear(CALLER)
    caller.wait_to_hear(ANN)
    assert not hearing.hears(caller.listen(0.5), CALLER)
    ann.mute()
    caller.wait_for_silence()
    ann.mute()
    ann.say(700)
    caller.wait_to_hear(700)
    ann.hold()
    caller.wait_to_hear(MUSIC)
    ann.resume()
    caller.wait_to_hear(700)
    ann.hang_up()
    caller.wait_until("idle")


def test_a_recording_can_be_listened_to(server: AsteriskServer, phone: Plug) -> None:
    server.sound("prompt", 1_500, 1)
    caller = phone(NUMBER, frequency=CALLER, registers=False)
    caller.dial("recorded")
    caller.wait_until("talking")
    caller.wait_to_hear(1_500)
    caller.wait_until("idle")
    both = hearing.read(server.recordings / "call.wav")
    assert hearing.hears(both, 1_500, for_seconds=0.8)
    assert hearing.hears(both, CALLER, for_seconds=2)
    assert not hearing.hears(hearing.read(server.recordings / "call.wav", (0.1, 0.8)), 1_500)


def test_a_phone_that_leaves_is_no_longer_there(server: AsteriskServer, phone: Plug) -> None:
    chi = phone("chi", frequency=ANN)
    assert _device(server, "chi") == "NOT_INUSE"
    chi.leave()
    _until(lambda: _device(server, "chi") == "UNAVAILABLE", "chi is gone")


def test_a_killed_asterisk_comes_back_on_the_same_ports(server: AsteriskServer) -> None:
    with Caller("echo").call(server) as calls:
        _until(server.channels, "a call")
        first = server.pid
        server.restart()
        assert server.pid != first
        assert not server.channels()
        calls.stop()
    with Caller("echo", talk=0.1).call(server) as calls:
        assert calls.wait().successful == 1


def test_an_asterisk_that_cannot_start_says_why() -> None:
    require_asterisk()
    server = AsteriskServer("[from-trunk]\n", extra={"modules.conf": "require=absent.so\n"})
    try:
        with pytest.raises(RuntimeError, match=r"absent\.so"):
            server.start()
        assert not server.running
    finally:
        server.close()
    assert not server.folder.exists()


def test_tones_are_told_apart_in_a_mixture_and_in_noise_of_coding(tmp_path: Path) -> None:
    mixed = tone(440, 1, 0.2) + tone(900, 1, 0.2)
    samples = hearing.read(write_wav(tmp_path / "mixed.wav", mixed))
    assert hearing.hears(samples, 440)
    assert hearing.hears(samples, 900)
    assert not hearing.hears(samples, 450)
    assert hearing.is_silent(hearing.read(write_wav(tmp_path / "none.wav", 0 * mixed)))


def _pressed(judge: Manager) -> str:
    event = judge.wait(lambda event: event.get("UserEvent") == "Pressed", "digits")
    return event["Digits"]


def _device(server: AsteriskServer, name: str) -> str:
    with server.judge() as judge:
        answer = judge.do("Getvar", Variable=f"DEVICE_STATE(PJSIP/{name})")
    return re.sub(r"\s", "", answer["Value"])


def _until(reached: Callable[[], object], what: str, timeout: float = 10) -> None:
    end = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < end, f"not within {timeout:g} s: {what}"
        time.sleep(0.05)
