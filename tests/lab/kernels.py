"""Kernels with a workbook's cells, without a browser: quick to start, made to be killed, heard as a page hears them."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from tests.lab.nursery import Nursery

START_SECONDS = 120


class Kernel:
    """A kernel, the forms that its cells have made, and the line to them.

    Parameters
    ----------
    nursery
        Where it comes from.
    folder
        Temporary folder with a short path, for its sockets and settings.
    name
        Tells its files from others'.
    """

    def __init__(self, nursery: Nursery, folder: Path, name: str) -> None:
        self.forms: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        # Sockets as files: no two kernels, and no other test, meet at a port.
        ip = str(folder / name)
        file, _ = write_connection_file(str(folder / f"{name}.json"), ip=ip, transport="ipc", key=b"training")
        settings = folder / f"{name}-ipython"
        settings.mkdir()
        arguments = ("-f", file, f"--ipython-dir={settings}", "--log-level=CRITICAL")
        self.process = nursery.fork(arguments, str(next((nursery.root / "workbooks").iterdir())))
        self._client = BlockingKernelClient(connection_file=file)
        self._client.load_connection_file()

    def run(self, sources: list[str]) -> None:
        """Run a notebook's cells, and take note of the forms that they show."""
        self._client.start_channels(stdin=False, hb=False)
        self._client.wait_for_ready(timeout=START_SECONDS)
        for source in sources:
            self._client.execute_interactive(source, output_hook=self._note, timeout=START_SECONDS)
        # As JupyterLab does, so that forms are heard while cells run.
        asked = self._client.session.msg("create_subshell_request")
        self._client.control_channel.send(asked)
        self._subshell = self._client.get_control_msg(timeout=START_SECONDS)["content"]["subshell_id"]

    def _note(self, message: dict[str, Any]) -> None:
        if message["msg_type"] == "error":
            raise AssertionError("\n".join(message["content"]["traceback"]))
        if message["msg_type"] == "comm_open":
            state = message["content"]["data"].get("state", {}).get("state", {})
            if "answer" in state:
                self.forms[state["code"]] = state
                self._ids[state["code"]] = message["content"]["comm_id"]

    def send(self, code: str, message: dict[str, Any]) -> None:
        """Send what a form sends."""
        data = {"method": "custom", "content": message}
        sent = self._client.session.msg("comm_msg", {"comm_id": self._ids[code], "data": data})
        sent["header"]["subshell_id"] = self._subshell
        self._client.shell_channel.send(sent)

    def heard(self, serial: str, seconds: float) -> dict[str, Any] | None:
        """Return the reply to a message; None if it has not come within some time."""
        until = time.monotonic() + seconds
        while True:
            try:
                found = self._client.get_iopub_msg(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                return None
            reply = found["content"].get("data", {}).get("content", {})
            if found["msg_type"] == "comm_msg" and reply.get("serial") == serial:
                return dict(reply)

    def kill(self) -> None:
        """Kill the kernel, as a machine does that has run out of memory; what it has sent can still be heard."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """Leave nothing behind."""
        self.kill()
        for channel in (self._client.shell_channel, self._client.iopub_channel, self._client.control_channel):
            channel.stop()
