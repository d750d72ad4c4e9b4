"""What every server here has in common: the plan from the benchmark, and the model in ONNX Runtime with Lathe's threads."""

import json
import os

import numpy as np
import onnxruntime

PLAN = json.loads(os.environ["LATHE_BENCH_PEER"])
DTYPE = np.int64 if PLAN["datatype"] == "INT64" else np.float32
BATCH = PLAN["maxBatchRows"]
WAIT_S = PLAN["waitMs"] / 1000
WORKERS = PLAN["workers"]
PORT = PLAN["port"]


def load():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = PLAN["threads"]
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(PLAN["path"], options, providers=["CPUExecutionProvider"])


def run(session, rows):
    """Rows as arrays or lists, flat or not; one array of answers."""
    batch = np.asarray(rows, dtype=DTYPE).reshape([-1, *PLAN["shape"]])
    return session.run(["y"], {"x": batch})[0]
