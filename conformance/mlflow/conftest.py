"""The genuine MLflow client against a running Lathe: run.mjs starts the server and sets MLFLOW_TRACKING_URI."""

import logging
import os
import uuid

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # a retried error would hide a wrong status
os.environ.setdefault("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow
import pytest

logging.getLogger("mlflow").setLevel(logging.ERROR)

IS_3 = mlflow.__version__.startswith("3.")


@pytest.fixture
def client():
    return mlflow.MlflowClient()


@pytest.fixture
def name(request):
    """A new name for each test, with characters that break careless servers."""
    return f"{request.node.name[:60]} größe 日本語 🚀 %41 ' {uuid.uuid4().hex[:8]}".replace("/", "-").replace(":", "-")


@pytest.fixture
def experiment(name):
    found = mlflow.set_experiment(name)
    yield found.experiment_id
    while mlflow.active_run():
        mlflow.end_run()
