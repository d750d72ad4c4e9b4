"""FastAPI the way it is usually done: a pydantic body, a session for each worker, a plain function."""

from contextlib import asynccontextmanager

import onnx_model
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(started):
    started.state.session = onnx_model.load()
    yield


app = FastAPI(lifespan=lifespan)


class Row(BaseModel):
    data: list[float]


@app.post("/predict")
def predict(row: Row):
    return {"data": onnx_model.run(app.state.session, [row.data])[0].tolist()}


if __name__ == "__main__":
    uvicorn.run(
        "serve_fastapi:app", port=onnx_model.PORT, workers=onnx_model.WORKERS, log_level="warning", access_log=False
    )
