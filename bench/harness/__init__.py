"""The harness behind bench/run: starts gateways, drives the load generator, compares in alternating pairs."""
