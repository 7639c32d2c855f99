"""One live panel: an anywidget that shows a state and answers every message with one reply."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import anywidget
import traitlets

from citygrow_nb.answers import browser_storage
from citygrow_nb.answers.browser_storage import BrowserStorage
from citygrow_nb.exceptions import CitygrowError

Part = Literal[
    "question", "context", "city", "session", "actions", "meetings", "wishes", "network", "exports", "fragment"
]
Reply = dict[str, Any]
Act = Callable[[dict[str, Any]], Reply]

_log = logging.getLogger(__name__)
_under_way: set[asyncio.Task[None]] = set()
_SHARED = ("parts.js", "saving.js")
_MORE = dict.fromkeys(("actions", "meetings"), ("cards.js",))


@cache
def script(part: Part) -> str:
    """Return a part's script with what all parts share."""
    folder = files("citygrow_nb.widgets") / "static"
    return "\n".join((folder / name).read_text("utf-8") for name in (*_SHARED, *_MORE.get(part, ()), f"{part}.js"))


@cache
def style() -> str:
    """Return the style sheet of all parts."""
    return (files("citygrow_nb.widgets") / "static" / "form.css").read_text("utf-8")


def within(folder: str, error: CitygrowError) -> str:
    """Return an error's sentence, with files in a folder named without it."""
    return str(error).replace(f"{folder}{os.sep}", "") if folder else str(error)


def python_values(value: Any) -> Any:
    """Return what a kernel in a browser was sent, with None where it has the null of JavaScript.

    >>> JsNull = type("JsNull", (), {})
    >>> python_values({"seen": JsNull(), "list": [1, JsNull()]})
    {'seen': None, 'list': [1, None]}
    """
    if isinstance(value, dict):
        return {name: python_values(item) for name, item in value.items()}
    if isinstance(value, list):
        return [python_values(item) for item in value]
    return None if type(value).__name__ == "JsNull" else value


class Panel(anywidget.AnyWidget):
    """A live panel.

    Parameters
    ----------
    part
        Which kind of panel.
    state
        What it shows; plain data.
    act
        Takes a message and returns the reply, with at least ``ok`` and ``text``. A :class:`CitygrowError` becomes a
        reply too.
    folder
        Where people are at work; sentences name files in it without it.
    """

    state = traitlets.Dict().tag(sync=True)

    def __init__(self, part: Part, state: dict[str, Any], act: Act | None = None, folder: str = "") -> None:
        self._esm = script(part)
        self._css = style()
        self._act = act
        self._saves = part != "exports"
        self._folder = folder
        super().__init__(state=state)
        self.on_msg(self._received)

    def _received(self, _: object, message: dict[str, Any], __: object) -> None:
        def answer() -> None:
            self._answer(message, self.reply(message))

        storage = browser_storage.current()
        if storage is not None:
            task = asyncio.get_running_loop().create_task(self._answer_in_browser(storage, message))
            _under_way.add(task)  # or it may be forgotten before it is done
            task.add_done_callback(_under_way.discard)
        elif self._saves:
            answer()
        else:
            # Takes a minute, and all panels of a notebook are heard in one thread.
            context = contextvars.copy_context()
            threading.Thread(target=context.run, args=(answer,), daemon=True).start()

    async def _answer_in_browser(self, storage: BrowserStorage, message: dict[str, Any]) -> None:
        try:
            reply = await storage.kept(lambda: self.reply(python_values(message)))
        except CitygrowError as error:
            reply = self._refused(error)
        self._answer(message, reply)

    def _answer(self, message: dict[str, Any], reply: Reply) -> None:
        self.send({**reply, "serial": message.get("serial")})

    def reply(self, message: dict[str, Any]) -> Reply:
        """Return the reply to a message; nothing that goes wrong leaves a person without one."""
        if self._act is None:
            return {"ok": False, "text": "There is nothing to save here."}
        try:
            return self._act(message)
        except CitygrowError as error:
            return self._refused(error)
        except Exception:  # noqa: BLE001 -- a form without an answer would look as if it had saved
            _log.exception("a panel's message failed")
            return {
                "ok": False,
                "text": f"{self._beginning} something unexpected went wrong. What you typed stays; try again.",
            }

    def _refused(self, error: CitygrowError) -> Reply:
        gap = "\n" if len(error.problems) > 1 else " "
        return {"ok": False, "text": f"{self._beginning}{gap}{within(self._folder, error)}"}

    @property
    def _beginning(self) -> str:
        return "Not saved:" if self._saves else "Not made:"
