"""What the operator is told of all tenants, at a port of its own: alive, ready, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from server.errors import error_response
from server.tenants.door import answer
from server.tenants.hosting import Hosted

TENANT: Final = "tenant"


class OperatorPages:
    """An ASGI application: ``/healthz``, ``/readyz`` and ``/metrics`` over all tenants."""

    def __init__(self, hosted: Sequence[Hosted]) -> None:
        self._hosted = hosted
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        self._process.register(Doors(hosted))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(await self._response(scope), scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            match scope["path"]:
                case "/healthz":
                    return JSONResponse({"alive": True})
                case "/readyz":
                    return await self._readiness()
                case "/metrics":
                    text = await self._metrics()
                    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
                case _:
                    pass
        return error_response(404, "not_found", "Ask for /healthz, /readyz or /metrics.")

    async def _readiness(self) -> Response:
        """200 while one of them can take contacts: what ails the others is theirs alone."""
        found = {one.id: await _state_of(one) for one in self._hosted}
        ready = any(one["ready"] for one in found.values())
        body = {"ready": ready, "tenants": found}
        return JSONResponse(body, status_code=200 if ready else 503)

    async def _metrics(self) -> bytes:
        """The tenants' own, with the label ``tenant``. All give way between one and the next."""
        merged: dict[str, Metric] = {}
        for one in self._hosted:
            if one.patchbay is not None:
                add(merged, one.id, one.patchbay.registry.collect())
            await asyncio.sleep(0)
        own = list(self._process.collect())
        return await asyncio.to_thread(_text, [*own, *merged.values()])


class Doors(Collector):
    """Who is served, and what was refused at each tenant's door."""

    def __init__(self, hosted: Sequence[Hosted]) -> None:
        self._hosted = hosted

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read anything."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        served = _gauge("patchbay_tenant_served", "1 while its pages are served here.")
        requests = _gauge("patchbay_tenant_requests", "Requests that are being answered.")
        sockets = _gauge("patchbay_tenant_sockets", "Websockets that are open.")
        refused = CounterMetricFamily(
            "patchbay_tenant_refused",
            "Requests and websockets beyond the tenant's limits.",
            labels=[TENANT, "code"],
        )
        handed = CounterMetricFamily(
            "patchbay_tenant_handed_over",
            "Leases that this node gave to another, so that all write for as many.",
            labels=[TENANT],
        )
        for one in self._hosted:
            handed.add_metric([one.id], one.handed_over)
            served.add_metric([one.id], int(one.app is not None))
            requests.add_metric([one.id], one.limiter.requests)
            sockets.add_metric([one.id], one.limiter.sockets)
            for code, count in sorted(one.limiter.refused.items()):
                refused.add_metric([one.id, code], count)
        yield from (served, requests, sockets, refused, handed)


def add(merged: dict[str, Metric], tenant: str, found: Iterator[Metric] | Any) -> None:  # noqa: ANN401
    """The metrics of ``tenant`` to those of all, by their names."""
    for metric in found:
        family = merged.get(metric.name)
        if family is None:
            family = Metric(metric.name, metric.documentation, metric.type, metric.unit)
            merged[metric.name] = family
        family.samples += [
            sample._replace(labels={TENANT: tenant, **sample.labels}) for sample in metric.samples
        ]


async def _state_of(one: Hosted) -> Mapping[str, Any]:
    if one.patchbay is None:
        return {"ready": False, "reasons": [one.reason], "warnings": []}
    services = one.patchbay.services
    reasons = list(await services.not_ready_because())
    return {
        "ready": not reasons,
        "reasons": reasons,
        "warnings": list(services.warnings()),
        "position": services.replica.position,
        "writes": one.patchbay.in_charge(),
    }


def _gauge(name: str, documentation: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, labels=[TENANT])


class _Collected:
    """Metrics that were read already, as the exposition wants them."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _text(metrics: Sequence[Metric]) -> bytes:
    return generate_latest(_Collected(metrics))
