// The descriptions of the settings of serving.

#include "format/option_fields.h"

namespace dragoman {
namespace {

const FieldLimits count{.min = 1};
const FieldLimits bound{.min = -1};

void add_limits(Fields& fields, ServeLimits& o) {
  fields.group("Limits (LibreTranslate's names where it has them; -1: none)");
  fields.add("char-limit", o.char_limit, "characters of a request, over all its texts", bound);
  fields.add("batch-limit", o.batch_limit, "texts of a request", bound);
  fields.add("alternatives-limit", o.alternatives_limit, "alternatives of a text or a word", bound);
  fields.add("req-limit", o.req_limit, "requests of a client (an address, or a key) a minute", bound);
  fields.add("hourly-req-limit", o.hourly_req_limit, "requests of a client an hour", bound);
  fields.add("daily-req-limit", o.daily_req_limit, "requests of a client a day", bound);
  fields.add("body-limit", o.body_limit, "(ours) bytes of a request's body", {.min = 1024, .max = 1 << 30});
  fields.add("header-limit", o.header_limit, "(ours) bytes of a request's head", {.min = 1024, .max = 1 << 20});
  fields.add("max-connections", o.max_connections, "(ours) connections at the same time; beyond, 503", count);
  fields.add("max-requests", o.max_requests, "(ours) requests that are translated or wait; beyond, 503", count);
  fields.add("queue-tokens", o.queue_tokens, "(ours) source tokens that are translated or wait; beyond, 503", count);
  fields.add("deadline", o.deadline, "(ours) seconds that a request may take; beyond, 504",
             {.min = 0.001, .max = 86400});
  fields.add("client-timeout", o.client_timeout,
             "(ours) seconds that a client may take to send a body, or to take what is sent to it",
             {.min = 0.1, .max = 86400});
}

void add_served_models(Fields& fields, ServedModels& o) {
  fields.group("Translation options");
  fields.add("models", o.models, "model directories, ours or of CTranslate2, or files of Marian's (.npz, .bin)",
             {.short_name = 'm', .is_path = true});
  fields.add("config", o.configs, "Marian configurations (.yml), each of which names a model",
             {.short_name = 'c', .is_path = true});
  fields.add("source-language", o.source_languages,
             "of each model in turn, those of -m first: a code such as en or pt-BR; default: what the model's "
             "configuration, or a model_info.json beside it, or its name says");
  fields.add("target-language", o.target_languages, "of each model in turn");
  fields.add("threads", o.threads, "that translate; 0: one per core", {.min = 0, .max = 4096});
  fields.add("beam-size", o.search.beam_size,
             "hypotheses kept per sentence unless a request says otherwise (beam); 1 is greedy search",
             {.short_name = 'b', .min = 1, .max = 32});
  fields.add("normalize", o.search.normalize, "divide scores by length to this power",
             {.short_name = 'n', .implicit = "1", .min = 0});
  fields.add("gemm-precision", o.gemm_precision,
             "numbers that weights have in products: float32 or int8; default: as a model is stored",
             {.values = {"", "float32", "int8"}});
  fields.add("cache-size", o.cache_size, "MiB of sentences translated lately", {.min = 0, .max = 1 << 20});
  fields.add("max-loaded-models", o.max_loaded_models, "models in memory; the one not used for longest makes room",
             count);
}

}  // namespace

Fields describe(InteractiveSettings& s) {
  Fields fields;
  add_fields(fields, s.general);
  add_served_models(fields, s.served);
  fields.group("Terminal options");
  fields.add("history", s.history,
             "file that keeps what was typed for the next time, readable only by its owner; default: nothing is kept",
             {.is_path = true});
  return fields;
}

Fields describe(ServeSettings& s) {
  Fields fields;
  add_fields(fields, s.general);
  fields.add("log-format", s.log_format, "text, or json: an object a line", {.values = {"text", "json"}});

  add_served_models(fields, s.served);

  fields.group("Server options");
  fields.add("host", s.host, "address to listen at; one that others can reach needs require-api-key or allow-host");
  fields.add("port", s.port, "port to listen at; 0: any that is free, which the log names", {.min = 0, .max = 65535});
  fields.add("api-keys", s.api_keys,
             "file of lines KEY [NAME [REQUESTS A MINUTE]]; a request names its key in the header X-Api-Key or "
             "Authorization (Bearer), or as api_key",
             {.is_path = true});
  fields.add("require-api-key", s.require_api_key, "only requests with a key are served");
  fields.add("allow-host", s.allow_hosts,
             "names under which the server may be asked besides localhost and its addresses: NAME, or NAME:PORT as a "
             "proxy shows itself");
  fields.add("cors-origin", s.cors_origins,
             "pages of other origins that may ask, such as https://example.org; * for all, and then only translate, "
             "detect and languages");
  fields.add("corrections", s.corrections, "file that /suggest appends to, as JSON lines", {.is_path = true});
  fields.add("metrics-token", s.metrics_token, "/metrics is only for who sends Authorization: Bearer and this");
  add_limits(fields, s.limits);
  return fields;
}

}  // namespace dragoman
