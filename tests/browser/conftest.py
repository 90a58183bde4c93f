"""One server and one browser for all tests here; each test has a fresh browser profile."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

SLOW = 60_000  # milliseconds; the machine may be busy with other work
LAUNCH_ARGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=SLOW)


@dataclass
class Server:
    """The page in a process and in folders of its own; `folder` is its working folder."""

    folder: Path
    process: subprocess.Popen
    output: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.markers = self.folder.parent / "markers"
        self._said = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        assert self._said.wait(SLOW / 1000), "the page did not start in time"
        address = re.search(r"http://\S+", self.output[0]) if self.output else None
        assert address, f"the page did not start: {''.join(self.output)}"
        self.url = address[0]

    def _read(self) -> None:
        for line in self.process.stdout:
            self.output.append(line)
            self._said.set()
        self._said.set()
        self.process.stdout.close()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.reader.join(timeout=30)


@pytest.fixture(scope="session")
def start_server(tmp_path_factory) -> Iterator[Callable[[], Server]]:
    started: list[Server] = []

    def start() -> Server:
        root = tmp_path_factory.mktemp("page")
        for name in ("markers", "work", "temp"):
            (root / name).mkdir()
        (root / "work" / "secret.txt").write_text("the secret of the working folder")
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("page_server.py")), str(root / "markers")],
            cwd=root / "work",
            env={**os.environ, "TMPDIR": str(root / "temp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(Server(root / "work", process))
        return started[-1]

    yield start
    for server in started:
        server.end()


@pytest.fixture(scope="session")
def server(start_server) -> Server:
    return start_server()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: while it is open, Playwright keeps an event loop running in this thread, and no other
    # test could run one.
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=LAUNCH_ARGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A browser profile that can reach nothing but the server, and remembers what it tried."""

    context: BrowserContext
    url: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(SLOW)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.url)
        expect(box(page)).to_be_editable()
        return page

    def guard(self, route: Route) -> None:
        if route.request.url.startswith(self.url):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()


@pytest.fixture
def profile(server: Server, browser: Browser) -> Iterator[Callable[[], Watched]]:
    """Makes browser profiles. At the end: no request went elsewhere and no script failed."""
    for marker in server.markers.iterdir():
        marker.unlink()
    made: list[Watched] = []

    def make() -> Watched:
        watched = Watched(browser.new_context(), server.url)
        watched.context.route("**/*", watched.guard)
        made.append(watched)
        return watched

    yield make
    for watched in made:
        watched.context.close()
    assert [watched.outside for watched in made] == [[] for _ in made]
    assert [watched.errors for watched in made] == [[] for _ in made]


@pytest.fixture
def page(profile) -> Page:
    return profile().open()


def box(page: Page):
    return page.get_by_role("textbox", name="Message")
