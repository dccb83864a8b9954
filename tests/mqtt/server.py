"""A Mosquitto of a test's own: in a temporary folder, on a free port of loopback, durable.

A secured one has TLS, passwords, and the configuration that ``deploy/mosquitto`` ships.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.local_server import LocalServer
from tests.mail.certificates import write_certificates

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"
_OPEN = """
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 100
set_tcp_nodelay true
log_dest file {folder}/log
log_type all
"""


def _rules(tenants: tuple[str, ...]) -> str:
    """The shipped ones, and what docs/mqtt.md makes of them for more tenants."""
    shipped = (SHIPPED / "acl").read_text()
    made = [shipped]
    for tenant in tenants:
        own = shipped.replace("\nuser ", f"\nuser {tenant}.")
        made.append(own.replace("patchbay/main/", f"patchbay/{tenant}/"))
    return "\n".join(made)


def require_mosquitto() -> None:
    for program in ("mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_passwd"):
        if _program(program) is None:
            pytest.skip("Mosquitto is not installed: packages mosquitto and mosquitto-clients")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Mosquitto(LocalServer):
    """With ``passwords`` by user it is as ``deploy/mosquitto`` has it, its files apart; ``tenants``
    are those beside main.
    """

    name = "mqtt"

    def __init__(
        self, passwords: dict[str, str] | None = None, *, tenants: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        text = _OPEN.format(folder=self.folder, port=self.port)
        if passwords is not None:
            text = self._as_shipped()
            write_certificates(self.folder)
            self._write_passwords(passwords)
            (self.folder / "acl").write_text(_rules(tenants))
        self._configuration = self.folder / "mosquitto.conf"
        # Started by root it would become another user, who may not read this folder.
        self._configuration.write_text(text + ("user root\n" if os.getuid() == 0 else ""))

    def _as_shipped(self) -> str:
        """With the places of this machine in it, and no system log."""
        text = (SHIPPED / "mosquitto.conf").read_text()
        for there, here in (
            ("listener 8883", f"listener {self.port} 127.0.0.1"),
            ("/etc/mosquitto/patchbay", str(self.folder)),
            ("/var/lib/mosquitto", str(self.folder)),
            ("log_dest syslog", f"log_dest file {self.folder}/log"),
        ):
            assert there in text
            text = text.replace(there, here)
        return text

    def _write_passwords(self, passwords: dict[str, str]) -> None:
        file = self.folder / "passwords"
        file.touch(0o600)
        command = [_program("mosquitto_passwd") or "", "-b", str(file)]
        for user, password in passwords.items():
            subprocess.run([*command, user, password], check=True, capture_output=True)

    def _command(self) -> list[str]:
        return [_program("mosquitto") or "", "-c", str(self._configuration)]

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False
