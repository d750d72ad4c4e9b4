"""Scores of the genuine Evidently and SciPy: cases as JSON from one file, results as JSON to another.

    python evidently_scores.py CASES RESULTS
"""

import json
import math
import sys
import warnings

import numpy as np
import pandas as pd
from evidently.core.datasets import infer_column_type
from evidently.legacy.calculations.data_drift import DatasetColumns, get_dataset_drift, get_one_column_drift
from evidently.legacy.calculations.stattests.registry import get_registered_stattest
from evidently.legacy.core import ColumnType
from evidently.legacy.options.data_drift import DataDriftOptions
from evidently.legacy.utils.data_operations import DatasetUtilityColumns
from scipy import stats

warnings.filterwarnings("ignore")

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def series(values, kind):
    values = [SPECIAL.get(value, value) if kind != "text" else value for value in values]
    if kind == "integer":
        return pd.Series(values, dtype="int64")
    if kind == "float":
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype="object")


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def columns(column_type):
    named = ["x"]
    return DatasetColumns(
        utility_columns=DatasetUtilityColumns(date=None, id=None, target=None, prediction=None),
        target_type=None,
        task=None,
        num_feature_names=named if column_type == ColumnType.Numerical else [],
        cat_feature_names=named if column_type == ColumnType.Categorical else [],
        text_feature_names=[],
        datetime_feature_names=[],
        target_names=None,
    )


def drift(reference, current, column_type, method):
    return get_one_column_drift(
        current_data=pd.DataFrame({"x": current}),
        reference_data=pd.DataFrame({"x": reference}),
        column_name="x",
        options=DataDriftOptions(all_features_stattest=method),
        dataset_columns=columns(column_type),
        column_type=column_type,
        agg_data=True,
    )


def scored(case):
    reference = series(case["reference"], case["type"])
    current = series(case["current"], case["type"])
    column_type = infer_column_type(current)
    result = {"name": case["name"], "kind": column_type.value, "methods": {}}
    if column_type == ColumnType.Text:
        return result
    chosen = drift(reference, current, column_type, None)
    by_name = {get_registered_stattest(name, kind).display_name: name for name, kind in allowed()}
    result["chosen"] = {
        "method": by_name[chosen.stattest_name],
        "score": number(chosen.drift_score),
        "threshold": number(chosen.stattest_threshold),
        "drifted": bool(chosen.drift_detected),
    }
    for method, kind in allowed():
        if kind != column_type:
            continue
        found = drift(reference, current, column_type, method)
        result["methods"][method] = {"score": number(found.drift_score), "drifted": bool(found.drift_detected)}
    if column_type == ColumnType.Numerical:
        clean = [side.replace([np.inf, -np.inf], np.nan).dropna() for side in (reference, current)]
        result["ks"] = number(stats.ks_2samp(*clean).statistic)
    return result


def allowed():
    numerical = ["ks", "wasserstein", "jensenshannon", "psi", "kl_div"]
    categorical = ["chisquare", "z", "jensenshannon", "psi", "kl_div"]
    return [(name, ColumnType.Numerical) for name in numerical] + [
        (name, ColumnType.Categorical) for name in categorical
    ]


class Found:
    """What get_dataset_drift reads of a column."""

    def __init__(self, drifted):
        self.drift_detected = drifted


def dataset_rule():
    shares = [(drifted, of, share) for of in (1, 2, 3, 7, 50) for drifted in range(of + 1) for share in (0.3, 0.5)]
    return [
        {
            "drifted": drifted,
            "columns": of,
            "share": share,
            "verdict": get_dataset_drift({str(at): Found(at < drifted) for at in range(of)}, share).dataset_drift,
        }
        for drifted, of, share in shares
    ]


def tails():
    """Tails of distributions: name, arguments, value."""
    rows = []
    for n in (1, 2, 5, 20, 100, 140, 141, 500, 1000, 20_000, 99_999, 100_001, 250_000, 1_000_000, 2_000_000):
        for z in (0.05, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.48, 1.5, 2, 2.5, 3, 5, 10):
            x = z / math.sqrt(n)
            if x < 1:
                rows.append(["kolmogorov", [n, x], float(stats.kstwo.sf(x, n))])
    for degrees in (1, 2, 3, 10, 57, 999, 20_000, 300_000):
        for factor in (0.1, 0.5, 0.9, 1, 1.01, 1.2, 2, 5):
            rows.append(["chi-square", [degrees * factor, degrees], float(stats.chi2.sf(degrees * factor, degrees))])
    for z in (0, 0.01, 0.5, 1, 1.959963984540054, 3, 5, 8, 20, 37):
        rows.append(["normal", [z], float(2 * stats.norm.sf(z))])
    for degrees in (1, 2, 6, 28, 500, 100_000):
        for t in (0, 0.1, 1, 2.5, 6, 30):
            rows.append(["student", [t, degrees], float(2 * stats.t.sf(t, degrees))])
    for n, k, p in ((10, 3, 0.2), (1000, 480, 0.5), (1_000_000, 300_100, 0.3), (1_000_000, 1, 1e-6)):
        rows.append(["binomial", [k, n, p], float(stats.binom.pmf(k, n, p))])
    return rows


with open(sys.argv[1]) as file:
    cases = json.load(file)
with open(sys.argv[2], "w") as file:
    json.dump({"cases": [scored(case) for case in cases], "datasets": dataset_rule(), "tails": tails()}, file)
