#pragma once
// SentencePiece writes a log of its own to standard error.

namespace dragoman {

/// Turns it off, for the whole process. Errors still come back as statuses.
void silence_sentencepiece();

}  // namespace dragoman
