"""Stands before Gradio: how large a request may be, and how slowly a client may read.

Gradio itself limits single files only. A file name of 20 MB in a request stayed in its memory, and a client that reads
nothing keeps its answer there.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect

from space import arguments
from space.uploads import LARGEST_UPLOAD, MAX_PHOTOS

MAX_BODY = 256 * 1024
"""Bytes of every request but an upload: 50 names and paths of 200 bytes, each twice, with room to spare."""
MAX_UPLOAD_BODY = MAX_PHOTOS * (LARGEST_UPLOAD + 10_000)
MAX_ADDRESS = 4000
"""Bytes of path and query."""
MAX_SESSION_NAME = 100
"""Characters; Gradio's own clients send eleven."""
SECONDS_TO_READ = 15
SECONDS_TO_SEND = 30
"""Without one step forward, after which a client is given up."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class RefusedError(Exception):
    """A request that is not let through: the HTTP status, and the sentence for the client."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class SlowError(Exception):
    """A client that stopped."""


class Gate:
    """ASGI middleware around the whole app."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = _Client(receive, send)
        try:
            _check_address(scope)
            body = await _incoming(scope, client)
            await self._app(scope, body, client.send)
        except RefusedError as refused:
            if not client.answered:
                await _refuse(client, refused)
        except (SlowError, ClientDisconnect):
            return  # the server closes the connection


class _Client:
    """The other end of a request, which must go on."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.answered = False

    async def receive(self) -> Message:
        return await self._receive()

    async def receive_soon(self) -> Message:
        try:
            return await asyncio.wait_for(self._receive(), SECONDS_TO_SEND)
        except TimeoutError:
            raise RefusedError(408, "The request stopped half-way. Send it again.") from None

    async def send(self, message: Message) -> None:
        self.answered = True
        try:
            await asyncio.wait_for(self._send(message), SECONDS_TO_READ)
        except TimeoutError:
            raise SlowError from None


def _check_address(scope: Message) -> None:
    length = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if length > MAX_ADDRESS:
        raise RefusedError(414, f"The address has {length:,} bytes; at most {MAX_ADDRESS:,} are read.")


async def _incoming(scope: Message, client: _Client) -> Receive:
    """What the app reads the body from: an upload as it arrives, anything else once it is here and was looked at."""
    if scope["path"].rstrip("/").endswith("/upload"):
        return _counted(client, MAX_UPLOAD_BODY)
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return client.receive
    body = await _whole(_counted(client, MAX_BODY))
    _check_content(scope["path"], body)
    return _replayed(body, client)


def _counted(client: _Client, most: int) -> Receive:
    arrived = 0

    async def receive() -> Message:
        nonlocal arrived
        message = await client.receive_soon()
        arrived += len(message.get("body", b""))
        if arrived > most:
            raise RefusedError(413, f"The request has more than {most:,} bytes, which is more than is read. Send less.")
        return message

    return receive


async def _whole(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SlowError
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


def _check_content(path: str, body: bytes) -> None:
    """Gradio keeps the name that a client gives itself, and fails with a trace on values of another kind."""
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return  # Gradio says so
    name = content.get("session_hash") if isinstance(content, dict) else None
    if len(str(name)) > MAX_SESSION_NAME:
        raise RefusedError(400, f"The session_hash is longer than {MAX_SESSION_NAME} characters.")
    before, _, endpoint = path.rstrip("/").rpartition("/")
    sentence = arguments.problem(endpoint, _data_of(content)) if before.endswith("/call") else ""
    if sentence := sentence or arguments.foreign_file(content):
        raise RefusedError(422, sentence)


def _data_of(content: object) -> object:
    return content.get("data") if isinstance(content, dict) else content


def _replayed(body: bytes, client: _Client) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else await client.receive()

    return receive


async def _refuse(client: _Client, refused: RefusedError) -> None:
    content = json.dumps({"detail": str(refused)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await client.send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await client.send({"type": "http.response.body", "body": content})
