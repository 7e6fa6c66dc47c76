# SPDX-License-Identifier: MIT
"""notebook.py NOTEBOOK OUT HIDDEN...: executes a notebook in the folder of OUT by nbclient.

The executed notebook is written to OUT, and the output of its cells to standard output.
A failing cell ends the script with status 1 and the cell's error. HIDDEN are packages
that the kernel must not find.
"""

import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

notebook, out, *hidden = sys.argv[1:]
folder = os.path.dirname(os.path.abspath(out))
if hidden:
    site = os.path.join(folder, "site")
    os.makedirs(site, exist_ok=True)
    with open(os.path.join(site, "sitecustomize.py"), "w", encoding="utf-8") as file:
        file.write(f"import sys\nfor name in {hidden}:\n    sys.modules[name] = None\n")
    os.environ["PYTHONPATH"] = site

cells = nbformat.read(notebook, as_version=4)
nbformat.validate(cells)
client = NotebookClient(cells, timeout=3600, kernel_name="python3",
                        resources={"metadata": {"path": folder}})
status = 0
try:
    client.execute()
except CellExecutionError as error:
    print(error.ename, error.evalue, sep=": ", file=sys.stderr)
    status = 1
nbformat.validate(cells)
nbformat.write(cells, out)

for cell in cells.cells:
    for output in cell.get("outputs", []):
        print(output.get("text", "").rstrip() or f"({', '.join(output.get('data', {}))})")
sys.exit(status)
