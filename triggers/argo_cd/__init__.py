"""Applications of Argo CD, synced and rolled back."""
