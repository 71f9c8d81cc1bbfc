"""`python -m foreseal_client.cli`: the same as `foreseal`."""

from foreseal_client.cli import main

if __name__ == "__main__":
    main()
