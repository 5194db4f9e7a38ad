"""Pictures of workflows: what runs in which order, with the findings on it."""
