"""Every method of the client's HTTP side but the asynchronous ones."""

import gzip
import json
import urllib.request

import numpy as np
import pytest
import tritonclient.http as httpclient
from conftest import A, B, HTTP, TYPES, every_type, onnx_name, pair, same, summed
from tritonclient.utils import InferenceServerException


def refused(act):
    with pytest.raises(InferenceServerException) as caught:
        act()
    return caught.value.status(), caught.value.message()


def test_the_server_is_live_ready_and_says_what_it_can(http):
    assert http.is_server_live() and http.is_server_ready()
    told = http.get_server_metadata()
    assert told["name"] == "lathe"
    assert {"binary_tensor_data", "model_repository", "statistics", "schedule_policy"} <= set(told["extensions"])
    assert not {"classification", "sequence", "system_shared_memory"} & set(told["extensions"])


def test_models_are_ready_by_name_and_version(http):
    assert http.is_model_ready("simple") and http.is_model_ready("simple", "2")
    assert not http.is_model_ready("simple", "7") and not http.is_model_ready("nobody")


def test_metadata_and_config_describe_the_same_tensors(http):
    told = http.get_model_metadata("simple")
    assert told["versions"] == ["1", "2"] and told["platform"] == "onnxruntime_onnx"
    assert told["inputs"][0] == {"name": "INPUT0", "datatype": "INT32", "shape": [-1, 16]}
    config = http.get_model_config("simple", "1")
    assert config["max_batch_size"] > 0
    assert config["input"][0]["data_type"] == "TYPE_INT32" and config["input"][0]["dims"] == [16]
    assert refused(lambda: http.get_model_config("simple", "9"))[0] == "404"


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_outputs_in_any_order_and_form(http, binary_in, binary_out):
    wanted = [httpclient.InferRequestedOutput(name, binary_data=binary_out) for name in ("OUTPUT1", "OUTPUT0")]
    result = http.infer("simple", pair(httpclient, binary_in), outputs=wanted, request_id="mine")
    summed(result)
    told = result.get_response()
    assert [each["name"] for each in told["outputs"]] == ["OUTPUT1", "OUTPUT0"]
    assert (told["id"], told["model_name"], told["model_version"]) == ("mine", "simple", "1")
    assert ("binary_data_size" in told["outputs"][0].get("parameters", {})) == binary_out


def test_all_outputs_when_none_are_named_and_a_mix_of_forms(http):
    result = http.infer("simple", pair(httpclient))
    summed(result)
    mixed = [
        httpclient.InferRequestedOutput("OUTPUT0", binary_data=True),
        httpclient.InferRequestedOutput("OUTPUT1", binary_data=False),
    ]
    first, second = pair(httpclient, True)[0], pair(httpclient, False)[1]
    summed(http.infer("simple", [first, second], outputs=mixed))
    assert result.get_output("OUTPUT1")["shape"] == [1, 16] and result.as_numpy("other") is None


def test_versions_answer_for_themselves(http):
    result = http.infer("simple", pair(httpclient), model_version="2")
    np.testing.assert_array_equal(result.as_numpy("OUTPUT1"), A + B)
    assert result.get_response()["model_version"] == "2"


@pytest.mark.parametrize("binary", [True, False])
def test_every_datatype_comes_back_as_it_went(http, binary):
    result = http.infer("types", every_type(httpclient, binary))
    for datatype, values in TYPES.items():
        same(datatype, result.as_numpy("out_" + onnx_name(datatype)), values)


def test_every_json_datatype_comes_back_in_json(http):
    wanted = [httpclient.InferRequestedOutput("out_" + onnx_name(each), binary_data=False) for each in TYPES if each != "FP16"]
    result = http.infer("types", every_type(httpclient, False), outputs=wanted)
    for datatype, values in TYPES.items():
        if datatype != "FP16":
            same(datatype, result.as_numpy("out_" + onnx_name(datatype)), values)


@pytest.mark.parametrize("sent", [None, "gzip", "deflate"])
@pytest.mark.parametrize("back", [None, "gzip", "deflate"])
def test_compression_both_ways(http, sent, back):
    rows = 100
    a, b = np.repeat(A, rows, axis=0), np.repeat(B, rows, axis=0)
    result = http.infer(
        "simple",
        pair(httpclient, True, a, b),
        request_compression_algorithm=sent,
        response_compression_algorithm=back,
    )
    summed(result, a, b)


def test_compressed_answers_say_so():
    body = json.dumps({"inputs": [{"name": n, "shape": [100, 16], "datatype": "INT32", "data": [1] * 1600} for n in ("INPUT0", "INPUT1")]})
    request = urllib.request.Request(f"http://{HTTP}/v2/models/simple/infer", body.encode(), {"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(response.read()))["outputs"][0]["data"] == [2] * 1600


def test_bodies_made_and_read_without_a_connection():
    body, header = httpclient.InferenceServerClient.generate_request_body(pair(httpclient))
    request = urllib.request.Request(
        f"http://{HTTP}/v2/models/simple/infer", body, {"Inference-Header-Content-Length": str(header)}
    )
    with urllib.request.urlopen(request) as response:
        length = int(response.headers["Inference-Header-Content-Length"])
        summed(httpclient.InferenceServerClient.parse_response_body(response.read(), header_length=length))


def test_scheduling_and_own_parameters_are_taken(http):
    result = http.infer(
        "simple",
        pair(httpclient),
        priority=1,
        timeout=20_000_000,
        sequence_id=5,
        sequence_start=True,
        parameters={"anything": 3},
        headers={"x-lathe-unit": "u1"},
        query_params={"q": "1"},
    )
    summed(result)
    assert "lathe_arm" in result.get_response()["parameters"]


def test_requests_side_by_side(http):
    def input_of(n):
        return pair(httpclient, a=np.full((1, 16), n, dtype=np.int32))

    pending = [http.async_infer("simple", input_of(n)) for n in range(64)]
    for n, one in enumerate(pending):
        np.testing.assert_array_equal(one.get_result().as_numpy("OUTPUT0"), np.full((1, 16), n + 3))


def test_wrong_requests_get_a_status_and_a_text(http):
    def with_inputs(inputs, **more):
        return lambda: http.infer("simple", inputs, **more)

    assert refused(lambda: http.infer("nobody", pair(httpclient)))[0] == "404"
    assert refused(with_inputs(pair(httpclient), model_version="9"))[0] == "404"
    status, text = refused(with_inputs(pair(httpclient)[:1]))
    assert status == "400" and "INPUT1" in text
    wide = np.zeros((1, 17), dtype=np.int32)
    status, text = refused(with_inputs(pair(httpclient, a=wide)))
    assert status == "400" and "[1,17]" in text and "[-1,16]" in text
    status, text = refused(with_inputs(pair(httpclient, a=np.repeat(A, 2, axis=0))))
    assert status == "400" and "shape" in text
    floats = httpclient.InferInput("INPUT0", [1, 16], "FP32").set_data_from_numpy(A.astype(np.float32))
    status, text = refused(with_inputs([floats, pair(httpclient)[1]]))
    assert status == "400" and "FP32" in text and "INT32" in text
    status, text = refused(with_inputs(pair(httpclient), outputs=[httpclient.InferRequestedOutput("NONE")]))
    assert status == "400" and "NONE" in text
    status, text = refused(with_inputs(pair(httpclient), outputs=[httpclient.InferRequestedOutput("OUTPUT0", class_count=3)]))
    assert status == "501" and "classification" in text
    bad = httpclient.InferInput("in_STRING", [1, 3], "BYTES")
    for values in ([b"\xff", b"", b""], [b"a\0b", b"", b""]):
        bad.set_data_from_numpy(np.array([values], dtype=object))
        others = [each for each in every_type(httpclient) if each.name() != "in_STRING"]
        assert refused(lambda: http.infer("types", [bad, *others]))[0] == "400"
    shared = httpclient.InferInput("INPUT0", [1, 16], "INT32")
    shared.set_shared_memory("region", 64)
    status, text = refused(with_inputs([shared, pair(httpclient)[1]]))
    assert status == "501" and "shared memory" in text


def test_a_time_limit_that_cannot_be_kept(http):
    status, text = refused(lambda: http.infer("simple", pair(httpclient), timeout=1))
    assert status == "503" and "simple" in text


def test_a_request_that_the_model_fails_on(http):
    one = httpclient.InferInput("i", [1], "INT64").set_data_from_numpy(np.array([99]))
    status, text = refused(lambda: http.infer("lookup", [one]))
    assert status == "500" and "lookup" in text and "out of data bounds" in text


def test_statistics_count_what_was_done(http):
    def of(version):
        return http.get_inference_statistics("simple", version)["model_stats"][0]

    before = of("1")
    rows = np.repeat(A, 5, axis=0)
    http.infer("simple", pair(httpclient, True, rows, np.repeat(B, 5, axis=0)), model_version="1")
    after = of("1")
    assert after["inference_count"] - before["inference_count"] == 5
    assert after["execution_count"] - before["execution_count"] == 1
    for part in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
        assert after["inference_stats"][part]["count"] - before["inference_stats"][part]["count"] == 1
    assert after["inference_stats"]["success"]["ns"] > before["inference_stats"]["success"]["ns"]
    assert any(each["batch_size"] == 5 for each in after["batch_stats"])
    every = {(each["name"], each["version"]) for each in http.get_inference_statistics()["model_stats"]}
    assert {("simple", "1"), ("simple", "2"), ("types", "1"), ("lookup", "1")} <= every
    assert len(http.get_inference_statistics("simple")["model_stats"]) == 2
    assert refused(lambda: http.get_inference_statistics("nobody"))[0] == "404"


def test_the_repository_loads_and_unloads(http):
    index = http.get_model_repository_index()
    assert {"name": "simple", "version": "2", "state": "READY", "reason": ""} in index
    http.unload_model("lookup")
    assert not http.is_model_ready("lookup") and http.is_server_ready()
    state = [each for each in http.get_model_repository_index() if each["name"] == "lookup"]
    assert state[0]["state"] == "UNAVAILABLE"
    one = httpclient.InferInput("i", [1], "INT64").set_data_from_numpy(np.array([1]))
    status, text = refused(lambda: http.infer("lookup", [one]))
    assert status == "503" and "lookup" in text
    http.load_model("lookup")
    assert http.is_model_ready("lookup")
    assert http.infer("lookup", [one]).as_numpy("y")[0] == 20
    assert refused(lambda: http.load_model("nobody"))[0] == "404"
    assert refused(lambda: http.unload_model("nobody"))[0] == "404"
    status, text = refused(lambda: http.load_model("lookup", config="{}"))
    assert status == "501" and "config" in text


def test_what_is_not_there_says_so(http):
    calls = [
        http.get_system_shared_memory_status,
        lambda: http.register_system_shared_memory("r", "/k", 4),
        http.unregister_system_shared_memory,
        http.get_cuda_shared_memory_status,
        lambda: http.register_cuda_shared_memory("r", b"QUE=", 0, 4),
        http.unregister_cuda_shared_memory,
        http.get_trace_settings,
        lambda: http.update_trace_settings("simple", {"trace_level": ["OFF"]}),
        http.get_log_settings,
        lambda: http.update_log_settings({"log_info": True}),
    ]
    for call in calls:
        status, text = refused(call)
        assert status == "501" and ("memory" in text or "settings" in text)
