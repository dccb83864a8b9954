"""What AGI commands and applications do to channels of the Asterisk in memory.

The order of events is that of Asterisk 22, recorded from real calls: who hung up says so first,
the bridge is left, the command that made it ends, and only then is the channel gone.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from router.core.durations import MINUTE, SECOND
from tests.asterisk.fake_channel import Bridge, Channel, Running

if TYPE_CHECKING:
    from tests.asterisk.fake_exchange import FakeExchange

SOUND_LASTS: Final = 2 * SECOND
LONGEST_RECORDING: Final = 3 * MINUTE


def perform(world: FakeExchange, channel: Channel, command: str, line: str) -> None:
    """Begin a command; ``finish`` is called at once for those that take no time."""
    channel.running = Running(id=command, application="")
    match shlex.split(line):
        case ["ANSWER"]:
            if channel.state != "Up":
                world.becomes(channel, "Up")
            finish(world, channel)
        case ["SET", "MUSIC", "ON", *_]:
            channel.music = True
            world.tell(channel, "MusicOnHoldStart", ("Class", "default"))
            finish(world, channel)
        case ["SET", "MUSIC", "OFF"]:
            channel.music = False
            world.tell(channel, "MusicOnHoldStop")
            finish(world, channel)
        case ["NOOP"]:
            finish(world, channel)
        case ["SET", "VARIABLE", _, _]:
            finish(world, channel, "200 result=1")
        case ["STREAM", "FILE", sound, keys]:
            channel.heard.append(sound)
            channel.running.stopped_by = keys
            channel.running.ends_at = world.now + SOUND_LASTS
        case ["RECORD", "FILE", path, ending, *_]:
            write(Path(f"{path}.{ending}"))
            channel.running.application = "RECORD"
            channel.running.ends_at = world.now + LONGEST_RECORDING
        case ["EXEC", application, *data]:
            _execute(world, channel, application, data[0] if data else "")
        case _:
            world.complaints.append(f"unknown AGI command: {line}")
            finish(world, channel, "510 Invalid or unknown command")


def write(file: Path) -> None:
    """Where the folder is there to write to: most tests have none."""
    if file.parent.is_dir():
        file.write_bytes(bytes(2_000))


def key_pressed(world: FakeExchange, channel: Channel, digit: str) -> None:
    """What a key does to the command that runs."""
    running = channel.running
    if running is not None and digit == "#" and running.application == "RECORD":
        finish(world, channel, "200 result=35 (dtmf) endpos=16000")
    elif running is not None and digit in running.stopped_by:
        finish(world, channel, f"200 result={ord(digit)} endpos=8000")


def _execute(world: FakeExchange, channel: Channel, application: str, data: str) -> None:
    assert channel.running is not None
    channel.running.application = channel.application = application
    channel.data = data
    what = data.split(",", maxsplit=1)[0]
    match application:
        case "Playback":
            channel.heard += what.split("&")
            channel.running.ends_at = world.now + SOUND_LASTS * len(what.split("&"))
        case "MixMonitor":
            channel.recorded, channel.muted = True, False
            world.tell(channel, "MixMonitorStart")
            finish(world, channel)
        case "Bridge":
            _bridge_with(world, channel, world.named(what))
        case "ConfBridge":
            world.enter(channel, world.room(what))
        case "ChanSpy":
            channel.running.other = world.named(what)
            if channel.running.other is None:
                finish(world, channel)
        case "Dial":
            channel.running.other = world.ring(what, world.now + MINUTE, made_by=channel)
            if channel.running.other is None:
                finish(world, channel)
        case "ReceiveFAX":
            write(Path(what))  # until the sender hangs up
        case _:
            world.complaints.append(f"unknown application: {application}")
            finish(world, channel, "200 result=-2")


def finish(world: FakeExchange, channel: Channel, result: str = "200 result=0") -> None:
    """The command that runs has come to its end."""
    if channel.running is not None:
        command, channel.running = channel.running.id, None
        answer = ("Result", quote(f"{result}\n")), ("CommandId", command)
        world.tell(channel, "AsyncAGIExec", *answer)
    world.run_soon(channel)


def _bridge_with(world: FakeExchange, channel: Channel, other: Channel | None) -> None:
    if other is None:
        finish(world, channel)
        return
    if other.state != "Up" or other.bridge is not None or other.running is not None:
        world.complaints.append(f"{other.name} is bridged although it is busy")
    join(world, channel, other)


def join(world: FakeExchange, maker: Channel, other: Channel) -> None:
    """A pair: ``other`` is pulled out of wherever it is, and is hung up when it is over; from
    another bridge it is moved, and goes on where that began.
    """
    pair = world.new_bridge()
    if other.bridge is None:
        other.in_agi = False
        other.running = None
        other.application = other.data = ""
    else:
        world.exit(other)
    world.enter(other, pair)
    world.enter(maker, pair)


def depart(world: FakeExchange, channel: Channel, result: str) -> Bridge | None:
    """Out of what it does, with everything that is said of it; the bridge that it was in."""
    bridge = channel.bridge
    if bridge is not None:
        world.exit(channel)
    running = channel.running
    if running is not None and running.application in ("Bridge", "ConfBridge", "ChanSpy"):
        result = "200 result=0"
    if channel.in_agi:
        finish(world, channel, result)
        world.tell(channel, "AsyncAGIEnd")
        channel.in_agi = False
    if running is not None and running.application == "Dial" and running.other is not None:
        world.gone(running.other, "26")  # who is still ringing, or talked with it
    return bridge


def dissolve(world: FakeExchange, bridge: Bridge | None) -> None:
    """Of a pair one is left alone: who made the bridge goes on, who was pulled is hung up."""
    if bridge is None or bridge.room:
        return
    for channel in list(bridge.members):
        world.exit(channel)
        if channel.running is None:
            world.gone(channel, "16")
        else:
            dialled = channel.running.application == "Dial"
            finish(world, channel, f"200 result={-1 if dialled else 0}")
