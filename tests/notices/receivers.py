"""Those who are told: a mail server, and a program that takes webhooks, both real."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ..running import free_port


@dataclass
class Mail:
    """One message as it arrived, for one recipient."""

    recipient: str
    sender: str
    message: EmailMessage
    raw: bytes
    with_utf8: bool

    @property
    def text(self) -> str:
        content: str = self.message.get_content()
        return content.replace("\r\n", "\n")


@dataclass
class Inbox:
    """What an SMTP server does with mail: keeps it, or refuses a recipient with a reply."""

    mails: list[Mail] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)  # reply by recipient
    breaks_off_at: str = ""  # the recipient whose mail is answered by silence

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.breaks_off_at:
            assert server.transport is not None
            server.transport.close()
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        for recipient in envelope.rcpt_tos:
            self.mails.append(
                Mail(recipient, envelope.mail_from or "", message, raw, bool(envelope.smtp_utf8))
            )
        return "250 OK"

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient == address]


@contextmanager
def mail_server(inbox: Inbox, port: int | None = None, **options: Any) -> Iterator[int]:
    """An SMTP server on a loopback port, which it gives."""
    controller = Controller(
        inbox, hostname="127.0.0.1", port=port or free_port(), enable_SMTPUTF8=True, **options
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def asks_for(user: str, password: str) -> dict[str, Any]:
    """The options of a server that takes mail from one user alone."""

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        good = (given.login.decode(), given.password.decode()) == (user, password)
        return AuthResult(success=good, handled=False)

    return {"authenticator": check, "auth_required": True, "auth_require_tls": False}


@dataclass
class Certificate:
    """A self-made certificate of localhost."""

    path: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(made.key), "-out", str(made.path)]
    subprocess.run(command, check=True, capture_output=True)
    return made


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


# What a receiver does with a call: a status, a status with a body and headers, or None to cut it off.
Answer = int | tuple[int, bytes, Mapping[str, str]] | None
Answering = Callable[[Call, int], Answer]


@dataclass
class Receiver:
    """What a program was sent, all tries, and what it took."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    taken: list[Call] = field(default_factory=list)


@contextmanager
def receiver(
    answering: Answering = lambda call, number: 204, certificate: Certificate | None = None
) -> Iterator[Receiver]:
    """A program that takes webhooks. `answering` gets each call and its number, from 0."""
    seen = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, headers, body)
            with lock:
                number = len(seen.calls)
                seen.calls.append(call)
            answer = answering(call, number)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, content, more = (answer, b"", {}) if isinstance(answer, int) else answer
            if 200 <= status < 300:
                seen.taken.append(call)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # whoever called did not wait

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        server.socket = certificate.context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    seen.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/hook?from=intray"
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
