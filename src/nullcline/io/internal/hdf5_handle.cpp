// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_handle.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io::internal {

QuietErrors::QuietErrors() {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

QuietErrors::~QuietErrors() {
  if (std::uncaught_exceptions() <= n_exceptions_) H5Eset_auto2(H5E_DEFAULT, function_, data_);
}

std::string hdf5_reason() {
  std::string reason;
  const auto take_innermost = [](unsigned, const H5E_error2_t* entry, void* data) -> herr_t {
    if (entry->desc != nullptr) *static_cast<std::string*>(data) = printable(entry->desc, 300);
    return 1;  // no further
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, &reason);
  return reason.empty() ? "HDF5 gives no reason" : reason;
}

Handle own(hid_t id, Handle::Close close, const std::string& what, const char* doing) {
  if (id < 0) throw FormatError(what + ": " + doing + ": " + hdf5_reason());
  return {id, close};
}

void require(herr_t status, const std::string& what, const char* doing) {
  if (status < 0) throw FormatError(what + ": " + doing + ": " + hdf5_reason());
}

std::string memory_file_name() {
  static std::atomic<unsigned> counter{0};
  return fmt::format("nullcline-in-memory-{}-{}", ::getpid(), counter.fetch_add(1));
}

}  // namespace nullcline::io::internal
