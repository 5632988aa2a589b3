"""``python -m lwoopro`` is the command ``lwoopro``."""

from lwoopro.cli import main

if __name__ == "__main__":
    main()
