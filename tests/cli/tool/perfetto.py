# SPDX-License-Identifier: GPL-2.0-only
"""perfetto.py FFASCOPE RECORDING...: reads the traces of `replay --as perfetto' with the part of Perfetto's schema that they
may use, and compares them with the calls in `--as tsv'. A trace_processor_shell on PATH reads them as well; no registry
that the tests may use has one.

Schema: Perfetto's protos/perfetto/trace/trace_packet.proto, trace/track_event/{track_event,track_descriptor,
thread_descriptor,debug_annotation}.proto.
"""
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections import Counter, defaultdict
from pathlib import Path

FFASCOPE, RECORDINGS = sys.argv[1], [Path(p) for p in sys.argv[2:]]
del sys.argv[1:]

# Message: {number: (name, type)}; a type is uint, text or a message.
SCHEMA = {
    "Trace": {1: ("packet", "TracePacket")},
    "TracePacket": {8: ("timestamp", "uint"), 10: ("trusted_packet_sequence_id", "uint"), 11: ("track_event", "TrackEvent"),
                    13: ("sequence_flags", "uint"), 60: ("track_descriptor", "TrackDescriptor")},
    "TrackDescriptor": {1: ("uuid", "uint"), 2: ("name", "text"), 4: ("thread", "ThreadDescriptor"),
                        5: ("parent_uuid", "uint")},
    "ThreadDescriptor": {1: ("pid", "uint"), 2: ("tid", "uint"), 5: ("thread_name", "text")},
    "TrackEvent": {4: ("debug_annotations", "DebugAnnotation"), 9: ("type", "uint"), 11: ("track_uuid", "uint"),
                   22: ("categories", "text"), 23: ("name", "text")},
    "DebugAnnotation": {3: ("uint_value", "uint"), 6: ("string_value", "text"), 10: ("name", "text")},
}
REPEATED = {"packet", "debug_annotations", "categories"}
BEGIN, END, INSTANT = 1, 2, 3


class Malformed(Exception):
    pass


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed(f"varint cut off at {at}")
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def parse(kind, data):
    """A message as a dictionary. Raises Malformed for what the schema does not have."""
    message, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key >> 3 not in SCHEMA[kind]:
            raise Malformed(f"{kind} has no field {key >> 3}")
        name, type_ = SCHEMA[kind][key >> 3]
        if key & 7 != (0 if type_ == "uint" else 2):
            raise Malformed(f"{kind}.{name} has wire type {key & 7}")
        value, at = varint(data, at)
        if type_ != "uint":
            if at + value > len(data):
                raise Malformed(f"{kind}.{name} is cut off")
            value, at = data[at:at + value], at + value
            try:
                value = value.decode() if type_ == "text" else parse(type_, value)
            except UnicodeDecodeError as e:
                raise Malformed(f"{kind}.{name} is not UTF-8") from e
        if name in REPEATED:
            message.setdefault(name, []).append(value)
        elif name in message:
            raise Malformed(f"{kind}.{name} comes twice")
        else:
            message[name] = value
    return message


class Track:
    def __init__(self, descriptor):
        self.name = descriptor.get("name")
        self.thread = descriptor.get("thread")
        self.open = []
        self.slices = []  # (depth, name, begin, end, notes)
        self.instants = []


def read(data):
    """Tracks by UUID, each with its slices; checks what trace_processor checks when it imports track events."""
    tracks, last = {}, defaultdict(int)
    for i, packet in enumerate(parse("Trace", data).get("packet", [])):
        if packet.get("trusted_packet_sequence_id") != 1 or (packet.get("sequence_flags") == 1) != (i == 0):
            raise Malformed("the sequence does not begin with its first packet")
        if "track_descriptor" in packet:
            descriptor = packet["track_descriptor"]
            if descriptor["uuid"] in tracks or descriptor.get("parent_uuid", 1) not in tracks and i:
                raise Malformed("a track comes twice, or before its parent")
            tracks[descriptor["uuid"]] = Track(descriptor)
            continue
        event = packet["track_event"]
        track, when = tracks[event["track_uuid"]], packet["timestamp"]
        notes = {a["name"]: a.get("string_value", a.get("uint_value")) for a in event.get("debug_annotations", [])}
        if event["type"] == BEGIN:
            track.open.append((event["name"], when, notes))
        elif event["type"] == END:
            name, begin, notes = track.open.pop()
            if when < begin or track.open and begin < track.open[-1][1]:
                raise Malformed("slices do not nest")
            track.slices.append((len(track.open), name, begin, when, notes))
        elif event["type"] == INSTANT:
            track.instants.append((event["name"], when))
        else:
            raise Malformed(f"type {event['type']}")
    if any(t.open for t in tracks.values()):
        raise Malformed("a slice does not end")
    return tracks


def run(*args):
    return subprocess.run([FFASCOPE, "replay", *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def calls_of(recording):
    """The tab-separated words of each call (ffascope(1))."""
    for line in run("--calls", "--as", "tsv", str(recording)).decode().splitlines():
        words = line.split("\t")
        if words[0] in ("call", "watched"):
            yield words


class Traces(unittest.TestCase):
    def check(self, recording):
        calls = list(calls_of(recording))
        tracks = read(run("--calls", "--as", "perfetto", str(recording)))
        threads = [t for t in tracks.values() if t.thread]
        cpus = [t for t in tracks.values() if t.name and t.name.startswith("CPU ")]
        outer = [s for t in (threads or cpus) for s in t.slices if s[0] == 0]
        self.assertEqual(Counter((s[1], s[4]["verdict"]) for s in outer), Counter((w[1], w[4]) for w in calls))
        self.assertEqual({t.name for t in cpus}, {f"CPU {w[3]}" for w in calls})
        inner = Counter()
        for track in cpus:
            for depth, name, begin, end, _ in track.slices:
                if depth:
                    inner[name] += end - begin
        # Cut to the call where the two clocks differ a little.
        for name, column in (("EL2", 10), ("secure world", 11)):
            wanted = sum(int(w[column]) for w in calls if w[column] != "-")
            self.assertLessEqual(inner[name], wanted)
            self.assertGreaterEqual(inner[name], wanted * 0.9 - 2000 * len(calls))
        lost = sum(w[6] == "lost-events" for w in calls)
        self.assertEqual(sum(i[0] == "events lost" for t in cpus for i in t.instants), lost)
        return tracks, calls

    def test_each_recording_has_its_calls(self):
        for recording in RECORDINGS:
            with self.subTest(recording.name):
                self.check(recording)

    def test_tasks_of_drivers(self):
        recording = next(r for r in RECORDINGS if r.name == "watched.ffarec")
        tracks, calls = self.check(recording)
        self.assertEqual({(t.thread["tid"], t.thread["thread_name"]) for t in tracks.values() if t.thread},
                         {(int(w[-4]), w[-2]) for w in calls})

    def test_without_the_trace_there_are_no_phases(self):
        recording = next(r for r in RECORDINGS if r.name == "forwarded.ffarec")
        tracks = read(run("--no-trace", "--as", "perfetto", str(recording)))
        self.assertEqual({s[0] for t in tracks.values() for s in t.slices}, {0})

    def test_the_parser_finds_damage(self):
        data = run("--as", "perfetto", str(next(r for r in RECORDINGS if r.name == "forwarded.ffarec")))
        read(data)
        with self.assertRaises(Malformed):
            read(data[:-1])
        with self.assertRaises((Malformed, KeyError)):
            read(data.replace(b"\x52", b"\x5a"))

    def test_trace_processor(self):
        shell = shutil.which("trace_processor_shell")
        if not shell:
            self.skipTest("no trace_processor_shell")
        recording = next(r for r in RECORDINGS if r.name == "watched.ffarec")
        with tempfile.NamedTemporaryFile() as file:
            file.write(run("--as", "perfetto", str(recording)))
            file.flush()
            out = subprocess.run([shell, "-Q", "select count(*) from slice where depth = 0 and name glob 'FFA_*'", file.name],
                                 capture_output=True, text=True, check=True).stdout
        self.assertIn(str(2 * len(list(calls_of(recording)))), out)


if __name__ == "__main__":
    unittest.main()
