"""Trains the models of the demo project and writes them as ONNX.

Run from anywhere, after `npm ci` (the data comes from the npm package vega-datasets 3.2.1):

    python -m venv .venv && .venv/bin/pip install \
        numpy==2.4.6 scikit-learn==1.9.1 onnx==1.23.1 onnxruntime==1.30.0
    .venv/bin/python demo/train.py

Every random choice has a seed: the same versions on the same kind of processor write the same bytes.
A file is written only if onnxruntime and scikit-learn agree on every row of the data.
The graphs follow the layout that exporters for scikit-learn use, ZipMap included.
"""

import csv
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

DEMO = Path(__file__).resolve().parent
DATA = DEMO.parent / "node_modules" / "vega-datasets" / "data"
SEED = 7
# The files are in the repository and are uploaded at every first start: small files keep both quick.
MODEL_BYTES_MAX = 300_000
# The graphs are float32 and the training code is float64: the tolerance of rounding.
PROBABILITY_TOLERANCE = 1e-5
MINUTES_TOLERANCE = 1e-3

WEATHER_FEATURES = ["precipitation", "temp_max", "temp_min", "wind", "month"]
FLIGHT_STRINGS = ["origin", "destination"]
FLIGHT_NUMBERS = ["distance", "hour"]


# --- data ---------------------------------------------------------------------------------------


def load_weather():
    """Feature matrix (float32, columns WEATHER_FEATURES), labels, places, years; one row for each day."""
    with open(DATA / "weather.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["month"] = int(row["date"][5:7])
    features = np.array([[float(row[name]) for name in WEATHER_FEATURES] for row in rows], np.float32)
    labels = np.array([row["weather"] for row in rows])
    places = np.array([row["location"] for row in rows])
    years = np.array([int(row["date"][:4]) for row in rows])
    return features, labels, places, years


def load_flights():
    """Strings (object [n, 2]), numbers (float32 [n, 2]), delays in minutes, months; one row for each flight."""
    with open(DATA / "flights-20k.json", encoding="utf-8") as file:
        rows = json.load(file)
    for row in rows:
        row["hour"] = int(row["date"][11:13])
    strings = np.array([[row[name] for name in FLIGHT_STRINGS] for row in rows], object)
    numbers = np.array([[row[name] for name in FLIGHT_NUMBERS] for row in rows], np.float32)
    delays = np.array([float(row["delay"]) for row in rows])
    months = np.array([int(row["date"][5:7]) for row in rows])
    return strings, numbers, delays, months


# --- parts of a graph ---------------------------------------------------------------------------


def ml_node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, domain="ai.onnx.ml", name=operator + "_" + outputs[0], **attributes)


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs, [output], name=operator + "_" + output, **attributes)


def tensor_input(name, columns, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, [None, columns])


def threshold_float32(threshold):
    """The largest float32 that is not above `threshold`: x <= it decides as x <= threshold does, for every float32 x."""
    rounded = np.float32(threshold)
    return float(np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > threshold else rounded)


def tree_attributes(trees):
    """The nodes_* attributes of a tree ensemble, and its leaves as (tree index, node index, value)."""
    columns = ["treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "hitrates", "missing_value_tracks_true"]
    attributes = {"nodes_" + column: [] for column in columns}
    leaves = []
    for tree_index, tree in enumerate(trees):
        for index in range(tree.node_count):
            leaf = bool(tree.children_left[index] == -1)
            row = [
                tree_index,
                index,
                0 if leaf else int(tree.feature[index]),
                "LEAF" if leaf else "BRANCH_LEQ",
                0.0 if leaf else threshold_float32(tree.threshold[index]),
                0 if leaf else int(tree.children_left[index]),
                0 if leaf else int(tree.children_right[index]),
                1.0,
                0,
            ]
            for column, value in zip(columns, row, strict=True):
                attributes["nodes_" + column].append(value)
            if leaf:
                leaves.append((tree_index, index, float(tree.value[index][0][0])))
    return attributes, leaves


def classifier_tail(classes):
    """From `label` and `probabilities` to the two outputs that exporters give a classifier."""
    return [
        node("Identity", ["label"], "output_label"),
        ml_node("ZipMap", ["probabilities"], ["output_probability"], classlabels_strings=classes),
    ]


def classifier_outputs():
    probability = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    return [
        helper.make_tensor_value_info("output_label", TensorProto.STRING, [None]),
        helper.make_value_info("output_probability", helper.make_sequence_type_proto(probability)),
    ]


def scaler_node(scaler, source, target):
    return ml_node("Scaler", [source], [target], offset=scaler.mean_.tolist(), scale=(1.0 / scaler.scale_).tolist())


def model_of(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 1)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="tiltyard-demo", ir_version=8)
    onnx.checker.check_model(model)
    return model


# --- classifiers --------------------------------------------------------------------------------


def boosted_to_onnx(model):
    """GradientBoostingClassifier of several classes: one tree a round and class, softmax over their sums."""
    classes = model.classes_.tolist()
    trees = [estimator.tree_ for estimator in model.estimators_.ravel()]
    attributes, leaves = tree_attributes(trees)
    priors = model._raw_predict_init(np.zeros((1, model.n_features_in_), np.float32))[0]
    classifier = ml_node(
        "TreeEnsembleClassifier",
        ["float_input"],
        ["label", "probabilities"],
        classlabels_strings=classes,
        post_transform="SOFTMAX",
        base_values=[float(prior) for prior in priors],
        class_treeids=[tree for tree, _, _ in leaves],
        class_nodeids=[index for _, index, _ in leaves],
        class_ids=[tree % len(classes) for tree, _, _ in leaves],
        class_weights=[model.learning_rate * value for _, _, value in leaves],
        **attributes,
    )
    inputs = [tensor_input("float_input", model.n_features_in_)]
    return model_of("seattle_weather_boosted", [classifier, *classifier_tail(classes)], inputs, classifier_outputs())


def logistic_to_onnx(pipeline):
    """StandardScaler and LogisticRegression of several classes."""
    scaler, model = pipeline[0], pipeline[1]
    classes = model.classes_.tolist()
    nodes = [
        scaler_node(scaler, "float_input", "variable"),
        ml_node(
            "LinearClassifier",
            ["variable"],
            ["label", "probability_tensor"],
            classlabels_strings=classes,
            coefficients=model.coef_.ravel().tolist(),
            intercepts=model.intercept_.tolist(),
            multi_class=1,
            post_transform="SOFTMAX",
        ),
        ml_node("Normalizer", ["probability_tensor"], ["probabilities"], norm="L1"),
        *classifier_tail(classes),
    ]
    inputs = [tensor_input("float_input", model.n_features_in_)]
    return model_of("seattle_weather_logistic", nodes, inputs, classifier_outputs())


def perceptron_to_onnx(pipeline, names):
    """StandardScaler and MLPClassifier (ReLU) of several classes, one input tensor [N, 1] per column."""
    scaler, model = pipeline[0], pipeline[1]
    classes = model.classes_.tolist()
    nodes = [node("Concat", names, "merged_columns", axis=1), scaler_node(scaler, "merged_columns", "variable")]
    initializers = [
        helper.make_tensor("classes", TensorProto.STRING, [len(classes)], [label.encode() for label in classes]),
        helper.make_tensor("shape_tensor", TensorProto.INT64, [1], [-1]),
    ]
    layer_input = "variable"
    for layer, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        last = layer == len(model.coefs_) - 1
        for tensor, values in ((f"coefficient{layer}", weights), (f"intercepts{layer}", biases.reshape(1, -1))):
            initializers.append(onnx.numpy_helper.from_array(values.astype(np.float32), tensor))
        layer_output = "probabilities" if last else f"next_activations{layer}"
        nodes += [
            node("MatMul", [layer_input, f"coefficient{layer}"], f"mul_result{layer}"),
            node("Add", [f"mul_result{layer}", f"intercepts{layer}"], f"add_result{layer}"),
            node("Softmax", [f"add_result{layer}"], layer_output, axis=1) if last else node("Relu", [f"add_result{layer}"], layer_output),
        ]
        layer_input = layer_output
    nodes += [
        node("ArgMax", ["probabilities"], "argmax_output", axis=1),
        ml_node("ArrayFeatureExtractor", ["classes", "argmax_output"], ["array_feature_extractor_result"]),
        node("Reshape", ["array_feature_extractor_result", "shape_tensor"], "label"),
        *classifier_tail(classes),
    ]
    inputs = [tensor_input(name, 1) for name in names]
    return model_of("seattle_weather_perceptron", nodes, inputs, classifier_outputs(), initializers)


# --- regressors ---------------------------------------------------------------------------------


def columns_to_onnx(encoder):
    """Nodes from one tensor per column to `numbers` [N, 2] and `categories` [N, all categories]; unknown ones are zeros."""
    encoded = [name + "out" for name in FLIGHT_STRINGS]
    nodes = [
        ml_node("OneHotEncoder", [name], [out], cats_strings=[str(category) for category in categories], zeros=1)
        for name, out, categories in zip(FLIGHT_STRINGS, encoded, encoder.categories_, strict=True)
    ]
    nodes += [
        node("Concat", encoded, "concat_result", axis=2),
        node("Reshape", ["concat_result", "shape_tensor"], "categories"),
        node("Concat", FLIGHT_NUMBERS, "numbers", axis=1),
    ]
    width = sum(len(categories) for categories in encoder.categories_)
    return nodes, [helper.make_tensor("shape_tensor", TensorProto.INT64, [2], [-1, width])]


def flight_model(name, nodes, initializers):
    inputs = [tensor_input(column, 1, TensorProto.STRING) for column in FLIGHT_STRINGS]
    inputs += [tensor_input(column, 1) for column in FLIGHT_NUMBERS]
    return model_of(name, nodes, inputs, [helper.make_tensor_value_info("variable", TensorProto.FLOAT, [None, 1])], initializers)


def forest_to_onnx(pipeline):
    """Columns as they are, one-hot strings, RandomForestRegressor."""
    forest = pipeline[1]
    nodes, initializers = columns_to_onnx(pipeline[0].named_transformers_["strings"])
    attributes, leaves = tree_attributes([estimator.tree_ for estimator in forest.estimators_])
    nodes += [
        node("Concat", ["numbers", "categories"], "transformed_column", axis=1),
        ml_node(
            "TreeEnsembleRegressor",
            ["transformed_column"],
            ["variable"],
            n_targets=1,
            aggregate_function="SUM",
            post_transform="NONE",
            target_treeids=[tree for tree, _, _ in leaves],
            target_nodeids=[index for _, index, _ in leaves],
            target_ids=[0] * len(leaves),
            target_weights=[value / len(forest.estimators_) for _, _, value in leaves],
            **attributes,
        ),
    ]
    return flight_model("flight_delays_forest", nodes, initializers)


def linear_to_onnx(pipeline):
    """Scaled numbers, one-hot strings, Ridge."""
    ridge = pipeline[1]
    nodes, initializers = columns_to_onnx(pipeline[0].named_transformers_["strings"])
    nodes += [
        scaler_node(pipeline[0].named_transformers_["numbers"], "numbers", "scaled_numbers"),
        node("Concat", ["scaled_numbers", "categories"], "transformed_column", axis=1),
        ml_node("LinearRegressor", ["transformed_column"], ["variable"], coefficients=ridge.coef_.tolist(), intercepts=[float(ridge.intercept_)]),
    ]
    return flight_model("flight_delays_linear", nodes, initializers)


# --- checks and files ---------------------------------------------------------------------------


def run(model, feed):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feed)


def check_classifier(model, feed, expected_labels, expected_probabilities, classes):
    """Asserts equal labels and probabilities; returns the largest difference of a probability."""
    labels, maps = run(model, feed)
    probabilities = np.array([[row[label] for label in classes] for row in maps])
    difference = float(np.abs(probabilities - expected_probabilities).max())
    assert np.array_equal(labels, expected_labels), "onnxruntime gives other labels than scikit-learn"
    assert difference < PROBABILITY_TOLERANCE, f"a probability differs by {difference}"
    return difference


def check_regressor(model, feed, expected):
    """Asserts equal predictions; returns the largest difference in minutes."""
    (predicted,) = run(model, feed)
    assert predicted.shape == (len(expected), 1), f"shape {predicted.shape}"
    difference = float(np.abs(predicted[:, 0] - expected).max())
    assert difference < MINUTES_TOLERANCE, f"a prediction differs by {difference} minutes"
    return difference


def write_model(file_name, model):
    data = model.SerializeToString(deterministic=True)
    assert len(data) < MODEL_BYTES_MAX, f"{file_name} has {len(data)} bytes"
    (DEMO / file_name).write_bytes(data)
    return len(data)


# --- experiments --------------------------------------------------------------------------------


def train_weather():
    features, labels, places, years = load_weather()
    train = (places == "Seattle") & (years <= 2014)
    parts = {"Seattle 2015": (places == "Seattle") & (years == 2015), "New York 2012-2015": places == "New York"}
    by_column = {name: features[:, [index]] for index, name in enumerate(WEATHER_FEATURES)}

    boosted = GradientBoostingClassifier(n_estimators=20, max_depth=2, learning_rate=0.1, subsample=0.8, random_state=SEED)
    boosted.fit(features[train], labels[train])
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(features[train], labels[train])
    perceptron = make_pipeline(StandardScaler(), MLPClassifier((16, 8), alpha=0.01, max_iter=2000, random_state=SEED))
    perceptron.fit(features[train], labels[train])

    models = {
        "seattle-weather-boosted.onnx": (boosted, boosted_to_onnx(boosted), {"float_input": features}),
        "seattle-weather-logistic.onnx": (logistic, logistic_to_onnx(logistic), {"float_input": features}),
        "seattle-weather-perceptron.onnx": (perceptron, perceptron_to_onnx(perceptron, WEATHER_FEATURES), by_column),
    }
    values, counts = np.unique(labels[train], return_counts=True)
    most_frequent = values[counts.argmax()]
    print(f"Seattle weather: {train.sum()} training rows, classes {values.tolist()}")
    for name, part in parts.items():
        # The labels of the source follow precipitation, so the rule is the baseline for every model.
        by_rule = np.where(features[part, 0] > 0, "rain", "sun")
        print(
            f"  {name}: {part.sum()} rows; accuracy of always '{most_frequent}' {np.mean(labels[part] == most_frequent):.4f}, "
            f"of 'rain if precipitation > 0, else sun' {np.mean(labels[part] == by_rule):.4f}"
        )
    for file_name, (estimator, model, feed) in models.items():
        predicted, probabilities = estimator.predict(features), estimator.predict_proba(features)
        classes = estimator.classes_.tolist()
        difference = check_classifier(model, feed, predicted, probabilities, classes)
        print(f"  {file_name}: {write_model(file_name, model)} bytes, equal on {len(features)} rows (largest difference {difference:.1e})")
        for name, part in parts.items():
            accuracy = np.mean(predicted[part] == labels[part])
            print(f"    {name}: accuracy {accuracy:.4f}, log loss {log_loss(labels[part], probabilities[part], labels=classes):.4f}")
    # In the layout of the project's formatter, so that a new run changes nothing.
    mapping = f'{{\n  "inputs": {{\n    "float_input": {json.dumps(WEATHER_FEATURES)}\n  }}\n}}\n'
    (DEMO / "seattle-weather.mapping.json").write_text(mapping, encoding="utf-8")


def train_flights():
    strings, numbers, delays, months = load_flights()
    train, holdout = months <= 2, months == 3
    table = np.concatenate([numbers.astype(object), strings], axis=1)

    def pipeline(numbers_step, estimator):
        steps = [("numbers", numbers_step, [0, 1]), ("strings", OneHotEncoder(handle_unknown="ignore"), [2, 3])]
        return make_pipeline(ColumnTransformer(steps), estimator).fit(table[train], delays[train])

    # The forest takes unscaled numbers: its thresholds are then exact in float32, and rounding cannot move a row across one.
    forest = pipeline("passthrough", RandomForestRegressor(50, max_leaf_nodes=60, min_samples_leaf=5, max_features=0.3, random_state=SEED))
    linear = pipeline(StandardScaler(), Ridge(alpha=200.0))
    feed = {name: strings[:, [index]] for index, name in enumerate(FLIGHT_STRINGS)}
    feed |= {name: numbers[:, [index]] for index, name in enumerate(FLIGHT_NUMBERS)}
    models = {
        "flight-delays-forest.onnx": (forest, forest_to_onnx(forest)),
        "flight-delays-linear.onnx": (linear, linear_to_onnx(linear)),
    }
    print(f"Flight delays: {train.sum()} training rows (January, February), {holdout.sum()} holdout rows (March)")
    print_errors("always the training mean", np.full(len(delays), delays[train].mean())[holdout], delays[holdout])
    for file_name, (estimator, model) in models.items():
        predicted = estimator.predict(table)
        difference = check_regressor(model, feed, predicted)
        print(f"  {file_name}: {write_model(file_name, model)} bytes, equal on {len(table)} rows (largest difference {difference:.1e} minutes)")
        print_errors("March", predicted[holdout], delays[holdout])


def print_errors(name, predicted, actual):
    error = predicted - actual
    r2 = 1.0 - np.sum(error**2) / np.sum((actual - actual.mean()) ** 2)
    print(f"    {name}: MAE {np.abs(error).mean():.2f} min, RMSE {np.sqrt(np.mean(error**2)):.2f} min, R2 {r2:.4f}")


if __name__ == "__main__":
    train_weather()
    train_flights()
