"""Do the rules of fixed configuration, contracts and shell scripts find the same elsewhere, and spare what is right?

Each row is a fix, code of another hand with the same weakness, and code that looks like it and is right.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Accepted, Rule

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Row(NamedTuple):
    """A fix in one language, and what its rules have to find and to spare."""

    path: str
    language: str
    cwe: str
    before: str
    after: str
    weak: str
    right: str


ROWS = {
    "encryption is switched on": Row(
        "a.tf", "terraform", "CWE-311",
        'resource "aws_ebs_volume" "a" {\n  size = 8\n  encrypted = false\n}\n',
        'resource "aws_ebs_volume" "a" {\n  size = 8\n  encrypted = true\n}\n',
        'resource "aws_ebs_volume" "logs" {\n  encrypted = false\n  type = "gp3"\n}\n',
        'resource "aws_ebs_volume" "logs" {\n  type = "gp3"\n  encrypted = true\n}\n',
    ),
    "a block is added": Row(
        "a.tf", "terraform", "CWE-320",
        'resource "google_bigquery_table" "a" {\n  table_id = "t"\n}\n',
        'resource "google_bigquery_table" "a" {\n  table_id = "t"\n  encryption_configuration {\n    kms_key_name = var.key\n  }\n}\n',
        'resource "google_bigquery_table" "b" {\n  dataset_id = "d"\n  deletion_protection = true\n}\n',
        'resource "google_bigquery_table" "b" {\n  encryption_configuration {\n    kms_key_name = "k"\n  }\n}\n',
    ),
    "a network is closed": Row(
        "a.tf", "terraform", "CWE-284",
        'resource "aws_security_group" "a" {\n  ingress {\n    from_port = 22\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        'resource "aws_security_group" "a" {\n  ingress {\n    from_port = 22\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n}\n',
        'resource "aws_security_group" "b" {\n  name = "b"\n  ingress {\n    cidr_blocks = ["10.1.0.0/16", "0.0.0.0/0"]\n    to_port = 1\n  }\n}\n',
        'resource "aws_security_group" "b" {\n  ingress {\n    cidr_blocks = ["10.1.0.0/16"]\n  }\n}\n',
    ),
    "a secret leaves the file": Row(
        "a.tf", "terraform", "CWE-798",
        'resource "aws_db_instance" "a" {\n  password = "hunter2"\n}\n',
        'resource "aws_db_instance" "a" {\n  password = var.password\n}\n',
        'resource "aws_rds_cluster" "b" {\n  master_password = "other"\n}\n',
        'resource "aws_rds_cluster" "b" {\n  master_password = random_password.b.result\n}\n',
    ),
    "a container loses its privileges": Row(
        "a.yaml", "yaml", "CWE-250",
        "containers:\n  - name: a\n    securityContext:\n      allowPrivilegeEscalation: true\n",
        "containers:\n  - name: a\n    securityContext:\n      allowPrivilegeEscalation: false\n",
        "spec:\n  initContainers:\n    - image: b\n      securityContext:\n        runAsUser: 1\n        allowPrivilegeEscalation: true\n",
        "spec:\n  initContainers:\n    - image: b\n      securityContext:\n        allowPrivilegeEscalation: false\n",
    ),
    "a workflow passes a value by the environment": Row(
        "a.yaml", "yaml", "CWE-78",
        "steps:\n  - name: a\n    run: echo ${{ github.event.issue.title }}\n",
        'steps:\n  - name: a\n    env:\n      TITLE: ${{ github.event.issue.title }}\n    run: echo "$TITLE"\n',
        "steps:\n  - run: |\n      set -e\n      ./x ${{ github.event.comment.body }}\n",
        "steps:\n  - run: |\n      set -e\n      ./x ${{ matrix.os }}\n",
    ),
    "a page calls nobody in the clear": Row(
        "a.html", "html", "CWE-319",
        '<form action="http://a.b/c"><p>x</p></form>\n',
        '<form action="https://a.b/c"><p>x</p></form>\n',
        "<form method=post action='http://other.host'><b>y</b></form>\n",
        "<form method=post action='/here'><b>http://x</b></form>\n",
    ),
    "a script is checked": Row(
        "a.html", "html", "CWE-353",
        '<script src="//a.b/c.js"></script>\n',
        '<script src="//a.b/c.js" integrity="sha384-x"></script>\n',
        '<script async src="//d.e/f.js"></script>\n',
        '<script async integrity="sha384-y" src="//d.e/f.js"></script>\n',
    ),
    "a form carries its token": Row(
        "a.html", "html", "CWE-352",
        '<form method="post" action="/a">\n  <input name="b">\n</form>\n',
        '<form method="post" action="/a">\n  {% csrf_token %}\n  <input name="b">\n</form>\n',
        '<form class="c" method="POST">\n  <button>d</button>\n</form>\n',
        '<form class="c" method="POST">\n  <button>d</button>\n  {{ form.csrf_token }}\n</form>\n',
    ),
    "a container runs as a user": Row(
        "Dockerfile", "dockerfile", "CWE-250",
        'FROM a:1\nRUN b\nCMD ["c"]\n',
        'FROM a:1\nRUN b\nUSER d\nCMD ["c"]\n',
        "FROM e:2\nCOPY . .\nENTRYPOINT f\n",
        "FROM e:2\nUSER g\nCOPY . .\nENTRYPOINT f\n",
    ),
    "a download verifies the other side": Row(
        "Dockerfile", "dockerfile", "CWE-295",
        "FROM a:1\nRUN curl -k https://b -o c\n",
        "FROM a:1\nRUN curl https://b -o c\n",
        "FROM d:2\nRUN apk add e && curl -s -k https://f\n",
        "FROM d:2\nRUN apk add e && curl -s https://f\n",
    ),
    "a script evaluates nothing": Row(
        "a.sh", "bash", "CWE-95",
        'cmd=$1\neval "$cmd"\n',
        "cmd=$1\neval 'x=1'\n",
        "eval `make args`\n",
        "eval 'y=2'\n",
    ),
    "a download is not run": Row(
        "a.sh", "bash", "CWE-494",
        "curl https://a/b.sh | bash\n",
        "curl https://a/b.sh -o b.sh\nsha256sum -c b.sum\n",
        "sudo sh <(wget -qO- https://c)\n",
        "curl https://c | tee d\n",
    ),
    "a contract asks who calls": Row(
        "a.sol", "solidity", "CWE-284",
        "contract A {\n  function setOwner(address a) external {\n    owner = a;\n  }\n}\n",
        "contract A {\n  function setOwner(address a) external onlyOwner {\n    owner = a;\n  }\n}\n",
        "contract B {\n  function updateFee(uint f) public {\n    fee = f;\n  }\n}\n",
        "contract B {\n  function setFee(uint f) public {\n    require(msg.sender == owner);\n    fee = f;\n  }\n  function settle() public view returns (uint) { return 1; }\n}\n",
    ),
    "a contract writes its books first": Row(
        "a.sol", "solidity", "CWE-841",
        'contract A {\n  function pay(uint n) external {\n    msg.sender.call{value: n}("");\n    due[msg.sender] -= n;\n  }\n}\n',
        'contract A {\n  function pay(uint n) external {\n    due[msg.sender] -= n;\n    msg.sender.call{value: n}("");\n  }\n}\n',
        'contract B {\n  function out(address to) public {\n    uint n = left[to];\n    to.call{value: n}("");\n    emit Paid(to);\n    left[to] -= n;\n  }\n}\n',
        'contract B {\n  function out(address to) public {\n    uint n = left[to];\n    left[to] -= n;\n    to.call{value: n}("");\n  }\n}\n',
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _rules(engine: Engine, row: Row) -> tuple[Rule, ...]:
    change = {"path": row.path, "before": row.before, "after": row.after}
    learned = learn(engine, Fix.model_validate({"changes": [change], "cwe": [row.cwe]}), now=NOW)
    return tuple(verdict.rule for verdict in learned.verdicts if isinstance(verdict, Accepted))


@pytest.mark.parametrize("kind", ROWS)
def test_the_same_is_found_elsewhere_and_what_is_right_is_spared(engine: Engine, kind: str) -> None:
    row = ROWS[kind]
    rules = _rules(engine, row)
    texts = [SourceText("weak", row.language, row.weak), SourceText("right", row.language, row.right)]
    found = engine.run_texts([rule.definition for rule in rules], texts)
    assert {match.path for match in found.matches} == {"weak"}


def test_a_missing_user_is_mended_before_either_way_of_starting(engine: Engine) -> None:
    row = ROWS["a container runs as a user"]
    (rule,) = _rules(engine, row)
    found = engine.run_texts([rule.definition], [SourceText("weak", row.language, row.weak)])
    assert [match.rendered_fix for match in found.matches] == ["USER d\nENTRYPOINT f"]


def test_of_an_address_only_the_scheme_is_mended(engine: Engine) -> None:
    (rule, *_) = _rules(engine, ROWS["a page calls nobody in the clear"])
    assert "a.b" not in str(rule.definition.get("fix", "")) + str(rule.definition.get("fix-regex", ""))
