"""How parts are made of settings and of each other, by concern: ``server.bootstrap`` joins them."""
