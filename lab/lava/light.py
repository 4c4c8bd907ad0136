# SPDX-License-Identifier: GPL-2.0-only
"""Prepares jobs for LAVA's dispatcher without a server, and reads its log.

light.py job JOB OUT FILES [SCRIPT]     replaces the job's URLs by the folder FILES, and adds a script of the user's
light.py device JOB TEMPLATE TYPES OUT [NAME=VALUE...]
                                        renders the device as a LAVA server does: with the job's context
light.py results LOG                    prints the results by case; exit status 0 all passed, 1 not, 2 none came
light.py power SOCKET on|off            the power switch of the board that QEMU is, through its monitor
"""
import json
import socket
import sys
import time
from pathlib import Path

import yaml

URLS = "https://builds.example.org/ffa/"
SUITE = "0_ffascope"
ABOUT_LINES = 8


def images(job):
    """The images of the job's deploy action: named under `images' for QEMU, keys of the action for TFTP."""
    deploy = next(a["deploy"] for a in job["actions"] if "deploy" in a)
    return [i for i in (deploy.get("images") or deploy).values() if isinstance(i, dict) and "url" in i]


def make_job(path, out, files, script=None):
    job = yaml.safe_load(Path(path).read_text())
    overlaid = [i for i in images(job) if "overlays" in i]
    if script:
        place = "/" + script.rsplit("/", 1)[-1]
        for image in overlaid:
            image["overlays"]["script"] = {"url": script, "format": "file", "path": place}
        test = next(a["test"] for a in job["actions"] if "test" in a)
        test["definitions"][0]["repository"]["params"]["SCRIPT"] = place
    for image in images(job):
        for item in [image] + [o for o in image.get("overlays", {}).values() if isinstance(o, dict)]:
            item["url"] = item["url"].replace(URLS, files.rstrip("/") + "/")
    Path(out).write_text(yaml.safe_dump(job, sort_keys=False, width=1000))


def make_device(path, template, types, out, *variables):
    import jinja2

    context = yaml.safe_load(Path(path).read_text()).get("context", {})
    context.update(v.split("=", 1) for v in variables)
    env = jinja2.Environment(loader=jinja2.FileSystemLoader([str(Path(template).parent), types]), trim_blocks=True)
    Path(out).write_text(env.get_template(Path(template).name).render(**context))


def entries(log):
    """The log's lines: flow mappings, most of them JSON. The last one may be cut short."""
    for line in Path(log).read_text(errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            try:
                entry = yaml.safe_load(line)
            except yaml.YAMLError:
                continue
        # A list of one in other versions of LAVA.
        entry = entry[0] if isinstance(entry, list) and entry else entry
        if isinstance(entry, dict) and "lvl" in entry:
            yield entry["lvl"], entry.get("msg")


def tell_case(result, name, about):
    print(f"{result:5} {name}")
    if result != "pass":
        for line in about[:ABOUT_LINES]:
            print(f"      {line.rstrip()}")
        if len(about) > ABOUT_LINES:
            print(f"      ... and {len(about) - ABOUT_LINES} more lines in LAVA's log")


def results(log):
    counts = {"pass": 0, "fail": 0, "skip": 0}
    target, about, ended = [], None, None
    for level, message in entries(log):
        if level == "target":
            # Between the marks of ktap-to-lava: the lines about the next case.
            if "<LAVA_SIGNAL_STARTTC" in message:
                about = []
            elif "<LAVA_SIGNAL_ENDTC" in message:
                target, about = about or [], None
            elif about is not None:
                about.append(message)
        elif level == "results" and message.get("definition") == SUITE:
            result = message["result"]
            counts[result] = counts.get(result, 0) + 1
            tell_case(result, message["case"], target)
            target = []
        elif level == "results" and message.get("definition") == "lava" and message.get("case") == "job":
            ended = message
    print(", ".join(f"{n} {name}" for name, n in (("passed", counts["pass"]), ("failed", counts["fail"]),
                                                   ("skipped", counts["skip"]))))
    if not ended:
        print("the job did not end: LAVA's log has no result of it")
    elif ended["result"] != "pass":
        print(f"the job is incomplete: {ended.get('error_type')}: {ended.get('error_msg')}")
    if sum(counts.values()) == 0:
        return 2
    return 0 if ended and ended["result"] == "pass" and not counts["fail"] else 1


def power(path, state):
    """QEMU starts with its CPUs stopped, so that nothing is missed before the power is switched on."""
    for _ in range(300 if state == "on" else 1):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(30)
            try:
                s.connect(path)
            except OSError:
                # Not started yet, or off already.
                time.sleep(0.1)
                continue
            s.sendall({"on": b"cont\n", "off": b"quit\n"}[state])
            # The prompt, then the answer with the next one.
            got = b""
            while got.count(b"(qemu) ") < 2 and (more := s.recv(4096)):
                got += more
            return 0
    return 0 if state == "off" else 1


VERBS = {"job": make_job, "device": make_device, "results": results, "power": power}
if __name__ == "__main__":
    sys.exit(VERBS[sys.argv[1]](*sys.argv[2:]))
