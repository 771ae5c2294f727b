#pragma once
// What a model is: the settings that are stored with it and fix its parameters.

#include <string>
#include <vector>

namespace dragoman {

/// Settings of an encoder-decoder. Names, meanings and defaults are Marian's where Marian has them; members are the
/// setting's name with underscores.
struct ModelOptions {
  std::string type = "transformer";      ///< the kind of model: transformer or s2s (recurrent)
  std::vector<int> dim_vocabs = {0, 0};  ///< rows of the source and target embeddings; 0: the vocabulary's size
  int dim_emb = 512;                     ///< width of embeddings and of all layers
  int enc_depth = 1;                     ///< encoder layers
  int dec_depth = 1;                     ///< decoder layers
  bool tied_embeddings = false;          ///< target embeddings also are the output layer
  bool tied_embeddings_src = false;      ///< source and target embeddings are one table
  bool tied_embeddings_all = false;      ///< source, target and output are one table
  bool output_omit_bias = false;         ///< no bias in the output layer
  int transformer_heads = 8;             ///< attention heads; divides dim-emb
  int transformer_dim_ffn = 2048;        ///< width of the feed-forward layers
  int transformer_decoder_dim_ffn = 0;   ///< the same in the decoder; 0: transformer-dim-ffn
  std::string transformer_ffn_activation = "swish";    ///< as ops/activation.h names them
  std::string transformer_preprocess = "";             ///< before a sublayer: n = layer norm, d = dropout
  std::string transformer_postprocess = "dan";         ///< after it: d = dropout, a = add the input, n = layer norm
  std::string transformer_postprocess_emb = "d";       ///< after embeddings and positions: d, n
  std::string transformer_postprocess_top = "";        ///< after the last layer of encoder and decoder: n, d
  bool transformer_train_position_embeddings = false;  ///< learned positions instead of sinusoids
  std::string transformer_guided_alignment_layer = "last";  ///< decoder layer, from 1, whose attention is an alignment
  int max_length = 50;                        ///< longest sentence, and rows of learned positions, in tokens
  bool transformer_norm_keys = false;         ///< (ours) with preprocess n: keys and values see the normed input too;
                                              ///< Marian norms only the queries
  std::string attention = "scaled-dot";       ///< (ours) score of attention to the source: dot, scaled-dot, general,
                                              ///< additive or gated-additive
  std::string self_attention = "scaled-dot";  ///< (ours) the same of self-attention
  std::string transformer_decoder_autoreg = "self-attention";  ///< how decoder layers look back: self-attention,
                                                               ///< average-attention, or rnn (with dec-cell ssru)
  int transformer_dim_aan = 2048;                              ///< inner width of average attention's feed-forward part
  std::string transformer_aan_activation = "swish";            ///< its activation
  bool transformer_aan_nogate = false;                         ///< average attention without gates
  // Of a Transformer, where models of other engines differ
  double embedding_scale = 0;          ///< (ours) factor of word vectors; 0: sqrt(dim-emb) with sinusoids, else 1
  double layer_norm_epsilon = 1e-6;    ///< (ours) added to the variance in layer norms
  int transformer_first_position = 0;  ///< (ours) of sinusoids: where the first token stands
  bool separate_position_embeddings = false;  ///< (ours) learned positions of the decoder are a table of their own
  int decoder_start_token = -1;               ///< (ours) token whose vector begins the target; -1: a vector of zeros
  int encoder_start_token = -1;               ///< (ours) token that the encoder sees before the source; -1: none
  bool encoder_omit_end = false;              ///< (ours) the encoder does not see the </s> of the source
  // Recurrent models (type s2s)
  int dim_rnn = 1024;                      ///< width of recurrent layers
  std::string enc_type = "bidirectional";  ///< bidirectional, bi-unidirectional or alternating
  std::string enc_cell = "gru";            ///< gru, lstm or gru-nematus (a gru that only layer norms make another)
  std::string dec_cell = "gru";            ///< the same; ssru in a Transformer's recurrent decoder
  int enc_cell_depth = 1;                  ///< cells of each encoder layer; this and the next two with rnn-form marian
  int dec_cell_base_depth = 2;             ///< cells of the decoder's first layer; attention follows the first of them
  int dec_cell_high_depth = 1;             ///< cells of its other layers
  bool skip = false;                       ///< residual connections between recurrent layers
  bool layer_normalization = false;        ///< layer norms, of what layers give or (rnn-form marian) inside cells
  std::string rnn_form = "own";            ///< (ours) whose equations: own, marian, or nematus as Marian has them
  std::string rnn_attention = "bahdanau";  ///< (ours) bahdanau: between two cells of a step; luong: after the layers
  bool input_feeding = false;              ///< (ours) with luong: a step's output is part of the next step's input
  int rnn_attention_heads = 1;             ///< (ours) heads of a recurrent decoder's attention; divides dim-rnn
};

/// Dropout while training; none of it is part of the model's function. Each is a probability.
struct DropoutOptions {
  double transformer_dropout = 0;            ///< where pre- and postprocess say d: embeddings and residuals
  double transformer_dropout_attention = 0;  ///< on attention weights
  double transformer_dropout_ffn = 0;        ///< inside feed-forward layers, after the activation
  double dropout_rnn = 0;                    ///< of inputs and states of recurrent layers, alike at all times
  double dropout_src = 0;                    ///< whole words of the source
  double dropout_trg = 0;                    ///< whole words of the target's input
};

}  // namespace dragoman
