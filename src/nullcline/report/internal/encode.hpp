// SPDX-License-Identifier: BSD-3-Clause
// From values to text that is safe inside a page.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nullcline::report::internal {

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// Little-endian float32 in base64; values that float32 cannot hold become NaN, infinities stay.
std::string base64_floats(std::span<const double> values);

/// Text for an element or a quoted attribute: & < > " ' are escaped.
std::string escape_html(std::string_view text);

/// JSON for a <script> element: no "<" can end it; NaN and infinities are null; bytes that are not
/// UTF-8 are replaced.
std::string script_json(const nlohmann::ordered_json& value);

/// Replaces every {{name}} of `text` in one pass, so that inserted text is never searched again.
/// A name without a value is our bug.
std::string fill_template(std::string_view text,
                          const std::vector<std::pair<std::string_view, std::string_view>>& values);

}  // namespace nullcline::report::internal
