# SPDX-License-Identifier: BSD-3-Clause
"""The naming rules of .clang-tidy are on: one violation of each family is provoked, and found."""

import re
import subprocess
from pathlib import Path

import pytest

CONFIG = Path(__file__).resolve().parents[2] / ".clang-tidy"

VIOLATIONS = {
    "namespace": ("namespace BadName { int x(); }", "namespace 'BadName'"),
    "class": ("class bad_name {};", "class 'bad_name'"),
    "struct": ("struct bad_name {};", "struct 'bad_name'"),
    "enum": ("enum class bad_name { a };", "enum 'bad_name'"),
    "enum constant": ("enum class E { BadName };", "scoped enum constant 'BadName'"),
    "plain enum constant": ("enum Color { red };", "enum constant 'red'"),
    "type alias": ("using bad_name = int;", "type alias 'bad_name'"),
    "function": ("int BadName();", "function 'BadName'"),
    "method": ("struct A { int BadName(); };", "method 'BadName'"),
    "parameter": ("int f(int BadName);", "parameter 'BadName'"),
    "variable": ("int f() { int BadName = 1; return BadName; }", "variable 'BadName'"),
    "member": ("struct A { int BadName = 0; };", "member 'BadName'"),
    "private member": ("class A { public: int f() const { return bare; } private: int bare = 0; };", "private member 'bare'"),
    "global constant": ("const int max_size = 3;", "global constant 'max_size'"),
    "constexpr variable": ("constexpr int max_size = 3;", "constexpr variable 'max_size'"),
    "static constant": ("int f() { static const int BadName = 2; return BadName; }", "static constant 'BadName'"),
    "template parameter": ("template <class bad_name> bad_name f(bad_name x);", "template parameter 'bad_name'"),
    "macro": ("#define BAD_NAME 1", "macro definition 'BAD_NAME'"),
    "use after move": (
        "#include <string>\n#include <utility>\nstd::string g(std::string);\n"
        "std::string f(std::string s) { g(std::move(s)); return s; }",
        "bugprone-use-after-move",
    ),
    "copied parameter": (
        "#include <string>\nlong f(const std::string s) { return long(s.size()); }",
        "performance-unnecessary-value-param",
    ),
    "using namespace in a header's scope": ("namespace a { int x(); }\nusing namespace a;", "google-build-using-namespace"),
}

GOOD = """
namespace good_name {
enum class Kind { fixed, max_iterations };
enum ExitCode { kDone = 0 };
constexpr int kMaxSize = 3;
template <class Scalar>
class GruCell {
 public:
  int size() const { return size_; }
  Scalar W, W_in, dF;

 private:
  int size_ = kMaxSize;
};
}  // namespace good_name
#define NULLCLINE_TWICE(x) ((x) * 2)
"""


def complaints(tmp_path, code):
    file = tmp_path / "sample.cpp"
    file.write_text(code + "\n")
    done = subprocess.run(
        ["clang-tidy", f"--config-file={CONFIG}", "--quiet", str(file), "--", "-std=c++20"],
        capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.parametrize("family", VIOLATIONS)
def test_a_violation_is_found(tmp_path, family):
    code, expected = VIOLATIONS[family]
    status, out = complaints(tmp_path, code)
    assert status != 0
    assert re.search(re.escape(expected), out), out


def test_our_own_style_passes(tmp_path):
    assert complaints(tmp_path, GOOD) == (0, "")
