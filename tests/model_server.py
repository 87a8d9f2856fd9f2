"""A model's server of the tests' own, on loopback: it answers what a function says, in whatever form."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Asked = Mapping[str, Any]
"""The body of a request."""


@dataclass
class Answer:
    """What comes back."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ModelServer:
    """What was asked, and what is answered next."""

    answer: Callable[[Asked], Answer | str]
    """Given a request, returns what comes back: a text is what the model says."""
    url: str = ""
    asked: deque[Asked] = field(default_factory=deque)

    def reply(self, body: Asked) -> Answer:
        self.asked.append(body)
        found = self.answer(body)
        return completion(found) if isinstance(found, str) else found


def completion(text: str, *, finish: str = "stop", **usage: int) -> Answer:
    """Return an answer of OpenAI's protocol."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    used = usage or {"prompt_tokens": 50, "completion_tokens": 10}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "small", "choices": [choice]}
    return Answer(body | {"usage": {**used, "total_tokens": sum(used.values())}})


def prompt_of(asked: Asked) -> str:
    """Return what the user part of a request says."""
    parts = [part["content"] for part in asked["messages"] if part["role"] == "user"]
    return str(parts[0])


def echo(asked: Asked) -> str:
    """Return an answer that holds of any chat: somebody wrote, which rests on the first message."""
    numbers = re.findall(r"^\[(\d+)\] \d\d:\d\d ([^:\n]*)", prompt_of(asked), re.MULTILINE)
    number, who = next(((n, w) for n, w in numbers if not w.startswith("*")), numbers[0])
    return json.dumps({"title": "What was written", "claims": [{"text": f"{who} wrote.", "messages": [int(number)]}]})


@contextmanager
def model_server(
    answer: Callable[[Asked], Answer | str] = echo,
    *,
    remember: int | None = None,
    pages: Mapping[str, Any] | None = None,
) -> Iterator[ModelServer]:
    """Serve until the block ends, and remember so many requests, or all; `pages` are what other paths answer."""
    found = ModelServer(answer, asked=deque(maxlen=remember))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            known = (pages or {}).get(self.path)
            self._send(Answer("not found", 404) if known is None else Answer(known))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(found.reply(asked)) if self.path.endswith("/chat/completions") else self.do_GET()

        def _send(self, said: Answer) -> None:
            body = (said.body if isinstance(said.body, str) else json.dumps(said.body)).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
