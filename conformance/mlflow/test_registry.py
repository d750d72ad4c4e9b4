import mlflow
import numpy as np
import pytest
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

IS_3 = mlflow.__version__.startswith("3.")
X, y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def model():
    return LogisticRegression(max_iter=300).fit(X, y)


def logged(model, **extra):
    where = {"name": "model"} if IS_3 else {"artifact_path": "model"}
    return mlflow.sklearn.log_model(model, **where, **extra)


def test_autolog_of_scikit_learn_keeps_params_metrics_and_a_model_that_predicts(client, experiment, name):
    mlflow.sklearn.autolog(registered_model_name=name)
    try:
        with mlflow.start_run() as run:
            trained = LogisticRegression(max_iter=300).fit(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    read = client.get_run(run.info.run_id)
    assert read.data.params["max_iter"] == "300" and read.data.metrics["training_accuracy_score"] > 0.9
    version = client.get_model_version(name, "1")
    assert (version.status, version.run_id) == ("READY", run.info.run_id)
    loaded = mlflow.sklearn.load_model(f"models:/{name}/1")
    assert (loaded.predict(X) == trained.predict(X)).all()


def test_a_model_is_logged_registered_and_loaded_by_version_alias_and_run(client, experiment, model, name):
    with mlflow.start_run() as run:
        info = logged(model, registered_model_name=name, input_example=X[:2], signature=mlflow.models.infer_signature(X, y))
    client.set_registered_model_alias(name, "champion", "1")
    uris = [info.model_uri, f"models:/{name}/1", f"models:/{name}@champion"]
    for uri in uris if IS_3 else [*uris, f"runs:/{run.info.run_id}/model"]:
        assert (mlflow.pyfunc.load_model(uri).predict(X) == model.predict(X)).all(), uri
    assert mlflow.models.get_model_info(f"models:/{name}/1").signature == info.signature
    again = mlflow.register_model(info.model_uri, name)
    assert int(again.version) == 2
    found = client.search_model_versions(f'name = "{name}"')
    assert [int(version.version) for version in found] == [2, 1]


def test_stages_tags_descriptions_copies_and_deletion(client, experiment, model, name):
    with mlflow.start_run():
        info = logged(model, registered_model_name=name)
    mlflow.register_model(info.model_uri, name)
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert [client.get_model_version(name, v).current_stage for v in "12"] == ["Archived", "Production"]
    assert [int(v.version) for v in client.get_latest_versions(name, ["Production"])] == [2]
    client.update_model_version(name, "1", "described")
    client.set_model_version_tag(name, "1", "größe", "🚀")
    read = client.get_model_version(name, "1")
    assert (read.description, read.tags) == ("described", {"größe": "🚀"})
    client.delete_model_version_tag(name, "1", "größe")
    assert client.copy_model_version(f"models:/{name}/1", name + " copy").name == name + " copy"
    assert (mlflow.sklearn.load_model(f"models:/{name} copy/1").predict(X) == model.predict(X)).all()
    client.rename_registered_model(name + " copy", name + " moved")
    client.delete_registered_model(name + " moved")
    client.delete_model_version(name, "1")
    with pytest.raises(MlflowException, match="not found"):
        client.get_model_version(name, "1")
    with pytest.raises(MlflowException, match="not found"):
        client.get_registered_model(name + " moved")


def test_registered_models_are_searched(client, name):
    for at in range(3):
        client.create_registered_model(f"{name} {at}", tags={"n": str(at)}, description="d")
    quoted = name.replace("'", "_")
    found = client.search_registered_models(f"name LIKE '{quoted}%'", order_by=["name DESC"], max_results=2)
    assert [model.name for model in found] == [f"{name} 2", f"{name} 1"]
    rest = client.search_registered_models(f"name LIKE '{quoted}%'", order_by=["name DESC"], max_results=2, page_token=found.token)
    assert [model.name for model in rest] == [f"{name} 0"]
    assert [m.tags for m in client.search_registered_models(f"name LIKE '{quoted}%' AND tags.n = '1'")] == [{"n": "1"}]


def test_aliases_move_and_go(client, experiment, model, name):
    with mlflow.start_run():
        info = logged(model, registered_model_name=name)
    mlflow.register_model(info.model_uri, name)
    client.set_registered_model_alias(name, "a", "1")
    client.set_registered_model_alias(name, "a", "2")
    assert int(client.get_model_version_by_alias(name, "a").version) == 2
    client.delete_registered_model_alias(name, "a")
    with pytest.raises(MlflowException, match="alias a not found"):
        client.get_model_version_by_alias(name, "a")


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "mlflow-artifacts:/../x", "mlflow-artifacts:/%2e%2e/x", "runs:/0/x"])
def test_a_source_outside_the_run_is_refused(client, name, source):
    client.create_registered_model(name)
    with pytest.raises(MlflowException):
        client.create_model_version(name, source)
    assert client.search_model_versions("name = \"" + name + "\"") == []


def test_a_python_function_round_trips(experiment):
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return np.asarray(model_input) * 2

    where = {"name": "doubler"} if IS_3 else {"artifact_path": "doubler"}
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(**where, python_model=Doubler(), pip_requirements=["numpy"])
    assert mlflow.pyfunc.load_model(info.model_uri).predict(np.array([1, 2])).tolist() == [2, 4]


@pytest.mark.skipif(not IS_3, reason="logged models came with MLflow 3")
def test_logged_models_are_found_by_their_metrics_params_and_tags(client, experiment, model):
    with mlflow.start_run() as run:
        for at in range(3):
            info = mlflow.sklearn.log_model(model, name=f"model{at}", params={"at": str(at)}, tags={"kind": "iris"})
            mlflow.log_metric("acc", at / 10, model_id=info.model_id)
    found = mlflow.search_logged_models(
        experiment_ids=[experiment],
        filter_string="metrics.acc >= 0.1 AND tags.kind = 'iris'",
        order_by=[{"field_name": "metrics.acc", "ascending": False}],
        output_format="list",
    )
    assert [one.name for one in found] == ["model2", "model1"]
    assert {output.model_id for output in client.get_run(run.info.run_id).outputs.model_outputs} >= {found[0].model_id}
    mlflow.set_logged_model_tags(found[0].model_id, {"a/b": "c"})
    assert mlflow.get_logged_model(found[0].model_id).tags["a/b"] == "c"
    client.delete_logged_model(found[0].model_id)
    with pytest.raises(MlflowException, match="not found"):
        mlflow.get_logged_model(found[0].model_id)


@pytest.mark.skipif(not IS_3, reason="one client with the onnx package is enough")
def test_an_onnx_model_is_logged_and_its_version_downloads(client, experiment, name):
    import os

    import onnx

    source = onnx.load(os.environ["LATHE_SAMPLE_MODEL"])
    with mlflow.start_run():
        info = mlflow.onnx.log_model(source, name="net", registered_model_name=name)
    assert mlflow.onnx.load_model(f"models:/{name}/1").graph.name == source.graph.name
    assert info.model_id is not None


@pytest.mark.skipif(not IS_3, reason="prompts came with MLflow 3")
def test_prompts_are_versioned_apart_from_models(client, name):
    prompt = "prompt_" + name[-8:]
    mlflow.genai.register_prompt(name=prompt, template="Hello {{name}}")
    mlflow.genai.register_prompt(name=prompt, template="Bye {{name}}")
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}/1").template == "Hello {{name}}"
    assert prompt not in [model.name for model in client.search_registered_models()]
