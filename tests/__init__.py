"""The tests mirror the source: tests/twin, tests/loaders, tests/ui; tests/bench is run by `make bench`."""
