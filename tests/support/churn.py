"""The artifact `churn`, as a `dvc.yaml` annotates it."""

DVC_YAML = """\
artifacts:
  churn:
    path: models/churn.pkl
    type: model
    desc: Who leaves
    labels: [tabular, "two words"]
    meta: {threshold: 0.5}
"""
