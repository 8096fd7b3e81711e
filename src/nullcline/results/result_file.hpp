// SPDX-License-Identifier: BSD-3-Clause
// What all result files share: their kind and provenance, and what tells whether two of them belong
// together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nullcline/core/error.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::results {

// Values of the attribute "nullcline_kind".
inline constexpr const char* kKindAttribute = "nullcline_kind";
inline constexpr const char* kTrainedNetwork = "trained_network";
inline constexpr const char* kSimulation = "simulation";
inline constexpr const char* kFixedPoints = "fixed_points";
inline constexpr const char* kGraph = "graph";
inline constexpr const char* kContinuation = "continuation";
inline constexpr const char* kCycles = "cycles";
inline constexpr const char* kCensus = "census";
inline constexpr const char* kPortrait = "portrait";
inline constexpr const char* kStateMachine = "state_machine";
inline constexpr const char* kTrajectory = "trajectory";
inline constexpr const char* kSweep = "sweep";
inline constexpr const char* kEvolution = "evolution";
inline constexpr const char* kPerturbation = "perturbation";
inline constexpr const char* kComparison = "comparison";
inline constexpr const char* kSineAnalysis = "sine_analysis";
inline constexpr const char* kContextIntegrationAnalysis = "context_integration_analysis";
inline constexpr const char* kStudy = "study";
inline constexpr const char* kCheckpoint = "checkpoint";

/// Adds kind, title, provenance, command line, configuration (JSON) and seed.
void stamp(NamedArrays& arrays, const std::string& kind, const std::string& title,
           const std::string& configuration, std::uint64_t seed);

/// The attribute's text, or "" where there is none.
std::string text_or_empty(const Attributes& attributes, const std::string& name);

/// A short hash of names, shapes and values: tells whether two results speak of the same thing.
std::string fingerprint(const NamedArrays& arrays);
/// Of a text, all of whose bytes count.
std::string fingerprint(std::string_view text);

/// Of a network: of all its arrays.
std::string network_fingerprint(const models::Network& network);

/// Reads a file of ours. @throws FormatError
NamedArrays read_result(const std::string& path);

bool is_hdf5_file(const std::string& path);  ///< by its first bytes. @throws FormatError

/// Runs `read`; a FormatError or InvalidInput of its gets the path in front, and is a FormatError.
template <class Read>
auto reading(const std::string& path, Read&& read) {
  try {
    return read();
  } catch (const FormatError& error) {
    const std::string message = error.what();
    throw FormatError(message.starts_with(path) ? message : path + ": " + message);
  } catch (const InvalidInput& error) {
    throw FormatError(path + ": " + error.what());
  }
}

}  // namespace nullcline::results
