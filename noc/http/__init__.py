"""What both the API and the pages stand on: server, log-in, scope, live hub, health, errors."""
