"""scikit-learn pipelines to ONNX, checked against scikit-learn in the runtime the app uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.pipeline import Pipeline

from data import CATEGORICAL, FEATURES, NUMERIC, WEATHER

OPSET = {"": 18, "ai.onnx.ml": 3}
IR_VERSION = 9
TOLERANCE = 1e-5
BATCH = "N"


def convert(pipeline: Pipeline, name: str, metadata: dict[str, Any]) -> onnx.ModelProto:
    """One named input [N,1] per feature; outputs `label` int64 [N] and `probabilities` float [N,2]."""
    inputs = [(feature, FloatTensorType([None, 1])) for feature in NUMERIC]
    inputs += [(feature, StringTensorType([None, 1])) for feature in CATEGORICAL]
    model = convert_sklearn(
        pipeline, name=name, initial_types=inputs, options={id(pipeline): {"zipmap": False}}, target_opset=OPSET
    )
    model.ir_version = IR_VERSION
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = BATCH
    onnx.helper.set_model_props(
        model, {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def feeds(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """The input tensors of `rows`: numbers FP32 [N,1] with NaN for missing, categories strings [N,1]."""
    tensors = {name: rows[[name]].to_numpy(dtype="float32") for name in NUMERIC}
    return tensors | {name: rows[[name]].to_numpy(dtype=object) for name in CATEGORICAL}


class Served:
    """A model file opened in onnxruntime on the CPU."""

    def __init__(self, path: Path) -> None:
        self.session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def predict(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Labels int64 [N] and probabilities float32 [N,2]."""
        labels, probabilities = self.session.run(["label", "probabilities"], feeds(rows))
        return labels, probabilities


def unknown_categories(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with every category replaced by one that was never trained on."""
    return rows.assign(**{name: "??" for name in CATEGORICAL})


def missing_weather(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with all weather missing (NaN)."""
    return rows.assign(**{name: np.float32(np.nan) for name in WEATHER})


def verify(path: Path, pipeline: Pipeline, rows: pd.DataFrame) -> float:
    """Fail unless the file has the promised interface and agrees with `pipeline` on `rows`.

    Checked on every row, on batches of 1 and 512, with all weather missing and with categories
    never seen in training. Returns the largest difference of a probability.
    """
    served = Served(path)
    got = {value.name: (value.type, value.shape) for value in served.session.get_inputs()}
    want = {name: ("tensor(float)", [BATCH, 1]) for name in NUMERIC}
    want |= {name: ("tensor(string)", [BATCH, 1]) for name in CATEGORICAL}
    if got != want:
        raise AssertionError(f"{path.name}: inputs are {got}")
    outputs = [(value.name, value.type, value.shape) for value in served.session.get_outputs()]
    if outputs != [("label", "tensor(int64)", [BATCH]), ("probabilities", "tensor(float)", [BATCH, 2])]:
        raise AssertionError(f"{path.name}: outputs are {outputs}")

    batch = rows.iloc[:512]
    singles = [rows.iloc[[place]] for place in range(0, 512, 16)]
    worst = 0.0
    for sample in [rows, batch, missing_weather(batch), unknown_categories(batch), *singles]:
        labels, probabilities = served.predict(sample)
        expected = pipeline.predict_proba(sample[FEATURES])
        worst = max(worst, float(np.abs(probabilities - expected).max()))
        if labels.shape != (len(sample),) or probabilities.shape != (len(sample), 2):
            raise AssertionError(f"{path.name}: wrong shape for a batch of {len(sample)}")
        # Where the two probabilities are equal but for rounding, either label is right.
        clear = np.abs(expected[:, 1] - 0.5) > TOLERANCE
        if not np.array_equal(labels[clear], (expected[:, 1] > 0.5).astype("int64")[clear]):
            raise AssertionError(f"{path.name}: a label differs from scikit-learn's")
    if not worst < TOLERANCE:
        raise AssertionError(f"{path.name}: probabilities differ from scikit-learn's by {worst}")
    return worst


def golden(models: dict[str, Path], rows: pd.DataFrame) -> dict[str, Any]:
    """20 rows of inputs with each model's answers: 12 whole, 4 with real gaps, 4 altered to be hard."""
    gaps = rows[rows[WEATHER].isna().any(axis=1)]
    whole = rows[rows[WEATHER].notna().all(axis=1)]

    def spread(source: pd.DataFrame, count: int) -> pd.DataFrame:
        return source.iloc[np.linspace(0, len(source) - 1, count).astype(int)]

    chosen = {
        "as recorded": spread(whole, 12),
        "as recorded, weather partly missing": spread(gaps, 4),
        "altered: all weather missing": missing_weather(spread(whole, 5).iloc[1:3]),
        "altered: unknown categories": unknown_categories(spread(whole, 5).iloc[3:]),
    }
    sample = pd.concat(chosen.values())
    notes = [note for note, part in chosen.items() for _ in range(len(part))]
    answers = {version: Served(path).predict(sample) for version, path in models.items()}
    entries = []
    for place, (note, row) in enumerate(zip(notes, sample.to_dict("records"), strict=True)):
        inputs = {name: None if row[name] != row[name] else row[name] for name in FEATURES}
        expected = {
            version: {"label": int(labels[place]), "probabilities": [float(p) for p in probabilities[place]]}
            for version, (labels, probabilities) in answers.items()
        }
        entries.append({"rowId": row["row_id"], "note": note, "inputs": inputs, "expected": expected})
    described = [{"name": name, "datatype": "FP32", "shape": [-1, 1]} for name in NUMERIC]
    described += [{"name": name, "datatype": "BYTES", "shape": [-1, 1]} for name in CATEGORICAL]
    return {
        "schema": 1,
        "onnxruntime": ort.__version__,
        "tolerance": TOLERANCE,
        "inputs": described,
        "outputs": [
            {"name": "label", "datatype": "INT64", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]},
        ],
        "rows": entries,
    }
