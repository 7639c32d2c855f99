"""No secret in an address is told."""

import doctest
import pickle

import pytest

from citygrow_nb import addresses
from citygrow_nb.addresses import without_secrets
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.running.cluster import require_cluster
from citygrow_nb.storage import object_store, open_outputs

SECRET = "Hush/Hush+Hush"


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(addresses).failed == 0


@pytest.mark.parametrize(
    "address",
    [
        f"s3://KEY:{SECRET}@bucket/reports",
        f"tcp://user:{SECRET}@10.0.0.1:8786",
        f"https://user:{SECRET}@store.example:9000/bucket?x=1",
        "https://user:Hush@store.example/@a",
        "https://store.example/b?X-Amz-Signature=Hush&X-Amz-Date=1",
        "abfs://container@account.example/b?sv=1&sig=Hush%2FHush",
        "https://Hush@store.example/b#token=Hush",
        "s3://KEY:Hu?sh=Hush@bucket",
        # What a path makes of an address that was given where a file belongs.
        f"s3:/KEY:{SECRET}@bucket/reports",
        "s3:\\KEY:Hush@bucket\\reports",
    ],
)
def test_a_sentence_with_an_address_holds_no_secret(address: str) -> None:
    """Whether it stands where the fault is, or a library's own words repeat it; also after a border of processes."""
    for problem in (Problem(address, "it broke"), Problem("x", f"cannot reach “{address}”, try again", todo=address)):
        told = str(pickle.loads(pickle.dumps(problem)))
        assert "Hu" not in told.replace("KEY", "")
        assert "store.example" in told or "bucket" in told or "10.0.0.1" in told or "account.example" in told


@pytest.mark.parametrize("text", ["https://example.org:8080/@somebody, row 5", "s3://bucket/reports", "a@b.example: x"])
def test_an_address_without_a_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_an_address_with_a_password_is_refused_before_anything_is_asked() -> None:
    """It would go over the network, and into what others log."""
    for open_ in (open_outputs, require_cluster):
        with pytest.raises(UsageError, match="password") as caught:
            open_(f"tcp://user:{SECRET}@10.0.0.1:8786")
        assert "Hush" not in str(caught.value)


def test_the_words_of_a_store_repeat_no_secret_of_its_address() -> None:
    """S3 names the bucket without the rest of the address, and signs what it asks for."""
    error = ValueError('Invalid bucket name "KEY:Hush/Hush@bucket", sig Hush2345')
    told = str(object_store._problem(error, "s3://KEY:Hush/Hush@bucket/a?sig=Hush2345"))
    assert "Hush" not in told
    assert "bucket" in told
