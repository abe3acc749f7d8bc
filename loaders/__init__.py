"""One file or folder per format. A loader imports ``twin`` and its own format library, nothing else."""
