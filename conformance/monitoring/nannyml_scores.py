"""What the genuine NannyML, scikit-learn and statsmodels give: cases as JSON from one file, results as JSON to another.

    python nannyml_scores.py CASES RESULTS
"""

import json
import logging
import math
import os
import sys
import types
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
# For its domain classifier, which nothing here asks, NannyML imports FLAML, with which come XGBoost and a gigabyte more.
sys.modules["flaml"] = types.ModuleType("flaml")
sys.modules["flaml"].AutoML = None

import nannyml  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from nannyml import calibration  # noqa: E402
from scipy import stats  # noqa: E402
from sklearn import metrics  # noqa: E402
from sklearn.isotonic import IsotonicRegression  # noqa: E402
from sklearn.model_selection import StratifiedShuffleSplit  # noqa: E402
from statsmodels.stats.proportion import proportion_confint  # noqa: E402
from statsmodels.tsa.ar_model import AutoReg, ar_select_order  # noqa: E402
from statsmodels.tsa.stattools import ccf  # noqa: E402

METRICS = ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"]
PLACES = 60


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def needed_in_order(scores, truths):
    """NannyML's decision, but with tied rows kept in order: its own argsort has them in an order that the machine decides."""

    def error(y_true, y_pred_proba, bin_index_edges):
        order = np.argsort(y_pred_proba, kind="stable")
        gaps = [abs(np.sum(y_pred_proba[order[a:b]] - y_true[order[a:b]])) for a, b in bin_index_edges]
        return np.sum(gaps) / len(y_true)

    genuine = calibration._calculate_expected_calibration_error
    calibration._calculate_expected_calibration_error = error
    try:
        return bool(calibration.needs_calibration(truths, scores, calibration.IsotonicCalibrator()))
    finally:
        calibration._calculate_expected_calibration_error = genuine


def cbpe(case):
    scores, truths = np.array(case["scores"]), np.array(case["truths"])
    analysis = np.array(case["analysis"])

    def frame(values, labels=None):
        columns = {"p": values, "said": (values >= case["threshold"]).astype(int)}
        return pd.DataFrame(columns if labels is None else {**columns, "label": labels})

    estimator = nannyml.CBPE(
        metrics=METRICS,
        y_pred_proba="p",
        y_pred="said",
        y_true="label",
        problem_type="classification_binary",
        chunk_size=case["chunk"],
    )
    # NannyML resamples without a seed; with one, frozen results do not change from run to run.
    np.random.seed(0)
    estimator.fit(frame(scores, truths))
    found = estimator.estimate(frame(analysis)).filter(period="analysis").to_df()
    isotonic = IsotonicRegression(out_of_bounds="clip", increasing=True).fit(scores, truths)
    places = np.linspace(0, 1, PLACES)
    splits = list(StratifiedShuffleSplit(n_splits=10, test_size=0.1, random_state=42).split(scores, truths))
    said = (scores >= case["threshold"]).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(truths, said, labels=[0, 1]).ravel()
    return {
        "name": case["name"],
        "needed": bool(estimator.needs_calibration),
        "neededInOrder": needed_in_order(scores, truths),
        "chunks": {
            metric: [
                {
                    "value": number(row[(metric, "value")]),
                    "error": number(row[(metric, "sampling_error")]),
                    "low": number(row[(metric, "lower_confidence_boundary")]),
                    "high": number(row[(metric, "upper_confidence_boundary")]),
                }
                for _, row in found.iterrows()
            ]
            for metric in METRICS
        },
        "limits": {
            metric: [number(found[(metric, side)].iloc[0]) for side in ("lower_threshold", "upper_threshold")]
            for metric in METRICS
        },
        "isotonic": isotonic.predict(places).tolist(),
        # The whole of a small case's splits; of others their first rows.
        "splits": [
            [rows[: len(scores) if len(scores) < 100 else 5].tolist() for rows in split] for split in splits
        ],
        "realised": {
            "accuracy": metrics.accuracy_score(truths, said),
            "precision": metrics.precision_score(truths, said, zero_division=0),
            "recall": metrics.recall_score(truths, said),
            "specificity": metrics.recall_score(truths, said, pos_label=0),
            "f1": metrics.f1_score(truths, said),
            "log-loss": metrics.log_loss(truths, scores),
            "brier": metrics.brier_score_loss(truths, scores),
            "roc-auc": metrics.roc_auc_score(truths, scores),
            "average-precision": metrics.average_precision_score(truths, scores),
        },
        "wilson": {
            "accuracy": proportion_confint(tp + tn, len(truths), method="wilson"),
            "recall": proportion_confint(tp, tp + fn, method="wilson"),
            "specificity": proportion_confint(tn, tn + fp, method="wilson"),
        },
    }


def regression(case):
    actual, predicted = np.array(case["actual"]), np.array(case["predicted"])
    error = predicted - actual

    def around(values):
        return stats.norm.interval(0.95, np.mean(values), stats.sem(values))

    return {
        "name": case["name"],
        "mae": metrics.mean_absolute_error(actual, predicted),
        "rmse": metrics.root_mean_squared_error(actual, predicted),
        "bias": float(np.mean(error)),
        "mape": metrics.mean_absolute_percentage_error(actual, predicted),
        "r2": metrics.r2_score(actual, predicted),
        "intervals": {"mae": around(np.abs(error)), "bias": around(error), "mape": around(np.abs(error / actual))},
    }


def series(case):
    x, y = np.array(case["x"]), np.array(case["y"])
    chosen = ar_select_order(x, case["maxOrder"], ic="aic").ar_lags
    order = len(chosen) if chosen else 0
    fitted = AutoReg(x, order).fit()
    constant, *coefficients = fitted.params.tolist()

    def left(values):
        rows = np.array([values[at - order : at][::-1] for at in range(order, len(values))])
        return values[order:] - constant - (rows @ np.array(coefficients) if order else 0)

    white, filtered = left(x), left(y)
    ahead = ccf(filtered, white, adjusted=False)[: case["maxLag"] + 1]
    behind = ccf(white, filtered, adjusted=False)[: case["maxLag"] + 1]
    return {
        "name": case["name"],
        "order": order,
        "constant": constant,
        "coefficients": coefficients,
        "ahead": ahead.tolist(),
        "behind": behind.tolist(),
    }


def pair(case):
    found = stats.pearsonr(case["x"], case["y"])
    low, high = found.confidence_interval(0.95)
    return {"name": case["name"], "r": found.statistic, "p": found.pvalue, "low": low, "high": high}


with open(sys.argv[1]) as file:
    cases = json.load(file)
results = {
    "cbpe": [cbpe(case) for case in cases["cbpe"]],
    "regression": [regression(case) for case in cases["regression"]],
    "series": [series(case) for case in cases["series"]],
    "pairs": [pair(case) for case in cases["pairs"]],
}
with open(sys.argv[2], "w") as file:
    json.dump(results, file)
