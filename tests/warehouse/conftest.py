"""What every test of the warehouse may ask for."""

from pathlib import Path

import pytest

from tests.warehouse.shops import Shop, shop_at


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return shop_at(tmp_path)
