"""What traps and syslog messages are called and what they mean, as data: `config/events/*.yaml`."""
