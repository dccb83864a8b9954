"""The manager actions that the Asterisk in memory takes, with the answers of Asterisk 22."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cti_adapters.asterisk.ami.codec import Message
from router.core.durations import MILLISECOND

if TYPE_CHECKING:
    from tests.asterisk.fake_channel import Channel
    from tests.asterisk.fake_exchange import FakeExchange

Answered = tuple[Message, list[Message]]
Fields = dict[str, str]


def act(world: FakeExchange, action: str, fields: Fields) -> Answered:
    """The response, and the entries of a list."""
    match action:
        case "CoreShowChannels":
            return _success(), [channel.listed() for channel in world.channels.values()]
        case "DeviceStateList":
            return _success(), [_state(*known) for known in world.devices()]
        case "Originate":
            asyncio.get_running_loop().call_soon(_originate, world, fields)
            return _success("Originate successfully queued"), []
        case "AGI":
            return _agi(world, world.named(fields["Channel"]), fields), []
        case "Hangup":
            return _hang_up(world, world.named(fields["Channel"])), []
        case "Redirect":
            return _redirect(world, world.named(fields["Channel"]), fields), []
        case "MixMonitorMute":
            return _mute(world.named(fields["Channel"]), fields), []
        case "Ping" | "Filter":
            return _success(), []
        case _:
            world.complaints.append(f"unknown action: {action}")
            return _error(f"Invalid/unknown command: {action}"), []


def _success(text: str = "") -> Message:
    return Message((("Response", "Success"), ("Message", text)))


def _error(text: str) -> Message:
    return Message((("Response", "Error"), ("Message", text)))


def _state(device: str, state: str) -> Message:
    return Message((("Event", "DeviceStateChange"), ("Device", device), ("State", state)))


def _originate(world: FakeExchange, fields: Fields) -> None:
    """In a thread of its own: after the answer."""
    unique, dialled = fields["ChannelId"], fields["Channel"]
    until = world.now + int(fields["Timeout"]) * MILLISECOND
    channel = None
    if unique not in world.channels:
        channel = world.ring(dialled, until, unique=unique)
    if channel is None:
        world.tell_originate(dialled, unique, "0", exten=fields["Exten"])
    else:
        channel.originated = fields["Exten"]
    world.flush()


def _agi(world: FakeExchange, channel: Channel | None, fields: Fields) -> Message:
    if channel is None:
        return _error(f"Channel {fields['Channel']} does not exist.")
    if not channel.was_in_agi:
        return _error(f"Failed to add AGI command to channel {channel.name} queue")
    channel.commands.append((fields["CommandID"], fields["Command"]))
    world.run_soon(channel)
    return _success("Added AGI command to queue")


def _hang_up(world: FakeExchange, channel: Channel | None) -> Message:
    if channel is None:
        return _error("No such channel")
    bridged = channel.bridge is not None
    world.gone(channel, "16" if bridged else "0")
    return _success("Channel Hungup")


def _redirect(world: FakeExchange, channel: Channel | None, fields: Fields) -> Message:
    if channel is None:
        return _error(f"Channel does not exist: {fields['Channel']}")
    world.redirect(channel, fields["Context"], fields["Exten"])
    return _success("Redirect successful")


def _mute(channel: Channel | None, fields: Fields) -> Message:
    if channel is None:
        return _error("No such channel")
    if not channel.recorded:
        return _error("Cannot set mute flag")
    channel.muted = fields["State"] == "1"
    return _success()
