"""The service of the desk benchmark: the product itself, ``patchbay serve``, on generated data.

Only its data is made here, before it starts: a catalog, agents who are signed in, customers.
Nothing of the service is replaced; the limits of the chat that count are raised in its settings.
"""

from __future__ import annotations

import asyncio
import csv
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from sqlalchemy import Connection, insert, select

from crm.database import Database
from crm.importer import Importer
from crm.models import CustomerRow
from crm.past import EndedContact
from crm.past import store as store_past
from router.clock import SystemClock
from router.core.durations import DAY
from server.accounts import SessionRow, UserRow, token_digest

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
SKILLS = 8
ENTRY = "website"
REASON = "break"
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What the service is started on: ``sessions`` are the cookies of the agents, by agent."""

    folder: Path
    sessions: dict[str, str]
    customers: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Until ``/readyz`` said yes: seconds that passed, and seconds of processor time."""

    seconds: float
    cpu: float


def queue(number: int) -> str:
    return f"queue{number % SKILLS}"


def agent(number: int) -> str:
    return f"agent{number}"


def address(customer: int) -> str:
    return f"customer{customer}@example.com"


# -- data -------------------------------------------------------------------------------------


async def prepare(folder: Path, *, desks: int, customers: int) -> Data:
    """Everything the service finds when it starts for the first time."""
    _write_catalog(folder, desks)
    await asyncio.to_thread(_compile_modules, folder)
    database = Database(f"sqlite:///{(folder / 'patchbay.db').as_posix()}")
    await database.migrate()
    await _add_customers(database, folder / "customers.csv", customers)
    sessions = await _sign_in(database, desks)
    await database.close()
    return Data(folder=folder, sessions=sessions, customers=customers)


def copy_of(data: Data, folder: Path) -> Data:
    shutil.copytree(data.folder, folder)
    return msgspec.structs.replace(data, folder=folder)


def _write_catalog(folder: Path, agents: int) -> None:
    folder.mkdir()
    (folder / "catalog.yaml").write_text(catalog(agents))


def catalog(agents: int) -> str:
    """A queue for each skill; every agent has three of them, at different levels."""
    lines = ["skills:", *(f"  skill{n}: Skill {n}" for n in range(SKILLS)), "queues:"]
    for n in range(SKILLS):
        lines += [
            f"  {queue(n)}:",
            f"    label: Queue {n}",
            f"    steps: [{{ask: {{skill{n}: 2}}}}]",
            "    wrap_up: 0",
            "    offer_for: 1m",
        ]
    lines += ["profiles:", "  everything:", "    label: Everything", "    queues:"]
    lines += [f"      - {queue(n)}" for n in range(SKILLS)]
    lines += ["    capacity: {chat: 1}", f"not_ready_reasons: [{REASON}]", "agents:"]
    for n in range(agents):
        skills = ", ".join(f"skill{(n + k) % SKILLS}: {2 + (n + k) % 7}" for k in (0, 1, 3))
        lines += [
            f"  {agent(n)}:",
            f"    name: Agent {n}",
            "    profile: everything",
            f"    team: team{n % 10}",
            f"    skills: {{{skills}}}",
        ]
    lines += ["entry_points:", f"  {ENTRY}:", "    label: Website", "    channel: chat"]
    lines += [f"    queue: {queue(0)}", "    choices:"]
    lines += [f"      {queue(n)}: {queue(n)}" for n in range(SKILLS)]
    return "\n".join(lines) + "\n"


async def _add_customers(database: Database, file: Path, count: int) -> None:
    """Records as an agent would find them: two addresses, a note, a few past contacts."""
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(("name", "email", "phone", "tier", "value", "watch_out", "notes"))
        for n in range(count):
            row = (f"Customer {n}", address(n), f"+1202555{n:04d}", ("gold", "", "")[n % 3])
            table.writerow((*row, n % 4_000, "Asked twice about order 4411.", "Prefers mornings."))
    await Importer(database, SystemClock()).run(file)
    await database.change(_add_past)


def _add_past(connection: Connection) -> None:
    ids = connection.scalars(select(CustomerRow.id)).all()
    store_past(connection, [_past(one, n) for one in ids for n in range(3)])


def _past(customer: str, number: int) -> EndedContact:
    """So long ago that nobody is kept for the agent of that time."""
    ended = time.time_ns() // 1_000 - (60 + number) * DAY
    return EndedContact(
        contact=f"past-{customer}-{number}",
        channel="voice",
        arrived_at=ended - 300_000_000,
        ended_at=ended,
        customer=customer,
        queue=queue(number),
        agent=agent(number),
        outcome="handled",
        disposition="Solved",
        summary="Changed the date of the delivery.",
    )


async def _sign_in(database: Database, agents: int) -> dict[str, str]:
    """Users with one password hash between them, and a session for each."""
    now, hashed = SystemClock().now(), PasswordHasher().hash(secrets.token_hex())
    tokens = {agent(n): secrets.token_urlsafe(32) for n in range(agents)}
    common = {"roles": "agent", "password_hash": hashed, "created_at": now, "changed_at": now}
    users = [{"id": one, "name": one, "agent": one, **common} for one in tokens]
    lasts = {"created_at": now, "expires_at": now + DAY}
    sessions = [
        {"id": token_digest(token), "user_id": one, **lasts} for one, token in tokens.items()
    ]

    def sign_in(connection: Connection) -> None:
        connection.execute(insert(UserRow), users)
        connection.execute(insert(SessionRow), sessions)

    await database.change(sign_in)
    return tokens


# -- the process ------------------------------------------------------------------------------


class Service:
    """``patchbay serve`` as a process of its own. ``start`` and ``kill`` as often as you like.

    With ``redis``, an address, it is the ``node`` of that name of a cluster.
    """

    def __init__(self, data: Data, *, chats: int, redis: str = "", node: str = "") -> None:
        self.port = free_port()
        self._folder = data.folder
        self._settings = data.folder / f"settings{node}"
        self._process: subprocess.Popen[bytes] | None = None
        settings = {
            "host": HOST,
            "port": self.port,
            "data_directory": data.folder,
            "catalog_path": data.folder / "catalog.yaml",
            "chat_connections": max(2 * chats, 2_000),
            "log_level": "warning",
        }
        if redis:
            (data.folder / node).mkdir(exist_ok=True)
            settings |= {
                "data_directory": data.folder / node,
                "database_url": f"sqlite:///{data.folder / 'patchbay.db'}",
                "secret_key": "benchmark" * 4,
                "redis_url": redis,
                "node_name": node,
            }
        lines = [f"PATCHBAY_{name.upper()}={value}" for name, value in settings.items()]
        self._settings.write_text("\n".join(lines))

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self) -> Start:
        """Start and wait until ``/readyz`` says yes."""
        began = time.perf_counter()
        process = self._launch()
        while not await asyncio.to_thread(self._ready):
            if process.poll() is not None:
                sys.exit("The service ended while it was starting: its own words are above.")
            await asyncio.sleep(0.01)
        return Start(seconds=round(time.perf_counter() - began, 2), cpu=self.cpu())

    def _launch(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--config", str(self._settings)],
            cwd=ROOT,
            env=_environment(self._folder),
            stdout=subprocess.DEVNULL,
        )
        return self._process

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def memory(self) -> int:
        """Bytes the process holds in memory."""
        return int(self._proc("statm").split()[1]) * PAGE

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        user, system = self._proc("stat").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    def _proc(self, name: str) -> str:
        if self._process is None:
            raise RuntimeError("the service has not been started")
        return Path(f"/proc/{self._process.pid}/{name}").read_text()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _compile_modules(folder: Path) -> None:
    """As installing does: else the first start would be a measurement of Python's compiler."""
    imports = "import server.bootstrap, server.serving"
    command = [sys.executable, "-c", imports]
    subprocess.run(command, cwd=ROOT, env=_environment(folder), check=True)


def _environment(folder: Path) -> dict[str, str]:
    """No settings of a real centre; compiled modules beside the data."""
    ours = {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    left_out = ("PATCHBAY_", "PYTHONDONTWRITEBYTECODE")
    return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | ours


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
