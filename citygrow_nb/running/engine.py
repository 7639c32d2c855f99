"""papermill's engine ``citygrow``: a workbook as built runs in this process, any other one in a kernel, as always."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager

from citygrow_nb import authoring
from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.exporting.traces import INJECTED
from citygrow_nb.running.in_process import run_cells
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import Workspace, working_in

if TYPE_CHECKING:
    from nbformat import NotebookNode


class CitygrowEngine(Engine):  # type: ignore[misc]
    """The engine, as ``papermill --engine citygrow 06-access-to-money.ipynb out.ipynb -p city graz`` asks for it."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, input_path: object = None, **options: Any
    ) -> None:
        """Run a notebook's cells.

        Parameters
        ----------
        nb_man
            papermill's wrapper around the notebook.
        kernel_name
            Kernel for a notebook that is not as built.
        input_path
            Where the notebook stands: its answers are in the workspace around it, unless the current folder is in one.
        **options
            What papermill tells the engine for notebooks that need a kernel.
        """
        workspace = _workspace(input_path)
        if not _is_built(nb_man.nb, workspace):
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
            return
        with working_in(workspace):
            for cell, failure in run_cells(nb_man.nb):
                place = nb_man.nb.cells.index(cell)
                nb_man.cell_start(cell, place)
                if failure is not None:
                    nb_man.cell_exception(cell, cell_index=place)
                nb_man.cell_complete(cell, place)


def _workspace(input_path: object) -> Workspace:
    here = Workspace.find()
    if here.answers.is_dir() or not isinstance(input_path, str | Path):
        return here
    return Workspace.find(Path(input_path).parent)


def _is_built(notebook: NotebookNode, workspace: Workspace) -> bool:
    """Tell whether a notebook's cells are those that its benchmark gives, whatever values its parameters have."""
    cells = [cell for cell in notebook.cells if INJECTED not in cell.metadata.get("tags", [])]
    try:
        benchmark = find_benchmark(str(notebook.metadata.get("citygrow", {}).get("benchmark", "")), workspace)
    except CitygrowError:
        return False
    return authoring.fingerprint(cells) in authoring.fingerprints_of(benchmark)
