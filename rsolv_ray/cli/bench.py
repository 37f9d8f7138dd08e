"""What can be measured? One module for each command of `rsolv bench`."""

from __future__ import annotations

import typer

from rsolv_ray.cli.bench_cycle import cycle
from rsolv_ray.cli.bench_dashboard import dashboard
from rsolv_ray.cli.bench_scan import scan
from rsolv_ray.cli.bench_synthesis import synthesis

app = typer.Typer(help="Measure a service, a scan, or what fixes teach.", no_args_is_help=True)
for command in (cycle, dashboard, scan, synthesis):
    app.command()(command)
