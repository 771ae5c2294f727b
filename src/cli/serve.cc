#include "server/serve.h"

#include <iostream>
#include <utility>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "cli/version.h"
#include "format/option_fields.h"

namespace dragoman {
namespace {

void complete(const ServeSettings& s) {
  complete(s.served);
  require(!s.require_api_key || !s.api_keys.empty(), "require-api-key: expected api-keys, the file of keys");
  for (const auto& origin : s.cors_origins) {
    require(
        origin != "*" || s.api_keys.empty(),
        "cors-origin: expected origins by name, found * together with api-keys: a page of any origin could use a key");
  }
}

}  // namespace

Parsed<ServeSettings> parse_serve(const std::vector<std::string>& args, std::ostream& out) {
  Parsed<ServeSettings> parsed;
  Fields fields = describe(parsed.settings);
  const Command command{.name = "serve",
                        .summary = "Translates over HTTP: a web page, and LibreTranslate's interface for programs",
                        .usage = "-m MODEL... [OPTION]...",
                        .details =
                            "Only this computer can reach it unless --host says otherwise. Examples:\n"
                            "  dragoman serve -m models/en-pt\n"
                            "  dragoman serve -c en-pt/config.yml --port 8080 --corrections corrections.jsonl\n"
                            "  curl -s 127.0.0.1:5000/translate -d q='Hello, world.' -d source=en -d target=pt\n",
                        .has_config = false};
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) complete(parsed.settings);
  return parsed;
}

int serve_command(const std::vector<std::string>& args) {
  const auto parsed = parse_serve(args, std::cout);
  if (parsed.is_done) return 0;
  start_log(parsed.settings.general, parsed.notes);
  return serve(parsed.settings, program_version);
}

}  // namespace dragoman
