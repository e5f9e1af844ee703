"""The mail server that the desk has set, and sending by it (RFC 5321, RFC 8314)."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Any

from .outcomes import shortened
from .outgoing import cut_after

SECURITIES = ("none", "starttls", "tls")
USUAL_PORTS = {"none": 25, "starttls": 587, "tls": 465}
TIMEOUT_SECONDS = 30.0  # to connect, and for each packet
MOST_SECONDS = 120.0  # for all of it
TOO_LARGE = 552  # told of a sender, and about one message (RFC 1870, section 6.1)
PERMANENT = range(500, 600)  # RFC 5321, section 4.2.1: there is no use in trying again


@dataclass(frozen=True)
class MailServer:
    """How mail leaves, and in whose name."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = ""
    address: str = ""  # of the sender
    name: str = ""  # of the sender

    @property
    def is_set(self) -> bool:
        return bool(self.host and self.address)

    def write(self) -> dict[str, Any]:
        """The JSON that `read_server` reads back."""
        return asdict(self)


@dataclass(frozen=True)
class Reply:
    """What the server said to one message."""

    status: int
    text: str

    @property
    def is_taken(self) -> bool:
        return self.status < 400

    @property
    def is_final(self) -> bool:
        """Whether the message was taken, or refused for good."""
        return self.is_taken or self.status in PERMANENT


def read_server(table: Mapping[str, Any] | None) -> MailServer:
    """The server that the settings describe."""
    return MailServer(**(table or {}))


def send(
    server: MailServer,
    messages: Mapping[str, EmailMessage],
    *,
    timeout: float = TIMEOUT_SECONDS,
    most_seconds: float = MOST_SECONDS,
) -> dict[str, Reply]:
    """Sends each message to its address over one connection, and gives the replies by address; those of
    whom nothing was heard before the server broke off, or would take no more, have none. Raises OSError or
    SMTPException where not even the first could be tried."""
    replies: dict[str, Reply] = {}
    with _session(server, timeout, most_seconds) as client:
        for address, message in messages.items():
            try:
                replies[address] = _send(client, server.address, address, message)
            except (
                Exception
            ):  # whatever it was: who has the mail must be known, else they get it again
                if not replies:
                    raise
                break
    return replies


def check(server: MailServer, message: EmailMessage, address: str, most_seconds: float) -> Reply:
    """Sends one message at once, within that time. Raises as `send` does."""
    timeout = most_seconds / 3
    replies = send(server, {address: message}, timeout=timeout, most_seconds=most_seconds)
    return replies[address]


def _send(client: smtplib.SMTP, sender: str, address: str, message: EmailMessage) -> Reply:
    try:
        client.send_message(message, sender, [address])
    except smtplib.SMTPRecipientsRefused as refused:
        status, text = refused.recipients[address]
        return Reply(status, _text(text))
    except smtplib.SMTPSenderRefused as refused:
        if refused.smtp_code != TOO_LARGE:
            raise
        return Reply(refused.smtp_code, _text(refused.smtp_error))
    except smtplib.SMTPDataError as refused:
        return Reply(refused.smtp_code, _text(refused.smtp_error))
    except smtplib.SMTPNotSupportedError as missing:  # SMTPUTF8, for an address in other letters
        return Reply(553, str(missing))
    return Reply(250, "")


def _text(answer: bytes | str) -> str:
    return shortened(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


@contextlib.contextmanager
def _session(server: MailServer, timeout: float, most_seconds: float) -> Iterator[smtplib.SMTP]:
    client = _client(server, timeout)
    try:
        with cut_after(most_seconds, client):
            client.connect(server.host, server.port)
            if server.security == "starttls":
                client.starttls(context=ssl.create_default_context())
            if server.user:
                client.login(server.user, server.password)
            yield client
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()  # all is sent; how they say goodbye is their matter
    finally:
        client.close()


def _client(server: MailServer, timeout: float) -> smtplib.SMTP:
    """A client that is not yet connected: so that its deadline can begin before."""
    # the sender's domain: Python's own way to find this computer's name may ask the network for seconds
    name = server.address.rpartition("@")[2]
    if server.security == "tls":
        context = ssl.create_default_context()
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            local_hostname=name, timeout=timeout, context=context
        )
    else:
        client = smtplib.SMTP(local_hostname=name, timeout=timeout)
    client._host = server.host  # type: ignore[attr-defined]  # whose name the certificate must bear
    return client
