"""Measurements that print figures: `python -m benchmarks [NAME ...]`. Nothing here asserts a time."""
