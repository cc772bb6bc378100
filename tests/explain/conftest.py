import pytest

from tests.explain import toys


@pytest.fixture(scope="session")
def toy_tree():
    return toys.fitted_tree()


@pytest.fixture(scope="session")
def toy_forest():
    return toys.fitted_forest()


@pytest.fixture(scope="session")
def toy_cnn():
    from tests.explain import image_toys

    return image_toys.small()


@pytest.fixture
def one_torch_thread():
    """Tests run beside each other; torch would take every core for each."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
