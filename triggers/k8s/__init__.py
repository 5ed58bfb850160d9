"""Any Kubernetes object, made, changed or deleted."""
