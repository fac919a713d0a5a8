"""Trains the models of the benchmarks and writes them as ONNX, with the rows they were trained on.

Run from anywhere:

    python -m venv .venv && .venv/bin/pip install \
        numpy==2.4.6 scikit-learn==1.9.1 onnx==1.23.1 onnxruntime==1.30.0
    .venv/bin/python bench/models/train.py

The data is synthetic, because the benchmarks measure speed. 20 columns with 100 trees are a usual tabular model, with 500 a large one.
Every random choice has a seed. A file is written only if onnxruntime and scikit-learn agree.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.neural_network import MLPClassifier

MODELS = Path(__file__).resolve().parent
sys.path.insert(0, str(MODELS.parents[1] / "demo"))
from train import ml_node, model_of, node, run, tensor_input, tree_attributes  # noqa: E402

SEED = 7
TRAINING_ROWS, REFERENCE_ROWS, COLUMNS = 4000, 500, 20
NAMES = [f"x{column:02d}" for column in range(COLUMNS)]
CLASSES = ["no", "yes"]
PROBABILITY_TOLERANCE = 1e-5


def classifier_outputs():
    """Tensors only: the peer's runtime cannot read the maps of a ZipMap."""
    return [
        helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, len(CLASSES)]),
    ]


def boosted_to_onnx(model):
    """GradientBoostingClassifier of two classes: the sum of the trees is the log odds of the second one."""
    attributes, leaves = tree_attributes([estimator.tree_ for estimator in model.estimators_.ravel()])
    prior = float(model._raw_predict_init(np.zeros((1, COLUMNS), np.float32))[0][0])
    classifier = ml_node(
        "TreeEnsembleClassifier",
        ["float_input"],
        ["label", "probabilities"],
        classlabels_strings=CLASSES,
        post_transform="LOGISTIC",
        base_values=[prior],
        class_treeids=[tree for tree, _, _ in leaves],
        class_nodeids=[index for _, index, _ in leaves],
        class_ids=[0] * len(leaves),
        class_weights=[model.learning_rate * value for _, _, value in leaves],
        **attributes,
    )
    return model_of("bench_boosted", [classifier], [tensor_input("float_input", COLUMNS)], classifier_outputs())


def perceptron_to_onnx(model):
    """MLPClassifier of two classes (ReLU, one logistic unit at the end)."""
    nodes, initializers, layer_input = [], [], "float_input"
    for layer, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        for name, values in ((f"weights{layer}", weights), (f"biases{layer}", biases)):
            initializers.append(numpy_helper.from_array(values.astype(np.float32), name))
        last = layer == len(model.coefs_) - 1
        output = "of_yes" if last else f"activations{layer}"
        nodes += [
            node("MatMul", [layer_input, f"weights{layer}"], f"product{layer}"),
            node("Add", [f"product{layer}", f"biases{layer}"], f"sum{layer}"),
            node("Sigmoid" if last else "Relu", [f"sum{layer}"], output),
        ]
        layer_input = output
    initializers += [
        numpy_helper.from_array(np.array([1.0], np.float32), "one"),
        numpy_helper.from_array(np.array([-1], np.int64), "flat"),
        helper.make_tensor("classes", TensorProto.STRING, [len(CLASSES)], [label.encode() for label in CLASSES]),
    ]
    nodes += [
        node("Sub", ["one", "of_yes"], "of_no"),
        node("Concat", ["of_no", "of_yes"], "probabilities", axis=1),
        node("ArgMax", ["probabilities"], "position", axis=1),
        ml_node("ArrayFeatureExtractor", ["classes", "position"], ["position_label"]),
        node("Reshape", ["position_label", "flat"], "label"),
    ]
    inputs = [tensor_input("float_input", COLUMNS)]
    return model_of("bench_perceptron", nodes, inputs, classifier_outputs(), initializers)


def write_model(file_name, model, estimator, features):
    labels, probabilities = run(model, {"float_input": features})
    difference = float(np.abs(probabilities - estimator.predict_proba(features)).max())
    assert np.array_equal(labels, estimator.predict(features)), "onnxruntime gives other labels than scikit-learn"
    assert difference < PROBABILITY_TOLERANCE, f"a probability differs by {difference}"
    data = model.SerializeToString(deterministic=True)
    (MODELS / file_name).write_bytes(data)
    print(f"{file_name}: {len(data)} bytes, equal on {len(features)} rows (largest difference {difference:.1e})")


def main():
    features, positions = make_classification(TRAINING_ROWS, COLUMNS, n_informative=12, n_redundant=4, random_state=SEED)
    # Three decimals, as in a measurement; float32 from the start, so that training and serving see the same values.
    features = np.round(features, 3).astype(np.float32)
    labels = np.array(CLASSES)[positions]
    boosted, large = (
        GradientBoostingClassifier(n_estimators=trees, max_depth=4, random_state=SEED).fit(features, labels)
        for trees in (100, 500)
    )
    perceptron = MLPClassifier((32, 16), alpha=0.01, max_iter=1000, random_state=SEED).fit(features, labels)
    write_model("boosted.onnx", boosted_to_onnx(boosted), boosted, features)
    write_model("boosted-large.onnx", boosted_to_onnx(large), large, features)
    write_model("perceptron.onnx", perceptron_to_onnx(perceptron), perceptron, features)
    with open(MODELS / "reference.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*NAMES, "answer"])
        for row, label in zip(features[:REFERENCE_ROWS], labels[:REFERENCE_ROWS], strict=True):
            writer.writerow([*(f"{value:.3f}" for value in row), label])


if __name__ == "__main__":
    main()
