"""The short run of the fault test; the long one is ``python -m tests.faults.mail_kill9``."""

from __future__ import annotations

from pathlib import Path

from tests.faults.mail_kill9 import run
from tests.mail.installed import require_mail_servers
from tests.mail.servers import MailServers


async def test_ten_kills_between_real_mail_servers_lose_no_mail_and_answer_none_twice(
    tmp_path: Path,
) -> None:
    require_mail_servers()
    with MailServers() as servers:
        report = await run(kills=10, seed=6, folder=tmp_path, servers=servers)
    assert report.problems == []
    assert report.mails > 20
    assert (report.contacts, report.answers) == (report.mails, report.mails)
