// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/safetensors_header.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxAxes = 64;
constexpr const char* kMetadata = "__metadata__";

/// Receives the JSON piece by piece, so that nothing is stored that the format does not have. A
/// false return ends the parsing.
class HeaderReceiver : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReceiver(std::uint64_t max_tensors) : max_tensors_(max_tensors) {}

  SafetensorsHeader header;
  std::string error;

  bool start_object(std::size_t) override {
    if (place_ == Place::before) return move_to(Place::top);
    if (place_ != Place::top) return refuse("found an object");
    if (name_ == kMetadata) return move_to(Place::metadata);
    tensor_ = &header.tensors[name_];
    return move_to(Place::tensor);
  }

  bool key(std::string& text) override {
    if (place_ == Place::top) return begin_entry(text);
    if (!keys_.insert(text).second)
      return refuse(fmt::format("key '{}' stands twice", printable(text)));
    key_ = text;
    if (place_ == Place::metadata || text == "dtype" || text == "shape" || text == "data_offsets")
      return true;
    return refuse(
        fmt::format("found key '{}', expected dtype, shape and data_offsets", printable(text)));
  }

  bool end_object() override {
    if (place_ == Place::top) return move_to(Place::after);
    if (place_ == Place::tensor && (keys_.size() != 3 || n_offsets_ != 2))
      return refuse("expected dtype, shape and two data_offsets");
    return move_to(Place::top);
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::tensor && key_ == "shape") return move_to(Place::shape);
    if (place_ == Place::tensor && key_ == "data_offsets") return move_to(Place::offsets);
    return refuse("found a list");
  }

  bool end_array() override { return move_to(Place::tensor); }

  bool string(std::string& text) override {
    if (place_ == Place::metadata) {
      header.metadata[key_] = text;
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") return refuse("found a text");
    tensor_->type = text;
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ == Place::shape && tensor_->shape.size() < kMaxAxes) {
      tensor_->shape.push_back(value);
      return true;
    }
    if (place_ == Place::offsets && n_offsets_ < 2) {
      (n_offsets_++ == 0 ? tensor_->begin : tensor_->end) = value;
      return true;
    }
    return refuse(fmt::format("found the number {}", value));
  }

  bool number_integer(std::int64_t value) override {
    return refuse(fmt::format("found the number {}", value));
  }
  bool number_float(double, const std::string& text) override {
    return refuse("found the number " + printable(text, 30));
  }
  bool null() override { return refuse("found null"); }
  bool boolean(bool) override { return refuse("found a truth value"); }
  bool binary(nlohmann::json::binary_t&) override { return refuse("found bytes"); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse(fmt::format("is no JSON at byte {}", position));
  }

 private:
  enum class Place { before, top, tensor, shape, offsets, metadata, after };

  bool move_to(Place place) {
    place_ = place;
    return true;
  }

  bool begin_entry(const std::string& text) {
    name_ = text;
    keys_.clear();
    n_offsets_ = 0;
    if (text == kMetadata ? std::exchange(has_metadata_, true) : header.tensors.contains(text))
      return refuse("stands twice");
    if (header.tensors.size() >= max_tensors_)
      return refuse(fmt::format("comes after {} arrays, the limit", max_tensors_));
    return true;
  }

  bool refuse(const std::string& reason) {
    error = name_.empty() ? reason : fmt::format("'{}': {}", printable(name_), reason);
    return false;
  }

  std::uint64_t max_tensors_;
  Place place_ = Place::before;
  std::string name_;
  std::string key_;
  std::set<std::string> keys_;
  TensorInfo* tensor_ = nullptr;
  int n_offsets_ = 0;
  bool has_metadata_ = false;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t max_tensors,
                                           const std::string& what) {
  HeaderReceiver receiver(max_tensors);
  if (!nlohmann::json::sax_parse(text, &receiver))
    throw FormatError(fmt::format("{}: header: {}", what, receiver.error));
  return std::move(receiver.header);
}

}  // namespace nullcline::io::internal
