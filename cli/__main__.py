"""``python -m cli``: the hub command where the project itself is not installed, as for the source agent alone."""

from cli.main import main

if __name__ == "__main__":
    main()
