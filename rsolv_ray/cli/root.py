"""Which commands are there?"""

from __future__ import annotations

import typer

from rsolv_ray.cli import bench, events, findings, orgs, proposals, repos, rules
from rsolv_ray.cli.demo import demo
from rsolv_ray.cli.doctor import doctor
from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.intelligence import intelligence
from rsolv_ray.cli.learn import learn
from rsolv_ray.cli.scan import scan
from rsolv_ray.cli.serve import serve
from rsolv_ray.cli.synthesize import synthesize
from rsolv_ray.cli.tree import tree

app = typer.Typer(
    cls=Commands,
    name="rsolv",
    help="Learn Semgrep rules from security fixes, find the other instances, propose their fixes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, doctor, tree, synthesize, learn, scan, intelligence):
    app.command()(command)
for name, group in (
    ("rules", rules.app),
    ("findings", findings.app),
    ("proposals", proposals.app),
    ("orgs", orgs.app),
    ("repos", repos.app),
    ("events", events.app),
    ("bench", bench.app),
):
    app.add_typer(group, name=name)
