"""What is deployed: the tree as data, and the files for a cluster."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import yaml
from ray.serve.schema import ServeDeploySchema

from rsolv_ray.app import application, tree
from rsolv_ray.settings import Settings
from rsolv_ray.supervision.spec import Strategy, SupervisorSpec, walk

ROOT = Path(__file__).parents[2]


def test_the_serve_configuration_fits_the_schema_of_serve() -> None:
    config = ServeDeploySchema.model_validate(yaml.safe_load((ROOT / "serve_config.yaml").read_text()))
    assert config.applications[0].import_path == "rsolv_ray.app:application"


def test_the_serve_configuration_sets_only_settings_that_there_are() -> None:
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text())
    assert set(config["applications"][0]["args"]) <= {one.name for one in fields(Settings)}


def test_the_application_is_built_from_arguments(tmp_path: Path) -> None:
    assert application({"data_dir": str(tmp_path), "ray_address": "auto"}) is not None


def test_an_orchestrator_restarts_with_its_bank(tmp_settings: Settings) -> None:
    shards = [one for one in tree(tmp_settings).children if isinstance(one, SupervisorSpec) and "shard" in one.id]
    assert [(one.strategy, [child.id for child in one.children]) for one in shards] == [
        (Strategy.REST_FOR_ONE, ["bank/0", "orchestrator/0"])
    ]


def test_the_analyzer_takes_a_share_of_a_gpu_where_there_is_one(tmp_settings: Settings) -> None:
    def options(gpus: float) -> object:
        (analyzer,) = (one for one in walk(tree(tmp_settings, gpus=gpus)) if one.id == "analyzer")
        assert not isinstance(analyzer, SupervisorSpec)
        return analyzer.start.options

    assert (options(0), options(1)) == ({}, {"num_gpus": 0.25})


def test_one_poisonous_fix_cannot_spend_the_restarts_of_the_validators(tmp_settings: Settings) -> None:
    (validators,) = (one for one in walk(tree(tmp_settings)) if one.id == "validators")
    assert isinstance(validators, SupervisorSpec)
    assert validators.intensity > tmp_settings.command_attempts
