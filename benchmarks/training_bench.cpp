// SPDX-License-Identifier: BSD-3-Clause
// One training step: forward, backward, clipping and Adam, one thread, float32.
//
//   training_bench --cell gru --units 64 [--reset after] [--seconds 3]
//   training_bench --case case.npz --gradient gradient.bin [--seconds 3]
//
// A case holds weights (named as in models/network.hpp), `inputs` and `targets` (trials, steps, .).
// Its gradient is written as raw float64: input_weights, recurrent_weights, bias, recurrent_bias,
// readout_weights, readout_bias, so that a peer can check it before it trusts the time. Prints
// JSON.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "measure.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/io/npz.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/training/bptt.hpp"
#include "nullcline/training/train.hpp"

namespace {

using namespace nullcline;

/// The same trials in every iteration.
class FixedBatch : public tasks::Task {
 public:
  explicit FixedBatch(tasks::TrialBatch batch) : batch_(std::move(batch)) {}
  std::string name() const override { return "fixed-batch"; }
  Index n_inputs() const override { return batch_.n_inputs; }
  Index n_outputs() const override { return batch_.n_outputs; }
  Index n_steps() const override { return batch_.n_steps; }
  tasks::TrialBatch generate(Index, std::uint64_t, Purpose, std::uint64_t) const override {
    return batch_;
  }
  double accuracy(const tasks::TrialBatch&, const std::vector<double>&) const override { return 0; }

 private:
  tasks::TrialBatch batch_;
};

using Arguments = std::map<std::string, std::string>;

Arguments parse(int argc, char** argv) {
  Arguments arguments{{"cell", "gru"},  {"units", "64"}, {"reset", "after"}, {"batch", "64"},
                      {"steps", "100"}, {"inputs", "3"}, {"outputs", "3"},   {"seconds", "3"},
                      {"gradient", ""}, {"case", ""}};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = std::string(argv[i]).substr(2);
    if (!arguments.contains(name)) throw std::runtime_error("unknown argument --" + name);
    arguments[name] = argv[i + 1];
  }
  return arguments;
}

tasks::TrialBatch random_batch(const Arguments& arguments) {
  tasks::TrialBatch batch{std::stol(arguments.at("batch")),
                          std::stol(arguments.at("steps")),
                          std::stol(arguments.at("inputs")),
                          std::stol(arguments.at("outputs")),
                          {},
                          {},
                          {}};
  Rng rng(1, Purpose::tests);
  for (Index i = 0; i < batch.n_trials * batch.n_steps * batch.n_inputs; ++i)
    batch.inputs.push_back(rng.normal());
  for (Index i = 0; i < batch.n_trials * batch.n_steps * batch.n_outputs; ++i)
    batch.targets.push_back(rng.uniform(-1, 1));
  batch.mask.assign(batch.targets.size(), 1.0);
  return batch;
}

tasks::TrialBatch read_batch(const NamedArrays& data) {
  const auto size = [&](const char* name, std::size_t axis) {
    return static_cast<Index>(data.at(name).shape.at(axis));
  };
  tasks::TrialBatch batch{size("inputs", 0),
                          size("inputs", 1),
                          size("inputs", 2),
                          size("targets", 2),
                          data.values("inputs"),
                          data.values("targets"),
                          {}};
  batch.mask.assign(batch.targets.size(), 1.0);
  return batch;
}

models::Network read_network(const NamedArrays& data, const training::TrainOptions& options) {
  models::Network network;
  network.cell = options.cell;
  network.reset = options.reset;
  network.input_weights = data.matrix("input_weights");
  network.recurrent_weights = data.matrix("recurrent_weights");
  network.bias = data.vector("bias");
  if (data.has("recurrent_bias")) network.recurrent_bias = data.vector("recurrent_bias");
  network.readout_weights = data.matrix("readout_weights");
  network.readout_bias = data.vector("readout_bias");
  network.initial_state = Vector::Zero(network.n_states());
  return network;
}

double write_gradient(const std::string& path, const models::Network& network,
                      const tasks::TrialBatch& batch) {
  const training::Gradients g =
      training::loss_gradients(network, batch, {}, training::Precision::float32);
  std::ofstream file(path, std::ios::binary);
  const auto write = [&](const auto& array) {
    file.write(reinterpret_cast<const char*>(array.data()),
               static_cast<std::streamsize>(array.size() * static_cast<Index>(sizeof(double))));
  };
  write(g.input_weights);
  write(g.recurrent_weights);
  write(g.bias);
  write(g.recurrent_bias);
  write(g.readout_weights);
  write(g.readout_bias);
  if (!file) throw std::runtime_error(path + ": could not be written");
  return g.loss;
}

/// Multiplications and additions of the products with W, A, b and C, forward and twice backward.
double flops(const training::TrainOptions& options, const tasks::TrialBatch& batch) {
  const double rows = static_cast<double>(batch.n_trials * batch.n_steps), n = options.units;
  const double columns = models::n_gates(options.cell) * n;
  return 6 * rows *
         (columns * (n + static_cast<double>(batch.n_inputs) + 1) +
          (n + 1) * static_cast<double>(batch.n_outputs));
}

/// Processor time of the fastest step.
double best_step_seconds(training::TrainOptions options, const tasks::TrialBatch& batch,
                         double budget) {
  const FixedBatch task(batch);
  options.iterations = 1 << 30;
  options.validation_every = 1 << 30;
  options.checkpoint_every = 1 << 30;
  double best = 1e300, begin = 0, last = 0;
  int n = 0;
  training::train(task, options, [&](const ProgressUpdate&) {
    const double now = bench::thread_seconds();
    if (n++ == 0)
      begin = now;
    else
      best = std::min(best, now - last);
    last = bench::thread_seconds();
    return n < 5 || now - begin < budget;
  });
  return best;
}

int run(const Arguments& arguments) {
  set_n_threads(1);
  training::TrainOptions options;
  options.cell = parse_enum<models::CellKind>(arguments.at("cell"), "--cell");
  options.reset = parse_enum<models::Reset>(arguments.at("reset"), "--reset");
  options.units = std::stoi(arguments.at("units"));
  options.batch = std::stoi(arguments.at("batch"));
  nlohmann::ordered_json report;
  tasks::TrialBatch batch;
  if (arguments.at("case").empty()) {
    batch = random_batch(arguments);
  } else {
    const NamedArrays data = io::read_npz(arguments.at("case"));
    batch = read_batch(data);
    const models::Network network = read_network(data, options);
    options.units = static_cast<int>(network.n_units());
    options.batch = static_cast<int>(batch.n_trials);
    report["loss"] = write_gradient(arguments.at("gradient"), network, batch);
  }
  const double seconds = best_step_seconds(options, batch, std::stod(arguments.at("seconds")));
  const double rate = flops(options, batch) / seconds, peak = bench::peak_flops_float32();
  report["cell"] = arguments.at("cell");
  report["units"] = options.units;
  report["simd"] = numerics::simd_name(numerics::active_simd());
  report["ms_per_step"] = 1e3 * seconds;
  report["gflops"] = 1e-9 * rate;
  report["peak_gflops"] = 1e-9 * peak;
  report["share_of_peak"] = rate / peak;
  fmt::print("{}\n", report.dump(2));
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  return run(parse(argc, argv));
} catch (const std::exception& error) {
  fmt::print(stderr, "training_bench: {}\n", error.what());
  return 1;
}
