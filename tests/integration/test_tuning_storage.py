"""A study goes on in SQLite and in PostgreSQL, beside the tables of the store."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from contrapeso.balancing.tuning import tune
from contrapeso.store import open_store


def test_a_study_goes_on_in_the_database_of_the_store(database_url: str) -> None:
    with open_store(database_url) as store:
        store.migrate()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = X[:, 0] + rng.normal(size=300) > 1.5
    asked = {"n_trials": 6, "budget_s": None, "sampler": ["weights", "smote", "geometric"]}
    whole = tune(X, y, LogisticRegression(), **asked)
    tune(X, y, LogisticRegression(), storage=database_url, **{**asked, "n_trials": 3})
    found = tune(X, y, LogisticRegression(), storage=database_url, **asked)
    assert found.n_resumed == 4
    assert [trial.scores for trial in found.trials] == [trial.scores for trial in whole.trials]
    with open_store(database_url) as store:
        store.migrate()  # the tables of both leave each other alone
