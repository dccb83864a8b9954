"""The channels: one line for each. A new channel is one folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from cti_adapters.asterisk.ami.client import AmiClient
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.pbx import ManagerOf, Pbx
from cti_adapters.asterisk.prompts import Prompts
from cti_adapters.asterisk.reachability import Reachability, Reported
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.email.channel import EmailChannel, MailParts
from cti_adapters.email.nowhere import no_mail
from cti_adapters.simulated.pbx import SimulatedPbx
from cti_adapters.simulated.settings import SimulationSettings
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webhook.channel import HookParts, WebhookChannel
from cti_adapters.webhook.nowhere import no_hooks
from router.elsewhere import Elsewhere, Nowhere
from router.files import Files, MemoryFiles
from router.ports import (
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    NoFlows,
    NoRecordings,
    Recordings,
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
    recordings: Recordings = msgspec.field(default_factory=NoRecordings)
    manager_of: ManagerOf = AmiClient
    files: Files = msgspec.field(default_factory=MemoryFiles)
    mail: MailParts = msgspec.field(default_factory=no_mail)
    hooks: HookParts = msgspec.field(default_factory=no_hooks)
    elsewhere: Elsewhere = msgspec.field(default_factory=Nowhere)
    in_charge: Callable[[], bool] = lambda: True  # of what one node does for all


def webchat(context: AdapterContext) -> ChatHub:
    return ChatHub(
        context.sink,
        context.intake,
        context.replica,
        context.clock,
        context.chat,
        flows=context.flows,
        files=context.files,
        elsewhere=context.elsewhere,
        in_charge=context.in_charge,
    )


def simulated(context: AdapterContext) -> SimulatedPbx:
    return SimulatedPbx(
        context.sink, context.intake, context.replica, context.clock, context.simulation
    )


def asterisk(context: AdapterContext) -> AsteriskChannel:
    """Those at branches are looked after there; what their telephones do counts here as well."""
    reachability = Reachability(context.replica, context.clock)
    here = [settings for settings in context.pbxs if not settings.branch]
    systems = [pbx(settings, context, reachability) for settings in here]
    channel = AsteriskChannel(systems, reachability, context.sink)
    for branch in sorted({settings.branch for settings in context.pbxs} - {""}):
        channel.join_branch(branch)
    return channel


def at_branch(context: AdapterContext, reachability: Reported) -> AsteriskChannel:
    """The same channel in a process at a branch, with all of ``context.pbxs``."""
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
        voices=Prompts(settings, context.clock, context.recordings),
        flows=context.flows,
    )


def email(context: AdapterContext) -> EmailChannel:
    return EmailChannel(
        context.sink,
        context.intake,
        context.replica,
        context.clock,
        context.mail,
        flows=context.flows,
    )


def webhook(context: AdapterContext) -> WebhookChannel:
    return WebhookChannel(
        context.sink,
        context.intake,
        context.replica,
        context.clock,
        context.hooks,
        flows=context.flows,
    )


ADAPTERS: Mapping[str, Callable[[AdapterContext], ChannelAdapter]] = {
    "webchat": webchat,
    "simulated": simulated,
    "asterisk": asterisk,
    "email": email,
    "webhook": webhook,
}
