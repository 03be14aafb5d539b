"""The command line of the course: python -m cnncourse list | run | build | book | record... | doctor."""

import argparse
import sys

from . import exercises
from .course import build, doctor, run, sources
from .recording import command as recording_command
from .recording import transfer_command
from .storage import CannotWrite


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 when all is well, 1 when something failed, 2 for a wrong call.

    >>> main(["list"])  # doctest: +ELLIPSIS
    01  ...
    0
    """
    choice = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)  # a pipe shows each notebook's line when it ends, too
    try:
        return choice.command(choice)
    except (ValueError, CannotWrite) as error:
        print(f"cnncourse: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncnncourse: stopped; every file that was written is whole.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cnncourse", description="A course on CNNs in Keras.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    lists = commands.add_parser("list", help="list the notebooks and their exercises")
    lists.set_defaults(command=_list)

    runs = commands.add_parser("run", help="execute every notebook and write pages to build/course/")
    runs.add_argument("--only", metavar="NN", help="the number of one notebook")
    runs.set_defaults(command=lambda choice: 0 if run.run(only=choice.only) else 1)

    builds = commands.add_parser("build", help="make notebooks from notebooks/sources/")
    builds.add_argument("--only", metavar="NN", help="the number of one notebook")
    builds.add_argument("--check", action="store_true", help="execute nothing; say what differs from the sources")
    builds.add_argument("--force", action="store_true", help="execute all again and overwrite edits made by hand")
    builds.set_defaults(command=_build)

    books = commands.add_parser("book", help="write pages of the notebooks as they are stored, without executing them")
    books.set_defaults(command=_book)

    recording_command.add_to(commands)
    transfer_command.add_to(commands)

    doctors = commands.add_parser("doctor", help="say what is installed, which device and budget will be used")
    doctors.set_defaults(command=_doctor)
    return parser


def _list(choice) -> int:
    for source in sources.find_sources():
        count = sum(name.startswith(source.number) for name in exercises.names())
        print(f"{source.number}  {source.title}  ({count} checked exercises)")
    return 0


def _build(choice) -> int:
    if not choice.check:
        return 0 if build.build(only=choice.only, force=choice.force) else 1
    problems = build.check(only=choice.only)
    print("\n".join(problems) or "every notebook is what its source makes")
    return 1 if problems else 0


def _book(choice) -> int:
    run.book()
    return 0


def _doctor(choice) -> int:
    print("\n".join(doctor.report()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
