// SPDX-License-Identifier: BSD-3-Clause
// RAII over the HDF5 C interface, and its errors as FormatError.
#pragma once

#include <hdf5.h>

#include <exception>
#include <string>
#include <utility>

namespace nullcline::io::internal {

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }

  hid_t id() const { return id_; }
  /// Closes now, for callers who must know whether that worked.
  herr_t close() { return close_(std::exchange(id_, H5I_INVALID_HID)); }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Keeps HDF5 from printing its error stack while this lives, on this thread; and from then on
/// where an exception ends it. HDF5 loses pieces of memory when it refuses a damaged file, and
/// would print "infinite loop closing library" about them when the program ends, unless printing is
/// off.
class QuietErrors {
 public:
  QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors();

 private:
  int n_exceptions_ = std::uncaught_exceptions();
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// What HDF5 says about its last failure: the innermost entry of its error stack, on one line.
std::string hdf5_reason();

/// Owns `id`. @throws FormatError "what: doing: reason" if it is not valid.
Handle own(hid_t id, Handle::Close close, const std::string& what, const char* doing);

/// @throws FormatError "what: doing: reason" if `status` is negative.
void require(herr_t status, const std::string& what, const char* doing);

/// A name for a file that lives in memory; HDF5 tells those apart by name too.
std::string memory_file_name();

}  // namespace nullcline::io::internal
