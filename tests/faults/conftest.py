"""What the fault tests share: the zoo's runs, and a shop that is due each day."""

import pytest

from tests.studies.conftest import Shop, empty_shop, shop  # noqa: F401 - fixtures
from tests.zoo.test_zoo import preloaded, run  # noqa: F401 - fixtures
from workbench.app import App


@pytest.fixture
def sealed(shop: Shop) -> Shop:  # noqa: F811 - the fixture
    """The shop, its study sealed and due each day."""
    file = shop.app.layout.registration("loyal")
    file.write_text(file.read_text().replace("cadence: monthly", "cadence: daily"))
    shop.app.registering.register(shop.study)
    return Shop(App(shop.app.layout.root), shop.runner)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether the tests run at full size, for which nobody waits by day."""
    return bool(request.config.getoption("--soak"))
