"""The parts of tools/run-tests: one module for each kind of suite, each turning a run into a list of Result."""
