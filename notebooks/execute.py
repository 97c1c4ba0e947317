"""Executes the notebooks that are named, in place, so that the same results give the same bytes: nothing that was not
computed from them (times, versions) stays in the file. Needs Debian's python3-nbclient, python3-ipykernel,
python3-pandas and python3-matplotlib."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

for name in sys.argv[1:]:
    path = Path(name)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, record_timing=False, kernel_name="python3", resources={"metadata": {"path": path.parent}}).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:    # a figure's text holds its address or size, which tell nothing
                output["data"] = {kind: "<figure>" if kind == "text/plain" and "image/png" in output["data"] else text for kind, text in output["data"].items()}
    nbformat.write(notebook, path)
    print("executed", path)
