"""Mail servers in memory: what the e-mail channel asks of IMAP and SMTP, and the world beyond."""

import asyncio
from email import message_from_bytes, policy

from cti_adapters.email.imap.outcomes import Fetched, Gone, Selected, TooLarge
from cti_adapters.email.outbox import Delivery
from cti_adapters.email.reading import read
from cti_adapters.email.settings import Account, ImapSettings, MailboxSettings, SmtpSettings

SUPPORT = "support@example.com"
BOX = MailboxSettings(
    id="support",
    address=SUPPORT,
    name="Example",
    entry_point="mail",
    imap=ImapSettings(host="localhost", account=Account(username="support")),
    smtp=SmtpSettings(host="localhost"),
    from_the_first=True,
)


class Server:
    """The servers of one mailbox, and the world beyond them."""

    def __init__(self, box=BOX):
        self.box = box
        self.validity = 1
        self.mails = {}  # UID to bytes
        self.flags = {}
        self.next_uid = 1
        self.sent = []  # envelope recipients and mail
        self.outcomes = []  # of the next sendings
        self.swallows = False  # takes mails without passing on a copy
        self.news = asyncio.Event()
        self.confirms = box.confirm == "copy"

    # -- the world

    def arrive(self, raw):
        self.mails[self.next_uid] = raw
        self.next_uid += 1
        self.news.set()

    def renumber(self):
        """As after a restore: the same mails under other numbers."""
        self.validity += 1
        self.mails = {100 + uid: raw for uid, raw in self.mails.items()}
        self.next_uid += 100

    # -- IMAP

    async def connect(self):
        pass

    async def select(self, folder="", *, read_only=False):
        return Selected(
            folder="INBOX",
            uidvalidity=self.validity,
            uidnext=self.next_uid,
            exists=len(self.mails),
            keywords=True,
        )

    async def create(self, folder):
        pass

    async def new_uids(self, after, most=200):
        return tuple(sorted(uid for uid in self.mails if uid > after))[:most]

    async def senders(self, uids):
        heads = {
            uid: self.mails[uid].partition(b"\r\n\r\n")[0] for uid in uids if uid in self.mails
        }
        fields = {
            uid: [one for one in head.split(b"\r\n") if one.lower().startswith(b"from:")]
            for uid, head in heads.items()
        }
        return {uid: found[0] for uid, found in fields.items() if found}

    async def fetch(self, uid, largest):
        raw = self.mails.get(uid)
        if raw is None:
            return Gone(uid=uid)
        if len(raw) > largest:
            return TooLarge(uid=uid, size=len(raw), header=raw.partition(b"\r\n\r\n")[0])
        return Fetched(uid=uid, raw=raw)

    async def mark(self, uids, flags):
        for uid in uids:
            self.flags.setdefault(uid, []).extend(flags)

    async def move(self, uids, folder):
        for uid in uids:
            self.mails.pop(uid, None)

    async def wait(self, seconds):
        await self.news.wait()
        self.news.clear()
        return True

    async def close(self):
        pass

    # -- SMTP

    async def send(self, sender, recipients, content):
        await asyncio.sleep(0)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivery(outcome="sent")
        if outcome.outcome == "sent" or (outcome.outcome == "unknown" and not self.swallows):
            self.sent.append((sender, tuple(recipients), content))
            if self.confirms:
                self.arrive(content)
        return outcome

    def messages(self):
        return [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.sent]


class Connections:
    def __init__(self, servers):
        self.servers = servers

    def folder(self, box):
        return self.servers[box.id]

    def post(self, box):
        return self.servers[box.id]


class Directly:
    async def read(self, raw):
        return read(raw)

    async def close(self):
        pass


def letter(
    number=1, *, sender="maria@example.org", subject="My order", text="Where is it?", **headers
):
    lines = {
        "From": f"María Díaz <{sender}>",
        "To": SUPPORT,
        "Subject": subject,
        "Message-ID": f"<m{number}@example.org>",
        "Date": "Tue, 14 Nov 2023 22:13:20 +0000",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "\r\n".join(f"{name}: {value}" for name, value in lines.items() if value is not None)
    return f"{head}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
