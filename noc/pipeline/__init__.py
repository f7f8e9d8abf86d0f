"""Pipeline: from a Reading to Samples and Transitions. Pure."""
