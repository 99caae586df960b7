"""python -m autional.cli"""

from autional.cli import main

main()
