"""Kafka. Nothing outside this package imports its client library."""
