"""What of the network is drawn, and where: graphs of a site, a device, a path, an incident; their layout. Pure."""
