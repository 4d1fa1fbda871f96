"""All that knows what an order is. Another kind of message is another folder: ingest/kinds.py.

message          what is accepted
decode           from bytes to that, or why not
values           what types do not say, and the identity of an event
strict_json      what no parser may let through
enrich           what Redis adds
lost_references  whether Redis has lost its data
events           the table stg.order_events, and the topic that is its copy
outbox           the table dds.outbox, and the topic that is its copy
"""
