"""Two visitors who explain at once get their own right answers, and no hook stays behind."""

import gc
import threading
import weakref

import numpy as np
import pytest
from torch import nn

from explain.locks import twin_of
from tests.explain import image_toys
from tests.explain.image_toys import NAMES, hooks, run

pytestmark = pytest.mark.usefixtures("one_torch_thread")


def test_a_twin_shares_the_weights_and_not_the_hooks(toy_cnn):
    with twin_of(toy_cnn.network) as twin:
        assert twin is not toy_cnn.network
        ours, its = (part.state_dict(keep_vars=True) for part in (toy_cnn.network, twin))
        assert ours and all(its[name] is value for name, value in ours.items())
        seen = []
        hook = twin.conv2.register_forward_hook(lambda *_: seen.append("fired"))
        toy_cnn.predict_proba(image_toys.background(1))
        hook.remove()
        assert seen == []
    with twin_of(toy_cnn.network) as again:
        assert again is twin


def test_twins_go_with_their_networks():
    model = image_toys.small()
    run("grad_cam", model, image_toys.picture())
    with twin_of(model.network) as twin:
        seen = [weakref.ref(model.network), weakref.ref(twin)]
    del model, twin
    gc.collect()
    assert [one() for one in seen] == [None, None]


@pytest.mark.parametrize("name", NAMES)
def test_no_hook_stays_behind_after_a_failure(name):
    class Failing(nn.Module):
        def forward(self, x):
            raise RuntimeError("out of memory")

    model = image_toys.small()
    with twin_of(model.network) as twin:
        pass
    before = hooks(model.network), hooks(twin)
    twin.head = model.network.head = Failing().eval()
    with pytest.raises(RuntimeError, match="out of memory"):
        run(name, model, image_toys.picture())
    model.network.head = twin.head = nn.Linear(8, 3)
    assert (hooks(model.network), hooks(twin)) == before
    assert np.isfinite(run(name, image_toys.small(), image_toys.picture()).values).all()


def test_threads_get_their_own_right_answers(toy_cnn):
    asked = [(name, seed, target) for name in NAMES for seed in range(3) for target in range(3)]

    def answer(name, seed, target):
        return run(name, toy_cnn, image_toys.picture(seed), target).values

    alone = {one: answer(*one) for one in asked}
    batch = image_toys.background(4)
    probabilities = toy_cnn.predict_proba(batch)
    wrong, stop = [], threading.Event()

    def explain(number):
        order = np.random.default_rng(number).permutation(len(asked) * 2) % len(asked)
        for position in order:
            one = asked[position]
            try:
                if not np.array_equal(answer(*one), alone[one]):
                    wrong.append(one)
            except Exception as error:
                wrong.append((one, error))

    def predict():
        while not stop.is_set():
            if not np.array_equal(toy_cnn.predict_proba(batch), probabilities):
                wrong.append("prediction")

    predicting = threading.Thread(target=predict)
    explaining = [threading.Thread(target=explain, args=(number,)) for number in range(4)]
    for thread in (predicting, *explaining):
        thread.start()
    for thread in explaining:
        thread.join()
    stop.set()
    predicting.join()
    assert wrong == []
