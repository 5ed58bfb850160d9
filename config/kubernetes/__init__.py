"""A client of the Kubernetes API for all rooms: `access` finds a cluster, `cluster` acts on objects, `watch` follows them.

The `kubernetes` library is imported in this folder only, and there only where a connection is made.
"""
