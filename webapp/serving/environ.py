"""What an application is told of a request (PEP 3333): Waitress's environ, made from a part that is the
same for all requests to a server."""

from __future__ import annotations

import sys
from typing import Any

# RFC 3875, section 4.1; the names of other fields begin with HTTP_
_AS_THEY_ARE = ("CONTENT_TYPE", "CONTENT_LENGTH")


def common_environ(server: Any, is_multiprocess: bool) -> dict[str, Any]:
    """Of every request to this server of Waitress."""
    from waitress.buffers import ReadOnlyFileBasedBuffer  # type: ignore[import-untyped]

    return {
        "SERVER_NAME": server.server_name,
        "SERVER_PORT": str(server.effective_port),
        "SERVER_SOFTWARE": server.adj.ident,
        "SCRIPT_NAME": "",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": is_multiprocess,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": ReadOnlyFileBasedBuffer,
        "wsgi.input_terminated": True,
    }


def environ_of(task: Any, common: dict[str, Any]) -> dict[str, Any]:
    """Of this task of Waitress."""
    request, channel = task.request, task.channel
    path = request.path
    headers = request.headers
    environ = common | {
        "REMOTE_ADDR": channel.addr[0],
        "REMOTE_HOST": channel.addr[0],
        "REMOTE_PORT": str(channel.addr[1]),
        "REQUEST_METHOD": request.command.upper(),
        "SERVER_PROTOCOL": f"HTTP/{task.version}",
        "PATH_INFO": "/" + path.lstrip("/") if path.startswith("/") else path,
        "REQUEST_URI": request.request_uri,
        "QUERY_STRING": request.query,
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": request.url_scheme,
        "wsgi.input": request.get_body_stream(),
        "waitress.client_disconnected": channel.check_client_disconnected,
    }
    for name, value in headers.items():
        environ[name if name in _AS_THEY_ARE else "HTTP_" + name] = value
    return environ
