// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

/// Reads the tensors of a file that torch.save (PyTorch 1.6 and later) wrote: a state dictionary,
/// or dictionaries and lists of them, whose keys are joined by dots: {"model": {"rnn.weight": ...}}
/// gives "model.rnn.weight". Types float64 float32 float16 bfloat16, signed integers, uint8 and
/// bool; any strides. Numbers and text beside the tensors become attributes under the same rule.
/// The pickle inside is read as data by an allow-list of opcodes and names; nothing is executed.
/// Pickled modules, TorchScript programs and the older formats are refused with the way out.
/// @throws FormatError naming path, tensor, found and expected.
NamedArrays read_torch(const std::string& path, const ReadLimits& limits = {});

/// As read_torch, from memory; `what` names the source in messages.
NamedArrays parse_torch(std::string_view bytes, const std::string& what,
                        const ReadLimits& limits = {});

}  // namespace nullcline::io
