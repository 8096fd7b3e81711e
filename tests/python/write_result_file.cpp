// SPDX-License-Identifier: BSD-3-Clause
// write_result_file FILE: writes the set of arrays that test_result_files.py expects.
#include <cstdio>
#include <exception>

#include "../support/result_file.hpp"
#include "nullcline/io/hdf5.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    nullcline::io::write_hdf5(argv[1], nullcline::support::one_of_everything());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
