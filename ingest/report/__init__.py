"""The page: the flow, what came of it, and one order's and one user's history, as one HTML file.

No script, no font and no picture is fetched, so it opens from disk and under any policy. Charts are
SVG drawn here; whatever a producer sent is text.
"""
