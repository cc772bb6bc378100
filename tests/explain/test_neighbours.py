"""Nearest examples and the features in which they are sought, against scikit-learn and the network itself."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from explain.neighbours.features import penultimate, unsupported
from explain.neighbours.neighbours import Neighbour, finding, nearest, standardised
from models import networks
from models.spec import ModelSpec
from tests import picture_toys
from tests.explain import image_toys


def test_nearest_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    known, labels = random.normal(size=(50, 4)), random.integers(0, 3, 50)
    for query in random.normal(size=(5, 4)):
        got = nearest(known, labels, query, 6)
        distances, positions = NearestNeighbors(n_neighbors=6).fit(known).kneighbors(query[None])
        assert [one.position for one in got] == positions[0].tolist()
        assert [one.distance for one in got] == pytest.approx(distances[0].tolist())
        assert [one.label for one in got] == labels[positions[0]].tolist()


def test_ties_go_to_the_first_and_few_examples_are_all_given():
    got = nearest(np.array([[1.0], [-1.0], [0.0]]), np.array([5, 6, 7]), np.zeros(1), 9)
    assert [(one.position, one.label, one.distance) for one in got] == [(2, 7, 0), (0, 5, 1), (1, 6, 1)]
    with pytest.raises(ValueError, match="k of 1 or more"):
        nearest(np.zeros((2, 1)), np.zeros(2), np.zeros(1), 0)
    with pytest.raises(ValueError, match="a query"):
        nearest(np.zeros((2, 1)), np.zeros(2), np.zeros(2), 1)


def test_examples_speak_for_an_answer_from_half_of_them_on():
    near = [Neighbour(position, label, 0.1) for position, label in enumerate((0, 0, 1, 1, 2))]
    said, against = finding(near[:4], ("cat", "dog", "hen"), 1)
    assert said == "2 of the 4 nearest training examples are dog, which is what the model says."
    assert against is False
    said, against = finding(near, ("cat", "dog", "hen"), 1)
    assert said.startswith("Only 2 of the 5 nearest training examples are dog") and against is True
    assert finding(near, ("cat", "dog", "hen"), 2)[1] is True


def test_rows_are_compared_in_units_of_spread():
    from sklearn.preprocessing import StandardScaler

    rows = np.random.default_rng(1).normal(size=(30, 3)) * [1, 100, 0] + [5, 0, 2]
    others = np.array([[1.0, 2.0, 3.0]])
    assert standardised(others, rows) == pytest.approx(StandardScaler().fit(rows).transform(others))


def test_features_are_what_the_last_layer_reads_scaled_to_length_one(one_torch_thread):
    network = networks.ResidualNetwork(3, 4)
    network.initialise(torch.Generator().manual_seed(2), "none")
    model = networks.NetworkModel(picture_toys.SPEC, network)
    pictures = image_toys.background(3)
    got = penultimate(model, pictures)
    with torch.no_grad():
        tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2)
        means = model.network.maps(tensor).mean((2, 3))
    assert got == pytest.approx((means / means.norm(dim=1, keepdim=True)).numpy(), abs=1e-6)
    assert np.linalg.norm(got, axis=1) == pytest.approx(1)


def test_features_of_any_network_whose_last_layer_is_linear(one_torch_thread):
    model, _ = image_toys.linear()
    pictures = image_toys.background(2)
    flat = pictures.transpose(0, 3, 1, 2).reshape(2, -1)
    assert penultimate(model, pictures) == pytest.approx(
        flat / np.linalg.norm(flat, axis=1, keepdims=True), abs=1e-6
    )


def test_features_are_those_of_the_last_of_several_linear_layers(one_torch_thread):
    torch.manual_seed(4)
    first = torch.nn.Linear(3 * 8 * 8, 5)
    network = torch.nn.Sequential(torch.nn.Flatten(), first, torch.nn.ReLU(), torch.nn.Linear(5, 3))
    pictures = image_toys.background(4, side=8)
    with torch.no_grad():
        flat = torch.from_numpy(pictures).permute(0, 3, 1, 2).flatten(1)
        own = torch.nn.functional.normalize(first(flat).relu(), dim=1).numpy()
    assert penultimate(image_toys.ToyImageModel(network, side=8), pictures) == pytest.approx(own, abs=1e-6)


def test_features_leave_no_trace_and_do_not_depend_on_the_batch(one_torch_thread):
    model, pictures = image_toys.small(), image_toys.background(40)
    before = image_toys.hooks(model.network)
    together = penultimate(model, pictures)
    assert image_toys.hooks(model.network) == before
    assert together[17] == pytest.approx(penultimate(model, pictures[17:18])[0], abs=1e-6)
    assert together.shape == (40, 8)


def test_what_has_no_network_is_refused_with_the_reason(one_torch_thread):
    spec = ModelSpec("t", "Trees", "tabular", ("a", "b"))
    assert unsupported(spec) == "Trees has no network whose features could be compared."
    bare = image_toys.ToyImageModel(torch.nn.Sequential(torch.nn.Conv2d(3, 3, 1), torch.nn.Flatten()))
    with pytest.raises(ValueError, match="no linear layer"):
        penultimate(bare, image_toys.background(1))
