"""A child process that can do no harm to its parent, and does not outlive it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from citygrow_nb.engine import forking
from citygrow_nb.engine.streams import Emit, Event

pytestmark = pytest.mark.skipif(not forking.POSSIBLE, reason="processes cannot be forked here")


def events(work: forking.Callable[[Emit], None]) -> list[Event]:
    told: list[Event] = []
    told += forking.run_in_child(work, timeout=None)
    return told


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split())


def test_events_arrive_in_order_however_large() -> None:
    """Nothing that the child told is lost, also beyond what a pipe holds."""

    def work(emit: Emit) -> None:
        for number in range(100):
            emit({"type": "x", "text": str(number) * 5000})

    assert [event["text"][:2] for event in events(work)] == [(str(number) * 2)[:2] for number in range(100)]


def test_memory_of_the_parent_stays_as_it_is() -> None:
    """What the child changes is its own copy."""
    mine = [1]
    assert events(lambda emit: (mine.append(2), emit({"type": "x", "mine": mine}))[1]) == [
        {"type": "x", "mine": [1, 2]}
    ]
    assert mine == [1]


@pytest.mark.parametrize(
    "end",
    [
        lambda: os._exit(0),
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: os.kill(os.getpid(), signal.SIGTERM),
        lambda: os.closerange(3, 256),
        lambda: exec("raise SystemExit(0)"),
    ],
    ids=["exit", "kill", "told to end", "closed pipe", "exception"],
)
def test_child_that_ends_early_is_reported_and_buried(end: forking.Callable[[], None]) -> None:
    """However a child ends before its work is over, its parent is told, and no dead process is left."""

    def work(emit: Emit) -> None:
        emit({"type": "first"})
        end()
        emit({"type": "second"})

    before = children()
    told: list[Event] = []
    with pytest.raises(forking.Died):
        told += forking.run_in_child(work, timeout=None)
    assert told == [{"type": "first"}]
    assert children() == before


def test_grandchild_that_keeps_the_pipe_open_does_not_hide_the_death() -> None:
    """A process that the dead child left behind is ended as well, and nobody waits for it."""

    def work(emit: Emit) -> None:
        if os.fork() == 0:
            threading.Event().wait()
        os._exit(1)

    with pytest.raises(forking.Died):
        events(work)


def test_child_leaves_without_the_endings_of_its_parent(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither exit functions nor buffered text of the parent happen twice; the child's own exit functions happen."""
    left = os.pipe()
    mine = lambda: os.write(left[1], b"parent")  # noqa: E731 - to be unregistered
    atexit.register(mine)
    buffered = os.fdopen(os.dup(1), "w", encoding="utf-8")
    buffered.write("once")
    try:
        events(lambda emit: (atexit.register(lambda: emit({"type": "bye"})), None)[1])
        assert events(lambda emit: (atexit.register(lambda: emit({"type": "bye"})), None)[1]) == [{"type": "bye"}]
    finally:
        atexit.unregister(mine)
        buffered.close()
        os.close(left[1])
    assert os.read(left[0], 10) == b""
    os.close(left[0])
    assert capfd.readouterr().out == "once"


def test_child_does_not_outlive_its_parent() -> None:
    """When the parent is killed, a child that is busy and silent ends as well."""
    script = (
        "import os, threading; from citygrow_nb.engine import forking\n"
        "def work(emit):\n"
        "    emit({'type': 'pid', 'pid': os.getpid()})\n"
        "    threading.Event().wait()\n"
        "for event in forking.run_in_child(work, None): print(event['pid'], flush=True)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8")
    assert parent.stdout
    child = int(parent.stdout.readline())
    watch = os.pidfd_open(child)
    parent.kill()
    parent.wait()
    assert forking.select.select([watch], [], [], 20)[0] == [watch]
    os.close(watch)
    parent.stdout.close()


def test_forking_beside_other_threads_is_safe_and_silent(recwarn: pytest.WarningsRecorder) -> None:
    """A worker's watching threads neither block the child nor cause a warning."""
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    try:
        assert events(lambda emit: emit({"type": "threads", "n": threading.active_count()})) == [
            {"type": "threads", "n": 1}
        ]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [warning for warning in recwarn if "fork" in str(warning.message)] == []


def test_child_whose_listener_has_gone_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever has what it wanted may close the pipe while the child still tells of its end."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if not child:
        told, _ = os.pipe()  # something that can be closed in place of the parent's end
        os.close(inlet)
        forking._child_main(lambda emit: None, told, forking._EventWriter(outlet, ""), lambda: None)
    os.close(inlet)
    os.close(outlet)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    assert capfd.readouterr().err == ""
