"""How fast it is: real, durable servers, the simulator's orders, the median of several rounds."""
