"""What talks to Kafka: shared by source, trigger and schema registry."""
