"""Serve a site to the browser of this computer: browsers run nothing that they open as a file.

This file also stands in every site as ``start.py``: with Python on the computer, ``python start.py`` opens the site
from a stick. It needs nothing but Python.
"""

from __future__ import annotations

import functools
import http.server
import sys
import webbrowser
from pathlib import Path


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files as a web space gives them out: the browser keeps them, and asks whether they have changed."""

    protocol_version = "HTTP/1.1"
    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        # Windows may have other ideas in its registry, and the browser then runs nothing.
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".json": "application/json",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        """Add what every answer says."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each file."""


def server(folder: Path, port: int = 0) -> http.server.ThreadingHTTPServer:
    """Return a server of a folder for this computer alone; with port 0 at any that is free.

    Raises
    ------
    OSError
        If the port is taken.
    """
    return http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(Handler, directory=str(folder.resolve()))
    )


def serve(folder: Path, port: int = 0, *, open_browser: bool = True) -> None:
    """Serve a folder until Ctrl-C."""
    with server(folder, port) as running:
        # The browser keeps answers by address, the port included.
        address = f"http://127.0.0.1:{running.server_port}/"
        sys.stdout.write(f"The site is at {address} (Ctrl-C ends it)\n")
        sys.stdout.flush()
        if open_browser:
            webbrowser.open(address)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


PORT = 8899
"""Always the same, because the browser keeps answers by address, the port included."""

if __name__ == "__main__":
    serve(Path(__file__).parent, PORT)
