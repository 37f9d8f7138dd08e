"""The notebook as a researcher runs it: attached to a service that runs, and with a system of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from tests.acceptance.conftest import Service

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OWN = """
from pathlib import Path
from rsolv_ray.notebook import open_system
rsolv = open_system(data_dir=Path("kept"))
before = 'def find(db, name):\\n    db.execute("select * from t where n = %s" % name)\\n'
after = 'def find(db, name):\\n    db.execute("select * from t where n = %s", (name,))\\n'
print(rsolv.org("acme").learn(before=before, after=after, path="db.py", cwe="CWE-89", show=False).learned, flush=True)
"""


@pytest.fixture
def of_the_service(service: Service, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a kernel that is started now finds: the service's data folder, and nothing of this process."""
    for name in [name for name in os.environ if name.startswith(("RSOLV_", "RAY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RSOLV_DATA_DIR", str(service.data))
    return service.code


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs_from_top_to_bottom_and_leaves_what_it_attached_to(
    file: Path, service: Service, of_the_service: Path
) -> None:
    notebook = nbformat.read(file, as_version=4)
    place = {"metadata": {"path": str(of_the_service)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
    shown = json.dumps([cell.get("outputs") for cell in notebook.cells])
    assert "Cycle: learned" in shown
    assert shown.count("image/png") >= 5
    assert "starting a system" not in shown
    assert service.process.poll() is None
    with service.client() as admin:
        findings = admin.get("/orgs/acme/findings").raise_for_status().json()["items"]
    assert sorted((one["state"], one["finding"]["path"]) for one in findings) == [
        ("open", "orders.py"),
        ("open", "orders.py"),
        ("triaged", "reports.py"),
    ]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_what_is_stored_with_a_notebook_is_whole_and_tells_nothing_of_a_machine(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    pictures = {"image/png"}
    told = "\n".join(
        str(text)
        for output in outputs
        for kind, text in [*output.get("data", {}).items(), ("text", output.get("text", ""))]
        if kind not in pictures
    )
    assert re.findall(r"(?<![\w/.<])/(?:home|root|Users|work|tmp|var|usr|opt|private)/[^\s'\"<]*", told) == []
    assert re.findall(r"127\.0\.0\.1:\d+|rsk_\w+", told) == []


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True], ids=["that ends", "that is killed"])
def test_a_system_of_ones_own_learns_and_ends_with_a_kernel(killed: bool, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RSOLV_", "RAY_"))}
    with subprocess.Popen(
        [sys.executable, "-i", "-c", OWN], cwd=tmp_path, env=env | {"RSOLV_DATA_DIR": str(tmp_path / "none")},
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as kernel:  # fmt: skip
        assert kernel.stdin is not None
        assert kernel.stdout is not None
        assert "True\n" in iter(kernel.stdout.readline, "")
        family = psutil.Process(kernel.pid).children(recursive=True)
        assert any("serve" in one.cmdline() for one in family)
        if killed:
            kernel.kill()
        else:
            kernel.stdin.close()
        kernel.wait(90)
        assert psutil.wait_procs(family, timeout=90)[1] == []
    assert (tmp_path / "kept" / "control.sqlite").exists()
