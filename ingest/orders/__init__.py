"""All that knows what an order is. Another kind of message is another folder like this one.

message          what is accepted, and the identity of an event
strict_json      what no parser may let through
enrich           what Redis adds
lost_references  whether Redis has lost its data
events           the table stg.order_events, and the topic that is its copy
outbox           the table dds.outbox, and the topic that is its copy
"""
