"""
The compiled part of nullcline; the package's own names are those to use.
"""

from collections.abc import Sequence

import numpy
import numpy.typing


class InvalidInput(ValueError):
    """
    The caller's mistake: one line that names the argument, what was found and what was expected.
    """

class FormatError(ValueError):
    """
    A file that cannot be used, or a network that does not reproduce its probe.
    """

def version() -> str:
    """The version of the library, "0.1.0"."""

def set_n_threads(n_threads: int) -> None:
    """
    Sets the number of threads of all computations; 0: the number of cores.

    Results do not depend on it. Raises ValueError if negative or above 4096.
    """

def n_threads() -> int:
    """The number of threads of all computations."""

class Network:
    """
    A recurrent network as data: which cell, its weights, its readout.

    One step is h' = F(h, x), with pre-activations a = A x + W h + b and gates as blocks of rows:

    - vanilla: h' = phi(a)
    - leaky: h' = (1 - alpha) h + alpha phi(a)
    - leaky-outside: v' = (1 - alpha) v + alpha (W phi(v) + A x + b)
    - ugrnn (g, c): h' = g h + (1 - g) c
    - gru (r, z, n): h' = z h + (1 - z) n
    - lstm (i, f, g, o): c' = f c + i g, h' = o phi(c'); the state is [h; c]

    Parameters
    ----------
    cell : {"vanilla", "leaky", "leaky-outside", "ugrnn", "gru", "lstm"}
    input_weights : (n_gates * n_units, n_inputs) float64
        A.
    recurrent_weights : (n_gates * n_units, n_units) float64
        W, with mask and signs applied.
    bias : (n_gates * n_units,) float64, optional
        b; zero if absent.
    activation : {"tanh", "relu"}
        phi; gates are logistic.
    reset : {"after", "before"}
        GRU: where the reset gate acts. After the product (PyTorch, cuDNN, Keras):
        n = phi(A x + b + r * (W h + recurrent_bias)). Before it (Cho et al. 2014):
        n = phi(A x + W (r * h) + b).
    recurrent_bias : (n_units,) float64, optional
        GRU with reset after; zero if absent.
    forget_bias : float
        Added to the pre-activation of g (ugrnn), z (gru), f (lstm).
    alpha : float or (n_units,) float64
        Leak dt/tau in (0, 1], leaky cells only.
    mask : (n_units, n_units) of 0 and 1, optional
        Connectivity, which recurrent_weights must obey.
    dale_signs : (n_units,) of +1 and -1, optional
        Sign of each presynaptic unit, which recurrent_weights must obey.
    projection : (n_hidden, n_units) float64, optional
        P, LSTM only: h' = P (o * phi(c')), PyTorch's proj_size; recurrent_weights are then
        (4 n_units, n_hidden) and the state has n_hidden + n_units entries.
    readout_weights : (n_outputs, n_units) float64, optional
        C of y = C h + d (leaky-outside: y = C phi(v) + d), with h of the top layer.
    readout_bias : (n_outputs,) float64, optional
        d; zero if absent.
    initial_state : (n_states,) float64, optional
        Zero if absent.
    upper : sequence of Network, optional
        The layers above this one, first to last. Each is driven by the output of the layer below after
        its update, as in PyTorch; the state is that of all layers in turn.

    Raises
    ------
    ValueError
        An array does not fit, holds NaN or infinity, or disobeys mask or signs; the message names the
        array, found and expected shape.
    """

    def __init__(self, cell: str, *, input_weights: numpy.typing.ArrayLike, recurrent_weights: numpy.typing.ArrayLike, bias: numpy.typing.ArrayLike | None = None, activation: str = "tanh", reset: str = "after", recurrent_bias: numpy.typing.ArrayLike | None = None, forget_bias: float = 0.0, alpha: numpy.typing.ArrayLike | None = None, mask: numpy.typing.ArrayLike | None = None, dale_signs: numpy.typing.ArrayLike | None = None, projection: numpy.typing.ArrayLike | None = None, readout_weights: numpy.typing.ArrayLike | None = None, readout_bias: numpy.typing.ArrayLike | None = None, initial_state: numpy.typing.ArrayLike | None = None, upper: Sequence[Network] = ()) -> None: ...

    @property
    def cell(self) -> str: ...

    @property
    def activation(self) -> str: ...

    @property
    def reset(self) -> str: ...

    @property
    def forget_bias(self) -> float: ...

    @property
    def input_weights(self) -> numpy.ndarray:
        """A: (n_gates * n_units, n_inputs)"""

    @property
    def recurrent_weights(self) -> numpy.ndarray:
        """W: (n_gates * n_units, n_units)"""

    @property
    def bias(self) -> numpy.ndarray:
        """b: (n_gates * n_units,)"""

    @property
    def recurrent_bias(self) -> numpy.ndarray | None:
        """(n_units,), GRU with reset after"""

    @property
    def alpha(self) -> numpy.ndarray | None:
        """leak: (n_units,), leaky cells"""

    @property
    def mask(self) -> numpy.ndarray | None:
        """connectivity: (n_units, n_units)"""

    @property
    def dale_signs(self) -> numpy.ndarray | None:
        """signs of presynaptic units: (n_units,)"""

    @property
    def projection(self) -> numpy.ndarray | None:
        """P: (n_hidden, n_units), projected LSTM"""

    @property
    def readout_weights(self) -> numpy.ndarray:
        """C: (n_outputs, n_units)"""

    @property
    def readout_bias(self) -> numpy.ndarray:
        """d: (n_outputs,)"""

    @property
    def initial_state(self) -> numpy.ndarray:
        """(n_states,)"""

    @property
    def upper(self) -> list[Network]:
        """The layers above this one."""

    @property
    def n_units(self) -> int: ...

    @property
    def n_layers(self) -> int: ...

    @property
    def n_inputs(self) -> int: ...

    @property
    def n_outputs(self) -> int: ...

    @property
    def n_states(self) -> int: ...

    @property
    def verified(self) -> bool:
        """
        Whether the weights are known to mean what the equations say: trained here, or imported with a probe that was replayed.
        """

    def verify(self, x: numpy.typing.ArrayLike, h: numpy.typing.ArrayLike, h_next: numpy.typing.ArrayLike, tolerance: float) -> float:
        """
        Replays steps (x, h) -> h_next and marks the network as verified.

        x: (n, n_inputs), h and h_next: (n, n_states). Returns max |F(h, x) - h_next|.
        Raises FormatError (a ValueError) above `tolerance`; the message says which other
        convention would fit, if one does.
        """

    def system(self, time: str = "discrete") -> System:
        """
        The network as a system: the map h' = F(h, x) ("discrete"), or the flow
        dh/dt = F(h, x) - h ("continuous"). Both share their fixed points.
        """

    def readout(self, states: numpy.typing.ArrayLike) -> numpy.ndarray:
        """y = C h + d for each row of states: (n, n_states) to (n, n_outputs)."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

class System:
    """
    What analysis sees: a map h' = F(h, x) or a flow dh/dt = f(h, x) of a state h of n_states
    numbers under an input x of n_inputs numbers. Made by Network.system or system_from.

    Batches are rows: states (n, n_states), inputs (n_inputs,) held for all of them or
    (n, n_inputs); None: zeros. Shapes that do not fit raise ValueError.
    """

    @property
    def time(self) -> str:
        """"discrete" (a map) or "continuous" (a flow)"""

    @property
    def n_states(self) -> int: ...

    @property
    def n_inputs(self) -> int: ...

    def evaluate(self, states: numpy.typing.ArrayLike, inputs: numpy.typing.ArrayLike | None = None) -> numpy.ndarray:
        """F at each state: (n, n_states)."""

    def jacobian(self, states: numpy.typing.ArrayLike, inputs: numpy.typing.ArrayLike | None = None) -> numpy.ndarray:
        """dF/dh at each state: (n, n_states, n_states)."""

    def input_jacobian(self, states: numpy.typing.ArrayLike, inputs: numpy.typing.ArrayLike | None = None) -> numpy.ndarray:
        """dF/dx at each state: (n, n_states, n_inputs)."""

    @property
    def parameter_names(self) -> list[str]: ...

    def parameter(self, name: str) -> float: ...

    def with_parameter(self, name: str, value: float) -> System:
        """The same system with one parameter changed."""

    def parameter_derivative(self, name: str, states: numpy.typing.ArrayLike, inputs: numpy.typing.ArrayLike | None = None) -> numpy.ndarray:
        """dF/dp at each state, by the parameter of this name: (n, n_states)."""

    @property
    def trapping_box(self) -> tuple[numpy.ndarray, numpy.ndarray] | None:
        """
        Lower and upper corner of a box that the system enters and never leaves, or None.
        """

    def __repr__(self) -> str: ...

def callback_system(time: str, n_states: int, n_inputs: int, evaluate: object, jacobian: object, input_jacobian: object) -> System:
    """
    A system of functions (inputs, states) -> array; nullcline.system_from makes them.
    """

def find_fixed_points(system: System, network: Network | None, states: object | None, inputs: object | None, options: dict, trained: object | None, progress: object | None, model: object | None) -> tuple:
    """
    The contents of a file of fixed points; nullcline.find_fixed_points makes an object of it.
    """

def search_options() -> dict:
    """Every option of the search with its default."""

def verify_points(system: System, points: object, progress: object | None) -> list[tuple[int, int | None, str]]:
    """
    (input_index, point or None, claim) of each claim that could not be shown again.
    """

def linearize(system: System, states: object, inputs: object | None) -> tuple:
    """Arrays of the linearizations at the states."""

def trace_slow_manifold(system: System, points: object, options: dict) -> list:
    """The curves; nullcline.trace_slow_manifold makes objects of them."""

def slow_manifold_options() -> dict:
    """Every option of the tracing with its default."""

def build_graph(system: System, points: object, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a graph; nullcline.topology makes an object of it.
    """

def topology_options() -> dict:
    """Every option of the graph with its default."""

def continue_branches(system: System, input: object | None, parameter: tuple[str, float, float], second: tuple[str, float, float] | None, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of branches; nullcline.continuation makes an object of it.
    """

def check_continuation(path: str, contents: object) -> None:
    """Refuses a file of branches whose arrays do not fit each other."""

def continuation_options() -> dict:
    """Every option of the continuation with its default."""

def find_cycles(system: System, input: object | None, box: object | None, parameter: tuple[str, float, float] | None, options: dict, branch_options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of cycles; nullcline.find_cycles makes an object of it.
    """

def census(what: str, parameters: Sequence[tuple[str, float]], vary: str, sample: dict, ranges: dict, skeleton: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a census; nullcline.census makes an object of it.
    """

def check_census(path: str, contents: object) -> None:
    """Refuses a file of a census whose arrays do not fit each other."""

def census_model(contents: object, i: int) -> str:
    """A model file of the first network of topology i."""

def write_census_page(path: str, contents: object, title: str) -> None:
    """Writes the gallery of a census."""

def make_portrait(system: System, map: System | None, network: Network | None, model: object | None, input: object | None, box: object | None, start: object | None, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a portrait; nullcline.portrait makes an object of it.
    """

def make_state_machine(system: System, network: Network | None, model: object | None, states: object | None, input: object | None, pulses: object | None, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a state machine; nullcline.state_machine makes an object of it.
    """

def portrait_page(contents: object, title: str) -> str:
    """The offline page of a portrait."""

def classify_trajectory(system: System, start: object, input: object | None, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a trajectory; nullcline.lyapunov makes an object of it.
    """

def sweep(system: System, quantity: str, axes: Sequence[tuple[str, float, float, int]], input: object | None, options: dict, progress: object | None) -> tuple:
    """
    The contents of a file of a sweep; nullcline.sweep makes an object of it.
    """

def simulate(system: System, network: Network | None, inputs: object, initial_states: object | None) -> tuple:
    """The contents of a file of a simulation."""

def train(task: str, task_options: dict, options: dict, checkpoint: str | None, progress: object | None) -> tuple:
    """The contents of a file of a trained network."""

def trials(task: str, task_options: dict, n_trials: int, seed: int, probe: bool) -> tuple:
    """
    Inputs, targets and mask of trials, each (n_trials, n_steps, channels).
    """

def task_names() -> list[str]: ...

def task_options(name: str) -> dict:
    """Every option of a task with its default."""

def training_options() -> dict:
    """Every option of training with its default."""

def train_force(task: str, task_options: dict, options: dict, transfer_from: object | None, progress: object | None) -> tuple:
    """The contents of a file of a network trained by FORCE."""

def evolution(trained: object | None, networks: Sequence[Network], input: object | None, options: dict, progress: object | None) -> tuple:
    """The contents of a file of an evolution."""

def perturb(network: Network, trained: object | None, input: object | None, options: dict, progress: object | None) -> tuple:
    """The contents of a file of a perturbation study."""

def write_evolution_page(path: str, contents: object, title: str) -> None:
    """Writes the page of an evolution."""

def check_evolution(path: str, contents: object) -> None:
    """Raises FormatError unless these are the contents of an evolution."""

def force_options() -> dict:
    """Every option of FORCE with its default."""

def evolution_options() -> dict:
    """Every option of an evolution with its default."""

def perturb_options() -> dict:
    """Every option of a perturbation study with its default."""

def plan_study(toml: str, source: str, folder: str) -> None:
    """Writes the plan of a study; nullcline.Study calls it."""

def study_status(folder: str) -> list:
    """Each unit's key, factors and state."""

def run_study(folder: str, keys: Sequence[str], shard: str, retry_failed: bool, progress: object | None) -> dict:
    """Does missing units."""

def collect_study(folder: str) -> tuple:
    """The contents of a population's file."""

def compare_study(folder: str, options: dict, page: str, progress: object | None) -> tuple:
    """
    The document of a comparison as JSON, and its distances; writes a page if named.
    """

def compare_activities(values: Sequence[object], options: dict, seed: int, progress: object | None) -> tuple:
    """Distances of all pairs, and a warning or an empty text."""

def compare_graphs(values: Sequence[object], options: dict, seed: int, progress: object | None) -> object:
    """Distances of all pairs of contents of files of graphs."""

def compare_machines(values: Sequence[object]) -> object:
    """Distances of all pairs of contents of files of state machines."""

def sampling_noise(first: object, second: object, options: dict) -> float:
    """What graphs of equal networks are expected to differ by."""

def embed(distances: object, n_dimensions: int, by_majorization: bool, reference: object | None) -> tuple:
    """Points, stress and the eigenvalues of classical scaling."""

def separation(distances: object, labels: Sequence[str], n_permutations: int, seed: int) -> tuple:
    """Statistic, p-value, groups and their sizes."""

def measure_options() -> dict:
    """Every option of the measures with its default."""

def shape(states: object | None, readouts: object | None, level: object | None) -> dict:
    """The fields of a nullcline.Shape."""

def analyze_sine(network: Network, task_options: dict, commands: int, options: dict, progress: object | None) -> tuple:
    """The contents of a file of the analysis."""

def analyze_context_integration(network: Network, task_options: dict, options: dict, progress: object | None) -> tuple:
    """The contents of a file of the analysis."""

def read_file(path: str) -> tuple:
    """The contents of a result file. Raises FormatError."""

def write_file(path: str, contents: object) -> None:
    """
    Writes a result file that xarray.open_dataset reads; an old one is replaced at the end.
    """

def network_of(path: str, contents: tuple) -> Network | None:
    """The network that a file holds, or None."""

def graphs_of(path: str, contents: object) -> list:
    """The graphs that a file holds, one per input."""

def check_points(path: str, contents: object) -> None:
    """Raises FormatError unless the arrays are fixed points."""

def network_from_file(path: str, *, cell: str | None, activation: str | None, reset: str | None, alpha: float | None, prefix: str, readout: str, probe: str | None) -> Network:
    """A network from weights that another framework saved."""

def load_model(path: str, parameters: Sequence[tuple[str, float]]) -> tuple:
    """The system of a model file, its network or None, and its contents."""

def network_fingerprint(network: Network) -> str:
    """Two results that speak of the same weights agree in it."""

def write_report(path: str, system: System, network: Network | None, points: object, graphs: list, trained: object | None, trajectories: object | None, title: str, axes: str, mode_point: int) -> None:
    """Writes one offline page."""
