"""Replace the modules of wheels and of the standard library by compiled ones: a browser would compile them each time.

Only the Python that reads compiled modules can write them: `compiling.mjs` runs this file in Pyodide.
"""

from __future__ import annotations

import py_compile
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

_DATE = (1980, 1, 1, 0, 0, 0)


def compile_modules(archive: Path, installed: str) -> None:
    """Replace the modules of an archive by compiled ones.

    Parameters
    ----------
    archive
        A wheel, or the standard library in a ZIP. What is no module stays, and so does a module that does not compile.
    installed
        Folder that the modules will be in, as tracebacks shall name it.
    """
    with zipfile.ZipFile(archive) as opened:
        content = {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}
    new = archive.with_name(f"{archive.name}.new")
    with zipfile.ZipFile(new, "w") as written:
        for name, data in content.items():
            module = _compiled(data, f"{installed}/{name}") if name.endswith(".py") and ".data/" not in name else None
            file = zipfile.ZipInfo(name if module is None else f"{name}c", _DATE)
            written.writestr(file, data if module is None else module, zipfile.ZIP_DEFLATED)
    new.replace(archive)


def _compiled(source: bytes, name: str) -> bytes | None:
    """Return a module compiled, without a time of its source to be compared with; None if it does not compile."""
    with tempfile.TemporaryDirectory() as folder:
        written, compiled = Path(folder, "module.py"), Path(folder, "module.pyc")
        written.write_bytes(source)
        try:
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(written), str(compiled), name, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError:
            return None
        return compiled.read_bytes()


def main(folder: Path, library: str) -> None:
    """Compile what is in a folder: all wheels, and the standard library, which stays in its ZIP."""
    warnings.simplefilter("ignore", SyntaxWarning)
    for wheel in sorted(folder.glob("*.whl")):
        compile_modules(wheel, f"/lib/{library}/site-packages")
    compile_modules(folder / "python_stdlib.zip", f"/lib/{library.replace('.', '')}.zip")


if __name__ == "__main__":
    main(Path("/packages"), f"python{sys.version_info.major}.{sys.version_info.minor}")
