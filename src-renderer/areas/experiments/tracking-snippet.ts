/** How training code comes to log here: Lathe speaks MLflow's tracking API. */
export const trackingSnippet = (url: string): string => `import mlflow

mlflow.set_tracking_uri("${url}")
mlflow.set_experiment("flight-delay")

with mlflow.start_run(run_name="first"):
    mlflow.log_param("learning_rate", 0.1)
    for step in range(20):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)`;
