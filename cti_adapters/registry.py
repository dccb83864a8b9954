"""The channels: one line for each. A new channel is one folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from cti_adapters.asterisk.ami.client import AmiClient
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.pbx import ManagerOf, Pbx
from cti_adapters.asterisk.prompts import Prompts
from cti_adapters.asterisk.reachability import Reachability
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.simulated.pbx import SimulatedPbx
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from router.ports import (
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    NoFlows,
)
from router.replica import Replica


class AdapterContext(msgspec.Struct, frozen=True, kw_only=True):
    """What every channel is built from, and the settings of each."""

    sink: CommandSink
    intake: ContactIntake
    replica: Replica
    clock: Clock
    chat: ChatSettings = msgspec.field(default_factory=ChatSettings)
    simulation: SimulationSettings = SimulationSettings()
    pbxs: tuple[PbxSettings, ...] = ()
    flows: FlowRunner = msgspec.field(default_factory=NoFlows)
    manager_of: ManagerOf = AmiClient


def webchat(context: AdapterContext) -> ChatHub:
    return ChatHub(
        context.sink,
        context.intake,
        context.replica,
        context.clock,
        context.chat,
        flows=context.flows,
    )


def simulated(context: AdapterContext) -> SimulatedPbx:
    return SimulatedPbx(
        context.sink, context.intake, context.replica, context.clock, context.simulation
    )


def asterisk(context: AdapterContext) -> AsteriskChannel:
    reachability = Reachability(context.replica, context.clock)
    systems = [pbx(settings, context, reachability) for settings in context.pbxs]
    return AsteriskChannel(systems, reachability, context.sink)


def pbx(settings: PbxSettings, context: AdapterContext, reachability: Reachability) -> Pbx:
    return Pbx(
        settings,
        context.sink,
        context.intake,
        context.replica,
        context.clock,
        reachability=reachability,
        manager_of=context.manager_of,
        voices=Prompts(settings, context.clock),
        flows=context.flows,
    )


ADAPTERS: Mapping[str, Callable[[AdapterContext], ChannelAdapter]] = {
    "webchat": webchat,
    "simulated": simulated,
    "asterisk": asterisk,
}
