"""From Kafka to a Data Vault in Postgres and back to Kafka, losing nothing."""
