import type { Task } from "../../src/engine/serving-plan.ts";

/**
 * What has to become of each file of the zoo, settled from what is known of the file and from what Tiltyard is for (rows of a
 * table in, one answer a row out), not from what the code does. `kind` says where the file comes from.
 */
export interface Expectation {
  kind: string;
  outcome: "predicts" | `refused: ${string}` | `fails: ${string}`;
  /** Of models without golden rows; regression where it is left out. */
  task?: Task;
  /** Values a row where the file leaves that open, or where one dimension is one row. */
  columns?: number;
  /** The file goes up with these beside it. */
  external?: string[];
  /** Rows of one run see each other in this model, so that answers of a batch are nothing to compare with. */
  rowsInfluenceEachOther?: boolean;
}

const binary = { task: "binary_classification" } as const;
const multiclass = { task: "multiclass_classification" } as const;
const anomaly = { task: "anomaly_detection" } as const;

function predicts(kind: string, rest: Partial<Expectation> = {}): Expectation {
  return { kind, outcome: "predicts", ...rest };
}

function refused(kind: string, code: string, rest: Partial<Expectation> = {}): Expectation {
  return { kind, outcome: `refused: ${code}`, ...rest };
}

function fails(kind: string, code: string, rest: Partial<Expectation> = {}): Expectation {
  return { kind, outcome: `fails: ${code}`, ...rest };
}

/** By file name. */
export const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  // Nothing of these is an ONNX file, or nothing whole.
  "SYNTH_csv_named_as_model.onnx": refused("no model", "not_onnx"),
  "SYNTH_empty_0_bytes.onnx": refused("no model", "empty_file"),
  "SYNTH_random_4096_bytes.onnx": refused("no model", "not_onnx"),
  "SYNTH_truncated_half_of_ex_rf_iris.onnx": refused("damaged", "truncated_or_damaged"),
  // The message is whole and its lists are not: only loading shows it.
  "SYNTH_bytes_flipped_in_wine_xgb.onnx": fails("damaged", "model_load", { columns: 13 }),
  "gonnx__mnist-8-opset13.onnx": refused("no model", "git_lfs_pointer"),
  "ort__corrupt-model.onnx": refused("no model", "not_onnx"),
  "ort__mnist.basic.ort": refused("ORT format", "ort_format"),

  // Versions and operators that the engine does not have.
  "infex__whisper_azure.onnx": refused("custom operator", "custom_operator"),
  "onnxnode__adam.onnx": refused("training operator", "training_operator"),
  "onnxnode__image_decoder_decode_png_rgb.onnx": refused("operator test", "operator_not_implemented"),
  "ort__add_opset_314159.onnx": refused("hostile", "opset_too_new"),
  "ort__custom_op_string_lower.onnx": refused("custom operator", "custom_operator"),
  "ort__function_opset_test.onnx": refused("hostile", "unknown_operator"),
  "ort__mul_1.noopset.onnx": refused("hostile", "opset_missing"),
  "ort__optional_1.onnx": refused("custom operator", "custom_operator"),

  // Inputs and outputs that no cell of a table can be, or that nobody can read.
  "onnxnode__cast_FLOAT8E4M3FN_to_FLOAT.onnx": refused("operator test", "input_type_unsupported"),
  "onnxnode__dequantizelinear_int4.onnx": refused("operator test", "input_type_unsupported"),
  "onnxnode__identity_sequence.onnx": refused("operator test", "input_not_tensor"),
  "ort__pipeline_vectorize.onnx": refused("scikit-learn", "input_not_tensor"),
  "ort__sequence_construct.onnx": refused("operator test", "no_tensor_output"),
  "sklonnx__tt_SklearnDictVectorizer-OneOff-SkipDim1.onnx": refused("scikit-learn", "input_not_tensor"),
  // Two texts a row are neither a class nor a number.
  "ort__identity_string.onnx": refused("operator test", "no_output_for_task", multiclass),

  // External data: outside, missing, and as it should be.
  "ort__test_arbitrary_external_file.onnx": refused("hostile", "external_data_path"),
  "ort__java-external-matmul.onnx": refused("external data", "external_data_missing"),
  "ort__model_with_external_initializers.onnx": predicts("external data", { external: ["Pads.bin"] }),

  // A call could loop as long as it likes.
  "onnxnode__loop11.onnx": refused("operator test", "loop_unbounded"),
  "ort__loop_sub_one.onnx": refused("operator test", "loop_unbounded"),

  // Rows of a table: pictures are too wide, some shapes say no number of columns, and matrices are no rows.
  "infex__js_matmul.onnx": refused("operator test", "batch_sizes_differ"),
  "infex__ultraface_rfb320.onnx": refused("vision", "input_shape"),
  "onnxnode__light_shufflenet.onnx": refused("vision", "input_shape"),
  "onnxnode__light_squeezenet.onnx": refused("vision", "input_shape"),
  "ortx__pytorch_super_resolution.onnx": refused("vision", "input_shape"),
  "pyke__upsample.onnx": refused("vision", "input_shape"),
  // The columns say how large the one free dimension of a row is.
  "ankane__abs_free_dimensions.onnx": predicts("operator test"),
  // A recurrent model over a sequence gives one answer for all rows; and a matrix product wants as many rows as columns.
  "ort__scan_1.onnx": fails("recurrent", "model_run"),
  "ort__dynamic_quantize_matmul_int8.onnx": fails("operator test", "model_run", { columns: 3 }),

  // scikit-learn and its like
  "ankane__lightgbm.onnx": predicts("LightGBM", binary),
  "ankane__randomforest.onnx": predicts("scikit-learn", multiclass),
  "dotnet__TestZipMapInt64.onnx": predicts("operator test", multiclass),
  "dotnet__linear_regression.onnx": predicts("scikit-learn"),
  "hinglish__classifier.onnx": predicts("scikit-learn", binary),
  "joslat__best_model_root.onnx": predicts("AutoML"),
  "khoribz__exp_0001.onnx": predicts("scikit-learn text"),
  "khoribz__exp_0009.onnx": predicts("scikit-learn text"),
  "khoribz__exp_0021.onnx": predicts("scikit-learn text"),
  "onnxnode__ai_onnx_ml_label_encoder_string_int.onnx": predicts("operator test", multiclass),
  "onnxnode__ai_onnx_ml_tree_ensemble_single_tree.onnx": predicts("operator test"),
  "ort__zipmap_int64float.onnx": predicts("operator test", { ...multiclass, columns: 3 }),
  "pranavg.onnx": predicts("scikit-learn"),
  "pranavy__isolation_forest.onnx": predicts("scikit-learn"),
  "sklonnx__coreml_OneHotEncoder_BikeSharing.onnx": predicts("CoreML"),
  "sklonnx__ex_logreg_iris.onnx": predicts("scikit-learn"),
  "sklonnx__ex_pipeline_tfidf.onnx": predicts("scikit-learn text"),
  "sklonnx__ex_pipeline_titanic.onnx": predicts("scikit-learn"),
  "sklonnx__ex_pipeline_titanic_numerical.onnx": predicts("scikit-learn"),
  "sklonnx__ex_pipeline_xgboost.onnx": predicts("XGBoost"),
  "sklonnx__ex_rf_iris.onnx": predicts("scikit-learn"),
  "sklonnx__sk_OCSVM.onnx": predicts("scikit-learn"),
  "sklonnx__sk_SGD_OneClass_SVM.onnx": predicts("scikit-learn", anomaly),
  "sklonnx__sk_SGD_binary_classifier.onnx": predicts("scikit-learn", binary),
  // Its splits read feature 19 at most.
  "sklonnx__treecl.onnx": predicts("scikit-learn", { ...multiclass, columns: 20 }),
  "sklonnx__tt_SklearnKNeighborsClassifierMulti.onnx": predicts("scikit-learn", multiclass),
  "sklonnx__tt_SklearnLabelEncoder.onnx": predicts("scikit-learn", multiclass),
  "sklonnx__tt_SklearnMRgRandomForestRegressor.onnx": predicts("scikit-learn"),
  "sklonnx__tt_SklearnOneHotEncoderInt64-SkipDim1.onnx": predicts("scikit-learn"),
  "sklonnx__tt_SklearnPipelineScalerMixed-OneOff.onnx": predicts("scikit-learn"),
  "sklonnx__tt_SklearnStandardScalerInt64.onnx": predicts("scikit-learn"),
  "tract__lgbm_regressor_tensor.onnx": predicts("LightGBM"),
  "tract__linear_classifier.onnx": predicts("scikit-learn", multiclass),
  "tract__xgboost_classifier_tree.onnx": predicts("XGBoost"),

  // Networks
  "loanzk__credit_model.onnx": predicts("PyTorch"),
  "ort__cnn_mnist_pytorch.onnx": predicts("vision", multiclass),
  "ort__mnist.onnx": predicts("vision", multiclass),
  "ort__ort_minimal_e2e_test_data_test_voice_commands_model.onnx": predicts("Keras", multiclass),
  "rh__fraud_model.onnx": predicts("Keras"),
  "tract__byte_sb_bidi_lstm.onnx": predicts("recurrent", { columns: 3 }),
  "tract__jupyter_keras_example.onnx": predicts("Keras", binary),
  "tract__keras_example.onnx": predicts("Keras", binary),
  "tribuo__pytorch_cnn_mnist.onnx": predicts("vision", multiclass),
  "tribuo__tinybert.onnx": predicts("transformer", { columns: 3 }),
  "vespa__pca_transformer.onnx": predicts("PyTorch", { columns: 768 }),
  // Exported so that attention goes over the batch.
  "vespa__transformer.onnx": predicts("transformer", { columns: 3, rowsInfluenceEachOther: true }),
  "vscode.onnx": predicts("int8"),

  // Single operators that take rows like any model
  "dotnet__twoinput.onnx": predicts("operator test"),
  "onnxnode__regex_full_match_email_domain.onnx": predicts("operator test"),
  "onnxnode__string_split_basic.onnx": predicts("operator test"),
  "onnxnode__tfidfvectorizer_tf_batch_onlybigrams_skip0.onnx": predicts("operator test"),
  "ort__float8_te.cast_fp8_1_fp32.onnx": predicts("float8 inside"),
  "ort__invalid_dim_param_value_repetition.onnx": predicts("operator test", { columns: 3 }),
  "ort__optional_inputs_ir4.onnx": predicts("operator test"),
};
