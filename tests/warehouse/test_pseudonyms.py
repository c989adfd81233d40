"""Who reads a run's file learns no identifier, not even from the order of rows."""

import hashlib
import stat
from dataclasses import replace

import pandas as pd
import pytest

from tests.warehouse.shops import order
from workbench.core.errors import UsageError
from workbench.warehouse.pseudonyms import default_key_file, pseudonym, read_key


def test_a_pseudonym_is_an_hmac_worked_out_from_its_definition():
    # RFC 2104: H(key xor opad, H(key xor ipad, text)), the key filled up to 64 bytes
    key, text = b"k" * 32, b"retention\x00alice@example.com"
    block = key + bytes(32)
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + text).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()
    assert pseudonym(key, "retention", "Alice@Example.com") == outer[:32]


def test_spellings_of_one_identifier_are_one_and_purposes_cannot_be_joined():
    key = bytes(32)
    assert pseudonym(key, "a", "ﬁnn") == pseudonym(key, "a", "FINN")
    assert pseudonym(key, "a", "Finn") != pseudonym(key, "b", "Finn")
    assert pseudonym(key, "a", "Finn") != pseudonym(bytes([1] * 32), "a", "Finn")


def test_a_run_sees_pseudonyms_in_the_place_of_direct_identifiers(shop):
    shop.write(map(order, range(21)))
    shop.warehouse.add(shop.contract)
    path = shop.materialise("customer", "placed", "amount")
    assert b"customer-" not in path.read_bytes()
    frame = pd.read_parquet(path)
    assert list(frame) == ["customer", "placed", "amount"]
    assert frame["customer"].str.fullmatch("[0-9a-f]{32}").all()
    assert frame["customer"].nunique() == 7
    assert str(frame["placed"].dtype).startswith("datetime64")


def test_two_purposes_share_no_pseudonym_and_one_view(shop):
    shop.write(map(order, range(21)))
    shop.warehouse.add(shop.contract)
    one = pd.read_parquet(shop.materialise("customer", purpose="retention"))
    two = pd.read_parquet(shop.materialise("customer", purpose="pricing"))
    assert not set(one["customer"]) & set(two["customer"])


def test_the_order_of_rows_does_not_follow_the_identifiers_nor_the_key(shop, tmp_path):
    shop.contract = replace(
        shop.contract,
        columns=tuple(
            replace(c, identity="direct" if c.name == "order_id" else c.identity)
            for c in shop.contract.columns
        ),
    )
    day = {"placed": "2020-01-01", "arrived": "2020-01-02"}
    shop.write([order(n, amount=n % 3) | day for n in range(60)])
    shop.warehouse.add(shop.contract)
    view = shop.view("order_id", "amount")
    first = pd.read_parquet(shop.materialise("order_id", "amount"))
    assert first["amount"].is_monotonic_increasing
    for _, group in first.groupby("amount"):
        assert group["order_id"].is_monotonic_increasing  # of pseudonyms, so of chance
    (tmp_path / "config" / "pseudonym.key").unlink()
    second = pd.read_parquet(shop.materialise("order_id", "amount"))
    assert list(first["amount"]) == list(second["amount"])
    assert not set(first["order_id"]) & set(second["order_id"])
    assert shop.view("order_id", "amount") == view


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    key_file = tmp_path / "config" / "workbench" / "key"
    key = read_key(key_file, tmp_path / "root")
    assert len(key) == 32
    assert read_key(key_file, tmp_path / "root") == key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700


def test_a_key_that_cannot_be_trusted_is_refused(tmp_path):
    with pytest.raises(UsageError, match="outside the root"):
        read_key(tmp_path / "root" / "key", tmp_path / "root")
    key_file = tmp_path / "key"
    key_file.write_text("00" * 32)
    key_file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        read_key(key_file, tmp_path / "root")
    key_file.chmod(0o600)
    key_file.write_text("not a key")
    with pytest.raises(UsageError, match="holds no key"):
        read_key(key_file, tmp_path / "root")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_CONFIG_HOME": "/etc/me", "HOME": "/home/me"}, "/etc/me"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/home/me"}, "/home/me/.config"),
        ({"HOME": "/home/me"}, "/home/me/.config"),
    ],
)
def test_the_key_lies_in_the_users_configuration(environment, folder):
    assert str(default_key_file(environment)) == f"{folder}/workbench/pseudonym.key"
