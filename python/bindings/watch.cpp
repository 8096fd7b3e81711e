// SPDX-License-Identifier: BSD-3-Clause
#include "watch.hpp"

#include <nanobind/stl/string.h>

#include <chrono>
#include <exception>
#include <thread>

namespace nullcline::python {

namespace {

using namespace std::chrono_literals;
constexpr auto kLook = 50ms;

}  // namespace

Progress Watch::progress(Abandon on_abandon) {
  return [this, on_abandon](const ProgressUpdate& update) {
    if (abandoned_ && on_abandon == Abandon::throws) throw Abandoned();
    if (abandoned_) return false;
    const std::lock_guard lock(mutex_);
    latest_ = update;
    has_news_ = true;
    return !stopped_;
  };
}

void Watch::show() {
  if (callback_.is_none()) return;
  ProgressUpdate update;
  {
    const std::lock_guard lock(mutex_);
    if (!has_news_) return;
    has_news_ = false;
    update = latest_;
  }
  const nb::object answer = callback_(update.done, update.total, update.message);
  if (answer.is(nb::handle(Py_False))) stopped_ = true;
}

void Watch::look() {
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
  show();
}

void Watch::run(const std::function<void()>& work) {
  std::exception_ptr failure, reason;
  std::thread worker([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
  });
  for (bool ended = false, shown = false; !ended; shown = !shown) {
    {
      const nb::gil_scoped_release release;
      std::unique_lock lock(mutex_);
      ended = ended_.wait_for(lock, kLook, [this] { return has_ended_; });
    }
    if (reason) continue;
    try {
      if (shown || ended)
        look();
      else if (PyErr_CheckSignals() != 0)
        throw nb::python_error();
    } catch (...) {
      reason = std::current_exception();
      abandoned_ = true;
    }
  }
  worker.join();
  if (reason) std::rethrow_exception(reason);
  if (failure) std::rethrow_exception(failure);
}

namespace {

using dynamics::System;

class AbandonableIntervals : public dynamics::IntervalExtension {
 public:
  AbandonableIntervals(const IntervalExtension& base, const std::atomic<bool>& flag)
      : base_(base), flag_(flag) {}
  void evaluate(std::span<const numerics::Interval> box, ConstVectorRef input,
                std::span<numerics::Interval> out) const override {
    if (flag_) throw Abandoned();
    base_.evaluate(box, input, out);
  }
  void jacobian(std::span<const numerics::Interval> box, ConstVectorRef input,
                std::span<numerics::Interval> out) const override {
    if (flag_) throw Abandoned();
    base_.jacobian(box, input, out);
  }
  bool lift(std::span<const numerics::Interval> points, ConstVectorRef input,
            std::span<numerics::Interval> out) const override {
    return base_.lift(points, input, out);
  }

 private:
  const IntervalExtension& base_;
  const std::atomic<bool>& flag_;
};

class AbandonableRows : public dynamics::RowScaledJacobian {
 public:
  AbandonableRows(const RowScaledJacobian& base, const std::atomic<bool>& flag)
      : base_(base), flag_(flag) {}
  Index n_terms() const override { return base_.n_terms(); }
  const Matrix& weights() const override { return base_.weights(); }
  void scales(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    if (flag_) throw Abandoned();
    base_.scales(states, inputs, out);
  }
  double diagonal() const override { return base_.diagonal(); }

 private:
  const RowScaledJacobian& base_;
  const std::atomic<bool>& flag_;
};

class AbandonableSystem : public System {
 public:
  AbandonableSystem(const System& base, const std::atomic<bool>& flag) : base_(base), flag_(flag) {
    if (base.reduced()) reduced_ = std::make_unique<AbandonableSystem>(*base.reduced(), flag);
    if (base.candidate()) candidate_ = std::make_unique<AbandonableSystem>(*base.candidate(), flag);
    if (base.intervals())
      intervals_ = std::make_unique<AbandonableIntervals>(*base.intervals(), flag);
    if (base.row_scaled_jacobian())
      rows_ = std::make_unique<AbandonableRows>(*base.row_scaled_jacobian(), flag);
  }
  dynamics::Time time() const override { return base_.time(); }
  Index n_states() const override { return base_.n_states(); }
  Index n_inputs() const override { return base_.n_inputs(); }
  void evaluate(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    look();
    base_.evaluate(states, inputs, out);
  }
  void jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    look();
    base_.jacobian(states, inputs, out);
  }
  void input_jacobian(ConstMatrixRef states, ConstMatrixRef inputs, MatrixRef out) const override {
    look();
    base_.input_jacobian(states, inputs, out);
  }
  std::vector<std::string> parameter_names() const override { return base_.parameter_names(); }
  double parameter(std::string_view name) const override { return base_.parameter(name); }
  std::unique_ptr<System> with_parameter(std::string_view name, double value) const override {
    return base_.with_parameter(name, value);
  }
  void parameter_derivative(std::string_view name, ConstMatrixRef states, ConstMatrixRef inputs,
                            MatrixRef out) const override {
    look();
    base_.parameter_derivative(name, states, inputs, out);
  }
  const System* reduced() const override { return reduced_.get(); }
  const System* candidate() const override { return candidate_.get(); }
  const dynamics::RowScaledJacobian* row_scaled_jacobian() const override { return rows_.get(); }
  const dynamics::Latent* latent() const override { return base_.latent(); }
  std::optional<dynamics::ReluForm> relu_form(ConstVectorRef input) const override {
    return base_.relu_form(input);
  }
  Matrix lift(ConstMatrixRef points, ConstMatrixRef inputs) const override {
    return base_.lift(points, inputs);
  }
  Matrix restrict_states(ConstMatrixRef states) const override {
    return base_.restrict_states(states);
  }
  std::optional<dynamics::Box> trapping_box() const override { return base_.trapping_box(); }
  std::optional<dynamics::Box> search_box() const override { return base_.search_box(); }
  std::string no_trapping_box_reason() const override { return base_.no_trapping_box_reason(); }
  bool has_kinks() const override { return base_.has_kinks(); }
  double kink_distance(ConstVectorRef state, ConstVectorRef input) const override {
    return base_.kink_distance(state, input);
  }
  const dynamics::IntervalExtension* intervals() const override { return intervals_.get(); }
  std::optional<dynamics::DirectionalDerivatives> directional_derivatives(
      ConstVectorRef state, ConstVectorRef input, ConstVectorRef direction) const override {
    look();
    return base_.directional_derivatives(state, input, direction);
  }

 private:
  void look() const {
    if (flag_) throw Abandoned();
  }

  const System& base_;
  const std::atomic<bool>& flag_;
  std::unique_ptr<AbandonableSystem> reduced_, candidate_;
  std::unique_ptr<AbandonableIntervals> intervals_;
  std::unique_ptr<AbandonableRows> rows_;
};

}  // namespace

std::unique_ptr<System> abandonable(const System& system, const std::atomic<bool>& flag) {
  return std::make_unique<AbandonableSystem>(system, flag);
}

}  // namespace nullcline::python
