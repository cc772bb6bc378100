import pytest

from tests.explain import toys


@pytest.fixture(scope="session")
def toy_tree():
    return toys.fitted_tree()


@pytest.fixture(scope="session")
def toy_forest():
    return toys.fitted_forest()
