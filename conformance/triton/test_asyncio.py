"""The client's asyncio side, over both protocols."""

import asyncio

import numpy as np
import pytest
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from conftest import GRPC, HTTP, TYPES, every_type, onnx_name, pair, same, summed
from tritonclient.utils import InferenceServerException

CLIENTS = {
    "http": (lambda: httpaio.InferenceServerClient(HTTP), httpclient, "404"),
    "grpc": (lambda: grpcaio.InferenceServerClient(GRPC), grpcclient, "StatusCode.NOT_FOUND"),
}


@pytest.mark.parametrize("protocol", CLIENTS)
def test_every_method(protocol):
    make, module, not_found = CLIENTS[protocol]

    async def main():
        async with make() as client:
            assert await client.is_server_live() and await client.is_server_ready()
            assert await client.is_model_ready("simple", "1")
            as_json = {} if protocol == "http" else {"as_json": True}
            assert (await client.get_server_metadata(**as_json))["name"] == "lathe"
            assert (await client.get_model_metadata("simple", **as_json))["versions"] == ["1", "2"]
            config = await client.get_model_config("simple", **as_json)
            assert config.get("config", config)["backend"] == "onnxruntime"
            assert len((await client.get_inference_statistics("simple", **as_json))["model_stats"]) == 2
            index = await client.get_model_repository_index(**as_json)
            assert len(index if protocol == "http" else index["models"]) == 5
            await client.unload_model("lookup")
            await client.load_model("lookup")
            result = await client.infer("types", every_type(module))
            for datatype, values in TYPES.items():
                same(datatype, result.as_numpy("out_" + onnx_name(datatype)), values)
            with pytest.raises(InferenceServerException) as caught:
                await client.infer("nobody", pair(module))
            assert caught.value.status() == not_found
            with pytest.raises(InferenceServerException):
                await client.get_log_settings()

            async def one(n):
                got = await client.infer("simple", pair(module, a=np.full((1, 16), n, dtype=np.int32)))
                np.testing.assert_array_equal(got.as_numpy("OUTPUT0"), np.full((1, 16), n + 3))

            await asyncio.gather(*(one(n) for n in range(64)))

    asyncio.run(main())


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_http_compression(algorithm):
    a = np.zeros((200, 16), dtype=np.int32)

    async def main():
        async with httpaio.InferenceServerClient(HTTP) as client:
            result = await client.infer(
                "simple",
                pair(httpclient, True, a, a),
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )
            summed(result, a, a)

    asyncio.run(main())


def test_a_stream():
    async def requests():
        for n in range(20):
            a = np.full((1, 16), n, dtype=np.int32)
            yield {"model_name": "simple", "inputs": pair(grpcclient, a=a), "request_id": str(n)}

    async def main():
        async with grpcaio.InferenceServerClient(GRPC) as client:
            ids = []
            async for result, error in client.stream_infer(requests()):
                assert error is None
                ids.append(result.get_response().id)
            assert ids == [str(n) for n in range(20)]

    asyncio.run(main())
