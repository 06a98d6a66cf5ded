"""A web server that shows different visitors different pages, and a workshop that examines its addresses."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crawler.capture.capturer import Capturer
from crawler.cli.result_line import result_line
from crawler.examine.examination_result import ExaminationResult
from crawler.examine.examiner import Examiner
from crawler.examine.hosting import HostingLookup
from crawler.examine.inspection import CaptureInspector
from crawler.examine.registration import RegistrationLookup
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer
from detector.brands import BrandLibrary
from detector.config import CaptureConfig, RegistrationConfig
from detector.evidence import Evidence
from detector.judge import Judge
from detector.model import Brand, Hosting
from tests.support.pages.sites import page, quick

CLONE_HOST, OFFICIAL_HOST = "glimmer-login.test", "www.glimmer.test"
LIBRARY = BrandLibrary(
    [
        Brand(
            "glimmer",
            "Glimmer",
            names=("Glimmer",),
            domains=("glimmer.test",),
            signin_urls=(f"https://{OFFICIAL_HOST}/",),
        )
    ]
)
CLONE = page(
    "<h1>Glimmer</h1><p>Sign in to your Glimmer account to go on.</p><form action=/post method=post>"
    "<input type=email name=user placeholder=E-mail><input type=password name=secret><button>Sign in</button></form>"
    "<footer>© 2026 Glimmer Inc.</footer>",
    title="Sign in – Glimmer",
)
GARDEN = (
    "<h1>The potting shed</h1><p>Clay pots, slow afternoons and a path of old bricks between the beans. We write about soil, seeds "
    "and the weather, and now and then about the neighbours' cat, who sleeps in the strawberries every single summer and has never "
    "asked for permission. Next week: how to build a cold frame out of two windows and some patience.</p>"
)


@dataclass(frozen=True)
class Visitor:
    """One request: what it asks for and who asks; ``count`` says how often this path was asked for before."""

    path: str
    headers: Mapping[str, str]
    count: int

    @property
    def phone(self) -> bool:
        return "Mobile" in self.headers.get("user-agent", "")


@dataclass(frozen=True)
class Reply:
    """The answer of a page."""

    body: bytes = b""
    status: int = 200
    location: str = ""


Route = Callable[[Visitor], Reply]


class Stage:
    """A web server whose pages are functions of their visitor."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self.routes = routes
        self.hits: Counter[str] = Counter()
        self.agents: dict[str, list[str]] = {}
        self.port = 0
        self._lock = threading.Lock()

    def url(self, path: str, host: str = CLONE_HOST) -> str:
        """Address of a page."""
        return f"http://{host}:{self.port}{path}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Stage]:
        """Serve on a free port until left."""
        with WebServer(self._answer) as server:
            self.port = server.port
            yield self

    def _answer(self, request: Request) -> Response:
        path = request.path
        route = self.routes.get(path)
        with self._lock:
            count = self.hits[path]
            self.hits[path] += 1
            self.agents.setdefault(path, []).append(request.headers.get("user-agent", ""))
        if route is None:
            return NOT_FOUND
        reply = route(Visitor(path, request.headers, count))
        return Response(reply.body, reply.status, headers={"Location": reply.location} if reply.location else {})


class PublicHostingLookup(HostingLookup):
    """Asks about a public address in place of this machine's own, about which nobody is asked."""

    ADDRESS = "9.9.9.9"

    async def of(self, address: str | None) -> Hosting | None:
        assert address == "127.0.0.1"
        return await super().of(self.ADDRESS)


async def examine_all(
    stage: Stage,
    urls: Mapping[str, str],
    evidence: Evidence,
    *,
    bootstrap: str = "",
    ipv4_bootstrap: str = "",
    **changes: object,
) -> dict[str, ExaminationResult]:
    """Examine all addresses, several at once; results by the same keys.  ``{port}`` in an address is the stage's.

    Registries are asked where a ``bootstrap`` list of their servers is named.
    """
    limits: dict[str, object] = {
        "slots": 4,
        "total_seconds": 30.0,
        "navigation_seconds": 10.0,
        "resolve": (f"*:{stage.port}:127.0.0.1",),
    }
    config: CaptureConfig = quick(**limits | changes)
    asking = RegistrationConfig(bootstrap=bootstrap, ipv4_bootstrap=ipv4_bootstrap, pause_seconds=0.0)
    async with (
        Capturer(config, evidence) as capturer,
        CaptureInspector(Judge(LIBRARY), evidence) as inspector,
        RegistrationLookup(asking) as registrations,
        PublicHostingLookup(asking) as hosting,
    ):
        examiner = Examiner(capturer, inspector, evidence, config, registrations, hosting)
        results = await asyncio.gather(
            *(examiner.examine(url.replace("{port}", str(stage.port))) for url in urls.values())
        )
    for result in results:
        json.dumps(result_line(result))  # whatever was seen can be written
    return dict(zip(urls, results, strict=True))
