"""Real servers, an order simulator and a demo, for development and tests only.

Nothing here is part of the installed package or the image: `ingest` never imports it.
"""
