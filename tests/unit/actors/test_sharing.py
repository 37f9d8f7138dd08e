"""A bad question is its asker's trouble; what DuckDB calls fatal is everybody's."""

from __future__ import annotations

import pytest

from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.sharing import answering
from rsolv_ray.model.errors import Broken, NotFound
from rsolv_ray.model.ids import OrgId
from rsolv_ray.settings import Settings

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


def test_a_bug_over_a_question_is_told_to_who_asked() -> None:
    with pytest.raises(Broken), answering("rule"):
        raise OverflowError


def test_our_own_errors_pass_as_they_are() -> None:
    with pytest.raises(NotFound), answering("rule"):
        raise NotFound


def test_what_is_fatal_passes_and_ends_the_process() -> None:
    with pytest.raises(MemoryError), answering("rule", fatal=(MemoryError,)):
        raise MemoryError


async def test_a_bank_goes_on_after_a_question_of_the_wrong_shape(tmp_settings: Settings) -> None:
    bank = Bank(shard=0, data_dir=str(tmp_settings.data_dir), attached=4, checkpoint_every=256)
    await bank.start(1)
    with pytest.raises(Broken):
        await bank.ask(ORG, "rule")
    assert await bank.ask(ORG, "last_sequence") == 0
    await bank.stop()
