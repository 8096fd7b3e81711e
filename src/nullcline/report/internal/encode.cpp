// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/internal/encode.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "nullcline/core/error.hpp"

namespace nullcline::report::internal {

static_assert(std::endian::native == std::endian::little, "pages hold little-endian numbers");

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < n; ++k)
      group |= std::uint32_t{static_cast<std::uint8_t>(bytes[i + k])} << (16 - 8 * k);
    for (std::size_t k = 0; k <= n; ++k) out[k] = kDigits[group >> (18 - 6 * k) & 63U];
    out += 4;
  }
  return text;
}

std::string base64_floats(std::span<const double> values) {
  std::vector<float> floats;
  floats.reserve(values.size());
  for (const double value : values) {
    const bool too_large =
        std::isfinite(value) && std::abs(value) > double{std::numeric_limits<float>::max()};
    floats.push_back(too_large ? std::numeric_limits<float>::quiet_NaN()
                               : static_cast<float>(value));
  }
  return base64({reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float)});
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string script_json(const nlohmann::ordered_json& value) {
  const std::string json =
      value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // "<" stands only inside JSON strings; "</script" and "<!--" would change how HTML reads on.
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

std::string fill_template(
    std::string_view text,
    const std::vector<std::pair<std::string_view, std::string_view>>& values) {
  std::string filled;
  while (true) {
    const std::size_t open = text.find("{{");
    filled += text.substr(0, open);
    if (open == std::string_view::npos) return filled;
    const std::size_t close = text.find("}}", open);
    NULLCLINE_ASSERT(close != std::string_view::npos);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    NULLCLINE_ASSERT(value != values.end());
    filled += value->second;
    text.remove_prefix(close + 2);
  }
}

}  // namespace nullcline::report::internal
