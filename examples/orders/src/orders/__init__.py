"""Takes an order from the shop to the carrier."""
