"""A mail centre of a test's own: mailboxes (Dovecot) and a mail server (Exim) that delivers into
them, on free ports of loopback, in one temporary folder, stopped by their process ids.
"""

from __future__ import annotations

import base64
import contextlib
import grp
import hashlib
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from joserfc import jwt
from joserfc.jwk import OctKey

from tests.asterisk.free_ports import free_port
from tests.mail import configuration
from tests.mail.certificates import write_certificates
from tests.mail.configuration import ABSENT, DOMAIN, Ports, Site
from tests.mail.installed import DOVECOT, EXIM, owner

USERS = {
    f"support@{DOMAIN}": "support secret",
    f"sales@{DOMAIN}": 'sa"les \\secret',  # with what must be quoted
    f"carol@{DOMAIN}": "carol secret",
    f"dave@{DOMAIN}": "dave secret",
    ABSENT: "nobody is here",
}
_PEOPLE = USERS | {f"user{n}@{DOMAIN}": f"secret {n}" for n in range(1, 1_001)}
_STARTED_WITHIN = 20  # seconds
_KEY = b"only the tests know this key: 32+ bytes"


class MailServers:
    """Both servers. Each can be killed and started again with the same ports."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        person = owner()
        self.folder = Path(tempfile.mkdtemp(prefix="patchbay-mail-"))
        self.ports = Ports(**{name: free_port() for name in Ports.__struct_fields__})
        self._owner = person
        self._given = 0
        group = _group(person.pw_gid)
        self.site = Site(folder=self.folder, user=person.pw_name, group=group, ports=self.ports)
        self.dovecot = _Server(self, [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")])
        self.exim = _Server(self, [EXIM, "-C", str(self.folder / "exim.conf"), "-bdf", "-q1s"])
        self._write()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def start(self) -> None:
        """Returns when all ports answer; RuntimeError has the ends of the logs."""
        self.dovecot.start()
        self.exim.start()
        for port in (self.ports.imaps, self.ports.lmtp, self.ports.mx, self.ports.submissions):
            self.wait_for_port(port)

    def close(self) -> None:
        self.exim.stop()
        self.dovecot.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what a test may want of them ---------------------------------------------------------

    def deliver(self, sender: str, recipient: str, mail: bytes) -> None:
        """As if it came from the outside world."""
        with smtplib.SMTP("127.0.0.1", self.ports.mx, timeout=10) as world:
            world.sendmail(sender, [recipient], mail)

    def add_user(self) -> tuple[str, str]:
        """Address and password of a mailbox that nobody else has."""
        self._given += 1
        address = f"user{self._given}@{DOMAIN}"
        return address, _PEOPLE[address]

    def token(self, user: str, *, expires_in: int = 3_600) -> str:
        """An access token that both servers take for ``user``."""
        now = int(time.time())
        claims = {"sub": user, "iat": now, "exp": now + expires_in, "scope": "mail"}
        key = OctKey.import_key(_KEY)
        token = jwt.encode({"alg": "HS256", "kid": "default", "typ": "JWT"}, claims, key)
        words = f"user={user}\x01auth=Bearer {token}\x01\x01"
        self._append("tokens", f"{hashlib.sha1(words.encode()).hexdigest()}: yes")
        return token

    def defer(self, *, on: bool) -> None:
        """Whether every recipient is put off, as by a greylist."""
        self._switch("deferring", on=on)

    def refuse(self, *, on: bool) -> None:
        self._switch("refusing", on=on)

    def mails(self, user: str, folder: str = "") -> list[bytes]:
        """What lies in a mailbox, read behind everybody's back, in the order of arrival."""
        place = self.folder / "mail" / user / folder
        files = [*place.glob("new/*"), *place.glob("cur/*")]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.name)]

    def mails_marked(self, user: str, flag: str) -> int:
        """How many have a flag: S for seen, T for removed."""
        files = (self.folder / "mail" / user).glob("cur/*")
        return sum(flag in file.name.rpartition(":2,")[2] for file in files)

    def restart_dovecot(self) -> None:
        """As after a crash, with the same ports and mails."""
        self.dovecot.kill()
        self.dovecot.start()
        self.wait_for_port(self.ports.imaps)

    def wait_for_mails(self, user: str, count: int, folder: str = "") -> list[bytes]:
        end = time.monotonic() + 20
        while len(found := self.mails(user, folder)) < count and time.monotonic() < end:
            time.sleep(0.02)
        if len(found) < count:
            raise TimeoutError(f"{len(found)} of {count} mails came\n{self.log()}")
        return found

    def empty(self, user: str) -> None:
        """Its mailbox is as new: also its UIDVALIDITY changes."""
        shutil.rmtree(self.folder / "mail" / user, ignore_errors=True)

    def log(self, lines: int = 40) -> str:
        """The ends of all that the servers wrote."""
        files = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
        return "\n".join("\n".join(text.splitlines()[-lines:]) for text in texts)

    # -- inside -------------------------------------------------------------------------------

    def _append(self, name: str, line: str) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def _switch(self, name: str, *, on: bool) -> None:
        if on:
            (self.folder / name).touch()
        else:
            (self.folder / name).unlink(missing_ok=True)

    def wait_for_port(self, port: int) -> None:
        end = time.monotonic() + _STARTED_WITHIN
        while time.monotonic() < end and self.dovecot.running and self.exim.running:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.02)
        raise RuntimeError(f"A mail server did not start; their last words:\n{self.log()}")

    def _write(self) -> None:
        write_certificates(self.folder)
        for name in ("run", "mail", "spool", "keys/default/HS256"):
            (self.folder / name).mkdir(parents=True)
        texts = {
            "dovecot.conf": configuration.dovecot(self.site),
            "oauth2.conf": configuration.dovecot_oauth2(self.site),
            "exim.conf": configuration.exim(self.site),
            "users": _lines(f"{user}:{{PLAIN}}{secret}::::::" for user, secret in _PEOPLE.items()),
            "known": _lines(f"{user}: {secret}" for user, secret in _PEOPLE.items()),
            "tokens": "",
            "keys/default/HS256/default": base64.b64encode(_KEY).decode("ascii"),
        }
        for name, text in texts.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        if os.getuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Started as the owner, in a session of its own."""
        person = self._owner
        rights: dict[str, object] = {}
        if os.getuid() == 0:
            rights = {
                "user": person.pw_uid,
                "group": person.pw_gid,
                "extra_groups": [person.pw_gid],
            }
        name = Path(command[0]).name
        with (self.folder / f"{name}.out").open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
                **rights,  # type: ignore[call-overload]
            )


class _Server:
    """One process and its children, which are all of its session."""

    def __init__(self, centre: MailServers, command: list[str]) -> None:
        self._centre = centre
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        assert not self.running, "this server runs already"
        self._process = self._centre.spawn(self._command)

    def stop(self, *, timeout: float = 5) -> None:
        """SIGTERM, and SIGKILL for what does not end."""
        if self._process is None:
            return
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the process and its children: nobody is told anything."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(5)
        self._process = None


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name
