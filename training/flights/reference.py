"""The training reference: per column, the frozen grid that live values are counted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data import CATEGORICAL, NUMERIC

CELLS = 256
CATEGORIES = 255


def numeric_profile(name: str, values: np.ndarray) -> dict[str, Any]:
    """Counts of `values` (NaN is missing) on at most 256 cells cut at their own quantiles.

    Cells are [edge_i, edge_i+1), the last one closed. Every edge is a float32 that occurred, so a
    value occurring often starts a cell of its own. If that value is the largest one, one further
    edge is put just above it (the next float32), or it would share a cell with its neighbour.
    `std` is the population's (divided by n).
    """
    present = values[~np.isnan(values)].astype("float32")
    at = np.linspace(0, 1, CELLS + 1)
    edges = np.quantile(present, at, method="inverted_cdf").astype("float32")
    largest_is_heavy = edges[-1] == edges[-2]
    edges = np.unique(edges)
    if largest_is_heavy:
        edges = np.append(edges, np.nextafter(edges[-1], np.float32(np.inf)))
    counts, _ = np.histogram(present, bins=edges.astype("float64"))
    assert counts.sum() == len(present) and len(counts) <= CELLS
    exact = present.astype("float64")
    return {
        "name": name,
        "kind": "numeric",
        "edges": edges.astype("float64").tolist(),
        "counts": counts.tolist(),
        "below": 0,
        "above": 0,
        "missing": int(np.isnan(values).sum()),
        "mean": float(exact.mean()),
        "std": float(exact.std()),
        "min": float(exact.min()),
        "max": float(exact.max()),
    }


def categorical_profile(name: str, values: pd.Series) -> dict[str, Any]:
    """Counts per value, most frequent first, then by value; beyond 255 values the rest is `other`."""
    counted = sorted(values.dropna().value_counts().items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "name": name,
        "kind": "categorical",
        "categories": [[value, int(count)] for value, count in counted[:CATEGORIES]],
        "other": int(sum(count for _, count in counted[CATEGORIES:])),
        "missing": int(values.isna().sum()),
    }


def feature_profiles(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Profiles of every model input on `rows`, in the models' input order."""
    numeric = [numeric_profile(name, rows[name].to_numpy()) for name in NUMERIC]
    return numeric + [categorical_profile(name, rows[name]) for name in CATEGORICAL]
