#pragma once
// The tokenisers of BLEU and TER, which decide what counts as a word. They put spaces where words end; split_words()
// then gives the words. Each is the one of the same name in sacreBLEU 2.

#include <string>
#include <string_view>

namespace dragoman {

/// What BLEU counts as words.
enum class BleuTokenizer {
  mteval_13a,  ///< "13a": mteval-v13a.pl, the default of WMT: ASCII punctuation stands alone, except inside numbers
  none,        ///< the text is tokenised already
  intl,        ///< mteval-v14.pl: all of Unicode's punctuation and symbols stand alone
  character,   ///< "char": every character is a word
  chinese,     ///< "zh": Chinese characters are words, the rest is as in 13a
};

/// From and to the names 13a, none, intl, char and zh. Throws Error for another name, listing these.
BleuTokenizer bleu_tokenizer(std::string_view name);
std::string_view name_of(BleuTokenizer tokenizer);

std::string tokenize(BleuTokenizer tokenizer, std::string_view text);

/// How TER prepares its words; all off but lowercasing is the default of tercom and of sacreBLEU.
struct TercomOptions {
  bool case_sensitive = false;
  bool normalized = false;     ///< set off punctuation, resolve &quot; &amp; &lt; &gt;
  bool no_punct = false;       ///< remove . , ? : ; ! " ( )
  bool asian_support = false;  ///< with normalized: every Chinese character is a word; with no_punct: remove 。 etc.
};

std::string tokenize_tercom(std::string_view text, const TercomOptions& options);

}  // namespace dragoman
