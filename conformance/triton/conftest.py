"""The genuine Triton client against a running Lathe: run.mjs starts the server, with its models, and sets the addresses."""

import os

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient

HTTP = os.environ["LATHE_HTTP"]
GRPC = os.environ["LATHE_GRPC"]

A = np.arange(16, dtype=np.int32).reshape(1, 16)
B = np.full((1, 16), 3, dtype=np.int32)

TYPES = {
    "BOOL": np.array([[True, False, True], [False, False, True]]),
    "UINT8": np.array([[0, 255, 7], [1, 2, 3]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535, 7], [1, 2, 3]], dtype=np.uint16),
    "UINT32": np.array([[0, 4294967295, 7], [1, 2, 3]], dtype=np.uint32),
    "UINT64": np.array([[0, 2**64 - 1, 7], [1, 2, 3]], dtype=np.uint64),
    "INT8": np.array([[-128, 127, 7], [1, 2, 3]], dtype=np.int8),
    "INT16": np.array([[-32768, 32767, 7], [1, 2, 3]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1, 7], [1, 2, 3]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1, 7], [1, 2, 3]], dtype=np.int64),
    "FP16": np.array([[1.5, -2.25, 65504], [0, -0.0, np.inf]], dtype=np.float16),
    "FP32": np.array([[0.1, -1e30, np.nan], [1, 2, 3]], dtype=np.float32),
    "FP64": np.array([[0.1, -1e300, np.nan], [1, 2, 3]], dtype=np.float64),
    "BYTES": np.array([["", "Zürich 日本", "a" * 1000], [" ", '"', "\\"]], dtype=np.object_),
}


def onnx_name(datatype):
    return "STRING" if datatype == "BYTES" else datatype


def pair(module, binary=True, a=A, b=B):
    """The two inputs of `simple`."""
    given = []
    for name, values in (("INPUT0", a), ("INPUT1", b)):
        one = module.InferInput(name, values.shape, "INT32")
        if module is httpclient:
            one.set_data_from_numpy(values, binary_data=binary)
        else:
            one.set_data_from_numpy(values)
        given.append(one)
    return given


def every_type(module, binary=True):
    given = []
    for datatype, values in TYPES.items():
        one = module.InferInput("in_" + onnx_name(datatype), values.shape, datatype)
        if module is httpclient:
            # Half precision has no JSON form, in this client or in the protocol.
            one.set_data_from_numpy(values, binary_data=binary or datatype == "FP16")
        else:
            one.set_data_from_numpy(values)
        given.append(one)
    return given


def same(datatype, got, expected):
    if datatype == "BYTES":
        got = np.array([[each if isinstance(each, str) else each.decode() for each in row] for row in got], dtype=object)
    assert got.shape == expected.shape
    if datatype.startswith("FP"):
        np.testing.assert_array_equal(got, expected)
    else:
        assert (got == expected).all(), (datatype, got, expected)


def summed(result, a=A, b=B):
    """The answer of version 1 of `simple` to this input."""
    np.testing.assert_array_equal(result.as_numpy("OUTPUT0"), a + b)
    np.testing.assert_array_equal(result.as_numpy("OUTPUT1"), a - b)


@pytest.fixture(scope="module")
def http():
    with httpclient.InferenceServerClient(HTTP, concurrency=8) as client:
        yield client


@pytest.fixture(scope="module")
def grpc():
    with grpcclient.InferenceServerClient(GRPC) as client:
        yield client
