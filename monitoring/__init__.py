"""What the farm tells about itself: throughput, forecasts, SLA."""
