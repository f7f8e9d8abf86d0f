"""Remote pollers: what they and the centre say to each other over MQTT, and in which form."""
