"""Exported networks made lean: matrices of 8-bit integers, and no part that a window without padding never needs.

    python -m training.compact models/reader/reader.onnx

The exporter writes the network for batches of windows that are padded: a mask in each layer, a search for rows that
are masked as a whole, and the distances of all wordpieces computed anew. `pipeline.extract.reader` reads one window at
a time, so the mask goes, and the distances become a table. The answers stay what they are, to the last bit.
`training.export` calls this on what it exports, `training.appraiser` what takes the mask out (`unmasked`), both by
`write`; how the reader's network is built is in `training.network`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from pipeline.extract.windows import FEATURES

LONGEST = 512
"""Wordpieces of a window at most: so many places have an embedding."""


class _Graph:
    """A graph with its nodes by what they make and by what they take."""

    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.graph
        self.maker = {name: node for node in self.graph.node for name in node.output}
        self.takers: dict[str, list[Any]] = {}
        for node in self.graph.node:
            for name in node.input:
                self.takers.setdefault(name, []).append(node)

    def made(self, node: Any, number: int, kind: str) -> Any:
        """Return the node that makes an input of a node.

        Raises:
            ValueError: it is of another kind than it should be.
        """
        maker = self.maker.get(node.input[number])
        if maker is None or maker.op_type != kind:
            taken = f"input {number} of {node.op_type} {node.output[0]!r}"
            raise ValueError(f"no {kind} makes {taken}: the exporter writes another graph than this module knows")
        return maker

    def taker(self, node: Any, kind: str) -> Any:
        """Return the one node of a kind that takes what a node makes."""
        (taker,) = [one for one in self.takers[node.output[0]] if one.op_type == kind]
        return taker

    def replace(self, old: str, new: str) -> None:
        """Let all nodes take one thing in place of another."""
        for node in self.takers.get(old, []):
            for number, name in enumerate(node.input):
                if name == old:
                    node.input[number] = new

    def constant(self, name: str, values: Any) -> str:
        """Add a constant; return its name."""
        self.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def unmask(self) -> None:
        """Take the mask out of the attention of each layer, and transpose the keys once instead of twice."""
        for softmax in [node for node in self.graph.node if node.op_type == "Softmax"]:
            scores = self.made(self.made(softmax, 0, "Add"), 0, "MatMul")
            softmax.input[0] = scores.output[0]
            self.replace(self.taker(self.taker(softmax, "IsNaN"), "Where").output[0], softmax.output[0])
            scaled = self.made(scores, 1, "Mul")
            twice = self.made(self.made(self.made(scaled, 0, "Reshape"), 0, "Transpose"), 0, "Reshape")
            heads = self.made(twice, 0, "Transpose")
            keys = f"{heads.output[0]}_keys"
            self.graph.node.append(helper.make_node("Transpose", [heads.input[0]], [keys], perm=[0, 2, 3, 1]))
            scaled.input[0] = keys

    def prune(self) -> None:
        """Leave out what leads to no output, and put the nodes in an order in which they can run."""
        needed: list[Any] = []
        todo, seen = [output.name for output in self.graph.output], set[str]()
        maker = {name: node for node in self.graph.node for name in node.output}
        while todo:
            name = todo.pop()
            if name in maker and name not in seen:
                seen |= set(maker[name].output)
                needed.append(maker[name])
                todo += maker[name].input
        used = {name for node in needed for name in node.input}
        given = [one for one in (*self.graph.initializer, *self.graph.input) if one.name in used]
        ready, ordered = {"", *(one.name for one in given)}, []
        while needed:
            now = [node for node in needed if ready.issuperset(node.input)]
            ordered += now
            ready |= {name for node in now for name in node.output}
            needed = [node for node in needed if node not in now]
        inputs = [one for one in self.graph.input if one.name in used]
        initializers = [one for one in self.graph.initializer if one.name in used]
        for field, kept in (("node", ordered), ("initializer", initializers), ("input", inputs), ("value_info", [])):
            self.graph.ClearField(field)
            getattr(self.graph, field).extend(kept)


def write(program: Any, target: Path, finished: Callable[[Any], Any]) -> None:
    """Write an exported network, its matrices as 8-bit integers, after `finished` has rewritten its graph."""
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        program.save(str(whole))
        quantize_dynamic(
            whole,
            target,
            per_channel=True,
            reduce_range=True,  # 7 bits: processors without VNNI add pairs in 16 bits, which 8 would overflow
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather", "Gemm"],
        )
    made = finished(onnx.load(target))
    for one in [made, made.graph, *made.graph.node, *made.graph.initializer, *made.graph.value_info]:
        one.doc_string = ""
        del one.metadata_props[:]  # the exporter keeps the lines of code that each node comes from
    onnx.save(made, target)


def unmasked(model: Any) -> Any:
    """Return a model of single windows without its mask; its inputs stay what they are."""
    graph = _Graph(model)
    graph.unmask()
    graph.prune()
    onnx.checker.check_model(graph.model)
    return graph.model


def compact(model: Any) -> Any:
    """Return the model without mask and padding; its inputs are `ids` and `features`."""
    graph = _Graph(model)
    distances = _distances(graph)
    graph.unmask()
    _tabulate(graph, distances)
    graph.prune()
    onnx.checker.check_model(graph.model)
    return graph.model


def _distances(graph: _Graph) -> Any:
    """Return what the distance of any two wordpieces adds to their links: (2, LONGEST, LONGEST)."""
    name = graph.made(graph.made(graph.maker["links"], 2, "Add"), 1, "Unsqueeze").output[0]
    part = onnx.ModelProto()
    part.CopyFrom(graph.model)
    part.graph.ClearField("output")
    part.graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session: Any = onnxruntime.InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])
    ids = np.zeros((1, LONGEST), dtype=np.int64)
    inputs = {"ids": ids, "features": np.zeros((1, LONGEST, len(FEATURES)), dtype=np.int64), "mask": ids + 1}
    needed = {one.name for one in session.get_inputs()}
    (bias,) = session.run(None, {key: value for key, value in inputs.items() if key in needed})
    return bias[0]


def _tabulate(graph: _Graph, distances: Any) -> None:
    """Let the links take the distances from a table, and nothing from the mask."""
    masked = graph.maker["links"]
    scores = graph.made(masked, 2, "Add").input[0]
    table = graph.constant("distances", distances)
    begin, axes = graph.constant("begin", np.array([0, 0])), graph.constant("axes", np.array([1, 2]))
    graph.graph.node.remove(masked)
    graph.graph.node.extend(
        [
            helper.make_node("Shape", ["ids"], ["pieces"], start=1, end=2),
            helper.make_node("Concat", ["pieces", "pieces"], ["end"], axis=0),
            helper.make_node("Slice", [table, begin, "end", axes], ["near"]),
            helper.make_node("Add", [scores, "near"], ["links"]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Rewrite a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    onnx.save(compact(onnx.load(options.file)), options.file)


if __name__ == "__main__":
    main()
