"""Every method of the client's gRPC side, the stream and the callbacks included."""

import queue
import time

import grpc as grpclib
import numpy as np
import pytest
import tritonclient.grpc as grpcclient
from conftest import A, B, GRPC, TYPES, every_type, onnx_name, pair, same, summed
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException


def refused(act):
    with pytest.raises(InferenceServerException) as caught:
        act()
    return caught.value.status().removeprefix("StatusCode."), caught.value.message()


def test_the_server_and_its_models(grpc):
    assert grpc.is_server_live() and grpc.is_server_ready()
    assert grpc.is_model_ready("simple") and grpc.is_model_ready("simple", "2")
    assert not grpc.is_model_ready("nobody") and not grpc.is_model_ready("simple", "7")
    assert refused(lambda: grpc.is_model_ready("simple", "latest"))[0] == "INVALID_ARGUMENT"
    told = grpc.get_server_metadata()
    assert told.name == "lathe" and "statistics" in told.extensions
    told = grpc.get_model_metadata("simple", as_json=True)
    assert told["versions"] == ["1", "2"]
    assert told["inputs"][1] == {"name": "INPUT1", "datatype": "INT32", "shape": ["-1", "16"]}


def test_the_config_reads_as_a_model_config(grpc):
    config = grpc.get_model_config("simple").config
    assert (config.name, config.platform, config.backend) == ("simple", "onnxruntime_onnx", "onnxruntime")
    assert config.max_batch_size > 0 and list(config.version_policy.specific.versions) == [1, 2]
    assert config.input[0].name == "INPUT0" and list(config.input[0].dims) == [16]
    assert config.output[1].data_type == config.input[0].data_type
    assert config.HasField("dynamic_batching") and config.instance_group[0].count == 1
    lookup = grpc.get_model_config("lookup").config
    assert list(lookup.input[0].dims) == [1] and lookup.input[0].HasField("reshape")


def test_inference_with_all_and_with_some_outputs(grpc):
    result = grpc.infer("simple", pair(grpcclient), request_id="mine")
    summed(result)
    told = result.get_response()
    assert (told.id, told.model_name, told.model_version) == ("mine", "simple", "1")
    one = grpc.infer("simple", pair(grpcclient), outputs=[grpcclient.InferRequestedOutput("OUTPUT1")])
    assert one.as_numpy("OUTPUT0") is None
    np.testing.assert_array_equal(one.as_numpy("OUTPUT1"), A - B)
    swapped = grpc.infer("simple", pair(grpcclient), model_version="2")
    np.testing.assert_array_equal(swapped.as_numpy("OUTPUT1"), A + B)


def test_every_datatype_comes_back_as_it_went(grpc):
    result = grpc.infer("types", every_type(grpcclient))
    for datatype, values in TYPES.items():
        same(datatype, result.as_numpy("out_" + onnx_name(datatype)), values)


def test_typed_contents_as_other_clients_send_them():
    request = service_pb2.ModelInferRequest(model_name="simple")
    for name, values in (("INPUT0", A), ("INPUT1", B)):
        tensor = request.inputs.add(name=name, datatype="INT32", shape=[1, 16])
        tensor.contents.int_contents.extend(int(each) for each in values.ravel())
    with grpclib.insecure_channel(GRPC) as channel:
        response = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request)
    np.testing.assert_array_equal(np.frombuffer(response.raw_output_contents[0], np.int32), (A + B).ravel())


@pytest.mark.parametrize("algorithm", [None, "gzip", "deflate"])
def test_compressed_messages(grpc, algorithm):
    a, b = np.repeat(A, 100, axis=0), np.repeat(B, 100, axis=0)
    summed(grpc.infer("simple", pair(grpcclient, a=a, b=b), compression_algorithm=algorithm), a, b)


def test_parameters_headers_and_time_limits_are_taken(grpc):
    result = grpc.infer(
        "simple",
        pair(grpcclient),
        priority=2,
        timeout=20_000_000,
        client_timeout=20,
        sequence_id=7,
        headers={"x-lathe-unit": "u1"},
        parameters={"anything": 3, "other": "text"},
    )
    summed(result)
    assert result.get_response().parameters["lathe_arm"].string_param != ""


def test_callbacks(grpc):
    done = queue.Queue()
    for n in range(32):
        a = np.full((1, 16), n, dtype=np.int32)
        grpc.async_infer("simple", pair(grpcclient, a=a), lambda result, error, n=n: done.put((n, result, error)))
    for _ in range(32):
        n, result, error = done.get(timeout=20)
        assert error is None
        np.testing.assert_array_equal(result.as_numpy("OUTPUT0"), np.full((1, 16), n + 3))


def test_a_stream_answers_in_order_and_survives_an_error(grpc):
    done = queue.Queue()
    grpc.start_stream(lambda result, error: done.put((result, error)))
    for n in range(40):
        a = np.full((1, 16 if n != 20 else 17), n, dtype=np.int32)
        grpc.async_stream_infer("simple", pair(grpcclient, a=a), request_id=str(n))
    grpc.stop_stream()
    answers = [done.get(timeout=20) for _ in range(40)]
    for n, (result, error) in enumerate(answers):
        if n == 20:
            assert result is None and "[1,17]" in error.message()
        else:
            assert error is None and result.get_response().id == str(n)
            np.testing.assert_array_equal(result.as_numpy("OUTPUT0"), np.full((1, 16), n + 3))


def test_a_stream_that_is_cancelled(grpc):
    done = queue.Queue()
    grpc.start_stream(lambda result, error: done.put(error))
    for _ in range(200):
        grpc.async_stream_infer("simple", pair(grpcclient))
    grpc.stop_stream(cancel_requests=True)
    summed(grpc.infer("simple", pair(grpcclient)))


def test_a_call_that_is_cancelled(grpc):
    done = queue.Queue()
    rows = np.zeros((500, 16), dtype=np.int32)
    call = grpc.async_infer("simple", pair(grpcclient, a=rows, b=rows), lambda result, error: done.put(error))
    call.cancel()
    error = done.get(timeout=20)
    assert error is None or "CANCELLED" in str(error.status())
    summed(grpc.infer("simple", pair(grpcclient)))


def test_wrong_requests_get_a_status_and_a_text(grpc):
    assert refused(lambda: grpc.infer("nobody", pair(grpcclient)))[0] == "NOT_FOUND"
    assert refused(lambda: grpc.infer("simple", pair(grpcclient), model_version="9"))[0] == "NOT_FOUND"
    status, text = refused(lambda: grpc.infer("simple", pair(grpcclient)[:1]))
    assert status == "INVALID_ARGUMENT" and "INPUT1" in text
    wide = np.zeros((1, 17), dtype=np.int32)
    status, text = refused(lambda: grpc.infer("simple", pair(grpcclient, a=wide)))
    assert status == "INVALID_ARGUMENT" and "[1,17]" in text
    wanted = [grpcclient.InferRequestedOutput("OUTPUT0", class_count=2)]
    status, text = refused(lambda: grpc.infer("simple", pair(grpcclient), outputs=wanted))
    assert status == "UNIMPLEMENTED" and "classification" in text
    assert refused(lambda: grpc.infer("simple", pair(grpcclient), timeout=1))[0] == "UNAVAILABLE"
    one = grpcclient.InferInput("i", [1], "INT64").set_data_from_numpy(np.array([99]))
    status, text = refused(lambda: grpc.infer("lookup", [one]))
    assert status == "INTERNAL" and "out of data bounds" in text


def test_a_message_beyond_the_limit_harms_nobody(grpc):
    rows = np.zeros((1_200_000, 16), dtype=np.int32)
    assert refused(lambda: grpc.infer("simple", pair(grpcclient, a=rows, b=rows)))[0] == "RESOURCE_EXHAUSTED"
    summed(grpc.infer("simple", pair(grpcclient)))


def test_statistics_and_repository(grpc):
    before = grpc.get_inference_statistics("simple", "1").model_stats[0]
    grpc.infer("simple", pair(grpcclient))
    after = grpc.get_inference_statistics("simple", "1").model_stats[0]
    assert after.inference_count - before.inference_count == 1
    assert after.inference_stats.success.ns > before.inference_stats.success.ns
    assert abs(after.last_inference / 1000 - time.time()) < 60
    assert len(grpc.get_inference_statistics().model_stats) == 5
    index = grpc.get_model_repository_index(as_json=True)["models"]
    assert {"name": "simple", "version": "1", "state": "READY"} in index
    grpc.unload_model("lookup")
    assert not grpc.is_model_ready("lookup") and grpc.is_server_ready()
    grpc.load_model("lookup")
    assert grpc.is_model_ready("lookup")
    assert refused(lambda: grpc.load_model("nobody"))[0] == "NOT_FOUND"
    status, text = refused(lambda: grpc.load_model("lookup", config="{}", files={"file:1/model.onnx": b"x"}))
    assert status == "UNIMPLEMENTED" and "registry" in text


def test_what_is_not_there_says_so(grpc):
    calls = [
        grpc.get_system_shared_memory_status,
        lambda: grpc.register_system_shared_memory("r", "/k", 4),
        grpc.unregister_system_shared_memory,
        grpc.get_cuda_shared_memory_status,
        lambda: grpc.register_cuda_shared_memory("r", b"QUE=", 0, 4),
        grpc.unregister_cuda_shared_memory,
        grpc.get_trace_settings,
        lambda: grpc.update_trace_settings("simple", {"trace_level": ["OFF"]}),
        grpc.get_log_settings,
        lambda: grpc.update_log_settings({"log_info": True}),
    ]
    for call in calls:
        status, text = refused(call)
        assert status == "UNIMPLEMENTED" and ("memory" in text or "settings" in text)
