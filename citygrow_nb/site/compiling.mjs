// Runs compiling.py in Pyodide, on Node. Arguments: Pyodide's folder, the folder with what is to be compiled, the program.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, folder, program] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: pyodide });
python.mountNodeFS("/packages", folder);
python.runPython(readFileSync(program, "utf8"));
