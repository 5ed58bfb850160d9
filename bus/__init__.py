"""The event and the durable log it travels on: one contract, one file per backend."""
