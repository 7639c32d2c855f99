"""The ``citygrow`` command: its parts, and what becomes of errors.

Exit codes: 0 all went well; 1 something failed and is named; 2 the call itself is wrong and nothing was started; 130
stopped with Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

import citygrow_nb
from citygrow_nb.cli.answers import answers
from citygrow_nb.cli.batch import batch
from citygrow_nb.cli.benchmark import benchmark
from citygrow_nb.cli.demo import demo
from citygrow_nb.cli.init import init
from citygrow_nb.cli.lab import lab
from citygrow_nb.cli.mentoring import mentoring
from citygrow_nb.cli.messages import prepare_streams, print_problem, print_text, print_traceback, show_log
from citygrow_nb.cli.options import debug_option
from citygrow_nb.cli.schema import schema
from citygrow_nb.cli.site import site
from citygrow_nb.cli.workbooks import workbooks
from citygrow_nb.exceptions import CitygrowError, UsageError, problem_of

WRONG_USE = 2
STOPPED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(citygrow_nb.__version__, prog_name="citygrow")
@debug_option
def cli() -> None:
    """Test a city against an Integrating Cities benchmark, in guided workbooks and reports.

    \b
    To begin:            citygrow init my-cities, then citygrow lab in that folder
    Reports of cities:   citygrow batch
    Something to try:    citygrow demo try-it --cities 5, then citygrow batch try-it --out try-it/outputs
    """  # noqa: D301 - click reads \\b as the sign for a paragraph that keeps its lines


for _command in (batch, init, lab, answers, mentoring, benchmark, workbooks, site, schema, demo):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process.

    Parameters
    ----------
    arguments
        What follows the command's name; None for the process's own.
    """
    prepare_streams()
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    if debug:
        show_log()
    try:
        outcome = cli.main(arguments, prog_name="citygrow", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except BaseException as error:  # noqa: BLE001 - whatever happens, people get a sentence
        if debug and not isinstance(error, SystemExit):
            print_traceback()
        code = _code_of(error)
    sys.exit(code)


def _code_of(error: BaseException) -> int:
    """Say in a sentence what happened, and return the exit code for it."""
    match error:
        case SystemExit():
            raise error
        case KeyboardInterrupt() | click.Abort():
            print_problem("stopped")
            return STOPPED
        case NoArgsIsHelpError():
            print_text(error.format_message(), err=True)
            return WRONG_USE
        case click.ClickException():
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "citygrow"
            print_problem(f"{error.format_message().rstrip('.')}; see “{command} --help”")
            return error.exit_code
        case CitygrowError():
            for problem in error.problems:
                print_problem(problem)
            return WRONG_USE if isinstance(error, UsageError) else 1
        case BrokenPipeError():
            # Whoever read our output has seen enough. Without this Python would print_problem while it ends.
            sys.stdout = None
            return 1
        case OSError():
            print_problem(problem_of(error, error.filename or "citygrow"))
            return 1
        case _:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            print_problem(f"unexpected fault: {said}; run the same command with --debug, and report what it shows")
            return 1
