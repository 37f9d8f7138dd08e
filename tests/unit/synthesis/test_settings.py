"""Which rules come of changed settings, in Terraform, YAML, HTML and Dockerfiles."""

import json

import pytest

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.languages import language_of
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.places import places
from rsolv_ray.synthesis.code.syntax import parse

BUCKET = 'resource "aws_s3_bucket" "b" {{\n  bucket = "{name}"\n{inner}}}\n'


def _bodies(before: str, after: str, path: str, *cwes: str) -> list[tuple[str, str]]:
    """The form and the operators of each candidate, best first."""
    fix = Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], "cwe": cwes})
    return [(one.form, json.dumps(one.definition["patterns"])) for one in propose(fix).candidates]


def _bucket(inner: str, name: str = "n") -> str:
    return BUCKET.format(name=name, inner=inner)


def test_a_setting_with_its_old_value_is_looked_for_in_blocks_of_its_type() -> None:
    form, body = _bodies(_bucket('  acl = "public-read"\n'), _bucket('  acl = "private"\n'), "a.tf")[0]
    assert form == "setting:changed"
    assert r"resource \"aws_s3_bucket\" $NAME {\n...\nacl = $VALUE\n...\n}" in body


def test_values_that_do_the_same_harm_are_looked_for_together() -> None:
    _, body = _bodies(_bucket('  acl = "public-read"\n'), _bucket('  acl = "private"\n'), "a.tf")[0]
    assert "public\\\\-read\\\\-write" in body


def test_what_is_switched_on_is_missed_where_it_is_not_set() -> None:
    before, after = (
        _bucket("  versioning {\n    enabled = false\n  }\n"),
        _bucket("  versioning {\n    enabled = true\n  }\n"),
    )
    forms = [form for form, _ in _bodies(before, after, "a.tf")]
    assert forms == ["setting:changed", "setting:missing"]


def test_what_is_switched_off_is_not_missed_where_it_is_not_set() -> None:
    before, after = _bucket("  force_destroy = true\n"), _bucket("  force_destroy = false\n")
    assert {form for form, _ in _bodies(before, after, "a.tf")} == {"setting:changed"}


def test_a_block_that_was_added_is_missed_as_a_whole_and_by_its_switches() -> None:
    found = _bodies(_bucket(""), _bucket("  versioning {\n    enabled = true\n  }\n"), "a.tf")
    assert ["enabled = true" in body for _, body in found] == [True, False]


def test_a_setting_that_says_what_a_weakness_is_comes_before_others() -> None:
    before, after = _bucket("  tier = 1\n  encrypted = false\n"), _bucket("  tier = 2\n  encrypted = true\n")
    assert "encrypted" in _bodies(before, after, "a.tf", "CWE-311")[0][1]


def test_a_member_that_left_a_list_is_looked_for_among_others() -> None:
    before, after = _bucket('  members = ["allUsers", "a"]\n'), _bucket('  members = ["a"]\n')
    assert "members = [..., $VALUE, ...]" in _bodies(before, after, "a.tf")[0][1]


def test_a_number_that_grew_is_looked_for_below_the_new_one() -> None:
    before, after = _bucket("  retention = 1\n"), _bucket("  retention = 30\n")
    assert "$VALUE < 30" in _bodies(before, after, "a.tf")[0][1]


def test_only_the_block_directly_around_a_setting_of_yaml_is_told() -> None:
    text = "spec:\n  containers:\n    - name: a\n      securityContext:\n        privileged: {}\n"
    _, body = _bodies(text.format("true"), text.format("false"), "a.yaml")[0]
    assert r"securityContext:\n  ...\n  privileged: $VALUE" in body
    assert "containers" not in body


def test_a_member_of_a_list_is_known_by_another_setting_in_it() -> None:
    before = "containers:\n  - name: a\n    image: b\n"
    after = f"{before}    securityContext:\n      runAsNonRoot: true\n"
    assert r"image: $ANCHOR\n...\n" in _bodies(before, after, "a.yaml")[0][1]


def test_of_an_address_the_scheme_is_kept() -> None:
    _, body = _bodies('<a href="http://a.b/c">x</a>\n', '<a href="https://a.b/c">x</a>\n', "a.html")[0]
    assert "<a ... href=$VALUE ...>...</a>" in body
    assert "http" in body
    assert "a.b" not in body


def test_an_attribute_that_was_added_is_missed_in_elements_of_its_name() -> None:
    before, after = '<script src="a"></script>\n', '<script src="a" integrity="sha384-x"></script>\n'
    assert _bodies(before, after, "a.html", "CWE-353")[0] == (
        "setting:missing",
        '[{"pattern": "<script ...>...</script>"}, {"pattern-not": "<script ... integrity=$ANY ...>...</script>"}]',
    )


def test_a_user_is_missed_before_the_container_is_started_in_either_way() -> None:
    before, after = 'FROM a\nCMD ["b"]\n', 'FROM a\nUSER c\nCMD ["b"]\n'
    _, body = _bodies(before, after, "Dockerfile")[0]
    assert "CMD|ENTRYPOINT" in body
    assert "USER $GIVEN" in body


@pytest.mark.parametrize(
    ("before", "after", "pattern"),
    [
        ("RUN curl -k https://a", "RUN curl https://a", "RUN curl ... -k ..."),
        ("RUN sudo make", "RUN make", "RUN sudo ..."),
        ("ADD . /a", "COPY . /a", "ADD $FROM $TO"),
        ("FROM a:latest", "FROM a:1.2", "FROM $IMAGE:latest"),
    ],
)
def test_an_instruction_is_told_by_what_the_fix_changed_in_it(before: str, after: str, pattern: str) -> None:
    assert pattern in _bodies(f"FROM x:1\n{before}\n", f"FROM x:1\n{after}\n", "Dockerfile")[0][1]


def test_joined_lines_and_texts_of_a_dockerfile_are_one_instruction() -> None:
    tree = parse("FROM a\nRUN b \\\n  # c\n  && d\nRUN <<EOF\nCMD x\nEOF\nUSER e\n", "dockerfile")
    assert [node.line for node in tree.root.parts] == [1, 2, 5, 8]


def test_a_line_that_is_no_instruction_does_not_parse() -> None:
    assert parse("FROM a\nFETCH b\n", "dockerfile").error_line == 2


def test_a_missing_setting_may_be_flagged_anywhere_in_its_block() -> None:
    change = FileChange(path="a.tf", language="terraform", before=_bucket(""), after=_bucket("  encrypted = true\n"))
    assert [(one.first, one.last) for one in places(change).before] == [(1, 3)]


def test_names_alone_teach_nothing_that_comes_first() -> None:
    before, after = _bucket("  encrypted = false\n", "a"), _bucket("  encrypted = true\n", "b")
    assert "bucket =" not in _bodies(before, after, "a.tf")[0][1]


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.prod", "build/Containerfile", "app.dockerfile"])
def test_a_dockerfile_is_known_by_its_name(name: str) -> None:
    assert language_of(name) == "dockerfile"


def test_a_module_called_after_dockerfiles_is_none() -> None:
    assert language_of("dockerfile.py") == "python"


def test_too_many_changes_teach_nothing() -> None:
    before, after = ("".join(f"k{at}: {value}\n" for at in range(200)) for value in ("true", "false"))
    assert _bodies(before, after, "a.yaml") == []
