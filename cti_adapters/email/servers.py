"""How the channel reaches the servers of its mailboxes: IMAP on the way in, SMTP on the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from cti_adapters.email.channel import Connections
from cti_adapters.email.imap.client import ImapClient
from cti_adapters.email.oauth import TokenSource
from cti_adapters.email.outbox import Delivery, Post
from cti_adapters.email.settings import Account, MailboxSettings
from cti_adapters.email.smtp import (
    NotLetIn,
    Outcome,
    RefusedForGood,
    Sent,
    SmtpSender,
    TryLater,
    Unknown,
    Unsendable,
)


class MailServers(Connections):
    """Two ways of one account share its access tokens."""

    def __init__(self) -> None:
        self._tokens: dict[str, TokenSource] = {}

    def folder(self, box: MailboxSettings) -> ImapClient:
        return ImapClient(box.imap, self._tokens_of(box, box.imap.account))

    def post(self, box: MailboxSettings) -> Post:
        return SmtpPost(box, SmtpSender(box.smtp, self._tokens_of(box, box.smtp.account)))

    def _tokens_of(self, box: MailboxSettings, account: Account | None) -> TokenSource | None:
        if account is None or account.oauth is None:
            return None
        key = f"{box.id} {account.username} {account.oauth.token_url}"
        return self._tokens.setdefault(key, TokenSource(account.oauth))


class SmtpPost(Post):
    """A copy goes to the mailbox itself where it ``confirms``."""

    def __init__(self, box: MailboxSettings, sender: SmtpSender) -> None:
        self.confirms = box.confirm == "copy"
        self._copy_to = box.address if self.confirms else ""
        self._sender = sender

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Delivery:
        try:
            outcome = await self._sender.send(sender, recipients, content, copy_to=self._copy_to)
        except Unsendable as error:
            return Delivery(outcome="refused", reason=str(error))
        return _delivery(outcome)


def _delivery(outcome: Outcome) -> Delivery:
    match outcome:
        case Sent(refused=refused):
            return Delivery(outcome="sent", refused={one.recipient: one.reason for one in refused})
        case RefusedForGood(reason=reason):
            return Delivery(outcome="refused", reason=reason)
        case TryLater(reason=reason):
            return Delivery(outcome="later", reason=reason)
        case NotLetIn(reason=reason):
            return Delivery(outcome="later", reason=reason, shut=True)
        case Unknown(reason=reason, copied=copied):
            return Delivery(outcome="unknown", reason=reason, copied=copied)
        case _:
            assert_never(outcome)
