"""Support shared by tests, by kind: servers, pages, stores, and the program itself."""
