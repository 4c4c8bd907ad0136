# SPDX-License-Identifier: GPL-2.0-only
"""install.py MESON SOURCE BUILD PREFIX CC: `meson install' into a DESTDIR installs every file of the program.

The installed files work: the program runs, the C example compiles against the installed header, the
scripts parse, and the files for dkms, modprobe and udev agree with the sources.
"""
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MESON, SOURCE, BUILD, PREFIX, *CC = sys.argv[1:]
SOURCE = Path(SOURCE)
del sys.argv[1:]


def files_below(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.tmp.cleanup)
        subprocess.run([MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.tmp.name],
                       check=True, capture_output=True)
        cls.work = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.root = Path(cls.tmp.name) / PREFIX.lstrip("/")
        cls.program = cls.root / "bin/ffascope"

    def test_everything_is_there_and_nothing_else(self):
        want = {"bin/ffascope", "include/ffascope.h", "lib/modprobe.d/ffascope.conf",
                "lib/udev/rules.d/70-ffascope.rules", "share/bash-completion/completions/ffascope.bash",
                "share/ffascope/format-1.schema.json"}
        want |= {f"share/man/man{p.suffix[1:]}/{p.name}" for p in (SOURCE / "man").glob("*.[1-9]")}
        want |= {f"share/doc/ffascope/examples/{name}" for name in files_below(SOURCE / "examples")
                 if name != "meson.build"}
        self.assertEqual({re.sub(r"^lib/[a-z0-9_]+-linux-gnu/", "lib/", n) for n in files_below(self.root)}, want)
        self.assertEqual(files_below(Path(self.tmp.name)), {f"{PREFIX.lstrip('/')}/{n}" for n in files_below(self.root)})

    def test_program_runs(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(said, r"^ffascope \d+\.\d+")

    def test_c_example_compiles_against_the_installed_header(self):
        example = self.root / "share/doc/ffascope/examples/uapi/id-get.c"
        done = subprocess.run([*CC, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                               "-I", self.root / "include", "-o", self.work / "id-get", example],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_python_example_has_the_layout_of_the_header(self):
        text = (self.root / "share/doc/ffascope/examples/uapi/id-get.py").read_text()
        names = {"__name__": "example"}
        exec(compile(text, "id-get.py", "exec"), names)
        source = """#include <ffascope.h>
            #include <stddef.h>
            #include <stdio.h>
            int main(void)
            {
                printf("%zu %zu %lu %zu %zu", sizeof(struct ffascope_call), sizeof(struct ffascope_registers),
                       (unsigned long)FFASCOPE_REGISTERS, offsetof(struct ffascope_registers, calls),
                       offsetof(struct ffascope_call, out));
                return 0;
            }"""
        program = self.work / "sizes"
        subprocess.run([*CC, "-x", "c", "-I", self.root / "include", "-o", program, "-"], input=source, text=True,
                       check=True)
        call, request, number, calls_at, out_at = map(int, subprocess.check_output([program]).split())
        self.assertEqual((names["CALL"].size, names["REQUEST"].size, names["FFASCOPE_REGISTERS"]),
                         (call, request, number))
        self.assertEqual(names["REQUEST"].unpack(bytes(calls_at) + b"\1" + bytes(request - calls_at - 1))[2], 1)
        self.assertEqual(names["CALL"].unpack(bytes(out_at) + b"\1" + bytes(call - out_at - 1))[18], 1)

    def test_scripts_are_read(self):
        scripts = sorted((self.root / "share/doc/ffascope/examples/smoke").glob("*.ffa"))
        self.assertTrue(scripts)
        subprocess.run([self.program, "run", "--check", *scripts], check=True, capture_output=True)

    def test_dkms_builds_this_version_with_the_driver_only(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        script = f". {SOURCE}/kmod/dkms.conf; " + \
            'printf "%s\\n" "$PACKAGE_NAME" "$PACKAGE_VERSION" "${BUILT_MODULE_NAME[0]}" "$BUILD_EXCLUSIVE_ARCH" ' \
            '"$BUILD_EXCLUSIVE_CONFIG" "$BUILD_EXCLUSIVE_KERNEL"'
        name, version, module, arch, config, kernel = subprocess.check_output(
            ["bash", "-c", script], text=True).splitlines()
        self.assertEqual((name, version, module), ("ffascope", said, "ffascope"))
        self.assertEqual((arch, config), ("aarch64", "CONFIG_ARM_FFA_TRANSPORT"))
        for release, good in (("6.1.0-40-arm64", False), ("6.8.12", False), ("6.12.57+deb13-arm64", True),
                              ("6.20.1", True), ("7.3.4", True), ("10.0.1", True)):
            # Like dkms: a bash pattern.
            matches = subprocess.run(["bash", "-c", '[[ $1 =~ $2 ]]', "bash", release, kernel]).returncode == 0
            self.assertEqual(matches, good, release)

    def test_the_version_is_the_same_everywhere(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertTrue((SOURCE / "debian/changelog").read_text().startswith(f"ffascope ({said}) "))
        self.assertTrue((SOURCE / "NEWS").read_text().startswith(f"ffascope {said}, "))

    def test_dkms_wants_no_kernel_whose_driver_it_does_not_see(self):
        # Like Debian 12's dkms: the kernel of an earlier build is set before the one to build for. Debian's own
        # dkms is tested by lab/package/install with kernels that have the driver and kernels that do not.
        script = 'grep() { [[ $* != *"$without"* ]]; }; ' \
            f'source_it() {{ ( . {SOURCE}/kmod/dkms.conf; echo "$AUTOINSTALL" ); }}; ' \
            'read_conf() { local kernelver=$1; source_it; }; without=$3; kernelver=($2); read_conf "$1"'
        for earlier, meant, without, want in (("", "6.17.1", "6.12.9", "yes"), ("6.17.1", "6.12.9", "6.12.9", ""),
                                              ("6.12.9", "6.17.1", "6.12.9", "yes"), ("6.17.1", "", "6.12.9", "yes"),
                                              ("6.17.1", "6.1.0", "6.12.9", "")):
            out = subprocess.check_output(["bash", "-c", script, "bash", earlier, meant, without], text=True)
            self.assertEqual(out, want + "\n", (earlier, meant))

    def test_dkms_gets_every_source_of_the_module(self):
        listed = re.search(r"module_sources = files\((.*?)\)", (SOURCE / "kmod/meson.build").read_text(), re.S).group(1)
        self.assertEqual(set(re.findall(r"'([^']+)'", listed)),
                         {p.name for p in (SOURCE / "kmod").glob("*.[ch]")} | {"Kbuild"})

    def test_modprobe_options_are_parameters_of_the_module(self):
        parameters = {name for path in (SOURCE / "kmod").glob("*.c")
                      for name in re.findall(r"^module_param(?:_unsafe)?\((\w+),", path.read_text(), re.M)}
        lines = (self.root / "lib/modprobe.d/ffascope.conf").read_text().splitlines()
        options = [word.split("=")[0] for line in lines if line.startswith("options ffascope ")
                   for word in line.split()[2:]]
        self.assertTrue(options)
        self.assertLessEqual(set(options), parameters)


class BuildScript(unittest.TestCase):
    """kmod/build.sh refuses trees that it cannot build for, and uses the tree's compiler."""
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        self.tree = Path(self.tmp.name) / "tree"
        (self.tree / "include/config").mkdir(parents=True)
        (self.tree / "Makefile").write_text(
            "modules:\n\t@echo \"$(ARCH)/$(CROSS_COMPILE)/$(LLVM)\" >$(M)/ffascope.ko\n")

    def build(self, config, **env):
        if config is not None:
            (self.tree / "include/config/auto.conf").write_text("".join(f"{line}\n" for line in config))
        uname = Path(self.tmp.name) / "uname"
        uname.write_text("#!/bin/sh\necho x86_64\n")
        uname.chmod(0o755)
        out = Path(self.tmp.name) / "out.ko"
        done = subprocess.run([SOURCE / "kmod/build.sh", self.tree, SOURCE / "kmod", Path(self.tmp.name) / "copy", out],
                              capture_output=True, text=True, env={"PATH": f"{self.tmp.name}:/usr/bin:/bin", **env})
        return out.read_text().strip() if done.returncode == 0 else done.stderr

    def test_refusals(self):
        self.assertIn("modules_prepare", self.build(None))
        self.assertIn("not an arm64 kernel", self.build(["CONFIG_X86_64=y"]))
        self.assertIn("CONFIG_ARM_FFA_TRANSPORT", self.build(["CONFIG_ARM64=y"]))

    def test_compiler(self):
        arm64 = ["CONFIG_ARM64=y", "CONFIG_ARM_FFA_TRANSPORT=m"]
        self.assertEqual(self.build(arm64), "arm64/aarch64-linux-gnu-/")
        self.assertEqual(self.build(arm64, CROSS_COMPILE="own-"), "arm64/own-/")
        self.assertEqual(self.build(arm64 + ["CONFIG_CC_IS_CLANG=y"]), "arm64//1")
        self.assertEqual(self.build(arm64 + ["CONFIG_CC_IS_CLANG=y"], LLVM="-18"), "arm64//-18")


if __name__ == "__main__":
    unittest.main()
