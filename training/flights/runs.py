"""The training runs: each fits one model, measures it after every step, and keeps what it saw."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from data import CATEGORICAL, FEATURES, LABEL, NUMERIC, WEATHER, Window

SEED = 20130101
# Runs are recorded as if the first began here; every later time adds really measured time.
BASE_MS = 1_793_523_600_000  # 2026-11-01T09:00:00Z

SCHEDULE = [name for name in FEATURES if name not in WEATHER]
HOUR_AND_ORIGIN = ["sched_hour", "origin"]

Probabilities = np.ndarray  # P(delayed), one per row
Step = tuple[int, Probabilities, Probabilities]  # step number, on training rows, on validation rows
History = Callable[[Any, np.ndarray, np.ndarray, np.ndarray], Iterator[Step]]


@dataclass(frozen=True)
class Split:
    """The rows a run may learn from (`train`), choose by (`validation`) and is judged on (`months`)."""

    train: pd.DataFrame
    validation: pd.DataFrame
    months: list[tuple[Window, pd.DataFrame]]
    data_sha256: str


@dataclass(frozen=True)
class Plan:
    """One run to make: a classifier, the features it sees and how its steps are driven."""

    name: str
    family: str
    estimator: Any
    history: History
    params: dict[str, Any]
    features: list[str] = field(default_factory=lambda: FEATURES)
    scaled: bool = False


@dataclass
class Run:
    """A finished run: the fitted pipeline and everything that was recorded about it."""

    plan: Plan
    pipeline: Pipeline
    record: dict[str, Any]


def scores(labels: np.ndarray, probabilities: Probabilities) -> dict[str, float]:
    """Validation figures of P(delayed): auc, log_loss (nats), accuracy at 0.5, brier."""
    clipped = np.clip(probabilities.astype("float64"), 1e-7, 1 - 1e-7)
    return {
        "auc": float(roc_auc_score(labels, clipped)),
        "log_loss": float(log_loss(labels, clipped)),
        "accuracy": float(accuracy_score(labels, clipped > 0.5)),
        "brier": float(brier_score_loss(labels, clipped)),
    }


def _by_refit(step_parameter: str, steps: list[int]) -> History:
    """Fit with `step_parameter` growing through `steps`.

    A forest (warm start) adds trees to those it has. A logistic regression starts over, and as
    its solver is deterministic, k iterations from the start are the k-th state of one longer fit.
    """

    def history(model: Any, x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> Iterator[Step]:
        for step in steps:
            model.set_params(**{step_parameter: step})
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is the point
                model.fit(x, y)
            yield step, model.predict_proba(x)[:, 1], model.predict_proba(held_out)[:, 1]

    return history


def _by_partial_fit(epochs: int) -> History:
    """One `partial_fit` over all rows per step."""

    def history(model: Any, x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> Iterator[Step]:
        for epoch in range(1, epochs + 1):
            model.partial_fit(x, y, classes=np.array([0, 1]))
            yield epoch, model.predict_proba(x)[:, 1], model.predict_proba(held_out)[:, 1]

    return history


def _by_stages(model: Any, x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> Iterator[Step]:
    """Fit once, then look at the ensemble after each boosting stage."""
    model.fit(x, y)
    stages = zip(model.staged_predict_proba(x), model.staged_predict_proba(held_out), strict=True)
    for number, (seen, unseen) in enumerate(stages, start=1):
        yield number, seen[:, 1], unseen[:, 1]


def _logistic(name: str, c: float, features: list[str] = FEATURES, iterations: int = 50) -> Plan:
    params = {"C": c, "penalty": "l2", "solver": "lbfgs", "max_iter": iterations}
    model = LogisticRegression(C=c, solver="lbfgs", random_state=SEED)
    history = _by_refit("max_iter", list(range(1, iterations + 1)))
    return Plan(name, "logistic-regression", model, history, params, features, scaled=True)


def _boosting(name: str, **params: Any) -> Plan:
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=SEED, **params)
    return Plan(name, "hist-gradient-boosting", model, _by_stages, params)


def _forest(name: str, trees: int, **params: Any) -> Plan:
    model = RandomForestClassifier(warm_start=True, n_jobs=2, random_state=SEED, **params)
    history = _by_refit("n_estimators", list(range(2, trees + 1, 2)))
    return Plan(name, "random-forest", model, history, {"n_estimators": trees, **params}, scaled=True)


def _perceptron(name: str, epochs: int, **params: Any) -> Plan:
    model = MLPClassifier(random_state=SEED, **params)
    return Plan(
        name, "mlp", model, _by_partial_fit(epochs), {"epochs": epochs, "solver": "adam", **params}, scaled=True
    )


def plans() -> list[Plan]:
    """Every run, in the order it is made."""
    return [
        _logistic("logreg-hour-origin", 1.0, HOUR_AND_ORIGIN),
        _logistic("logreg-schedule-only", 1.0, SCHEDULE),
        _logistic("logreg-all-c0.001", 0.001),
        _logistic("logreg-all-c0.01", 0.01),
        _logistic("logreg-all-c1", 1.0),
        _forest("forest-d12", 60, max_depth=12, min_samples_leaf=20),
        _perceptron("mlp-32", 60, hidden_layer_sizes=(32,), alpha=0.01, batch_size=512, learning_rate_init=3e-4),
        _boosting("gbm-stumps", max_iter=300, learning_rate=0.1, max_depth=1, min_samples_leaf=50),
        _boosting("gbm-d3", max_iter=200, learning_rate=0.05, max_depth=3, min_samples_leaf=100),
        _boosting(
            "gbm-d4-slow",
            max_iter=250,
            learning_rate=0.03,
            max_depth=4,
            min_samples_leaf=200,
            l2_regularization=10.0,
        ),
        _boosting("gbm-d6", max_iter=200, learning_rate=0.05, max_depth=6, min_samples_leaf=100),
        _boosting("gbm-leaf31-fast", max_iter=150, learning_rate=0.2, max_leaf_nodes=31, min_samples_leaf=20),
    ]


def _preprocessor(features: list[str], scaled: bool) -> ColumnTransformer:
    """Numbers imputed and scaled, or passed on with their NaN; categories as one column a value."""
    numeric = [name for name in NUMERIC if name in features]
    categorical = [name for name in CATEGORICAL if name in features]
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()) if scaled else "passthrough"
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    return ColumnTransformer([("numbers", numbers, numeric), ("categories", one_hot, categorical)])


def train(plan: Plan, split: Split, started_ms: int) -> Run:
    """Make one run. `started_ms` (epoch ms) is when it is recorded as having begun."""
    begun = time.perf_counter()

    def now_ms() -> int:
        return started_ms + round((time.perf_counter() - begun) * 1000)

    prepare = _preprocessor(plan.features, plan.scaled)
    x = prepare.fit_transform(split.train[plan.features])
    held_out = prepare.transform(split.validation[plan.features])
    y = split.train[LABEL].to_numpy().astype("int64")
    y_held_out = split.validation[LABEL].to_numpy().astype("int64")

    metrics: list[dict[str, Any]] = []

    def note(key: str, step: int, value: float) -> None:
        metrics.append({"key": key, "step": step, "value": round(float(value), 6), "timestampMs": now_ms()})

    step = 0
    for step, seen, unseen in plan.history(plan.estimator, x, y, held_out):
        note("train_log_loss", step, log_loss(y, seen))
        note("validation_log_loss", step, log_loss(y_held_out, unseen))
        note("validation_auc", step, roc_auc_score(y_held_out, unseen))

    pipeline = Pipeline([("prepare", prepare), ("classify", plan.estimator)])
    final = scores(y_held_out, unseen)
    note("validation_accuracy", step, final["accuracy"])
    note("validation_brier", step, final["brier"])

    later: list[tuple[np.ndarray, Probabilities]] = []
    for month, rows in split.months:
        labels = rows[LABEL].to_numpy().astype("int64")
        probabilities = pipeline.predict_proba(rows[plan.features])[:, 1]
        later.append((labels, probabilities))
        for key, value in scores(labels, probabilities).items():
            note(f"test_{key}_by_month", int(month.name[-2:]), value)
    overall = scores(np.concatenate([pair[0] for pair in later]), np.concatenate([pair[1] for pair in later]))
    summary = {**final, **{f"test_{key}": value for key, value in overall.items()}}

    params = {"seed": SEED, "features": ",".join(plan.features), "train_rows": len(split.train), **plan.params}
    record = {
        "name": plan.name,
        "modelFamily": plan.family,
        "params": {key: str(value) for key, value in params.items()},
        "tags": {"data.sha256": split.data_sha256, "sklearn.version": sklearn.__version__, "label": LABEL},
        "startedMs": started_ms,
        "endedMs": now_ms(),
        "metrics": metrics,
        "summary": {key: round(value, 6) for key, value in summary.items()},
        "version": None,
    }
    return Run(plan, pipeline, record)


def best(runs: list[Run], family: str) -> Run:
    """The run of `family`, over all features, with the lowest validation log-loss."""
    candidates = [run for run in runs if run.plan.family == family and run.plan.features == FEATURES]
    return min(candidates, key=lambda run: run.record["summary"]["log_loss"])
