#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs clang-tidy on FILE..., several at once, and leaves out the files that passed before with the same contents.

clang-tidy takes seconds a file, the preprocessor a twentieth of that. A file's key is a hash of what clang-tidy sees: the
preprocessed text with its comments, #define and #include lines, the options, .clang-tidy and clang-tidy's version. The
cache has one empty file for each key that passed; a failure is never kept.

  tidy.py [--cache DIR] [--jobs N] -p BUILD FILE...
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

UNUSED_DAYS = 30

# What names the output, or one machine's way to run the compiler; clang-tidy does not see it.
IRRELEVANT = re.compile(r"(-MD|-c|-fdiagnostics-color=\S*)$")
TAKES_WORD = ("-MQ", "-MF", "-MT", "-o")


def options(command, source):
    """The options of a compiler's command that matter for what clang sees."""
    words = iter(shlex.split(command))
    for word in words:
        if word in ("ccache", "cc", "gcc", "clang") or word == source or IRRELEVANT.match(word):
            continue
        if word in TAKES_WORD:
            next(words)
            continue
        yield word


def shared_text(text, directory, folders):
    """Preprocessed text in which the line markers name files below `folders` by relative paths. The checkout and the build
    may be anywhere."""
    def marker(match):
        path = os.path.realpath(os.path.join(directory, match[2]))
        for folder in folders:
            if path.startswith(folder + os.sep):
                path = os.path.relpath(path, folder)
        return f'{match[1]}"{path}"'
    return re.sub(r'^(# \d+ )"([^"<]+)"', marker, text, flags=re.M)


def key(path, entries, folders, constants):
    """The key of a source file; None if it cannot be preprocessed."""
    digest = hashlib.sha256(constants)
    for entry in entries:
        wanted = list(options(entry["command"], entry["file"]))
        done = subprocess.run(["clang", "-E", "-CC", "-dD", *wanted, entry["file"]], cwd=entry["directory"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="surrogateescape",
                              check=False)
        if done.returncode:
            return None
        # What -I finds is in the text.
        digest.update("\0".join([path, *(word for word in wanted if not word.startswith("-I"))]).encode())
        digest.update(shared_text(done.stdout, entry["directory"], folders).encode(errors="surrogateescape"))
    return digest.hexdigest()


def tidy(path, build):
    """clang-tidy's exit status and report, without its count of suppressed warnings."""
    done = subprocess.run(["clang-tidy", "-p", build, "--quiet", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, re.sub(r"^\d+ warnings? generated.*\n", "", done.stdout, flags=re.M)


class Cache:
    """The keys that passed, as empty files of a folder. Without a folder it is always empty."""

    def __init__(self, folder):
        self.folder = folder
        if folder:
            os.makedirs(folder, exist_ok=True)
            oldest = time.time() - UNUSED_DAYS * 86400
            for item in os.scandir(folder):
                if item.stat().st_mtime < oldest:
                    os.unlink(item.path)

    def has(self, name):
        try:
            os.utime(os.path.join(self.folder, name))
        except (OSError, TypeError):
            return False
        return True

    def add(self, name):
        if self.folder and name:
            with open(os.path.join(self.folder, name), "w", encoding="ascii"):
                pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-p", dest="build", required=True)
    parser.add_argument("--cache")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="+")
    given = parser.parse_args()

    folders = [os.path.realpath(given.build), os.path.realpath(".")]
    with open(os.path.join(given.build, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    entries = {}
    for entry in commands:
        entries.setdefault(os.path.realpath(os.path.join(entry["directory"], entry["file"])), []).append(entry)
    version = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE, check=True).stdout
    with open(".clang-tidy", "rb") as file:
        constants = version + file.read()
    cache = Cache(given.cache)

    def examine(path):
        own = entries.get(os.path.realpath(path))
        if not own:
            return path, 1, f"{path}: the build does not compile this file\n", False
        name = key(path, own, folders, constants)
        if cache.has(name):
            return path, 0, "", True
        status, report = tidy(path, given.build)
        if status == 0:
            cache.add(name)
        return path, status, report, False

    failed = known = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for path, status, report, was_known in pool.map(examine, given.files):
            known += was_known
            failed += status != 0
            sys.stdout.write(report)
            if status and not report.strip():
                print(f"{path}: clang-tidy ended with status {status}")
    print(f"{len(given.files)} files, {known} unchanged since they passed, {failed} with findings")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
