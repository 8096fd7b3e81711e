// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/subject.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"
#include "nullcline/results/network_text.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

Subject Subject::of(interchange::Model model) {
  Subject subject;
  subject.network = model.network();
  subject.model = std::move(model);
  return subject;
}

std::unique_ptr<dynamics::System> Subject::make_system() const {
  return model ? model->make_system() : models::make_system(*network);
}

std::string Subject::description() const {
  if (!model) return describe(*network);
  return network ? describe(*network) + ", " + model->description() : model->description();
}

std::string Subject::fingerprint() const {
  if (network) return network_fingerprint(*network);
  NamedArrays arrays = interchange::to_arrays(*model);
  const std::string& text = model->text();
  NamedArray bytes;
  bytes.shape = {text.size()};
  bytes.data = std::vector<std::uint8_t>(text.begin(), text.end());
  arrays.set("text", bytes);
  return results::fingerprint(arrays);
}

void store_subject(NamedArrays& file, const Subject& subject) {
  if (subject.network) file.set_group("network", models::to_arrays(*subject.network));
  if (subject.model) file.set_group("model", interchange::to_arrays(*subject.model));
  file.attributes["network_fingerprint"] = subject.fingerprint();
  file.attributes["verified"] = subject.is_verified() ? "yes" : "no";
}

bool has_subject(const NamedArrays& file) {
  return file.has_group("network") || file.has_group("model");
}

Subject stored_subject(const NamedArrays& file) {
  if (file.has_group("model"))
    return Subject::of(interchange::model_from_arrays(file.group("model"), "model"));
  if (file.has_group("network"))
    return Subject::of(models::network_from_arrays(file.group("network")));
  throw FormatError("holds no network (no group 'network') and no model");
}

}  // namespace nullcline::results
