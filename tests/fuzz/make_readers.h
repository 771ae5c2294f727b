#pragma once
// Every reader, by the file that makes it.

#include "fuzz/reader.h"

namespace dragoman::fuzz {

Reader marian_bin_reader();       ///< model.bin, with weights in single precision or as integers with their scales
Reader marian_npz_reader();       ///< model.npz as it lies on the disk
Reader marian_npy_reader();       ///< one array inside a sound model.npz
Reader marian_settings_reader();  ///< special:model.yml inside a sound model.bin

Reader ctranslate2_file_reader();             ///< any model.bin
Reader ctranslate2_model_reader();            ///< model.bin of a sound directory
Reader ctranslate2_config_reader();           ///< config.json
Reader ctranslate2_vocabulary_json_reader();  ///< a list of tokens
Reader ctranslate2_vocabulary_txt_reader();   ///< the same with a token on each line

Reader safetensors_reader();       ///< any such file
Reader model_parameters_reader();  ///< model.safetensors of a sound directory of ours
Reader model_config_reader();      ///< config.yml of one
Reader training_state_reader();    ///< training.safetensors

Reader translate_config_reader();  ///< a configuration of dragoman translate
Reader sentencepiece_reader();     ///< a SentencePiece model
Reader token_map_reader();         ///< Marian's vocabulary.yml
Reader token_lines_reader();       ///< the same with a token on each line
Reader shortlist_binary_reader();
Reader shortlist_text_reader();
Reader vocabulary_map_reader();  ///< vmap.txt of CTranslate2

}  // namespace dragoman::fuzz
