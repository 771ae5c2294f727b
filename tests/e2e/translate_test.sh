#!/bin/bash
# Trains a small model of a made-up language and translates, scores and describes with it, as a user would.
# Usage: translate_test.sh PROGRAM
set -u
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}
# expect_equal WHAT EXPECTED FOUND
expect_equal() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }
# expect_code WHAT EXPECTED: the exit code of the last command
expect_code() { local code=$?; [ "$code" = "$2" ] || fail "$1: expected exit code $2, found $code"; }
# expect_text WHAT PATTERN FILE
expect_text() { grep -q -- "$2" "$3" || fail "$1: expected '$2' in: $(cat "$3")"; }

# A language that translates word by word.
awk 'BEGIN {
  srand(7)
  n = split("house small green tree walks dog under the water old", english)
  split("Haus klein grün Baum läuft Hund unter der Wasser alt", german)
  for (i = 0; i < 1500; ++i) {
    e = g = ""
    for (k = int(rand() * 9); k >= 0; --k) {
      w = 1 + int(rand() * n)
      e = e (e == "" ? "" : " ") english[w]
      g = g (g == "" ? "" : " ") german[w]
    }
    print e > "train.en"
    print g > "train.de"
  }
}'
"$program" train -m model -t train.en train.de --dim-vocabs 60 60 --vocabs model/vocabulary.spm model/vocabulary.spm \
  --dim-emb 32 --enc-depth 1 --dec-depth 1 --transformer-heads 2 --transformer-dim-ffn 64 --tied-embeddings-all \
  --learn-rate 0.003 --lr-warmup 50 --mini-batch 64 --after-batches 500 --seed 1 --cpu-threads 1 --quiet
expect_code "train" 0

# Translating: it has learned the language, keeps the order, and gives a line for each line.
head -200 train.en > test.en
head -200 train.de > test.de
"$program" translate -m model -b 4 -n 1 < test.en > test.out 2> test.log
expect_code "translate" 0
expect_text "the speed" "Translated 200 lines.*words/s" test.log
same=$(paste -d '\n' test.de test.out | awk 'NR % 2 { a = $0; next } a == $0 { ++n } END { print n + 0 }')
[ "$same" -ge 150 ] || fail "only $same of 200 translations are right"
"$program" translate -m model -b 4 -n 1 --mini-batch 1 --maxi-batch 1 --cpu-threads 1 --quiet < test.en > single.out
cmp test.out single.out || fail "translations depend on batches"
gzip -c test.en > test.en.gz
"$program" translate -m model -b 4 -n 1 -i test.en.gz -o file.out --quiet
expect_code "translate to a file" 0
cmp test.out file.out || fail "translating from and to files is different"
"$program" translate -m model model -b 4 -n 1 -i test.en --quiet > ensemble.out
cmp test.out ensemble.out || fail "an ensemble of equal models is different"

# Strange lines.
printf 'the dog\r\n\n  \n\xff\xfe\nthe\0dog\n\xe2\x80\xa8\n</s>\nno end' > strange.en
"$program" translate -m model < strange.en > strange.out 2> strange.log
expect_code "strange lines" 0
expect_equal "lines of output for strange lines" 8 "$(wc -l < strange.out)"
expect_equal "an empty line" "" "$(sed -n 2p strange.out)"
expect_text "a warning" "invalid UTF-8" strange.log
: | "$program" translate -m model > empty.out 2> /dev/null
expect_code "no lines" 0
expect_equal "output for no lines" 0 "$(wc -c < empty.out)"

# A line longer than max-length is split, and nothing of it is lost.
for i in $(seq 30); do printf 'the old dog walks '; done > long.en
"$program" translate -m model --max-length 8 < long.en > long.out 2> long.log
expect_equal "lines of output for a long line" 1 "$(wc -l < long.out)"
[ "$(wc -w < long.out)" -ge 100 ] || fail "most of a long line is lost: $(cat long.out)"
expect_text "a warning" "longer than max-length" long.log

# n-best lists, word scores, prefixes.
head -3 test.en | "$program" translate -m model -b 3 --n-best --word-scores --quiet > list.out
expect_equal "lines of n-best lists" 9 "$(wc -l < list.out)"
expect_equal "well-formed n-best lines" 9 \
  "$(grep -cE '^[0-2] \|\|\| [^|]+ \|\|\| WordScores=( -?[0-9.]+)+ \|\|\| F0= -[0-9.e-]+ \|\|\| -[0-9.e-]+$' list.out)"
printf 'the dog\tWasser\n' | "$program" translate -m model --tsv --force-decode --quiet > prefix.out
expect_text "a forced prefix" "^Wasser" prefix.out

# A line comes out as soon as it is in, if asked for.
mkfifo in out
"$program" translate -m model --mini-batch 1 --maxi-batch 1 --quiet < in > out &
translator=$!
exec 3> in 4< out
echo "the old dog" >&3
read -r -t 60 line <&4 || fail "no translation came before the end of the input"
expect_equal "a line translated at once" "der alt Hund" "$line"
exec 3>&- 4<&-
wait $translator

# Interrupted: whole lines and an exit code that tells; no file.
: > interrupted.out
{ cat test.en; exec sleep 600; } > in &  # exec: so that the kill below ends it
feeder=$!
"$program" translate -m model --mini-batch 10 --maxi-batch 1 < in > interrupted.out 2> interrupted.log &
translator=$!
for i in $(seq 600); do
  [ "$(wc -l < interrupted.out)" -ge 100 ] && break
  sleep 0.1
done
kill -TERM $translator
wait $translator
expect_code "interrupted" 143
kill $feeder 2> /dev/null
expect_text "a message" "Interrupted" interrupted.log
expect_equal "the last byte of interrupted output" "$(printf '\n' | od -c)" "$(tail -c 1 interrupted.out | od -c)"
head -"$(wc -l < interrupted.out)" test.en | "$program" translate -m model --quiet | cmp - interrupted.out ||
  fail "interrupted output is not the beginning of the whole"
sleep 600 > in &
feeder=$!
"$program" translate -m model -o never.out --quiet < in &
translator=$!
sleep 1
kill -TERM $translator
wait $translator
expect_code "interrupted with an output file" 143
kill $feeder 2> /dev/null
[ -z "$(ls never.out* 2> /dev/null)" ] || fail "an interrupted run left a file"
yes "the dog" | "$program" translate -m model --quiet 2> closed.log | head -1 > /dev/null
expect_equal "exit code with a closed output" 1 "${PIPESTATUS[1]}"
expect_equal "messages with a closed output" "" "$(cat closed.log)"

# Scoring agrees with translating, and knows Marian's summaries.
head -1 test.out > best.de
expected=$(head -1 test.en | "$program" translate -m model -b 4 -n 1 --n-best --quiet | head -1 | sed 's/.*F0= \([^ ]*\) .*/\1/')
head -1 test.en > best.en
found=$("$program" score -m model -t best.en best.de)
awk -v a="$expected" -v b="$found" 'BEGIN { exit !(a - b < 1e-3 && b - a < 1e-3) }' ||
  fail "score says $found, translate $expected"
expect_equal "lines of scores" 200 "$("$program" score -m model -t test.en test.de | wc -l)"
sum=$("$program" score -m model -t test.en test.de | awk '{ s -= $1 } END { print s / NR }')
mean=$("$program" score -m model -t test.en test.de --summary)
awk -v a="$sum" -v b="$mean" 'BEGIN { exit !(a - b < 1e-3 && b - a < 1e-3) }' || fail "summary $mean, mean $sum"
"$program" score -m model -t test.en train.de > /dev/null 2> unequal.log
expect_code "unequal files" 1
expect_text "both files" "test.en has 200 lines but train.de has 1500" unequal.log

# Models that are none.
"$program" translate -m nowhere < test.en > /dev/null 2> nowhere.log
expect_code "no model" 1
expect_text "no model" "nowhere" nowhere.log
cp -r model broken
head -c 5000 model/model.safetensors > broken/model.safetensors
"$program" translate -m broken < test.en > /dev/null 2> broken.log
expect_code "a truncated model" 1
expect_text "a truncated model" "broken/model.safetensors" broken.log

# What info tells.
"$program" info model > info.out
expect_code "info" 0
expect_text "info" "^precision: F32$" info.out
expect_text "info" "^joint vocabulary: vocabulary.spm, 60 pieces$" info.out
"$program" info > engine.out
expect_code "info without a model" 0
expect_text "info without a model" "oneDNN [0-9]" engine.out

[ "$failures" = 0 ] || exit 1
echo "all as expected"
