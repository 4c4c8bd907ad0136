#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The findings of an audit of the catalogue against eight other implementations, each with the right value.

The sources are in the catalogue's rows (describe shows them).
"""
import json
import os
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "200"}


def run(*args, stdin=None):
    done = subprocess.run([PROGRAM, *args], input=stdin, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout


def decode(*words, result=None, version=None):
    options = (["--ffa", version] if version else []) + ["--json", "decode"] + (["--result", result] if result else [])
    return json.loads(run(*options, *words))


def describe(call):
    return json.loads(run("--json", "describe", call))


def broken(obj, version):
    return [(v["reg"], v["bits"], v["rule"]) for v in obj["violations"][version]]


class Wrong(unittest.TestCase):
    def test_mem_perm_get_has_no_page_count_before_1_3(self):
        for name in ("0x84000088", "0xc4000088"):
            obj = decode(name, "0x80000000", "3")
            self.assertEqual(obj["fields"]["extra-pages"], "3")
            self.assertEqual(broken(obj, "1.1"), [("w2", "31:0", "MBZ")])
            self.assertEqual(broken(obj, "1.2"), [("w2", "31:0", "SBZ")])
            self.assertEqual(broken(obj, "1.3"), [])

    def test_console_log_that_is_to_be_retried_says_what_was_written(self):
        obj = decode("0x84000060", "0", "0xfffffff9", "0x20", result="CONSOLE_LOG_64", version="1.3")
        self.assertEqual((obj["status"], obj["fields"]["written"], obj["violations"]), ("RETRY", "32", []))
        other = decode("0x84000060", "0", "0xfffffffe", "0x20", result="CONSOLE_LOG_64", version="1.3")
        self.assertEqual([v["reg"] for v in other["violations"]], ["w3"])

    def test_a_call_that_the_version_lacks_is_said_so(self):
        text = run("call", "--dry-run", "notification-set2", "receiver=0x8001", "bitmap=1", "x2[2]=1")
        self.assertIn("since 1.3, rules of 1.3 shown", text)
        self.assertIn("x2[15:2] = 0x1, MBZ", text)
        obj = decode("0xc4000061", "0", "1", "2", result="NOTIFICATION_GET2")
        self.assertEqual([v["reg"] for v in obj["violations"]], ["x2"])
        self.assertIn("since 1.3", obj["note"])
        self.assertIn("since 1.1", decode("0x8400007d", "0x10001", "4", version="1.0")["note"])
        self.assertIn("until 1.0", run("--ffa", "1.3", "call", "--dry-run", "msg-poll"))
        dry = json.loads(run("--json", "call", "--dry-run", "notification-set2", "receiver=0x8001"))
        self.assertEqual(dry["rules_of"], "1.3")

    def test_a_dependent_sepid_has_a_proxy(self):
        obj = decode("0xc4000061", "0", "0x18000000000000", "0x2080030009", "1", "2",
                     result="PARTITION_INFO_GET_REGS start-index=0")
        self.assertEqual(obj["partitions"][0]["proxy"], "0x8003")
        self.assertNotIn("contexts", obj["partitions"][0])

    def test_no_partitions_out_of_an_answer_that_is_not_well_formed(self):
        for x2 in ("0x18000000030001", "0x1c000000000000"):
            obj = decode("0xc4000061", "0", x2, "0x300018001", "1", "2", result="PARTITION_INFO_GET_REGS")
            self.assertEqual(obj["partitions"], [])
            self.assertIn("not well-formed", obj["text"])
        obj = decode("0xc4000061", "0", "0x18000000000000", "0x300018001", "1", "2", "0xdead",
                     result="PARTITION_INFO_GET_REGS")
        self.assertEqual([(v["reg"], v["rule"]) for v in obj["violations"]], [("x6", "MBZ")])

    def test_secondary_ep_register_has_an_entry_point_in_32_bits(self):
        obj = decode("0x84000087", "0x80000000", "1")
        self.assertEqual(obj["fields"], {"entry-point": "0x80000000"})
        self.assertEqual(broken(obj, "1.1"), [("w2", "31:0", "MBZ")])

    def test_an_answer_of_the_other_width_is_decoded_and_named(self):
        obj = decode("0xc4000061", "0", "0x81", "0x8001", result="NOTIFICATION_INFO_GET")
        self.assertEqual(obj["lists"], [{"endpoint": 0x8001, "vcpus": []}])
        self.assertTrue(obj["other_width"])
        obj = decode("0xc4000061", "0", "0x8001", result="ID_GET")
        self.assertEqual((obj["fields"]["id"], obj["other_width"]), ("0x8001", True))
        self.assertTrue(decode("0x84000070", "0x80010000", "0", result="MSG_SEND_DIRECT_REQ_64")["other_width"])
        self.assertFalse(decode("0x84000061", "0", "0x8001", result="ID_GET")["other_width"])

    def test_yield_has_a_timeout_from_1_2_on(self):
        obj = decode("0x8400006c", "0", "0x1000", "0")
        self.assertEqual([broken(obj, v) for v in ("1.1", "1.2")], [[("w2", "31:0", "MBZ")], []])

    def test_only_the_count_leaves_the_size_zero(self):
        obj = decode("0x84000061", "0", "3", "0x18", result="PARTITION_INFO_GET count-only=1")
        self.assertEqual([(v["reg"], v["rule"]) for v in obj["violations"]], [("w3", "MBZ")])
        obj = decode("0x84000061", "0", "3", "0x18", result="PARTITION_INFO_GET count-only=0")
        self.assertEqual((obj["violations"], obj["fields"]["descriptor-size"]), ([], "24"))

    def test_describe_takes_several_calls(self):
        text = run("describe", "notification-set", "notification-get")
        self.assertIn("FFA_NOTIFICATION_SET ", text)
        self.assertIn("FFA_NOTIFICATION_GET ", text)
        self.assertEqual(len(run("--json", "describe", "id-get", "version").splitlines()), 2)

    def test_json_takes_no_negative_numbers(self):
        self.assertIn('"-1" is negative', run("decode", stdin='{"in":["-1"]}\n'))
        self.assertEqual(json.loads(run("--json", "decode", stdin='{"in":["0x84000064","010"]}\n'))["fields"]["feature"],
                         "0xa")


class Missing(unittest.TestCase):
    def test_framework_messages_have_names_and_payloads(self):
        obj = decode("0x8400006f", "0x8001", "0x80000004", "0xffffffff", "0xffffffff", "5")
        self.assertEqual((obj["fields"]["message-type"], obj["fields"]["vm-id"]), ("vm-created", "5"))
        made = json.loads(run("--json", "call", "--dry-run", "msg-send-direct-req", "receiver=0x8001", "framework=1",
                              "message-type=vm-created", "vm-id=5"))
        self.assertEqual([int(w, 16) for w in made["in"]][2:6], [0x80000004, 0, 0, 5])
        # A partition message has no type.
        self.assertEqual(decode("0x8400006f", "0x8001", "0", "1")["fields"]["message-type"], "0x0")

    def test_attributes_of_mem_perm(self):
        obj = decode("0x84000089", "0x80000000", "1", "0xf")
        self.assertEqual((obj["fields"]["access"], obj["fields"]["xn"]), ("ro", "1"))
        self.assertEqual(broken(obj, "1.2"), [("w3", "31:3", "MBZ")])
        self.assertEqual(broken(decode("0x84000089", "0x80000000", "1", "2"), "1.2"), [("w3", "1:0", "value")])
        obj = decode("0x84000061", "0", "5", "3", result="MEM_PERM_GET")
        self.assertEqual((obj["fields"]["access"], obj["fields"]["xn"], obj["fields"]["extra-pages"]), ("rw", "1", "3"))

    def test_features_of_the_memory_calls(self):
        obj = decode("0x84000061", "0", "7", "0xff", result="FEATURES feature=MEM_RETRIEVE_REQ")
        self.assertEqual(obj["fields"], {"hypervisor-retrieve": "1", "ns-bit": "1", "dynamic-buffers": "1",
                                         "outstanding": "255"})
        obj = decode("0x84000061", "0", "1", "0", result="FEATURES feature=MEM_SHARE_64")
        self.assertEqual(obj["fields"], {"dynamic-buffers": "1"})
        obj = decode("0x84000061", "0", "3", "0", result="FEATURES feature=RXTX_MAP_64")
        self.assertEqual([(v["bits"], v["rule"]) for v in obj["violations"]], [("1:0", "value")])

    def test_descriptors_of_1_3_have_an_image_and_a_version(self):
        obj = decode("0xc4000061", "0", "0x30000000000000", "0x700018001", "1", "2", "3", "4", "0x10003",
                     result="PARTITION_INFO_GET_REGS start-index=0")
        self.assertEqual(obj["partitions"][0]["image_uuid"], "03000000-0000-0000-0400-000000000000")
        self.assertEqual(obj["partitions"][0]["ffa_version"], "1.3")

    def test_ns_res_info_get(self):
        obj = decode("0xc400008f", "0x8001", "0x15")
        self.assertEqual((obj["fields"]["target-valid"], obj["fields"]["continue"]), ("1", "1"))
        self.assertIn(("x2", "3:2", "value"), broken(obj, "1.3"))
        obj = decode("0xc4000061", "0", "0x2000000010", result="NS_RES_INFO_GET", version="1.3")
        self.assertEqual((obj["fields"]["written"], obj["fields"]["remaining"]), ("32", "16"))
        self.assertEqual(describe("NS_RES_INFO_GET")["consent"], "always")

    def test_flags_of_mem_reclaim(self):
        obj = decode("0x84000077", "1", "0", "7")
        self.assertEqual((obj["fields"]["zero"], obj["fields"]["time-slice"]), ("1", "1"))
        self.assertEqual(broken(obj, "1.1"), [("w3", "31:2", "MBZ")])

    def test_msg_send_and_msg_poll_of_1_0(self):
        obj = decode("0x8400006e", "0x00010002", "0", "0x10", "1", version="1.0")
        self.assertEqual([obj["fields"][n] for n in ("sender", "receiver", "size")], ["1", "2", "16"])
        self.assertEqual([a["answer"] for a in describe("MSG_POLL")["answers"]], ["FFA_MSG_SEND"])

    def test_errors_have_sources(self):
        listed = [json.loads(line) for line in run("--json", "list").splitlines()]
        without = []
        for call in listed:
            obj = describe(call["call"])
            self.assertTrue(all(e["source"] for e in obj["errors"]))
            if not obj["errors"]:
                without.append(call["call"])
        # Answers, and FFA_VERSION, whose errors are not FF-A's.
        self.assertEqual(without, ["FFA_ERROR", "FFA_ERROR_64", "FFA_SUCCESS", "FFA_SUCCESS_64", "FFA_INTERRUPT",
                                   "FFA_INTERRUPT_64", "FFA_VERSION", "FFA_MEM_RETRIEVE_RESP"])

    def test_answers_of_run_and_resume(self):
        names = [a["answer"] for a in describe("RUN")["answers"]]
        for name in ("FFA_MSG_SEND_DIRECT_RESP2", "FFA_INTERRUPT_64", "FFA_YIELD_64", "FFA_MSG_WAIT_64"):
            self.assertIn(name, names)
        self.assertEqual([a["answer"] for a in describe("MEM_OP_RESUME")["answers"]],
                         ["FFA_SUCCESS", "FFA_MEM_FRAG_RX", "FFA_MEM_OP_PAUSE"])

    def test_a_hint_in_the_identifier_is_named(self):
        obj = decode("0x8401007d", "0", "4")
        self.assertEqual(obj["call"], "FFA_NOTIFICATION_BITMAP_CREATE")
        self.assertIn("SVE hint", obj["note"])

    def test_console_log_counts_its_characters(self):
        self.assertEqual(decode("0x8400008a", "2", "0x6c6c6568")["fields"]["text"], "he")
        for count, call in (("0", "0x8400008a"), ("25", "0x8400008a"), ("129", "0xc400008a")):
            obj = decode(call, hex(int(count)))
            self.assertIn(("w1", "7:0", "value"), broken(obj, "1.2"), count)
        self.assertEqual(broken(decode("0x8400008a", "0x18"), "1.2"), [])

    def test_rxtx_map_on_behalf_of_a_vm(self):
        self.assertIn("on behalf of a VM", describe("RXTX_MAP_64")["note"])

    def test_since_when_features_and_properties_are_there(self):
        self.assertEqual([f["since"] for f in describe("FEATURES")["features"]], ["1.1", "1.1", "1.1", "1.3"])
        since = {p["name"]: p["since"] for p in describe("PARTITION_INFO_GET")["partition_properties"]}
        self.assertEqual([since[n] for n in ("id-type", "vm-created", "vm-destroyed")], ["1.1", "1.1", "1.1"])


class Unsure(unittest.TestCase):
    def test_w2_of_a_partition_message_is_zero(self):
        obj = decode("0x8400006f", "0x8001", "5", version="1.0")
        self.assertEqual(broken(obj, "1.0"), [("w2", "7:0", "MBZ")])
        self.assertEqual(broken(decode("0x8400006f", "0x8001", "0x100"), "1.2"), [("w2", "30:8", "MBZ")])

    def test_upper_half_of_an_id(self):
        for call in ("ID_GET", "SPM_ID_GET"):
            obj = decode("0x84000061", "0", "0x18001", result=call)
            self.assertEqual([(v["bits"], v["rule"]) for v in obj["violations"]], [("31:16", "MBZ")])
        self.assertEqual([v["rule"] for v in decode("0x10002", "1", result="VERSION")["violations"]], ["MBZ"])

    def test_properties_of_a_feature_identifier(self):
        obj = decode("0x84000064", "0x102", "1")
        self.assertEqual(broken(obj, "1.2"), [("w1", "30:8", "MBZ"), ("w2", "31:0", "MBZ")])
        self.assertEqual(broken(obj, "1.3"), [("w1", "30:8", "MBZ"), ("w2", "31:0", "unknown")])
        obj = decode("0x84000061", "0", "0x10004", "1", result="FEATURES feature=RXTX_MAP", version="1.1")
        self.assertEqual([(v["reg"], v["bits"], v["rule"]) for v in obj["violations"]],
                         [("w2", "31:16", "MBZ"), ("w2", "15:2", "MBZ"), ("w3", "31:0", "MBZ")])

    def test_set2_is_like_set(self):
        obj = decode("0xc4000096", "0x8001", "0x50000", "1", version="1.3")
        self.assertEqual(broken(obj, "1.3"), [("x2", "63:16", "MBZ")])

    def test_flags_of_msg_send2(self):
        obj = decode("0x84000086", "0", "7")
        self.assertEqual(broken(obj, "1.1"), [("w2", "31:2", "MBZ"), ("w2", "1", "unknown"), ("w2", "0", "MBZ")])
        self.assertEqual(broken(obj, "1.2")[1], ("w2", "1", "MBZ"))

    def test_an_unknown_rule_is_not_broken(self):
        text = run("call", "--dry-run", "notification-bind", "receiver=0", "w2[5]=1")
        self.assertIn("reserved", text)
        self.assertIn("rule unknown in FF-A 1.2", text)
        self.assertNotIn("broken", text)

    def test_info_get_needs_consent(self):
        for call in ("NOTIFICATION_INFO_GET", "NOTIFICATION_INFO_GET_64"):
            self.assertEqual(describe(call)["consent"], "always")

    def test_counts_of_feature_4(self):
        obj = decode("0x84000061", "0", "0xa0500", result="FEATURES feature=notification", version="1.3")
        self.assertIn(("10:2", "MBZ"), [(v["bits"], v["rule"]) for v in obj["violations"]])

    def test_console_log_can_come_from_a_vm(self):
        self.assertIsNone(describe("CONSOLE_LOG")["instances"]["non_secure_virtual"])

    def test_mem_op_has_a_handle(self):
        self.assertEqual(decode("0x84000079", "5", "1")["fields"]["handle"], "0x100000005")


class Others(unittest.TestCase):
    def test_list_shows_errors(self):
        text = run("list", "--errors", "rxtx-unmap")
        self.assertIn("INVALID_PARAMETERS", text)
        self.assertIn("no buffers are registered", text)
        obj = json.loads(run("--json", "list", "--errors", "rxtx-unmap"))
        self.assertEqual(obj["errors"][0]["status"], "INVALID_PARAMETERS")

    def test_explain_gives_meaning_and_source(self):
        text = run("decode", "--explain", "0x84000082", "0x8001", "1")
        self.assertIn("return notifications from SPs [DEN0077A 1.3 ALP4 Table 16.24]", text)
        self.assertIn("[DEN0077A", run("decode", "--explain", stdin="SPM(0): 0x84000082 0x8001 0x1\n"))

    def test_formats_shows_the_table(self):
        text = run("decode", "--formats")
        self.assertIn("tf-a-spm: TF-A", text)
        self.assertIn("names of registers:", text)


if __name__ == "__main__":
    unittest.main(verbosity=1)
