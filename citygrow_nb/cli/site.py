"""``citygrow site``: the workbooks as a static site that needs no server."""

from __future__ import annotations

from pathlib import Path

import click

from citygrow_nb.cli.messages import counted, print_line
from citygrow_nb.cli.options import PATH, chosen_benchmarks, debug_option
from citygrow_nb.exceptions import StoreError, problem_of


@click.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.option(
    "--benchmark",
    "named",
    metavar="ID-or-FOLDER",
    multiple=True,
    help="Benchmark whose workbooks are in the site; may be repeated.  [default: all of the workspace]",
)
@click.option("--pyodide", metavar="DIR", type=PATH, help="Folder with Pyodide: the unpacked npm package.")
@click.option(
    "--serve", is_flag=True, help="Open the site in the browser; one that is in DIR already is not built anew."
)
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), help="With --serve.  [default: 8899]")
@click.option("--no-browser", is_flag=True, help="With --serve: do not open a browser; print the address.")
@debug_option
def site(
    folder: Path, named: tuple[str, ...], pyodide: Path | None, serve: bool, port: int | None, no_browser: bool
) -> None:
    """Build a site in DIR on which the workbooks run inside the browser, without any server (JupyterLite).

    Put the folder on any web space. Answers stay in the browser of whoever gives them.
    """
    from citygrow_nb.site import building, serving
    from citygrow_nb.workspace import Workspace

    if not (serve and building.is_site(folder)):
        building.require()
        building.checked_target(folder)
        source = building.checked_pyodide(pyodide)
        toolkits = [benchmark for benchmark, _ in chosen_benchmarks(Workspace.find(), named)]
        print_line("Fetching packages and building the site: a minute or so …")
        built = building.build(folder, toolkits, source)
        for name, size in built.parts.items():
            print_line(f"{size / 1e6:7.1f} MB  {name}")
        print_line(f"{sum(built.parts.values()) / 1e6:7.1f} MB  in all, with {', '.join(each.id for each in toolkits)}")
        print_line(f"{counted(len(built.packages), 'package')}: {', '.join(built.packages)}")
        if built.uncompiled:
            print_line(f"Modules are not compiled, so workbooks open some seconds later: {built.uncompiled}")
        print_line(f"The site is in {folder}; try it: citygrow site {folder} --serve")
    if serve:
        port = port or serving.PORT
        try:
            serving.serve(folder, port, open_browser=not no_browser)
        except OSError as error:
            todo = f"close what uses it, or name another: --port {port + 1}"
            raise StoreError(problem_of(error, f"port {port}", todo=todo)) from error
