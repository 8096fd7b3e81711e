// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/interchange/model_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nullcline/core/error.hpp"
#include "nullcline/models/network_system.hpp"

namespace nullcline::interchange {
namespace {

using ::testing::HasSubstr;

constexpr const char* kCell = R"toml([system]
cell = "gru"
time = "continuous"
units = 2
inputs = 1
[parameters]
alpha = 1.2
beta = 3
[weights]
U_h = [["beta*cos(alpha)", "-beta*sin(alpha)"], ["beta*sin(alpha)", "beta*cos(alpha)"]]
U_r = [[0.5, "alpha*beta"], [0, -1]]
U_z = [["sin(beta)", 1], [0.25, "alpha^2"]]
W_h = [[1], ["-beta"]]
W_r = [0.3, "alpha"]
b_r = ["alpha/beta", 0.5]
)toml";

constexpr const char* kOde = R"toml([system]
ode = {x = "mu*(x - x^3/3 - y)", y = "x/mu + u"}
inputs = ["u"]
[parameters]
mu = 2
[box]
x = [-3, 3]
y = [-4, 4]
)toml";

std::string refusal(const std::string& text, const ParameterValues& values = {}) {
  try {
    Model::parse(text, "m.toml", values);
  } catch (const FormatError& error) {
    return error.what();
  } catch (const InvalidInput& error) {
    return std::string("InvalidInput: ") + error.what();
  }
  return "accepted";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(Model, ReadsTheWeightsOfACell) {
  const Model model = Model::parse(kCell, "m.toml");
  EXPECT_EQ(model.time(), dynamics::Time::continuous);
  const models::Network network = *model.network();
  EXPECT_EQ(network.cell, models::CellKind::gru);
  EXPECT_EQ(network.reset, models::Reset::before);
  // Rows r, z, h.
  EXPECT_EQ(network.recurrent_weights(0, 1), 1.2 * 3);
  EXPECT_EQ(network.recurrent_weights(1, 1), -1);
  EXPECT_EQ(network.recurrent_weights(2, 0), std::sin(3.0));
  EXPECT_EQ(network.recurrent_weights(3, 1), 1.2 * 1.2);
  EXPECT_EQ(network.recurrent_weights(4, 1), -(3 * std::sin(1.2)));
  EXPECT_EQ(network.recurrent_weights(5, 0), 3 * std::sin(1.2));
  EXPECT_EQ(network.input_weights(1, 0), 1.2);
  EXPECT_EQ(network.input_weights(2, 0), 0);
  EXPECT_EQ(network.input_weights(5, 0), -3);
  EXPECT_EQ(network.bias(0), 1.2 / 3);
  EXPECT_EQ(network.bias(2), 0);
}

// Equations 5 to 7 of Jordan et al. (2021), written out for one state.
TEST(Model, TheContinuousGruKeepsTheFactorOfItsUpdateGate) {
  const Model model = Model::parse(kCell, "m.toml");
  const auto system = model.make_system();
  const double h0 = 0.3, h1 = -0.6, u = 0.7, alpha = 1.2, beta = 3;
  const auto sigma = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double r0 = sigma(0.5 * h0 + alpha * beta * h1 + 0.3 * u + alpha / beta);
  const double r1 = sigma(-h1 + alpha * u + 0.5);
  const double z0 = sigma(std::sin(beta) * h0 + h1);
  const double z1 = sigma(0.25 * h0 + alpha * alpha * h1);
  const double c = beta * std::cos(alpha), s = beta * std::sin(alpha);
  const Vector f = evaluate_at(*system, Vector{{h0, h1}}, Vector{{u}});
  EXPECT_NEAR(f(0), (1 - z0) * (std::tanh(c * r0 * h0 - s * r1 * h1 + u) - h0), 1e-15);
  EXPECT_NEAR(f(1), (1 - z1) * (std::tanh(s * r0 * h0 + c * r1 * h1 - beta * u) - h1), 1e-15);
}

constexpr const char* kEchoState = R"toml([system]
cell = "echo-state"
time = "continuous"
units = 2
inputs = 1
outputs = 1
[parameters]
g = 1.5
k = 0.7
tau0 = 5
[weights]
U_h = [[0, "g"], ["-g", 0.25]]
W_h = [0.5, -1]
b_h = [0.1, "k"]
W_fb = ["k", -0.4]
W_o = [["g*k", 2]]
tau = "2*tau0"
)toml";

// tau dx/dt = -x + W_r r + W_fb W_o r + B u, written out; and the readout of the network.
TEST(Model, AnEchoStateNetworkFeedsItsOutputBack) {
  const double x0 = 0.3, x1 = -0.6, u = 0.7, r0 = std::tanh(x0), r1 = std::tanh(x1);
  const double z = 1.5 * 0.7 * r0 + 2 * r1;
  const double d0 = (-x0 + 1.5 * r1 + 0.7 * z + 0.5 * u + 0.1) / 10;
  const double d1 = (-x1 - 1.5 * r0 + 0.25 * r1 - 0.4 * z - u + 0.7) / 10;
  const Model flow = Model::parse(kEchoState, "m.toml");
  const Vector f = evaluate_at(*flow.make_system(), Vector{{x0, x1}}, Vector{{u}});
  EXPECT_NEAR(f(0), d0, 1e-15);
  EXPECT_NEAR(f(1), d1, 1e-15);
  const Model map = Model::parse(replaced(kEchoState, "continuous", "discrete"), "m.toml");
  const Vector next = evaluate_at(*map.make_system(), Vector{{x0, x1}}, Vector{{u}});
  EXPECT_NEAR(next(0), x0 + d0, 1e-15);
  EXPECT_NEAR(next(1), x1 + d1, 1e-15);
  EXPECT_DOUBLE_EQ(flow.network()->readout_weights(0, 0), 1.5 * 0.7);
}

TEST(Model, MistakesInAnEchoStateNetworkAreAtTheirPlaces) {
  const auto refused = [](const std::string& from, const std::string& to) {
    return refusal(replaced(kEchoState, from, to));
  };
  EXPECT_EQ(refused("\"2*tau0\"", "\"2*tau1\""),
            "m.toml: line 17, column 10: unknown symbol 'tau1', expected one of g, k, tau0, pi, e");
  EXPECT_THAT(refused("\"2*tau0\"", "-3"), HasSubstr("tau: found -3, expected at least one step"));
  EXPECT_THAT(refused("\"2*tau0\"", "\"tau0/20\""), HasSubstr("alpha holds 4"));
  EXPECT_THAT(refused("tau = \"2*tau0\"", ""), HasSubstr("found no tau"));
  EXPECT_THAT(refused("outputs = 1", "outputs = 2"),
              HasSubstr("W_fb: found a string, expected 2 x 2 values"));
  EXPECT_THAT(refused("outputs = 1", "outputs = -1"), HasSubstr("expected a whole number from 0"));
  EXPECT_THAT(refused("W_o = ", "U_r = "), HasSubstr("unknown weight 'U_r' of this echo-state"));
  EXPECT_THAT(refused("\"echo-state\"", "\"vanilla\""),
              HasSubstr("outputs: found in a vanilla, expected it in an echo-state alone"));
}

// A fourth-order difference along the parameter.
Vector difference(const dynamics::System& system, const char* name, const Vector& state,
                  const Vector& input) {
  const double p = system.parameter(name), d = 1e-3;
  const auto at = [&](double step) {
    return evaluate_at(*system.with_parameter(name, p + step), state, input);
  };
  return (8 * (at(d) - at(-d)) - (at(2 * d) - at(-2 * d))) / (12 * d);
}

void expect_exact_derivatives(const std::string& text) {
  const auto system = Model::parse(text, "m.toml").make_system();
  Vector state(system->n_states()), input = Vector::Constant(system->n_inputs(), 0.4);
  for (Index i = 0; i < state.size(); ++i) state(i) = 0.35 - 0.5 * static_cast<double>(i % 3);
  ASSERT_FALSE(system->parameter_names().empty());
  for (const std::string& name : system->parameter_names()) {
    const Vector exact = parameter_derivative_at(*system, name, state, input);
    const Vector differences = difference(*system, name.c_str(), state, input);
    EXPECT_LT((exact - differences).cwiseAbs().maxCoeff(), 1e-9) << text << name;
    EXPECT_GT(exact.cwiseAbs().maxCoeff(), 1e-6) << text << name;  // something to compare
  }
}

TEST(Model, DerivativesByParametersAreExactForEachCell) {
  expect_exact_derivatives(kCell);
  expect_exact_derivatives(replaced(kCell, "continuous", "discrete"));
  expect_exact_derivatives(kOde);
  expect_exact_derivatives(kEchoState);
  expect_exact_derivatives(replaced(kCell, "units = 2", "units = 2\nreset = \"after\"") +
                           "c_h = [\"alpha\", \"beta\"]\n");
  const std::string tail = R"toml(units = 2
inputs = 1
[parameters]
a = 0.4
[weights]
U_h = [["a", 1], [-1, "a^2"]]
W_h = [["2*a"], [1]]
b_h = ["a", "1 - a"]
)toml";
  expect_exact_derivatives("[system]\ncell = \"vanilla\"\n" + tail);
  expect_exact_derivatives("[system]\ncell = \"leaky\"\n" + tail + "alpha = \"a\"\n");
  expect_exact_derivatives("[system]\ncell = \"leaky-outside\"\n" + tail +
                           "alpha = [\"a\", \"a/2\"]\n");
  expect_exact_derivatives("[system]\ncell = \"ugrnn\"\n" + tail + "U_g = [[\"a\", 0], [1, 1]]\n");
  expect_exact_derivatives(R"toml([system]
cell = "lstm"
units = 2
[parameters]
a = 0.4
[weights]
U_i = [["a", 1], [0, 1]]
U_f = [["a^2", 0], [1, 1]]
U_g = [[1, "a"], ["-a", 1]]
U_o = [[0, 1], ["a", 0]]
b_f = ["a", 1]
)toml");
}

// The derivative by the gain of a network, and through the layers of a stack.
TEST(Model, TheDerivativeByTheGainGoesThroughTheLayers) {
  const models::Network gru = *Model::parse(kCell, "m.toml").network();
  const models::Network upper = *Model::parse(R"toml([system]
cell = "leaky-outside"
units = 3
inputs = 2
[weights]
U_h = [[1, 2, 0], [0, 1, -1], [0.5, 0, 1]]
W_h = [[1, 0], [0, 1], [1, 1]]
alpha = 0.3
)toml",
                                              "m.toml")
                                     .network();
  for (const models::Network& network : {gru, upper, models::stack({gru, upper})}) {
    const auto system = models::make_system(network);
    Vector state(system->n_states());
    for (Index i = 0; i < state.size(); ++i) state(i) = 0.4 - 0.3 * static_cast<double>(i % 4);
    const Vector input = Vector::Constant(system->n_inputs(), 0.2);
    const Vector exact = parameter_derivative_at(*system, "gain", state, input);
    EXPECT_LT((exact - difference(*system, "gain", state, input)).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_GT(exact.cwiseAbs().minCoeff(), 1e-8);
  }
}

TEST(Model, TheGainScalesTheRecurrentWeightsOfACell) {
  const Model model = Model::parse(kCell, "m.toml");
  const auto system = model.make_system();
  EXPECT_EQ(system->parameter_names(), (std::vector<std::string>{"alpha", "beta", "gain"}));
  EXPECT_EQ(system->parameter("gain"), 1);
  EXPECT_EQ(model.parameters().size(), 2U);  // of the file alone
  const Vector state{{0.3, -0.6}}, input{{0.7}};
  // By hand from the equations, all U multiplied.
  const double gain = 1.5, alpha = 0.8, beta = 3;
  const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  const auto u_r = [&](int i) {
    return gain * (i == 0 ? 0.5 * 0.3 + alpha * beta * -0.6 : 0.6) + (i == 0 ? 0.3 : alpha) * 0.7 +
           (i == 0 ? alpha / beta : 0.5);
  };
  const auto u_z = [&](int i) {
    return gain * (i == 0 ? std::sin(beta) * 0.3 - 0.6 : 0.25 * 0.3 + alpha * alpha * -0.6);
  };
  const double a = logistic(u_r(0)) * 0.3, b = logistic(u_r(1)) * -0.6;
  const double c = beta * std::cos(alpha), s = beta * std::sin(alpha);
  const double n0 = std::tanh(gain * (c * a - s * b) + 0.7);
  const double n1 = std::tanh(gain * (s * a + c * b) - beta * 0.7);
  const auto changed = system->with_parameter("alpha", alpha)->with_parameter("gain", gain);
  const Vector rate = evaluate_at(*changed, state, input);
  EXPECT_NEAR(rate(0), (1 - logistic(u_z(0))) * (n0 - 0.3), 1e-14);
  EXPECT_NEAR(rate(1), (1 - logistic(u_z(1))) * (n1 + 0.6), 1e-14);
  EXPECT_EQ(changed->parameter("alpha"), alpha);
  EXPECT_EQ(changed->parameter("gain"), gain);
  for (const char* name : {"gain", "alpha"}) {
    const double p = changed->parameter(name), step = 1e-6;
    const auto at = [&](double value) {
      return evaluate_at(*changed->with_parameter(name, value), state, input);
    };
    const Vector difference = (at(p + step) - at(p - step)) / (2 * step);
    const Vector exact = parameter_derivative_at(*changed, name, state, input);
    EXPECT_LT((exact - difference).cwiseAbs().maxCoeff(), 1e-9) << name;
  }
}

TEST(Model, AGainOfItsOwnStaysWhatItIs) {
  const Model model = Model::parse(
      "[system]\ncell = \"vanilla\"\nunits = 1\n[parameters]\ngain = 4\n"
      "[weights]\nb_h = [\"gain\"]\nU_h = 2\n",
      "m.toml");
  const auto system = model.make_system();
  EXPECT_EQ(system->parameter_names(), std::vector<std::string>{"gain"});
  const auto changed = system->with_parameter("gain", 0.5);
  EXPECT_NEAR(evaluate_at(*changed, Vector{{0.1}}, Vector(0))(0), std::tanh(0.7), 1e-15);
}

TEST(Model, ParametersCanBeSetWhereItIsReadAndAfterwards) {
  const Model model = Model::parse(kOde, "m.toml", {{"mu", 0.5}});
  const auto system = model.make_system();
  EXPECT_EQ(system->parameter("mu"), 0.5);
  const Vector state{{0.5, 1.0}}, input{{0.25}};
  EXPECT_DOUBLE_EQ(evaluate_at(*system, state, input)(1), 1.25);
  const auto changed = system->with_parameter("mu", 2);
  EXPECT_DOUBLE_EQ(evaluate_at(*changed, state, input)(1), 0.5);
  EXPECT_DOUBLE_EQ(evaluate_at(*system, state, input)(1), 1.25);
  EXPECT_THROW(system->with_parameter("nu", 1), InvalidInput);
  EXPECT_THROW(system->with_parameter("mu", NAN), InvalidInput);
  EXPECT_THROW(parameter_derivative_at(*system, "nu", state, input), InvalidInput);
  EXPECT_THAT(refusal(kOde, {{"nu", 1}}),
              HasSubstr("InvalidInput: parameter 'nu': unknown to m.toml, expected one of mu"));
}

TEST(Model, StatesKeepTheOrderOfTheText) {
  const Model model = Model::parse("[system]\node = {z = \"a\", a = \"z\", m = \"m\"}\n", "m.toml");
  EXPECT_THAT(model.state_names(), ::testing::ElementsAre("z", "a", "m"));
  EXPECT_EQ(evaluate_at(*model.make_system(), Vector{{1, 2, 3}}, Vector(0)), (Vector{{2, 1, 3}}));
}

TEST(Model, ComesBackFromArraysWithItsParameters) {
  for (const char* text : {kOde, kCell}) {
    ParameterValues values = Model::parse(text, "m.toml").parameters();
    values[0].second = 0.75;
    const Model model = Model::parse(text, "m.toml", values);
    const Model back = model_from_arrays(to_arrays(model), "file");
    EXPECT_EQ(back.text(), text);
    EXPECT_EQ(back.parameters(), model.parameters());
  }
}

TEST(Model, EquationsWithoutABoxCannotBeSearched) {
  const Model model = Model::parse("[system]\nmap = {x = \"x/2\"}\n", "m.toml");
  try {
    model.require_box();
    FAIL();
  } catch (const InvalidInput& error) {
    EXPECT_THAT(error.what(), HasSubstr("m.toml: found no [box]"));
    EXPECT_THAT(error.what(), HasSubstr("box = {x = [-3, 3]}"));
  }
  EXPECT_NO_THROW(Model::parse(kOde, "m.toml").require_box());
  EXPECT_NO_THROW(Model::parse(kCell, "m.toml").require_box());
}

struct Mistake {
  const char* text;
  const char* message;
};

class MistakesInModels : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakesInModels, AreNamedWithTheirPlace) {
  EXPECT_THAT(refusal(GetParam().text), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Models, MistakesInModels,
    ::testing::Values(
        Mistake{"[system\n", "m.toml: line 1, column"},
        Mistake{"", "[system]: found none of cell, ode and map"},
        Mistake{"[sytem]\n", "line 1, column 2: unknown key 'sytem', expected the tables [system]"},
        Mistake{"[system]\nmap = {x = \"x\"}\node = {x = \"x\"}\n", "more than one of cell, ode"},
        Mistake{"[system]\node = {x = \"x + y\"}\n",
                "m.toml: line 2, column 17: unknown symbol 'y', expected one of x, pi, e"},
        Mistake{"[system]\node = {x = \"\"\"\nx + y\"\"\"}\n", "(character 5 of the formula)"},
        Mistake{"[system]\node = {x = \"x\"}\n[parameters]\nmu = 1\n",
                "line 4, column 1: parameter 'mu' appears in no formula"},
        Mistake{"[system]\node = {x = \"x/(1 - 1)\"}\n", "column 15: found a division by 0"},
        Mistake{"[system]\node = {x = \"1/x\"}\n[box]\nx = [-1, 2]\n",
                "line 2, column 15: x: division by zero near x = "},
        Mistake{"[system]\node = {x = \"x - 1/(x - 0.123456789)^2\"}\n[box]\nx = [-1, 2]\n",
                "x: division by zero near x = 0.123457, inside the box"},
        Mistake{"[system]\node = {x = \"-x\"}\n[box]\nx = [-1e308, 1e308]\n",
                "[box] x: found [-1e+308, 1e+308], expected a width below 1.8e308"},
        Mistake{"[system]\node = {x = \"log(x)\"}\n[box]\nx = [-1, 2]\n",
                "x: undefined near x = -1"},
        Mistake{"[system]\node = {x = \"x\"}\n[box]\nx = [2, 1]\n", "expected low < high"},
        Mistake{"[system]\node = {x = \"x\"}\n[box]\nx = [2]\n", "found 1 values, expected [low"},
        Mistake{"[system]\node = {x = \"x\"}\n[box]\ny = [1, 2]\n", "unknown state 'y'"},
        Mistake{"[system]\node = {x = \"x\", y = \"y\"}\n[box]\nx = [1, 2]\n", "no bounds of 'y'"},
        Mistake{"[system]\node = {}\n", "found no formula"},
        Mistake{"[system]\node = \"x\"\n", "found a string, expected formulas"},
        Mistake{"[system]\node = {e = \"1\"}\n", "this is a constant"},
        Mistake{"[system]\node = {x = \"x\"}\ninputs = [\"x\"]\n", "found the name 'x' twice"},
        Mistake{"[system]\node = {x = 1}\n", "x: found an integer, expected a string"},
        Mistake{"[system]\node = {x = \"x\"}\ntime = \"discrete\"\n", "unknown key 'time'"},
        Mistake{"[system]\node = {x = \"x\"}\n[weights]\n", "[weights]: belongs to a cell"},
        Mistake{"[system]\ncell = \"gru\"\n", "units: expected a whole number from 1 to 1000"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1000000000\n", "units: expected"},
        Mistake{"[system]\ncell = \"elman\"\nunits = 1\n", "cell: found 'elman', expected vanilla"},
        Mistake{"[system]\ncell = \"lstm\"\nunits = 1\nreset = \"after\"\n",
                "expected it in a gru"},
        Mistake{"[system]\ncell = \"leaky\"\nunits = 1\n", "found no alpha"},
        Mistake{"[system]\ncell = \"leaky\"\nunits = 1\n[weights]\nalpha = 2\n", "in (0, 1]"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[weights]\nU_x = 1\n",
                "line 5, column 1: [weights]: unknown weight 'U_x' of this gru, expected U_r, U_z"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 2\n[weights]\nU_h = [[1, 2]]\n",
                "U_h: found 1 rows, expected 2 x 2 values"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 2\n[weights]\nU_h = [[1, 2], [3]]\n",
                "U_h: found a row of 1, expected 2 x 2"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 2\n[weights]\nb_h = [1]\n", "expected 2 values"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[weights]\nU_h = true\n", "found a boolean"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[weights]\nU_h = inf\n", "finite number"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[weights]\nc_h = 1\n",
                "unknown weight 'c_h'"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[parameters]\na = 0\n[weights]\nU_h = "
                "\"1/a\"\n",
                "U_h: found inf at these parameters"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[box]\nx = [0, 1]\n", "belongs to ode and"},
        Mistake{"[system]\ncell = \"gru\"\nunits = 1\n[parameters]\na = \"1\"\n",
                "a: found a string, expected a number"}));

}  // namespace
}  // namespace nullcline::interchange
