"""The command line of the course: python -m cnncourse list | run | build | book | record... | doctor.

Commands that read or run notebooks import Jupyter's packages when they are called: the others need none of them.
"""

import argparse
import os
import sys

from .course import full_size, source_runs
from .recording import command as recording_command
from .recording import throughput_command, transfer_command
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
    except BrokenPipeError:  # whoever read the lines, such as head, has enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more as it ends
        return 141  # as a shell counts a program that ended so: 128 + SIGPIPE
    except KeyboardInterrupt:
        print("\ncnncourse: stopped; every file that was written is whole.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cnncourse", description="A course on CNNs in Keras.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    lists = commands.add_parser("list", help="list the notebooks and their exercises")
    lists.add_argument("--exercises", action="store_true", help="a line for each checked exercise")
    lists.set_defaults(command=_list)

    runs = commands.add_parser("run", help="execute every notebook and write pages to build/course/")
    runs.add_argument("--only", metavar="NN", help="the number of one notebook")
    runs.set_defaults(command=_run)

    builds = commands.add_parser("build", help="make notebooks from notebooks/sources/")
    builds.add_argument("--only", metavar="NN", help="the number of one notebook")
    builds.add_argument("--check", action="store_true", help="execute nothing; say what differs from the sources")
    builds.add_argument("--force", action="store_true", help="execute all again and overwrite edits made by hand")
    builds.set_defaults(command=_build)

    books = commands.add_parser("book", help="write pages of the notebooks as they are stored, without executing them")
    books.set_defaults(command=_book)

    recording_command.add_to(commands)
    transfer_command.add_to(commands)
    throughput_command.add_to(commands)
    source_runs.add_to(commands)
    full_size.add_to(commands)

    doctors = commands.add_parser("doctor", help="say what is installed, which device and budget will be used")
    doctors.set_defaults(command=_doctor)
    return parser


def _list(choice) -> int:
    from . import exercises
    from .course import sources

    for source in sources.find_sources():
        own = [exercises.find(name) for name in exercises.names() if name.startswith(source.number)]
        print(f"{source.number}  {source.title}  ({len(own)} checked exercises)")
        for one in own if choice.exercises else ():
            known = f"{len(one.mistakes)} wrong answers known, {len(one.hints)} hints"
            print(f"    {one.id}  {'★' * one.stars:3}  {known}: {one.title}")
    return 0


def _run(choice) -> int:
    from .course import run

    return 0 if run.run(only=choice.only) else 1


def _build(choice) -> int:
    from .course import build

    if not choice.check:
        return 0 if build.build(only=choice.only, force=choice.force) else 1
    problems = build.check(only=choice.only)
    print("\n".join(problems) or "every notebook is what its source makes")
    return 1 if problems else 0


def _book(choice) -> int:
    from .course import run

    run.book()
    return 0


def _doctor(choice) -> int:
    from .course import doctor

    print("\n".join(doctor.report()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
