"""A vector depends on its own text alone, and near vectors are alike."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.features import CodeSample
from rsolv_ray.patterns.insights import THRESHOLD

ENCODER = Encoder(dim=256, device="cpu")
SAMPLES = st.builds(CodeSample, st.text(max_size=200), st.sampled_from(["python", "javascript", "php", "cobol"]))

ALIKE = {
    "queries built from strings": [
        (
            "def find_user(name):\n    cursor = connection.cursor()\n"
            "    cursor.execute(\"SELECT id, email FROM users WHERE name = '%s'\" % name)\n    return cursor.fetchone()\n"
        ),
        (
            "def load_order(order_id):\n    cursor = db.cursor()\n"
            '    query = f"SELECT * FROM orders WHERE id = {order_id}"\n'
            "    cursor.execute(query)\n    return cursor.fetchone()\n"
        ),
        (
            "def find_customer(email):\n    cur = connection.cursor()\n"
            '    cur.execute("SELECT id, name FROM customers WHERE email = \'" + email + "\'")\n    return cur.fetchall()\n'
        ),
    ],
    "weak digests": [
        "def fingerprint(password):\n    return hashlib.md5(password.encode()).hexdigest()\n",
        (
            'def store(user, secret):\n    digest = hashlib.md5(secret.encode("utf-8")).hexdigest()\n'
            "    user.password = digest\n    user.save()\n"
        ),
    ],
    "joined paths": [
        "def download(name):\n    return send_file(os.path.join(UPLOADS, name))\n",
        "def read_report(name):\n    path = os.path.join(REPORTS, name)\n    return open(path).read()\n",
    ],
    "a shell": ['def ping(host):\n    subprocess.call("ping -c 1 " + host, shell=True)\n'],
    "unsafe loading": ["def parse(text):\n    document = yaml.load(text, Loader=yaml.Loader)\n    return document\n"],
}


def python(code: str) -> CodeSample:
    return CodeSample(code, "python")


def cosine(left: str, right: str) -> float:
    one, other = ENCODER.encode([python(left), python(right)])
    return float(one @ other)


def same_bits(left: torch.Tensor, right: torch.Tensor) -> bool:
    return left.numpy().tobytes() == right.numpy().tobytes()


@given(st.lists(SAMPLES, max_size=8))
def test_vectors_are_unit_vectors_of_float32(samples: list[CodeSample]):
    vectors = ENCODER.encode(samples)
    assert vectors.shape == (len(samples), 256)
    assert vectors.dtype == torch.float32
    assert torch.allclose(vectors.norm(dim=1), torch.ones(len(samples)), atol=1e-6)


@given(SAMPLES, st.lists(SAMPLES, max_size=6), st.integers(0, 6))
def test_a_vector_is_the_same_to_the_bit_in_any_batch(sample: CodeSample, others: list[CodeSample], place: int):
    place = min(place, len(others))
    batch = ENCODER.encode([*others[:place], sample, *others[place:]])
    assert same_bits(batch[place], ENCODER.encode([sample])[0])


def test_the_number_of_threads_changes_no_bit():
    samples = [python(code) for codes in ALIKE.values() for code in codes]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    one = ENCODER.encode(samples)
    torch.set_num_threads(2)
    two = ENCODER.encode(samples)
    torch.set_num_threads(threads)
    assert same_bits(one, two)


def test_the_vectors_of_a_version_never_change():
    vectors = ENCODER.encode([python(ALIKE["weak digests"][0])])
    rounded = np.rint(vectors.numpy() * 1e4).astype("<i4")
    assert ENCODER.name == "hash-v1-256"
    assert hashlib.sha256(rounded.tobytes()).hexdigest()[:16] == "2a26e3ec7b9dacdf"


def test_the_length_is_part_of_the_name():
    assert Encoder(dim=64).name != ENCODER.name
    assert Encoder(dim=64).encode([python("x")]).shape == (1, 64)


def test_an_encoder_of_one_number_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        Encoder(dim=1)


@pytest.mark.parametrize("dim", [2, 3])
def test_features_that_cancel_out_still_give_a_unit_vector(dim: int):
    vectors = Encoder(dim=dim).encode([CodeSample(f"x{number}", "cobol") for number in range(40)])
    assert torch.allclose(vectors.norm(dim=1), torch.ones(40), atol=1e-6)


def test_code_without_tokens_is_near_to_nothing():
    assert cosine("", "# a comment\n") == pytest.approx(1.0, abs=1e-6)
    assert all(cosine("", code) < THRESHOLD for codes in ALIKE.values() for code in codes)


def test_the_same_weakness_in_another_spelling_is_similar():
    for codes in ALIKE.values():
        for left, right in combinations(codes, 2):
            assert cosine(left, right) > THRESHOLD, (left, right)


def test_different_weaknesses_are_not_similar():
    for first, second in combinations(ALIKE.values(), 2):
        for left in first:
            for right in second:
                assert cosine(left, right) < THRESHOLD, (left, right)


def test_renaming_locals_and_adding_comments_keeps_code_similar():
    code = ALIKE["queries built from strings"][1]
    assert cosine(code, "# checked in spring\n" + code.replace("query", "q_7f3a").replace("cursor =", "c1 =")) > 0.9


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_gives_the_same_vectors():
    samples = [python(code) for codes in ALIKE.values() for code in codes]
    assert torch.allclose(Encoder(device="cuda").encode(samples).cpu(), ENCODER.encode(samples), atol=1e-5)
