"""The demo: a whole contact centre in one process, in a directory that is gone afterwards."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

import config
from config.settings import Settings, load_settings
from crm.demo import demo_callers, demo_regulars, demo_visitors, load_demo_customers
from cti_adapters.simulated.settings import (
    CallerBehaviour,
    ColleagueBehaviour,
    SimulationSettings,
)
from router.core.durations import SECOND
from server.accounts import User
from server.bootstrap import Patchbay, running
from server.building.played import Simulation
from server.http_server import listen_near
from server.passwords import Passwords, password_of
from server.roles import Role
from server.secret import derived
from server.serving import serve
from server.signals import EndSignals

HOST = "127.0.0.1"
REGION = "GB"  # as the catalog: numbers without a country code are of there
CATALOG = Path(config.__file__).parent / "demo.yaml"
LEAST_WIDTH = 90
# Played by nobody: they wait for whoever tries the demo, and leave the others enough to do.
FOR_PEOPLE = ("ann", "ben", "gus", "hana", "mia")
SHARES = {"main_line": 6.0, "sales_line": 1.5, "business_line": 1.0}


class DemoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How the demo runs. ``keep`` None: in a temporary directory."""

    calls_per_minute: float
    chats_per_minute: float
    port: int = 8080
    keep: Path | None = None
    colleagues: bool = True  # agents nobody has signed in as are played
    log_level: str = "warning"
    json_file: Path | None = None


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    """What a person needs to look around; written to ``--json`` for programs."""

    url: str
    password: str
    agents: tuple[str, ...]
    supervisor: str
    admin: str
    directory: str


async def run_demo(plan: DemoPlan) -> None:
    """Run until Ctrl-C or SIGTERM. Raises what ``bootstrap.running`` raises."""
    with (
        EndSignals() as signals,
        _directory(plan.keep) as folder,
        listen_near(HOST, plan.port) as listening,
    ):
        port = listening.getsockname()[1]
        settings = demo_settings(folder, port, plan.log_level)
        async with running(settings, port, await simulation(plan)) as patchbay:
            signins = await _furnish(patchbay, folder, port)
            await serve(patchbay, listening, signals, lambda: _announce(plan, signins))


def demo_settings(folder: Path, port: int, log_level: str) -> Settings:
    """Everything is given, so that no environment meant for a real centre leaks in."""
    return load_settings(
        host=HOST,
        port=port,
        data_directory=folder,
        database_url="",
        journal_path=None,
        catalog_path=CATALOG,
        flows_path=CATALOG.parent / "flows",
        secret_key=None,
        allowed_origins=(),
        chat_sites=(),
        region=REGION,
        log_level=log_level,
    )


async def simulation(plan: DemoPlan) -> Simulation:
    from config.catalog import check_file

    report = await asyncio.to_thread(check_file, CATALOG)
    agents = report.catalog.agents if report.catalog and plan.colleagues else {}
    return Simulation(
        settings=SimulationSettings(
            calls_per_minute=plan.calls_per_minute,
            chats_per_minute=plan.chats_per_minute,
            callers=demo_callers(),
            visitors=demo_visitors(),
            regulars=demo_regulars(),
            shares=SHARES,
            # Short conversations: whoever watches sees something happen.
            caller=CallerBehaviour(talk=40 * SECOND),
            colleague=ColleagueBehaviour(talk=60 * SECOND, wrap_up=8 * SECOND),
        ),
        agents=tuple(agent for agent in agents if agent not in FOR_PEOPLE),
    )


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="patchbay-demo-") as folder:
            yield Path(folder)
    else:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield keep


async def _furnish(patchbay: Patchbay, folder: Path, port: int) -> SignIns:
    """Customers and people who may sign in, all with one password that belongs to the data."""
    agents = patchbay.replica.state.catalog.agents
    password = password_of(derived(patchbay.stores.secret, "demo sign-ins"))
    people = [
        User(id=one.id, name=one.name, roles=frozenset({Role.AGENT}), agent=one.id)
        for one in agents.values()
    ]
    people.append(User(id="sue", name="Sue Karlsson", roles=frozenset({Role.SUPERVISOR})))
    people.append(User(id="adam", name="Adam Keller", roles=frozenset({Role.ADMIN})))
    # A hash takes its time by design, and a thread: the customers come meanwhile.
    await asyncio.gather(
        load_demo_customers(patchbay.stores.database, patchbay.clock),
        _let_in(patchbay, people, password),
    )
    return SignIns(
        url=f"http://{HOST}:{port}",
        password=password,
        agents=tuple(agents),
        supervisor="sue",
        admin="adam",
        directory=str(folder),
    )


async def _let_in(patchbay: Patchbay, people: list[User], password: str) -> None:
    """Who can sign in with the password already stays signed in."""
    passwords, stored = Passwords(), await patchbay.accounts.password_hashes()
    fits: dict[str, bool] = {}  # they share one hash, and each look takes its time
    for hashed in {stored[one.id] for one in people if one.id in stored}:
        fits[hashed] = await asyncio.to_thread(passwords.verify, hashed, password)
    outside = [one for one in people if not fits.get(stored.get(one.id, ""))]
    if outside:
        hashed = await asyncio.to_thread(passwords.hash, password)
        await patchbay.accounts.let_in(outside, hashed, patchbay.clock.now())


async def _announce(plan: DemoPlan, signins: SignIns) -> None:
    # A narrow or unknown terminal must not cut addresses.
    console = Console(width=max(Console().width, LEAST_WIDTH))
    console.print(ready_box(signins, kept=plan.keep is not None))
    if plan.json_file is not None:
        _write_private(plan.json_file, msgspec.json.encode(signins))


def ready_box(signins: SignIns, *, kept: bool) -> Panel:
    """What to open and how to sign in."""
    table = Table.grid(padding=(0, 3))
    table.add_column()
    table.add_column(no_wrap=True, overflow="fold")  # addresses and the password stay whole
    table.add_column()
    first, second, *rest = signins.agents
    table.add_row("Agent", f"{signins.url}/desk", f"{first} or {second}")
    table.add_row("", "", f"[dim]also {', '.join(rest)}[/]")
    table.add_row("Supervisor", f"{signins.url}/board", signins.supervisor)
    table.add_row("Administrator", f"{signins.url}/studio", signins.admin)
    table.add_row("Customer", f"{signins.url}/chat", "[dim]no sign-in[/]")
    table.add_row()
    table.add_row("Password", f"[bold]{signins.password}[/]", "[dim]for everybody[/]")
    table.add_row(
        "Data", signins.directory, "[dim]kept[/]" if kept else "[dim]deleted at the end[/]"
    )
    return Panel(
        table, title="Patchbay is ready", subtitle="Ctrl-C ends it", expand=False, padding=(1, 2)
    )


def _write_private(file: Path, body: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as writing:
        writing.write(body)
