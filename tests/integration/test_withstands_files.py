"""Catalogs and customer files made to do harm, by the roads such files really come in."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.settings import load_settings
from server.accounts import User
from server.cli.root import outcome
from server.guard import COOKIE
from server.roles import Role
from tests.integration.live import Live, serving

CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: Everything, queues: [help], capacity: {voice: 1}}}
agents: {ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}}
entry_points: {line: {label: Customer line, channel: voice, queue: help}}
"""
ADAM = User(id="adam", name="Adam", roles=frozenset({Role.ADMIN}))
LAUGHS = "a: &a [x, x]\n" + "\n".join(
    f"{name}: &{name} [*{before}, *{before}]"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
CATALOGS = {
    "laughs": LAUGHS,
    "refers to itself": "queues: &q\n  help: *q\n",
    "merges": "queue_defaults: &d {offer_for: 1s}\nqueues: {help: {<<: *d}}\n",
    "deep list": "[" * 400_000,
    "deep mapping": "{a: " * 200_000,
    "deep lines": "\n".join(" " * depth + "a:" for depth in range(1_000)),
    "many values": "a: [" + "1," * 450_000 + "1]",
    "many queues": "queues: {" + ",".join(f"q{n}: {{label: L}}" for n in range(40_000)) + "}",
    "runs a command": '!!python/object/apply:os.system ["touch pwned"]',
    "binary": "label: !!binary aGVsbG8=",
    "two documents": CATALOG + "---\n" + CATALOG,
    "twice the same key": CATALOG + "skills: {english: English}\n",
    "key is a list": "? [a, b]\n: c\n",
    "key is nothing": "~: x\n",
    "infinite": CATALOG.replace("english: 9", "english: .inf"),
    "huge number": CATALOG.replace("english: 9", "english: " + "9" * 5_000),
    "octal": CATALOG.replace("english: 9", "english: 0o11"),
    "long text": CATALOG.replace("Ann Lindqvist", "x" * 900_000),
    "no text": "\x00\x01\x02",
    "direction": CATALOG.replace("Ann Lindqvist", "\u202egnA"),
    "only spaces": " " * 900_000,
    "tabs": "skills:\n\tenglish: English\n",
}


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG, encoding="utf-8")
    settings = load_settings(data_directory=tmp_path, catalog_path=catalog)
    async with serving(settings, [ADAM]) as service:
        yield service


async def test_no_catalog_does_harm_and_each_is_told_where_and_what_to_do(live, monkeypatch):
    monkeypatch.chdir(live.patchbay.settings.data_directory)
    before = live.state.position
    async with httpx.AsyncClient(
        base_url=live.origin,
        cookies={COOKIE: await live.token("adam")},
        headers={"Origin": live.origin, "If-Match": '"1"'},
        timeout=60,
    ) as adam:
        for name, source in CATALOGS.items():
            checked = await adam.post("/api/v1/catalog/check", json={"source": source})
            assert checked.status_code == 200, (name, checked.text)
            body = checked.json()
            assert not body["ok"], name
            problem = next(one for one in body["problems"] if one["severity"] == "error")
            assert problem["line"] >= 1, name
            assert problem["fix"], name
            assert len(checked.content) < 200_000, name
            published = await adam.post("/api/v1/catalog", json={"source": source})
            assert published.status_code == 422, name
    assert live.state.position == before
    assert not (live.patchbay.settings.data_directory / "pwned").exists()


async def test_while_a_megabyte_of_catalog_is_read_others_are_served(live):
    token = await live.token("adam")
    async with httpx.AsyncClient(
        base_url=live.origin, cookies={COOKIE: token}, headers={"Origin": live.origin}, timeout=60
    ) as adam:
        source = {"source": CATALOGS["many queues"]}
        reading = asyncio.create_task(adam.post("/api/v1/catalog/check", json=source))
        waits = []
        while not reading.done():
            began = time.monotonic()
            assert (await adam.get("/readyz")).status_code == 200
            waits.append(time.monotonic() - began)
            await asyncio.wait({reading}, timeout=0.05)
        assert (await reading).status_code == 200
    assert sorted(waits)[len(waits) // 2] < 1, waits


@pytest.mark.parametrize("name", ["laughs", "deep list", "no text", "runs a command"])
def test_the_command_line_refuses_them_too(name, tmp_path, capsys):
    file = tmp_path / "catalog.yaml"
    file.write_text(CATALOGS[name], encoding="utf-8")
    assert outcome(["check", str(file)]) == 2
    said = capsys.readouterr()
    assert f"{file}:1:" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    for content in (b"\xff\xfe\x00", b"skills: \xed\xa0\x80", CATALOG.encode("utf-16")):
        file.write_bytes(content)
        assert outcome(["check", str(file)]) == 2
        assert "UTF-8" in capsys.readouterr().out


# -- customers ------------------------------------------------------------------------------------

HEAD = b"name,phone\n"
GOOD = b"Tom,+441632960001\n"
ROWS = {
    "a NUL": b"A\x00B,+441632960002\n",
    "a line of 1 MB": b"x" * 1_000_000 + b",+441632960002\n",
    "1 MB of quotes": b'"' * 1_000_000 + b"\n",
    "a hundred thousand cells": b"a," * 100_000 + b"\n",
    "an injected number": b"Eve,+441632960002&Zap/g1/900123\n",
    "a number with a newline": b'Eve,"+4416\n32960002"\n',
}
FILES = {
    "empty": b"",
    "no rows and no head": b"\n\n\n",
    "not UTF-8": HEAD + b"\xff\xfe,+441632960002\n",
    "surrogates": HEAD + b"\xed\xa0\x80,+441632960002\n",
    "UTF-16": (HEAD + GOOD).decode().encode("utf-16"),
    "noise": random.Random(3).randbytes(100_000),
    "a column twice": b"name,name\na,b\n",
    "a head of 1 MB": b"name," + b"x" * 1_000_000 + b"\n" + GOOD,
    "unknown columns": b"nmae,hpone\na,b\n",
}


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    return tmp_path / "data"


def customers(data: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(data / "patchbay.db")) as database:
        return database.execute("SELECT name FROM customers ORDER BY name").fetchall()


def test_a_hostile_row_is_named_by_its_line_and_the_others_come_in(data, tmp_path, capsys):
    file, report = tmp_path / "customers.csv", tmp_path / "report.json"
    for name, row in ROWS.items():
        file.write_bytes(HEAD + GOOD + row + GOOD)
        assert outcome(["import", "customers", str(file), "--json", str(report)]) == 2, name
        said = capsys.readouterr()
        assert "line 3" in said.err, name
        assert "Traceback" not in said.err, name
        assert len(said.err) < 5_000, name
        assert json.loads(report.read_text())["rejected"] == 1, name
    assert customers(data) == [("Tom",)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_is_refused_whole_in_one_sentence(name, data, tmp_path, capsys):
    file = tmp_path / "customers.csv"
    file.write_bytes(FILES[name])
    assert outcome(["import", "customers", str(file)]) == 2
    said = capsys.readouterr().err.strip()
    assert said
    assert "Traceback" not in said
    assert len(said) < 1_000
    assert customers(data) == []


def test_what_looks_like_a_formula_or_a_query_is_kept_as_text(data, tmp_path):
    file = tmp_path / "customers.csv"
    names = [
        "=cmd|'/C calc'!A0",
        "Robert'); DROP TABLE customers;--",
        "<img src=x onerror=alert(1)>",
    ]
    rows: Any = "".join(f'"{name}",+4416329600{n:02d}\n' for n, name in enumerate(names, 10))
    file.write_bytes(HEAD + rows.encode())
    assert outcome(["import", "customers", str(file)]) == 0
    assert sorted(name for (name,) in customers(data)) == sorted(names)
