"""The centre's end of branches over the parts of one Patchbay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.settings import PbxSettings
from router.branch.centre import BranchCentre
from router.branch.parts import CentreParts, Follow
from router.edge.settings import EdgeSettings
from router.ports import (
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    StillWrites,
    nobody_else_does,
)
from router.replica import Replica


def systems_of(pbxs: Sequence[PbxSettings]) -> dict[str, frozenset[str]]:
    """The ids of the telephone systems at each branch, by its name."""
    branches = sorted({pbx.branch for pbx in pbxs} - {""})
    return {one: frozenset(pbx.id for pbx in pbxs if pbx.branch == one) for one in branches}


def branches_over(
    settings: EdgeSettings,
    pbxs: Sequence[PbxSettings],
    channel: AsteriskChannel,
    *,
    replica: Replica,
    follow: Follow,
    sink: CommandSink,
    intake: ContactIntake,
    flows: FlowRunner,
    clock: Clock,
    still_writes: StillWrites = nobody_else_does,
) -> BranchCentre:
    """``channel`` hears which telephones can be rung from branches."""

    def on_phones(branch: str, known: bool, out: Mapping[str, str]) -> None:  # noqa: FBT001
        channel.hear_of_phones(branch, out if known else None)

    parts = CentreParts(
        branches=systems_of(pbxs),
        replica=replica,
        follow=follow,
        sink=sink,
        intake=intake,
        flows=flows,
        clock=clock,
        on_phones=on_phones,
        still_writes=still_writes,
    )
    return BranchCentre(settings, parts)
