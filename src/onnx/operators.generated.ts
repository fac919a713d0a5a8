// Made by scripts/list-operators.ts with onnxruntime-web 1.30.0; do not edit. Every identifier in the engine's WASM was tried
// as an operator of each domain in a model of one node, and sorted by what the engine answered.
export const ENGINE_VERSION = "1.30.0";
export const IR_VERSION_MAX = 13;
/** The newest opset of each domain that the engine loads. */
export const OPSET_MAX: Readonly<Record<string, number>> = { "ai.onnx": 26, "ai.onnx.ml": 5, "com.microsoft": 1 };
/** Operators that the engine can run, by domain; the oldest and newest opsets may lack some of them. */
export const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "ai.onnx":
    "Abs Acos Acosh Add Affine AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh Crop CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear DynamicSlice Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageScaler InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix MemcpyFromHost MemcpyToHost Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad ParametricSoftplus Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scale ScaledTanh Scan Scatter ScatterElements ScatterND Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign SimplifiedLayerNormalization Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor".split(
      " ",
    ),
  "ai.onnx.ml":
    "ArrayFeatureExtractor Binarizer CastMap CategoryMapper Constant DictVectorizer FeatureVectorizer Imputer LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap".split(
      " ",
    ),
  "com.microsoft":
    "Attention AttnLSTM BeamSearch BiasGelu BifurcationDetector CDist CausalConvWithState Constant ConvTransposeWithDynamicPads CropAndResize DecoderAttention DecoderMaskedMultiHeadAttention DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul DynamicTimeWarping EPContext EmbedLayerNormalization EngramGate ExpandDims FastGelu FusedConv FusedGemm FusedMatMul GatedRMSNorm GatherBlockQuantized GatherND Gelu GemmaRotaryEmbedding GreedySearch GridSample GroupQueryAttention Inverse LinearAttention LinearAttentionGate MRotaryEmbedding MatMulBlockQuantizedFp4Weight MatMulBlockQuantizedFp8Weight MatMulBnb4 MatMulFpQ4 MatMulInteger16 MatMulIntegerToFloat MatMulNBits MatMulNBitsMlp MatMulNBitsQkv MaxpoolWithMask MoE MulInteger MultiHeadAttention MurmurHash3 NGramHashMapping NGramRepeatBlock NhwcMaxPool Pad PagedAttention QAttention QEmbedLayerNormalization QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QOrderedAttention QOrderedLongformerAttention QuantizeLinear QuickGelu Range ReduceSumInteger RotaryEmbedding Sampling SkipLayerNormalization SkipSimplifiedLayerNormalization SparseAttention SparseToDenseMatMul Tokenizer TransposeMatMul Trilu UnfoldTensor Unique WhisperBeamSearch WordConvEmbedding".split(
      " ",
    ),
};
/** Operators that the engine knows by name only: a model with one of them does not load. */
export const UNIMPLEMENTED_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "ai.onnx":
    "DisentangledAttention_TRT EfficientNMS_TRT GRUUnit GivenTensorFill ImageDecoder MultilevelCropAndResize_TRT PyramidROIAlign_TRT".split(
      " ",
    ),
  "ai.onnx.ml": [],
  "com.microsoft":
    "BiasAdd BiasDropout BiasSoftmax BiasSplitGelu BitmaskBiasDropout BitmaskDropout ComplexMul ComplexMulConj DecoderMaskedSelfAttention DequantizeBFP DequantizeWithOrder FusedMatMulActivation GatedDeltaNet GatedRelativePositionBias GemmFastGelu GemmFloat8 GroupNorm Irfft IsAllFinite LongformerAttention NhwcConv NhwcFusedConv PackedAttention PackedMultiHeadAttention QLinearReduceMean QOrderedGelu QOrderedLayerNormalization QOrderedMatMul QuantizeBFP QuantizeWithOrder RelativePositionBias RemovePadding RestorePadding SkipGroupNorm Snpe TorchEmbedding VarlenCausalConvWithState".split(
      " ",
    ),
};
