"""Changes of Kubernetes objects as events."""
