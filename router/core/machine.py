"""The routing core: a command and a moment in, the events it causes out.

Deterministic and free of I/O: the same commands at the same moments give the same events, live,
in recovery and in the simulator. The table below says which function handles which command.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

from router.core import (
    arrivals,
    consultations,
    conversations,
    flows,
    interruptions,
    overflow,
    publishing,
    seeking,
    staff,
    supervision,
)
from router.core import commands as c
from router.core import events as e
from router.core.deadlines import Deadlines, Key
from router.core.randomness import SplitMix64
from router.core.state import UNANSWERED, WAITING, State
from router.core.turn import Refusal, Turn

Handler = Callable[[Turn, Any], None]

HANDLERS: Final[dict[type[c.CommandBase], Handler]] = {
    c.Arrive: arrivals.arrive,
    c.EnterFlow: flows.enter_flow,
    c.AdvanceFlow: flows.advance_flow,
    c.IdentifyCustomer: arrivals.identify,
    c.Enqueue: arrivals.enqueue,
    c.EditContact: arrivals.edit,
    c.PostMessage: arrivals.post_message,
    c.Abandon: arrivals.abandon,
    c.PromiseCallback: arrivals.promise_callback,
    c.FailCallback: arrivals.fail_callback,
    c.Accept: seeking.accept,
    c.Reject: seeking.reject,
    c.FailConnection: seeking.fail_connection,
    c.Hold: conversations.hold,
    c.Retrieve: conversations.retrieve,
    c.EndContact: conversations.end,
    c.Requeue: conversations.requeue,
    c.TransferToQueue: conversations.transfer_to_queue,
    c.TransferToAgent: conversations.transfer_to_agent,
    c.TransferOut: conversations.transfer_out,
    c.ExtendWrapUp: conversations.extend_wrap_up,
    c.FinishWrapUp: conversations.finish_wrap_up,
    c.Consult: consultations.consult,
    c.CompleteTransfer: consultations.complete_transfer,
    c.Conference: consultations.conference,
    c.CancelConsult: consultations.cancel_consult,
    c.LeaveConference: consultations.leave_conference,
    c.SignIn: staff.sign_in,
    c.SignOut: staff.sign_out,
    c.SetReady: staff.set_ready,
    c.SetNotReady: staff.set_not_ready,
    c.LoseAgent: staff.lose,
    c.SetReachable: staff.set_reachable,
    c.LendSkills: staff.lend_skills,
    c.ForceState: staff.force_state,
    c.Reassign: supervision.reassign,
    c.Pull: supervision.pull,
    c.Reprioritise: supervision.reprioritise,
    c.Monitor: supervision.monitor,
    c.PublishCatalog: publishing.publish,
    c.PublishFlow: flows.publish_flow,
    c.PointAlias: flows.point_alias,
}


class OverdueDeadline(Exception):
    """A command came before the ``Tick`` that was due: the caller must send the Tick first."""


class RoutingCore:
    """Decides. ``state`` may be read by the caller and is changed by ``handle`` alone.

    The caller makes ``at`` non-decreasing, and sends ``Tick`` no later than ``next_deadline()``
    and before any other command at or after that moment.
    """

    def __init__(self, state: State, *, seed: int = 0) -> None:
        self.state = state
        self._rng = SplitMix64(seed ^ state.position)
        self._deadlines = Deadlines(state)

    def next_deadline(self) -> int | None:
        """When the core wants a ``Tick``, microseconds UTC; None while nothing is pending."""
        return self._deadlines.next()

    def handle(self, command: c.Command, at: int) -> list[e.Event] | e.Rejected:
        """Decide on ``command`` at ``at``. A repeated command id has no events and no effect."""
        turn = Turn(self.state, self._rng, at)
        kind = type(command)
        if kind is c.Tick:
            self._expire(turn)
        else:
            due = self._deadlines.next()
            if due is not None and due <= at:
                raise OverdueDeadline(f"send Tick for {due} before a command at {at}")
            if command.id and command.id in self.state.commands:
                return []
            try:
                HANDLERS[kind](turn, command)
            except Refusal as refusal:
                if turn.events:
                    raise
                return e.Rejected(code=refusal.code, reason=refusal.reason)
        self._settle(turn)
        interruptions.settle(turn)
        if turn.events:
            self.state.close_entry(command.id, at)
            self._rearm(turn)
        return turn.events

    def _settle(self, turn: Turn) -> None:
        """Let everything the events set in motion find its place before the turn ends.

        Of several contacts that seek at once, who stands first seeks first.
        """
        while True:
            if turn.staffing_changed:
                turn.staffing_changed = False
                self._staffing_changed(turn)
            elif turn.freed:
                self._freed(turn, _pop_first(turn.freed))
            elif turn.seeking:
                self._line_up(turn)
            elif turn.line:
                self._seek(turn, heappop(turn.line)[2])
            else:
                return

    def _line_up(self, turn: Turn) -> None:
        for contact_id in turn.seeking:
            contact = self.state.contacts.get(contact_id)
            if contact is not None:
                heappush(turn.line, (contact.waiting_since, contact.number, contact.id))
        turn.seeking.clear()

    def _staffing_changed(self, turn: Turn) -> None:
        """Demands nobody can meet any more are relaxed; overflow rules learn of the change."""
        for contact_id in list(self.state.index.stranded()):
            turn.seeking[contact_id] = None
        for contact in list(self.state.contacts.values()):
            if contact.preferred_until and contact.state in WAITING:
                turn.seeking[contact.id] = None
            elif contact.unstaffed_since:
                overflow.check(turn, contact)

    def _freed(self, turn: Turn, agent_id: str) -> None:
        agent = self.state.agents.get(agent_id)
        if agent is not None:
            staff.take_next_state(turn, agent)
            seeking.serve(turn, agent)

    def _seek(self, turn: Turn, contact_id: str) -> None:
        contact = self.state.contacts.get(contact_id)
        if contact is not None:
            overflow.check(turn, contact)
            seeking.seek(turn, contact)

    # -- time --------------------------------------------------------------------------------

    def _expire(self, turn: Turn) -> None:
        """All that is due at one moment has happened before anybody is offered anything."""
        for key in self._deadlines.due(turn.at):
            self._reached(turn, key)

    def _reached(self, turn: Turn, key: Key) -> None:
        kind, subject, extra = key
        match kind:
            case "offer":
                seeking.time_out(turn, subject)
            case "wrap_up":
                conversations.wrap_up_elapsed(turn, subject, extra)
            case "skills":
                staff.skills_back(turn, subject)
            case "hours":
                self._hours_changed(turn, subject)
            case _:
                self._contact_deadline(turn, kind, subject)

    def _contact_deadline(self, turn: Turn, kind: str, contact_id: str) -> None:
        contact = self.state.contacts.get(contact_id)
        if contact is None or contact.state not in UNANSWERED:
            return
        match kind:
            case "step" if 0 < contact.step_until <= turn.at:
                seeking.enter_step(turn, contact, contact.step + 1, "elapsed")
            case "preference" if 0 < contact.preferred_until <= turn.at:
                seeking.preference_elapsed(turn, contact)
            case "callback" if contact.callback and 0 < contact.callback.not_before <= turn.at:
                turn.emit(e.CallbackDue(contact=contact.id, sequence=contact.sequence + 1))
            case _:
                turn.seeking[contact.id] = None
        turn.touched[contact.id] = None

    def _hours_changed(self, turn: Turn, queue: str) -> None:
        for contact in self.state.waiting(queue):
            overflow.check(turn, contact)
        self._deadlines.watch_hours(self.state, turn.at)

    def _rearm(self, turn: Turn) -> None:
        for contact_id in turn.touched:
            contact = self.state.contacts.get(contact_id)
            if contact is not None:
                self._deadlines.watch_contact(self.state, contact)
        if turn.rearranged:
            self._rearm_for_staff(turn)
        self._deadlines.shrink(self.state)

    def _rearm_for_staff(self, turn: Turn) -> None:
        for event in turn.events:
            if isinstance(event, e.SkillsLent):
                self._deadlines.watch_agent(self.state.agents[event.agent])
            elif isinstance(event, e.CatalogPublished):
                self._deadlines.rebuild(self.state)


def _pop_first(pending: dict[str, None]) -> str:
    first = next(iter(pending))
    del pending[first]
    return first
