"""``patchbay serve`` with several tenants, each at a loopback address of its own as its host."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from benchmarks.desk_service import SKILLS, Data, Service

EVERY_SKILL = ", ".join(f"skill{number}: 5" for number in range(SKILLS))


class TenantsService(Service):
    """One process over copies of ``data``: as many tenants, alike in everything but their host.
    ``limits`` are the first one's.
    """

    def __init__(self, data: Data, folder: Path, tenants: int, *, limits: str = "") -> None:
        super().__init__(data, chats=1)
        self._folder = data.folder
        folder.mkdir()
        document = ["tenants:"]
        for number in range(tenants):
            own = folder / "data" / f"t{number}"
            shutil.copytree(data.folder, own, ignore=shutil.ignore_patterns("compiled"))
            catalog = own / "catalog.yaml"
            everyone = re.sub(r"skills: \{.*\}", f"skills: {{{EVERY_SKILL}}}", catalog.read_text())
            catalog.write_text(everyone)
            (folder / f"t{number}.env").write_text(f"PATCHBAY_CATALOG_PATH={catalog}\n")
            document.append(f"  t{number}:\n    hosts: ['{host(number)}']")
            document.append(f"    settings: t{number}.env")
            if limits and number == 0:
                document.append(f"    limits: {{{limits}}}")
        (folder / "tenants.yaml").write_text("\n".join(document) + "\n")
        self._settings = folder / "settings"
        settings = {
            "host": "0.0.0.0",  # all loopback addresses
            "port": self.port,
            "data_directory": folder / "data",
            "tenants_path": folder / "tenants.yaml",
            "chat_connections": 100_000,
            "log_level": "warning",
        }
        lines = [f"PATCHBAY_{name.upper()}={value}" for name, value in settings.items()]
        self._settings.write_text("\n".join(lines))
        self.tenants = [TenantAt(self, number) for number in range(tenants)]

    def _ready(self) -> bool:
        return all(one.is_ready() for one in self.tenants)


class TenantAt(Service):
    """One of them, as its agents and visitors reach it."""

    def __init__(self, service: TenantsService, number: int) -> None:
        self.port = service.port
        self._host = host(number)

    @property
    def origin(self) -> str:
        return f"http://{self._host}:{self.port}"

    def is_ready(self) -> bool:
        return super()._ready()


def host(number: int) -> str:
    return f"127.0.{1 + number // 200}.{1 + number % 200}"
