// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

/// Reads a .safetensors file: 8 bytes of header length, a JSON header of types, shapes and offsets,
/// then the numbers. Types F64 F32 F16 BF16, I8 to I64, U8 to U64, BOOL. The header's
/// "__metadata__" become attributes. As the format demands, the arrays must fill the rest of the
/// file without gap or overlap, no name may stand twice, and the header has at most 100 MB.
/// @throws FormatError naming path, array, found and expected.
NamedArrays read_safetensors(const std::string& path, const ReadLimits& limits = {});

/// As read_safetensors, from memory; `what` names the source in messages.
NamedArrays parse_safetensors(std::string_view bytes, const std::string& what,
                              const ReadLimits& limits = {});

}  // namespace nullcline::io
