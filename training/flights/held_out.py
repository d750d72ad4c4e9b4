"""The held-out flights with both models' scores: labelled rows that no model was trained on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data import FEATURES, LABEL
from onnx_models import Served


def write(rows: pd.DataFrame, served: dict[str, Served], path: Path) -> None:
    """Write the features of `rows`, the score of each model as `score_<version>`, and the label."""
    table = rows[["row_id", "scheduled_ms", *FEATURES, LABEL]].reset_index(drop=True)
    for version, model in served.items():
        table[f"score_{version}"] = model.predict(rows)[1][:, 1].astype("float32")
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, compression="snappy", store_schema=False)
